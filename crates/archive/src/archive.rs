//! An archive: a folder with a manifest.

use std::path::{Path, PathBuf};

use crate::lock::{ReaderLock, WriterLock};
use crate::{Error, Manifest, Snapshot, Verification, Writer, disk, layout, verify};

/// A folder that holds an archive of a format that this program knows.
#[derive(Clone, Debug)]
pub struct Archive {
    dir: PathBuf,
}

impl Archive {
    /// The archive in a folder, which must be there.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let dir = std::path::absolute(dir.as_ref()).map_err(|error| Error::disk("find", dir.as_ref(), error))?;
        Manifest::read(&dir)?;
        Ok(Self { dir })
    }

    /// The archive in a folder, or a new one. A folder with anything else in it is refused: the writer removes files.
    pub fn open_or_create(dir: impl AsRef<Path>) -> Result<Self, Error> {
        match Self::open(dir.as_ref()) {
            Err(Error::NotFound { dir }) => Self::create(&dir),
            result => result,
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The log of what was first said of events. It is appended to by whoever holds the [`Writer`], and is the one file of an archive whose
    /// bytes depend on when programs ran: so the manifest does not name it and nothing compares it.
    pub fn said_path(&self) -> PathBuf {
        self.dir.join(layout::SAID)
    }

    /// The archive as it is now, for reading. Never waits for a writer, and no writer disturbs it.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        Snapshot::take(&self.dir)
    }

    /// The one right to write. `who` is shown to others who ask for it.
    pub fn write(&self, who: &str) -> Result<Writer, Error> {
        Writer::take(&self.dir, who)
    }

    /// Reads everything and compares it with the manifest. `progress` hears how many bytes of how many are done.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, Error> {
        verify::verify(&self.dir, &self.snapshot()?, progress)
    }

    fn create(dir: &Path) -> Result<Self, Error> {
        disk::create_dir(dir)?;
        for entry in disk::entries(dir)? {
            if !layout::TOP.contains(&entry.file_name().to_string_lossy().as_ref()) {
                return Err(Error::NotAnArchive { dir: dir.to_owned() });
            }
        }
        let lock = WriterLock::take(dir, "parallax: making the archive")?;
        drop(ReaderLock::share(dir)?);
        // Somebody else may have made it, and more, before the lock was ours.
        match Manifest::read(dir) {
            Err(Error::NotFound { .. }) => Manifest::default().write(dir)?,
            result => drop(result?),
        }
        drop(lock);
        Ok(Self { dir: dir.to_owned() })
    }
}
