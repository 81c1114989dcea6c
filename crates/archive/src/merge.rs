//! Merges sorted rows of one table into one sorted sequence in which every row occurs once.
//!
//! Memory: one batch of each source, and the batches that the next output is picked from.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::row::OwnedRow;

use crate::Error;
use crate::assemble::{Assembled, Assembler};
use crate::order::{KeyedBatch, Order};

/// Sorted batches; equal rows may follow each other.
pub type Sorted<'a> = Box<dyn Iterator<Item = Result<RecordBatch, Error>> + 'a>;

/// The merged rows, in batches that are cut by rows alone. After an error there is nothing more.
pub struct Merge<'a> {
    order: &'a Order,
    sources: Vec<Source<'a>>,
    heads: BinaryHeap<Head>,
    /// The best of the equal rows seen last; the next row that differs lets it go.
    kept: Option<Head>,
    assembler: Assembler,
}

struct Source<'a> {
    batches: Sorted<'a>,
    last_key: Option<OwnedRow>,
}

/// The next row of a source.
struct Head {
    batch: Arc<KeyedBatch>,
    row: usize,
    source: usize,
}

impl<'a> Merge<'a> {
    pub fn new(order: &'a Order, sources: Vec<Sorted<'a>>) -> Result<Self, Error> {
        let sources = sources.into_iter().map(|batches| Source { batches, last_key: None }).collect();
        let mut merge = Self { order, sources, heads: BinaryHeap::new(), kept: None, assembler: Assembler::default() };
        for source in 0..merge.sources.len() {
            if let Some(batch) = merge.sources[source].next_batch(order)? {
                merge.heads.push(Head { batch, row: 0, source });
            }
        }
        Ok(merge)
    }

    fn next_batch(&mut self) -> Result<Option<Assembled>, Error> {
        while let Some(head) = self.next_row()? {
            self.keep_or_let_go(head);
            if self.assembler.is_full() {
                return self.assembler.take(self.order);
            }
        }
        if let Some(last) = self.kept.take() {
            self.assembler.pick(&last.batch, last.row);
        }
        self.assembler.take(self.order)
    }

    /// The least row of all sources.
    fn next_row(&mut self) -> Result<Option<Head>, Error> {
        let Some(mut least) = self.heads.peek_mut() else { return Ok(None) };
        let head = Head { batch: least.batch.clone(), row: least.row, source: least.source };
        if least.row + 1 < least.batch.len() {
            least.row += 1;
            return Ok(Some(head));
        }
        match self.sources[head.source].next_batch(self.order)? {
            Some(batch) => (least.batch, least.row) = (batch, 0),
            None => drop(PeekMut::pop(least)),
        }
        Ok(Some(head))
    }

    fn keep_or_let_go(&mut self, head: Head) {
        let Some(kept) = &self.kept else {
            self.kept = Some(head);
            return;
        };
        if head.compare_key(kept) != Ordering::Equal {
            self.assembler.pick(&kept.batch, kept.row);
            self.kept = Some(head);
        } else if self.order.compare_rest((&head.batch, head.row), (&kept.batch, kept.row)) == Ordering::Less {
            self.kept = Some(head);
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Assembled, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch();
        if next.is_err() {
            (self.heads, self.kept, self.assembler) = (BinaryHeap::new(), None, Assembler::default());
        }
        next.transpose()
    }
}

impl Source<'_> {
    /// The next batch with rows in it. A source that is not sorted would make a partition that is not, so it is checked.
    fn next_batch(&mut self, order: &Order) -> Result<Option<Arc<KeyedBatch>>, Error> {
        let batch = loop {
            match self.batches.next().transpose()? {
                None => return Ok(None),
                Some(batch) if batch.num_rows() > 0 => break Arc::new(order.keyed(batch)?),
                Some(_) => {}
            }
        };
        if !batch.is_sorted_after(self.last_key.as_ref()) {
            return Err(order.error(format!("they are not sorted by {}", order.table().sort_key.join(", "))));
        }
        self.last_key = Some(batch.last_key());
        Ok(Some(batch))
    }
}

impl Head {
    fn compare_key(&self, other: &Self) -> Ordering {
        self.batch.compare_key(self.row, &other.batch, other.row)
    }
}

/// The other way round, because the standard heap has its greatest on top.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.compare_key(self)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.compare_key(other) == Ordering::Equal
    }
}

impl Eq for Head {}
