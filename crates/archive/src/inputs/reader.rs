//! Reads a list of inputs, line by line.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parallax_model::sha256::Sha256;
use serde::Deserialize;

use super::{Input, InputList};
use crate::lock::ReaderLock;
use crate::{Error, layout};

/// What decompressing may take, as a power of two: a list can come from a stranger. Ours need half a megabyte.
const ZSTD_WINDOW_LOG: u32 = 23;
/// A line is hardly longer than the places where its file was seen: each of them has some thousand bytes at most.
pub const MOST_LINE_BYTES: usize = 1 << 20;

/// The inputs of a list, in the order of their digests. Ends after an error; whoever reads to the end knows that the list is as it was
/// written.
pub struct Inputs {
    path: PathBuf,
    /// Of the whole list.
    sha256: String,
    /// Nothing at the end.
    lines: Option<Lines>,
    /// The digest of the line before.
    before: String,
    _lock: Option<Arc<ReaderLock>>,
}

struct Lines {
    file: BufReader<zstd::Decoder<'static, BufReader<Digested>>>,
    line: Vec<u8>,
}

/// A file, and the digest of what was read of it.
struct Digested {
    file: File,
    digest: Sha256,
}

impl Read for Digested {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

impl Inputs {
    pub(crate) fn open(dir: &Path, list: Option<&InputList>, lock: Option<Arc<ReaderLock>>) -> Result<Self, Error> {
        let path = list.map_or_else(PathBuf::new, |list| layout::resolve(dir, &list.path));
        let lines = list.map(|_| Lines::open(&path)).transpose().map_err(|error| Error::disk("open", &path, error))?;
        let sha256 = list.map(|list| list.sha256.clone()).unwrap_or_default();
        Ok(Self { path, sha256, lines, before: String::new(), _lock: lock })
    }

    /// Those with one of these digests. Of the others only the digest is looked at, and of those behind the last not even that.
    pub fn among<'a>(mut self, digests: &'a BTreeSet<&str>) -> impl Iterator<Item = Result<Input, Error>> + 'a {
        std::iter::from_fn(move || {
            let is_over = digests.last().is_none_or(|last| self.before.as_str() >= *last);
            if is_over { None } else { self.next_where(|digest| digests.contains(digest)) }
        })
    }

    /// Some of them, behind so many others, of which only the digests are looked at.
    pub fn page(mut self, before: usize, count: usize) -> impl Iterator<Item = Result<Input, Error>> {
        let mut passed = 0;
        let next = move || {
            self.next_where(|_| {
                passed += 1;
                passed > before
            })
        };
        std::iter::from_fn(next).take(count)
    }

    fn next_where(&mut self, is_wanted: impl FnMut(&str) -> bool) -> Option<Result<Input, Error>> {
        let next = self.find_next(is_wanted).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.lines = None;
        }
        next
    }

    fn find_next(&mut self, mut is_wanted: impl FnMut(&str) -> bool) -> Result<Option<Input>, Error> {
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
        match lines.digest().map_err(|error| Error::reading(&self.path, error))? == self.sha256 {
            true => Ok(None),
            false => Err(damaged("it is not the list that was written".to_owned())),
        }
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
        // An archive can come from a stranger, and whoever opens a pipe waits for somebody to write to it.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
        }
        let mut decoder = zstd::Decoder::new(Digested { file: File::open(path)?, digest: Sha256::default() })?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(Self { file: BufReader::new(decoder), line: Vec::new() })
    }

    /// Reads the next line; false when there is none.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self.file.by_ref().take(MOST_LINE_BYTES as u64).read_until(b'\n', &mut self.line)?;
        match self.line.last() {
            None => Ok(false),
            Some(b'\n') => Ok(true),
            Some(_) if read == MOST_LINE_BYTES => Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long")),
            Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The digest of the whole file, when all lines were read.
    fn digest(&mut self) -> io::Result<String> {
        let file = self.file.get_mut().get_mut().get_mut();
        io::copy(file, &mut io::sink())?;
        Ok(std::mem::take(&mut file.digest).finish_hex())
    }
}

fn digest_of(line: &[u8]) -> serde_json::Result<&str> {
    #[derive(Deserialize)]
    struct Digest<'a> {
        sha256: &'a str,
    }
    serde_json::from_slice(line).map(|Digest { sha256 }| sha256)
}
