//! From inputs to the archive: everything between a path and a row.
//!
//! Inputs are taken in *groups*, and each group is committed for itself, so that a killed run loses little. In a group, every file is
//! first read for its digest ([`digest`]); the digests say what has to be read at all ([`plan`]). Then readers ([`reader`])
//! decompress files and cut them into records, workers ([`worker`]) turn records into rows, and the thread that began all this pushes
//! the rows into the archive's stage ([`run`]).
//!
//! **Invariant:** order never matters. Rows reach the archive in any order, and the archive sorts them; nothing else leaves the
//! pipeline than rows and sums.
//!
//! **Invariant:** memory is bounded by constants: [`queues::BYTES_IN_FLIGHT`] of records wait or are worked on, and one thread reads all
//! the giants ([`queues`]).

mod batch;
mod digest;
mod plan;
mod progress;
mod queues;
mod reader;
mod refresh;
mod run;
mod worker;

#[cfg(test)]
mod tests;

pub use plan::read_with_other_fingerprints;
pub use progress::{Progress, Silent};
pub use run::{Options, Summary, ingest};
