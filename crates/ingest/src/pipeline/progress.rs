//! What a run tells about itself while it runs.

use std::path::Path;

/// Hears how far a run is. Called from several threads.
pub trait Progress: Sync {
    /// Bytes of all files as they lie, told once; streams are not counted, because nobody knows.
    fn total(&self, bytes: u64);
    /// So many bytes more are done.
    fn advance(&self, bytes: u64);
    /// This file is being read now; `-` is the standard input.
    fn file(&self, path: &Path);
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {
    fn total(&self, _: u64) {}
    fn advance(&self, _: u64) {}
    fn file(&self, _: &Path) {}
}
