//! How much of anything there may be at once.

/// The sizes that decide about memory, and where rows are cut into files.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Rows of all tables that a stage keeps in memory, in bytes. Sorting short rows that came in no order takes some more.
    pub buffer_bytes: usize,
    /// Rows after which a row group ends: enough for columns to pay, few enough to skip what a query does not want.
    pub group_rows: usize,
    /// Bytes of packed rows after which it ends earlier: it is kept in memory, encoded, until it ends.
    pub group_bytes: usize,
    /// Row groups after which a file ends: about a million rows.
    pub file_groups: usize,
}

impl Limits {
    /// Those of every archive. All but the first are part of the format: with others, the same rows are other bytes.
    pub const USUAL: Self = Self { buffer_bytes: 48 << 20, group_rows: 128 << 10, group_bytes: 40 << 20, file_groups: 8 };
}
