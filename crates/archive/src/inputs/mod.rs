//! The list of inputs: what was read, in a file beside the tables.
//!
//! An archive may know millions of files, so nothing here holds all of them. The list has one line of JSON for each input, in the order of
//! their digests; a commit that notes inputs writes the next list while it walks the old one and the noted ones in step.

mod places;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use reader::Inputs;
pub use writer::write;

/// A file or stream that was ingested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Input {
    /// Of the file as it lies.
    pub sha256: String,
    /// Its name without folders; `-` for a stream.
    pub name: String,
    /// Where it was seen, absolute: the first [`Input::MOST_LOCATIONS`] of these places.
    #[serde(with = "places")]
    pub locations: BTreeSet<PathBuf>,
    /// Its length as it lies, compressed or not.
    pub bytes: u64,
    /// Records that were read.
    pub records: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Digest of the HTTP fingerprints that bodies were searched for.
    pub fingerprints_digest: Option<String>,
    /// Whether the archive has a copy of it. The commit that keeps the copy sets it.
    pub kept: bool,
}

impl Input {
    /// An empty file may lie in a hundred thousand places; more than these would help nobody to find it.
    pub const MOST_LOCATIONS: usize = 32;
}

/// The list as the manifest names it, and what its lines add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputList {
    /// Relative to the archive.
    pub path: String,
    pub sha256: String,
    #[serde(flatten)]
    pub sums: InputSums,
}

/// What inputs add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSums {
    pub inputs: u64,
    /// Bytes of all of them as they lie.
    pub bytes: u64,
    pub records: u64,
    pub rejected: u64,
}

impl InputSums {
    pub(crate) fn add(&mut self, input: &Input) {
        self.inputs += 1;
        self.bytes = self.bytes.saturating_add(input.bytes);
        self.records = self.records.saturating_add(input.records);
        self.rejected = self.rejected.saturating_add(input.rejected);
    }
}
