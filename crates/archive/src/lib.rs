//! The archive: Parquet tables in a folder, and a manifest that says which files they are.
//!
//! A newcomer meets the nouns in this order. An [`Archive`] is a folder. Its [`Manifest`] is one file that names every other file of
//! the archive with its digest; a file that it does not name does not exist. A [`Snapshot`] is the archive as one manifest has it, for
//! reading. The one [`Writer`] gathers rows in a [`Stage`] and commits them. Rows lie in *partitions* (a country and a week); a
//! *run* is a sorted file of rows that did not fit into memory; a *merge* makes the new content of a partition out of runs and what
//! the partition holds already.
//!
//! **Invariant:** the bytes of a partition are a pure function of the set of rows in it. Threads, order of arrival, repetition and the
//! split of the input into runs of the program leave no trace.
//!
//! **Invariant:** a file, once named, never changes. The only thing ever replaced is the manifest, by one rename: so a reader sees
//! one state of the archive or another, and a process killed at any instant leaves the old state or the new one.
//!
//! **Invariant:** memory is bounded by constants, whatever the input.

mod archive;
mod batches;
pub mod container;
mod data_file;
mod disk;
mod error;
mod fault;
mod garbage;
mod held;
mod in_order;
mod inputs;
mod layout;
mod limits;
mod lock;
mod manifest;
mod merge;
mod parallel;
mod partition;
mod raw;
mod refdata;
mod run;
mod snapshot;
mod stage;
mod verify;
mod writer;

pub use archive::Archive;
pub use data_file::PartitionReader;
pub use error::Error;
pub use inputs::{Input, InputList, InputSums, Inputs};
pub use lock::Holder;
pub use manifest::{DataFile, FORMAT_VERSION, Manifest, RefdataFile};
pub use parallel::in_parallel;
pub use partition::Partition;
pub use raw::{InputState, KeptRaw, RawCopy};
pub use snapshot::Snapshot;
pub use stage::Stage;
pub use verify::{Problem, Verification};
pub use writer::Writer;

#[cfg(test)]
mod tests;
