//! `rejects`: what could not be read, so that nothing is lost without a trace.

use crate::column::Text;
use crate::table::table;
use crate::vocabulary::RejectScope;

table! {
    /// One row per record, or part of a record, that could not be read: where it lies and why.
    Reject, RejectRows, RejectColumns = "rejects",
    sorted by &["source_file", "source_digest", "source_offset", "source_line", "json_pointer", "reason"], partitioned by Whole
    {
        /// Name of the file, without its folders.
        source_file: Text<'a>,
        /// SHA-256 of the file, in hex.
        source_digest: Text<'a>,
        /// Line or number of the record in its file, from 1.
        source_line: u64,
        /// Byte at which the record begins in the decompressed file.
        source_offset: u64,
        /// How much is concerned: a record, a part of one, or the rest of a file.
        scope: RejectScope,
        /// Which part of the record (RFC 6901); empty for the whole.
        json_pointer: Text<'a>,
        /// Short stable name of the reason, such as `not_json`.
        reason: Text<'a>,
        /// The reason in a sentence.
        message: Text<'a>,
        /// The first characters of what could not be read, with control characters made visible.
        excerpt: Text<'a>,
    }
}
