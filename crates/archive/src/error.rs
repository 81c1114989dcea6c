//! What can go wrong with an archive: the disk, the folder that was named, somebody else at work, or a bug of ours.
//!
//! Messages are fragments that fit after "could not …:" and end with what to do next where there is something to do.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parallax_model::Table;
use parquet::errors::ParquetError;

use crate::lock::Holder;

type Cause = Box<dyn StdError + Send + Sync>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("no archive at {}; make one with `parallax ingest --archive {} …`", .dir.display(), .dir.display())]
    NotFound { dir: PathBuf },

    #[error("{} is not empty and not an archive; name another folder with `--archive`", .dir.display())]
    NotAnArchive { dir: PathBuf },

    #[error("{} has the archive format {found}, this program knows up to {known}; use a newer parallax", .path.display())]
    NewerFormat { path: PathBuf, found: u32, known: u32 },

    #[error("{} has the archive format {found}, this program knows only {known}; ingest the raw data into a new archive", .path.display())]
    OlderFormat { path: PathBuf, found: u32, known: u32 },

    #[error("{} is being written by {holder}; wait until it is done, or stop it", .dir.display())]
    Locked { dir: PathBuf, holder: Holder },

    #[error("no space is left to write {}; the archive is as it was: free some space and run the same command again", .path.display())]
    DiskFull { path: PathBuf, source: Cause },

    #[error("cannot {doing} {}: {source}", .path.display())]
    Disk { doing: &'static str, path: PathBuf, source: Cause },

    #[error("{} is damaged ({reason}); `parallax verify` lists all that is", .path.display())]
    Damaged { path: PathBuf, reason: String },

    #[error("rows for table {table}: {reason}")]
    Rows { table: &'static str, reason: String },

    #[error("rows for partition {partition} of table {table}: {source}")]
    Source { table: &'static str, partition: String, source: Cause },

    #[error("the archive has no input with the digest {digest}")]
    UnknownInput { digest: String },

    #[error("{} is gone; put it back, or ingest with `--keep-raw` to keep a copy in the archive", .path.display())]
    InputGone { path: PathBuf },

    #[error("the input {digest} came from a stream, and no copy was kept; ingest it with `--keep-raw`")]
    InputNeverKept { digest: String },

    #[error("{} has changed since it was ingested; put the old file back, or ingest the new one", .path.display())]
    InputChanged { path: PathBuf },

    #[error("{expected:?} is not the digest of what was read ({found})")]
    WrongDigest { expected: String, found: String },

    #[error("the manifest names {path}, which is neither in the archive nor staged")]
    NotStaged { path: String },
}

impl Error {
    /// An error while writing: a full disk is told apart, because it is the one that people can mend.
    pub(crate) fn writing(path: &Path, cause: impl Into<Cause>) -> Self {
        Self::disk("write", path, cause)
    }

    pub(crate) fn disk(doing: &'static str, path: &Path, cause: impl Into<Cause>) -> Self {
        let (path, source) = (path.to_owned(), cause.into());
        match io_error(source.as_ref()).map(io::Error::kind) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) => {
                Self::DiskFull { path, source }
            }
            _ => Self::Disk { doing, path, source },
        }
    }

    /// Rows that cannot be what they are said to be.
    pub(crate) fn rows(table: &Table, reason: impl ToString) -> Self {
        Self::Rows { table: table.name, reason: reason.to_string() }
    }

    /// An error while reading a file of the archive: either the disk fails, or the bytes are not what was written.
    pub(crate) fn reading(path: &Path, cause: impl Into<Cause>) -> Self {
        let source = cause.into();
        match io_error(source.as_ref()) {
            Some(error) if error.kind() != io::ErrorKind::InvalidData && error.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Disk { doing: "read", path: path.to_owned(), source }
            }
            _ => Self::Damaged { path: path.to_owned(), reason: source.to_string() },
        }
    }
}

/// The error of the operating system inside an error of Arrow or Parquet.
fn io_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a io::Error> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Some(error);
    }
    if let Some(ArrowError::IoError(_, error)) = error.downcast_ref::<ArrowError>() {
        return Some(error);
    }
    match error.downcast_ref::<ParquetError>() {
        Some(ParquetError::External(inner)) => io_error(inner.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_however_deep_it_is_wrapped() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let path = Path::new("tables/observations/x.parquet");
        for error in [
            Error::writing(path, full()),
            Error::writing(path, ArrowError::from(full())),
            Error::writing(path, ParquetError::from(full())),
            Error::writing(path, ParquetError::from(ArrowError::from(full()))),
        ] {
            assert!(matches!(error, Error::DiskFull { .. }), "{error}");
            assert!(error.to_string().contains("tables/observations/x.parquet"), "{error}");
        }
    }

    #[test]
    fn people_are_told_what_failed_where_and_what_to_do() {
        let path = || PathBuf::from("world/tables/rejects/all/00.parquet");
        let holder = Holder { pid: 7, command: "parallax judge".into(), since: "2024-02-12 20:33:47 UTC".into() };
        let errors = [
            Error::NotFound { dir: "world".into() },
            Error::NotAnArchive { dir: "home".into() },
            Error::NewerFormat { path: "world/manifest.json".into(), found: 2, known: 1 },
            Error::Locked { dir: "world".into(), holder },
            Error::writing(&path(), io::Error::from(io::ErrorKind::StorageFull)),
            Error::disk("open", &path(), io::Error::from(io::ErrorKind::PermissionDenied)),
            Error::reading(&path(), ParquetError::EOF("eof".into())),
            Error::InputChanged { path: "a.jsonl".into() },
            Error::InputGone { path: "a.jsonl".into() },
            Error::InputNeverKept { digest: "ab12".into() },
        ];
        let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(messages.join("\n"), @r"
        no archive at world; make one with `parallax ingest --archive world …`
        home is not empty and not an archive; name another folder with `--archive`
        world/manifest.json has the archive format 2, this program knows up to 1; use a newer parallax
        world is being written by `parallax judge` (process 7, since 2024-02-12 20:33:47 UTC); wait until it is done, or stop it
        no space is left to write world/tables/rejects/all/00.parquet; the archive is as it was: free some space and run the same command again
        cannot open world/tables/rejects/all/00.parquet: permission denied
        world/tables/rejects/all/00.parquet is damaged (EOF: eof); `parallax verify` lists all that is
        a.jsonl has changed since it was ingested; put the old file back, or ingest the new one
        a.jsonl is gone; put it back, or ingest with `--keep-raw` to keep a copy in the archive
        the input ab12 came from a stream, and no copy was kept; ingest it with `--keep-raw`
        ");
    }
}
