//! Writing files so that they are whole or not there, and reading their digests.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use parallax_model::sha256::Sha256;

use crate::{Error, fault};

/// Bytes that are read or written at once.
const BLOCK_BYTES: usize = 256 << 10;

/// A new file that counts and digests what is written to it.
pub struct DigestedFile {
    path: PathBuf,
    file: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
}

impl DigestedFile {
    pub fn create(path: PathBuf) -> Result<Self, Error> {
        let file = File::create(&path).map_err(|error| Error::writing(&path, error))?;
        Ok(Self { path, file: BufWriter::with_capacity(BLOCK_BYTES, file), digest: Sha256::default(), bytes: 0 })
    }

    /// Hands the last bytes to the system; returns the digest and the length. Not on the disk before [`sync_file`].
    pub fn finish(mut self) -> Result<(String, u64), Error> {
        self.file.flush().map_err(|error| Error::writing(&self.path, error))?;
        Ok((self.digest.finish_hex(), self.bytes))
    }
}

impl Write for DigestedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Replaces `to` by `bytes` at one instant: before it the old content is there, after it the new, and it stays after a power cut.
pub fn replace_file(to: &Path, next: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = File::create(next)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Error::writing(next, error))?;
    fault::step("the next manifest is written");
    fs::rename(next, to).map_err(|error| Error::writing(to, error))?;
    fault::step("the next manifest is the manifest");
    sync_dir(to.parent().unwrap_or(Path::new(".")))
}

/// Makes sure that the content of a file outlives a power cut.
pub fn sync_file(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| Error::writing(path, error))
}

/// Makes sure that the names in a folder outlive a power cut. Only Unix lets a program ask for that.
pub fn sync_dir(dir: &Path) -> Result<(), Error> {
    if cfg!(unix) { sync_file(dir) } else { Ok(()) }
}

pub fn create_dir(dir: &Path) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|error| Error::disk("create", dir, error))
}

/// Every file below a folder with its path relative to `root`, in order; none when the folder is missing.
pub fn files_below(root: &Path, folder: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&root.join(&folder))? {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What a folder holds; nothing when it is missing.
pub fn entries(dir: &Path) -> Result<Vec<fs::DirEntry>, Error> {
    match fs::read_dir(dir).and_then(|entries| entries.collect()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|error| Error::disk("list", dir, error)),
    }
}

/// The digest and the length of everything a reader gives; `progress` hears of each block.
pub fn digest(reader: &mut dyn Read, progress: &mut dyn FnMut(u64)) -> io::Result<(String, u64)> {
    let (mut digest, mut bytes) = (Sha256::default(), 0);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let read = match reader.read(&mut block) {
            Ok(0) => return Ok((digest.finish_hex(), bytes)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        digest.update(&block[..read]);
        bytes += read as u64;
        progress(read as u64);
    }
}
