//! What one query may use. Memory is the engine's, shared by all its queries: see [`crate::Options`].

use std::time::Duration;

/// How much one query may hand out, and how long it may take. `None` sets no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// More rows than these are cut off, and [`crate::QueryResult::is_truncated`] says so.
    pub rows: Option<usize>,
    /// Time from the call to the last row, planning included; beyond it the query ends with [`crate::Error::OutOfTime`].
    pub time: Option<Duration>,
}
