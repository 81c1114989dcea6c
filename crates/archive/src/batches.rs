//! Cuts rows that stand in their order into batches of columns.
//!
//! **Invariant:** where a batch ends is a pure function of the rows in it; the blocks that they come from do not matter.

use arrow::array::RecordBatch;
use parallax_model::Table;
use parallax_model::packed::Unpacker;

use crate::Error;
use crate::merge::Row;

/// Rows of a batch: few enough that batches of several partitions fit into memory, enough that columns pay.
pub const BATCH_ROWS: usize = 1024;
/// Bytes of packed rows after which a batch ends even when it has fewer rows.
pub const BATCH_BYTES: usize = 512 << 10;

/// A finished batch.
pub struct CutBatch {
    pub batch: RecordBatch,
    /// Bytes of its rows, packed. Buffers and capacities do not matter, because what this number decides ends up in the bytes of files.
    pub bytes: usize,
}

/// The rows in batches. After an error there is nothing more.
pub struct Batches<I> {
    table: &'static Table,
    rows: I,
    unpacker: Unpacker,
}

impl<I: Iterator<Item = Result<Row, Error>>> Batches<I> {
    pub fn of(table: &'static Table, rows: I) -> Self {
        Self { table, rows, unpacker: Unpacker::of(table.layout()) }
    }

    fn next_batch(&mut self) -> Result<Option<CutBatch>, Error> {
        let mut bytes = 0;
        while self.unpacker.rows() < BATCH_ROWS && bytes < BATCH_BYTES {
            let Some(row) = self.rows.next().transpose()? else { break };
            self.unpacker.push(row.bytes()).map_err(|error| Error::rows(self.table, error))?;
            bytes += row.bytes().len();
        }
        match self.unpacker.rows() {
            0 => Ok(None),
            _ => Ok(Some(CutBatch { batch: self.unpacker.finish().map_err(|error| Error::rows(self.table, error))?, bytes })),
        }
    }
}

impl<I: Iterator<Item = Result<Row, Error>>> Iterator for Batches<I> {
    type Item = Result<CutBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch();
        if next.is_err() {
            self.unpacker = Unpacker::of(self.table.layout());
        }
        next.transpose()
    }
}
