//! Raw inputs: copies in the archive, and the files where they were last seen.
//!
//! A copy holds the bytes as they lay, compressed once more whatever they are, so that digest and offsets stay what they were.
//!
//! **Invariant:** nobody is handed bytes of an input without their length and digest having been compared.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use parallax_model::sha256::Sha256;

use crate::{Error, Input, disk, fault, layout};

const ZSTD_LEVEL: i32 = 3;
const BUFFER_BYTES: usize = 256 << 10;

/// A copy being written. One that is dropped before [`RawCopy::finish`] is no copy.
pub struct RawCopy {
    expected: Option<String>,
    folder: PathBuf,
    part: PathBuf,
    encoder: zstd::Encoder<'static, BufWriter<File>>,
    digest: Sha256,
    bytes: u64,
}

/// A finished copy, as the manifest will know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRaw {
    pub source_digest: String,
    pub bytes: u64,
}

impl RawCopy {
    pub(crate) fn create(folder: &Path, expected: Option<&str>) -> Result<Self, Error> {
        if let Some(expected) = expected.filter(|digest| !layout::is_digest(digest)) {
            return Err(Error::WrongDigest { expected: expected.to_owned(), found: "not read yet".into() });
        }
        let part = unused_name(folder);
        let create = || zstd::Encoder::new(BufWriter::with_capacity(BUFFER_BYTES, File::create_new(&part)?), ZSTD_LEVEL);
        let encoder = create().map_err(|error| Error::writing(&part, error))?;
        let expected = expected.map(str::to_owned);
        Ok(Self { expected, folder: folder.to_owned(), part, encoder, digest: Sha256::default(), bytes: 0 })
    }

    /// Ends the copy. What was written must have the digest that was announced.
    pub fn finish(self) -> Result<KeptRaw, Error> {
        let finish = || self.encoder.finish()?.flush();
        finish().map_err(|error| Error::writing(&self.part, error))?;
        let source_digest = self.digest.finish_hex();
        if let Some(expected) = self.expected.filter(|expected| *expected != source_digest) {
            return Err(Error::WrongDigest { expected, found: source_digest });
        }
        let to = self.folder.join(format!("{source_digest}.zst"));
        fs::rename(&self.part, &to).map_err(|error| Error::writing(&to, error))?;
        fault::step("a copy of an input is staged");
        Ok(KeptRaw { source_digest, bytes: self.bytes })
    }
}

impl Write for RawCopy {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.encoder.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// Several copies can be under way at once, some of them without a digest yet.
fn unused_name(folder: &Path) -> PathBuf {
    (0..).map(|number| folder.join(format!("{number}.part"))).find(|path| !path.exists()).expect("some number is free")
}

/// The bytes of a copy as they lay before they were copied.
pub fn open_copy(path: &Path) -> Result<Box<dyn Read + Send>, Error> {
    let open = || zstd::Decoder::new(File::open(path)?);
    Ok(Box::new(open().map_err(|error| Error::disk("open", path, error))?))
}

/// Where the bytes of an input are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// In the archive, at this path, compressed.
    Kept(PathBuf),
    /// Where it was seen, unchanged.
    At(PathBuf),
    /// Something else lies where it was seen.
    Changed { path: PathBuf },
    /// Nothing lies where it was seen; a stream of which no copy was kept was seen nowhere.
    Gone { last_seen: Option<PathBuf> },
}

impl InputState {
    /// The bytes of the input as they lay when they were ingested, or why there are none.
    pub fn open(&self, source_digest: &str) -> Result<Box<dyn Read + Send>, Error> {
        match self {
            Self::Kept(path) => open_copy(path),
            Self::At(path) => Ok(Box::new(File::open(path).map_err(|error| Error::disk("open", path, error))?)),
            Self::Changed { path } => Err(Error::InputChanged { path: path.clone() }),
            Self::Gone { last_seen: Some(path) } => Err(Error::InputGone { path: path.clone() }),
            Self::Gone { last_seen: None } => Err(Error::InputNeverKept { digest: source_digest.to_owned() }),
        }
    }
}

/// Looks for an input: in the archive first, then wherever it was seen. Reads it through, for nothing less shows that it is the same.
pub fn find(dir: &Path, input: &Input, progress: &mut dyn FnMut(u64)) -> Result<InputState, Error> {
    if input.kept {
        let path = layout::resolve(dir, &layout::raw_file(&input.sha256));
        let found = disk::digest(&mut open_copy(&path)?, progress).map_err(|error| Error::reading(&path, error))?;
        return match found == (input.sha256.clone(), input.bytes) {
            true => Ok(InputState::Kept(path)),
            false => Err(Error::Damaged { path, reason: "the copy is not what was ingested".into() }),
        };
    }
    Ok(find_outside(input, progress))
}

fn find_outside(input: &Input, progress: &mut dyn FnMut(u64)) -> InputState {
    let mut changed = BTreeSet::new();
    for path in &input.locations {
        // A manifest can come from a stranger, and whoever opens a pipe waits for somebody to write to it; so it is looked at first.
        let Ok(metadata) = fs::metadata(path) else { continue };
        if metadata.is_file() {
            let Ok(mut file) = File::open(path) else { continue };
            let same_length = metadata.len() == input.bytes;
            if same_length && disk::digest(&mut file, progress).is_ok_and(|(digest, _)| digest == input.sha256) {
                return InputState::At(path.clone());
            }
        }
        changed.insert(path.clone());
    }
    match changed.pop_first() {
        Some(path) => InputState::Changed { path },
        None => InputState::Gone { last_seen: input.locations.first().cloned() },
    }
}
