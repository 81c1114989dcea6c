//! Foreign bytes in, rows of the archive out.

pub mod fingerprints;
pub mod source;
pub mod sources;
