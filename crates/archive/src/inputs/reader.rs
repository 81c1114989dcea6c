//! Reads a list of inputs, line by line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::{Input, InputList};
use crate::lock::ReaderLock;
use crate::{Error, layout};

/// What decompressing may take, as a power of two: a list can come from a stranger. Ours need half a megabyte.
const ZSTD_WINDOW_LOG: u32 = 23;
/// A line is hardly longer than the places where its file was seen.
const MOST_LINE_BYTES: u64 = 16 << 20;

/// The inputs of a list, in the order of their digests. Ends after an error.
pub struct Inputs {
    path: PathBuf,
    /// Nothing at the end.
    lines: Option<Lines>,
    /// The digest of the line before.
    before: String,
    _lock: Option<Arc<ReaderLock>>,
}

struct Lines {
    file: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    line: Vec<u8>,
}

impl Inputs {
    pub(crate) fn open(dir: &Path, list: Option<&InputList>, lock: Option<Arc<ReaderLock>>) -> Result<Self, Error> {
        let path = list.map_or_else(PathBuf::new, |list| layout::resolve(dir, &list.path));
        let lines = list.map(|_| Lines::open(&path)).transpose().map_err(|error| Error::disk("open", &path, error))?;
        Ok(Self { path, lines, before: String::new(), _lock: lock })
    }

    /// Those with one of these digests. Of the others only the digest is looked at.
    pub fn among<'a>(mut self, digests: &'a BTreeSet<&str>) -> impl Iterator<Item = Result<Input, Error>> + 'a {
        std::iter::from_fn(move || self.next_where(|digest| digests.contains(digest)))
    }

    fn next_where(&mut self, is_wanted: impl Fn(&str) -> bool) -> Option<Result<Input, Error>> {
        let next = self.find_next(is_wanted).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.lines = None;
        }
        next
    }

    fn find_next(&mut self, is_wanted: impl Fn(&str) -> bool) -> Result<Option<Input>, Error> {
        let Some(lines) = &mut self.lines else { return Ok(None) };
        let damaged = |reason: String| Error::Damaged { path: self.path.clone(), reason };
        while lines.advance().map_err(|error| Error::reading(&self.path, error))? {
            let digest = digest_of(&lines.line).map_err(|error| damaged(error.to_string()))?;
            if !layout::is_digest(digest) || digest <= self.before.as_str() {
                return Err(damaged(format!("the input {digest:?} is no SHA-256 or out of order")));
            }
            digest.clone_into(&mut self.before);
            if is_wanted(digest) {
                return serde_json::from_slice(&lines.line).map(Some).map_err(|error| damaged(error.to_string()));
            }
        }
        Ok(None)
    }
}

impl Iterator for Inputs {
    type Item = Result<Input, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_where(|_| true)
    }
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        let mut decoder = zstd::Decoder::new(File::open(path)?)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(Self { file: BufReader::new(decoder), line: Vec::new() })
    }

    /// Reads the next line; false when there is none.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self.file.by_ref().take(MOST_LINE_BYTES).read_until(b'\n', &mut self.line)?;
        match self.line.last() {
            None => Ok(false),
            Some(b'\n') => Ok(true),
            Some(_) if read as u64 == MOST_LINE_BYTES => Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long")),
            Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn digest_of(line: &[u8]) -> serde_json::Result<&str> {
    #[derive(Deserialize)]
    struct Digest<'a> {
        sha256: &'a str,
    }
    serde_json::from_slice(line).map(|Digest { sha256 }| sha256)
}
