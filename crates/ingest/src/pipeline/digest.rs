//! The digest of a file as it lies, and whether the file stayed the same while it was read a second time.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Error;
use crate::sha256;

/// A file whose bytes have been read once.
#[derive(Debug)]
pub struct DigestedFile {
    pub path: PathBuf,
    pub digest: String,
    pub bytes: u64,
    stamp: Stamp,
}

/// What changes when somebody writes to a file.
#[derive(Debug, PartialEq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl DigestedFile {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        let stamp = Stamp::of(&file.metadata().map_err(failed)?);
        let (digest, bytes) = sha256::of_reader(&mut file).map_err(failed)?;
        let file = Self { path: path.to_owned(), digest, bytes, stamp };
        if bytes == file.stamp.bytes { Ok(file) } else { Err(file.changed()) }
    }

    /// Opens the file again; an error when it is not as it was.
    pub fn open(&self) -> Result<File, Error> {
        let file = File::open(&self.path).map_err(|source| Error::Read { path: self.path.clone(), source })?;
        self.check().map(|()| file)
    }

    /// An error when the file is not as it was.
    pub fn check(&self) -> Result<(), Error> {
        let metadata = self.path.metadata().map_err(|source| Error::Read { path: self.path.clone(), source })?;
        if Stamp::of(&metadata) == self.stamp { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        Error::Changed { path: self.path.clone() }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_between_the_passes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "abc").unwrap();
        let file = DigestedFile::read(&path).unwrap();
        assert_eq!(file.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        file.check().unwrap();
        std::fs::write(&path, "abcd").unwrap();
        assert!(matches!(file.check(), Err(Error::Changed { .. })));
    }
}
