//! What the fuzz targets share: simulated records to begin with, a way to change their parts, and the source that reads them.

pub mod read;
pub mod recipe;
pub mod simulated;
