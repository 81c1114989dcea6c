//! What can go wrong while reading inputs and reference data, apart from what is in them: a measurement that cannot be read is a
//! reject and never an error.
//!
//! Messages are fragments that fit after "could not …:".

use std::io;
use std::path::PathBuf;

use crate::fingerprints::BadFingerprint;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{}: there is no such file or folder", .path.display())]
    MissingInput { path: PathBuf },

    #[error("{} is neither a file nor a folder; to read a pipe, send it to `-`", .path.display())]
    NotAFile { path: PathBuf },

    #[error("the pattern {pattern:?} cannot be understood ({reason}); quote it, or name a folder")]
    BadGlob { pattern: String, reason: String },

    #[error("cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: io::Error },

    #[error("cannot read the standard input: {source}")]
    Stdin { source: io::Error },

    #[error("{} changed while it was read, and nothing of it was kept; run the same command again when nothing writes to it", .path.display())]
    Changed { path: PathBuf },

    #[error("cannot copy {name} into the archive: {source}")]
    Keep { name: String, source: io::Error },

    #[error(
        "{name} is no reference data that Parallax knows: OONI's fingerprints (CSV), Censored Planet's signatures (JSON lines), a test list (CSV), networks of addresses (MMDB, CSV or TSV), or certificates (PEM)"
    )]
    UnknownRefdata { name: String },

    #[error("{name}, line {line}: {reason}")]
    BadRefdata { name: String, line: u64, reason: String },

    #[error("{name}: {reason}")]
    BadRefdataFile { name: String, reason: String },

    #[error("{} is not the file that was added; add it again with `parallax refdata add`", .path.display())]
    DamagedSnapshot { path: PathBuf },

    #[error(transparent)]
    Fingerprint(#[from] BadFingerprint),

    #[error(transparent)]
    Archive(#[from] parallax_archive::Error),
}
