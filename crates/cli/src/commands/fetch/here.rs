//! The folder: what lies there already, whole or in part.
//!
//! A file has its name only when it is complete. Until then it is hidden (`parallax ingest` passes over hidden files) and carries the
//! version that its bytes are of: `.NAME.ETAG.part`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use parallax_ingest::bucket::{ETag, Key};

/// An object of the listing that is wanted, and its place.
pub struct Place<'a> {
    pub key: &'a Key,
    pub size: u64,
    pub etag: Option<&'a ETag>,
    pub path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Missing,
    Complete,
    /// There is a file of that name with other bytes.
    Other,
}

impl Place<'_> {
    /// Compares what is there with what is listed: by size, and by MD5 where the server says one.
    pub fn state(&self) -> io::Result<State> {
        let length = match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => return Err(io::Error::other("there is something else under the name of a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            Err(error) => return Err(error),
        };
        let same = length == self.size && self.has_digest(&self.path)?;
        Ok(if same { State::Complete } else { State::Other })
    }

    /// Whether a file has the MD5 that the server says, if it says one.
    pub fn has_digest(&self, path: &Path) -> io::Result<bool> {
        match self.etag.and_then(ETag::md5) {
            Some(listed) => Ok(md5_of(path)? == listed),
            None => Ok(true),
        }
    }

    /// Where it is gathered.
    pub fn part(&self) -> PathBuf {
        let version = self.etag.map_or("unversioned", ETag::as_str);
        self.beside(&format!("{version}.part"))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.{ending}"))
    }

    /// Opens the part, made where there is none, for this process alone.
    pub fn open_part(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        self.remove_older_parts()?;
        let file = File::options().create(true).append(true).open(self.part())?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(io::Error::other("another `parallax fetch` is writing there; wait until it is done")),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Parts of versions that the server does not have any more are of no use.
    fn remove_older_parts(&self) -> io::Result<()> {
        let (start, part) = (self.beside(""), self.part());
        let Some(folder) = self.path.parent() else { return Ok(()) };
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let text = path.to_string_lossy();
            if path != part && text.starts_with(&*start.to_string_lossy()) && text.ends_with(".part") {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

fn md5_of(path: &Path) -> io::Result<String> {
    let mut digest = Md5::new();
    io::copy(&mut File::open(path)?, &mut Hashed(&mut digest))?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `md-5` implements `Write` only with its standard library.
struct Hashed<'a>(&'a mut Md5);

impl io::Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use parallax_ingest::bucket::{Kind, recognise};

    use super::*;

    const KEY: &str = "raw/20240212/20/IT/ndt/2024021220_IT_ndt.n0.0.jsonl.gz";

    #[test]
    fn what_is_there_is_told_from_what_only_has_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let Ok(Kind::Measurements(key)) = recognise(KEY) else { panic!() };
        let etag = ETag::parse("900150983cd24fb0d6963f7d28e17f72");
        let place = Place { key: &key, size: 3, etag: etag.as_ref(), path: folder.path().join("file.jsonl.gz") };
        let mut states = vec![place.state().unwrap()];
        for bytes in ["abc", "abd", "ab"] {
            fs::write(&place.path, bytes).unwrap();
            states.push(place.state().unwrap());
        }
        assert_eq!(states, [State::Missing, State::Complete, State::Other, State::Other]);
    }

    #[test]
    fn parts_of_other_versions_and_of_other_files_are_not_mixed_up() {
        let folder = tempfile::tempdir().unwrap();
        let Ok(Kind::Measurements(key)) = recognise(KEY) else { panic!() };
        let etag = ETag::parse("new");
        for name in [".a.gz.old.part", ".a.gz.new.part", ".ab.gz.old.part", "a.gz"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let place = Place { key: &key, size: 3, etag: etag.as_ref(), path: folder.path().join("a.gz") };
        let part = place.open_part().unwrap();
        assert_eq!(part.metadata().unwrap().len(), ".a.gz.new.part".len() as u64);
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, [".a.gz.new.part", ".ab.gz.old.part", "a.gz"]);
        assert!(place.open_part().is_err(), "two must not write into one file");
    }
}
