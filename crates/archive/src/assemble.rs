//! Puts rows that were picked from several batches into new batches of a fixed size.
//!
//! **Invariant:** where a batch ends is a pure function of the rows in it; the batches that they were picked from do not matter.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;

use crate::Error;
use crate::order::{KeyedBatch, Order};

/// Rows of a batch: few enough that one batch of each of the runs being merged fits into memory, enough that columns pay.
pub const BATCH_ROWS: usize = 1024;
/// Bytes after which a batch ends even when it has fewer rows.
pub const BATCH_BYTES: usize = 512 << 10;

/// Rows picked for the next batch.
#[derive(Default)]
pub struct Assembler {
    batches: Vec<Arc<KeyedBatch>>,
    picked: Vec<(usize, usize)>,
    bytes: usize,
}

/// A finished batch and the size of its rows.
pub struct Assembled {
    pub batch: RecordBatch,
    pub bytes: usize,
}

impl Assembler {
    pub fn pick(&mut self, batch: &Arc<KeyedBatch>, row: usize) {
        let slot = self.batches.iter().rposition(|known| Arc::ptr_eq(known, batch)).unwrap_or_else(|| {
            self.batches.push(batch.clone());
            self.batches.len() - 1
        });
        self.picked.push((slot, row));
        self.bytes += batch.sizes[row];
    }

    pub fn is_full(&self) -> bool {
        self.picked.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// The rows so far, if there are any; nothing is picked afterwards.
    pub fn take(&mut self, order: &Order) -> Result<Option<Assembled>, Error> {
        if self.picked.is_empty() {
            return Ok(None);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().map(|keyed| &keyed.batch).collect();
        let batch = interleave_record_batch(&batches, &self.picked)
            .map_err(|error| order.error(format!("they cannot be put together: {error}")))?;
        let bytes = std::mem::take(&mut self.bytes);
        self.batches.clear();
        self.picked.clear();
        Ok(Some(Assembled { batch, bytes }))
    }
}
