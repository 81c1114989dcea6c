//! Cuts a stream into records: JSON lines, JSON documents of many lines one after the other, one array of records, or a CSV table of
//! observations ([`table`]).
//!
//! Which of them it is, the beginning of the stream says. JSON lines are cut at each line break, so that a broken line costs one
//! reject and nothing else. Documents and arrays are cut where brackets balance (see [`scanner`]); after a broken record,
//! reading goes on at the next line that begins like a record.
//!
//! **Invariant:** memory is bounded by [`MAX_RECORD_BYTES`], whatever the stream. **Invariant:** the records do not depend on how
//! the stream arrives in pieces. **Invariant:** every byte that is no blank, comma or bracket of an array lies in exactly one record
//! or reject; of a table, every byte that is no header does.

mod documents;
mod framer;
mod lines;
mod recognise;
mod reject;
mod row;
mod scanner;
mod table;
mod window;

#[cfg(test)]
mod tests;

pub use framer::{Frame, Framer, Record};
pub use reject::FrameReject;
pub use table::is_header as is_table_header;
