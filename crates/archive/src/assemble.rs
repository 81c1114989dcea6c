//! Puts rows that were picked from several batches into new batches of a fixed size.
//!
//! **Invariant:** where a batch ends is a pure function of the rows in it; the batches that they were picked from do not matter.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::{concat_batches, interleave_record_batch};
use arrow::error::ArrowError;

use crate::Error;
use crate::order::{KeyedBatch, Order};

/// Rows of a batch: few enough that one batch of each of the runs being merged fits into memory, enough that columns pay.
pub const BATCH_ROWS: usize = 1024;
/// Bytes after which a batch ends even when it has fewer rows.
pub const BATCH_BYTES: usize = 512 << 10;

/// Rows that follow each other, from which on they are copied together: below, one by one is faster.
const LONG_RANGE_ROWS: usize = 32;

/// Rows picked for the next batch.
#[derive(Default)]
pub struct Assembler {
    batches: Vec<Arc<KeyedBatch>>,
    /// Rows that follow each other in one of the batches.
    ranges: Vec<(usize, Range<usize>)>,
    rows: usize,
    bytes: usize,
}

/// A finished batch and the size of its rows.
pub struct Assembled {
    pub batch: RecordBatch,
    pub bytes: usize,
}

impl Assembler {
    pub fn pick(&mut self, batch: &Arc<KeyedBatch>, row: usize) {
        self.rows += 1;
        self.bytes += batch.sizes[row];
        if let Some((slot, range)) = self.ranges.last_mut()
            && range.end == row
            && Arc::ptr_eq(&self.batches[*slot], batch)
        {
            range.end += 1;
            return;
        }
        let slot = self.batches.iter().rposition(|known| Arc::ptr_eq(known, batch)).unwrap_or_else(|| {
            self.batches.push(batch.clone());
            self.batches.len() - 1
        });
        self.ranges.push((slot, row..row + 1));
    }

    pub fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// The rows so far, if there are any; nothing is picked afterwards.
    pub fn take(&mut self, order: &Order) -> Result<Option<Assembled>, Error> {
        if self.rows == 0 {
            return Ok(None);
        }
        let batch = self.put_together().map_err(|error| order.error(format!("they cannot be put together: {error}")))?;
        let bytes = std::mem::take(&mut self.bytes);
        self.rows = 0;
        self.batches.clear();
        self.ranges.clear();
        Ok(Some(Assembled { batch, bytes }))
    }

    fn put_together(&self) -> Result<RecordBatch, ArrowError> {
        if let [(slot, range)] = &self.ranges[..] {
            return Ok(self.batches[*slot].batch.slice(range.start, range.len()));
        }
        if self.ranges.len() * LONG_RANGE_ROWS <= self.rows {
            let slices: Vec<RecordBatch> =
                self.ranges.iter().map(|(slot, range)| self.batches[*slot].batch.slice(range.start, range.len())).collect();
            return concat_batches(slices[0].schema_ref(), &slices);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().map(|keyed| &keyed.batch).collect();
        let rows: Vec<(usize, usize)> = self.ranges.iter().flat_map(|(slot, range)| range.clone().map(|row| (*slot, row))).collect();
        interleave_record_batch(&batches, &rows)
    }
}
