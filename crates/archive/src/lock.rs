//! The two locks of an archive: one writer at a time, and no file removed under a reader.
//!
//! The operating system drops both when a process ends, however it ends; so there is no stale lock to remove by hand.
//!
//! **Invariant:** no reader waits for a writer's work. A reader shares `readers.lock`; a writer asks for it alone only to unlink files
//! that no manifest names, never waits for it, and leaves the files where they are when it does not get it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::SystemTime;

use parallax_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, layout};

/// Who writes the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    pub pid: u32,
    pub command: String,
    /// When it began.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            0 => f.write_str("another process"),
            pid => write!(f, "`{}` (process {pid}, since {})", self.command, self.since),
        }
    }
}

/// The right to write; given back when it is dropped.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    pub fn take(dir: &Path, command: &str) -> Result<Self, Error> {
        let path = dir.join(layout::WRITER_LOCK);
        let mut file = open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { dir: dir.to_owned(), holder: read_holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(Error::disk("lock", &path, error)),
        }
        let holder = Holder { pid: std::process::id(), command: command.to_owned(), since: now().to_string() };
        write_holder(&mut file, &holder).map_err(|error| Error::writing(&path, error))?;
        Ok(Self { _file: file })
    }
}

/// A reader's share in the files as they are; given back when it is dropped.
#[derive(Debug)]
pub struct ReaderLock {
    _file: File,
}

impl ReaderLock {
    /// Waits at most while a writer unlinks files.
    pub fn share(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(layout::READERS_LOCK);
        // Read access is enough for a lock, and an archive may lie where this user cannot write.
        let file = File::open(&path).or_else(|_| open_anew(&path)).map_err(|error| Error::disk("open", &path, error))?;
        file.lock_shared().map_err(|error| Error::disk("lock", &path, error))?;
        Ok(Self { _file: file })
    }

    /// The lock for oneself, when nobody reads.
    pub fn try_alone(dir: &Path) -> Option<Self> {
        let file = open(&dir.join(layout::READERS_LOCK)).ok()?;
        file.try_lock().ok()?;
        Some(Self { _file: file })
    }
}

fn open(path: &Path) -> Result<File, Error> {
    open_anew(path).map_err(|error| Error::disk("open", path, error))
}

fn open_anew(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// What the holder wrote about itself; it may be writing it at this moment, so anything is possible.
fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    serde_json::to_writer(&*file, holder)?;
    file.write_all(b"\n")
}

/// Shown to people only; nothing in an archive depends on the clock.
fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_microseconds(since_1970.as_micros() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_writer_is_told_who_the_first_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let first = WriterLock::take(dir.path(), "parallax ingest a.jsonl").unwrap();
        let Err(Error::Locked { holder, .. }) = WriterLock::take(dir.path(), "parallax judge") else { panic!("two writers") };
        assert_eq!((holder.pid, holder.command.as_str()), (std::process::id(), "parallax ingest a.jsonl"));
        drop(first);
        WriterLock::take(dir.path(), "parallax judge").unwrap();
    }

    #[test]
    fn readers_share_and_keep_the_sweeper_out() {
        let dir = tempfile::tempdir().unwrap();
        let readers = [ReaderLock::share(dir.path()).unwrap(), ReaderLock::share(dir.path()).unwrap()];
        assert!(ReaderLock::try_alone(dir.path()).is_none());
        drop(readers);
        assert!(ReaderLock::try_alone(dir.path()).is_some());
    }
}
