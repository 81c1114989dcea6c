//! Merges sorted rows of one table into one sorted sequence in which every row occurs once.
//!
//! Rows that agree in the whole sort key are the same row. Which one stays must not depend on the order they came in: the one with the
//! least bytes does, which where rows know it is the first by file and line, see [`parallax_model::packed`].
//!
//! Memory: one block of each source.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;
use std::sync::Arc;

use parallax_model::Table;
use parallax_model::packed::PackedRows;

use crate::Error;

/// Rows that follow each other in one block, in order; at least one.
pub struct Stretch {
    pub block: Arc<PackedRows>,
    pub rows: Range<usize>,
}

/// Rows in the order of their keys; equal rows may follow each other.
pub type Sorted<'a> = Box<dyn Iterator<Item = Result<Stretch, Error>> + 'a>;

/// One row of a block.
pub struct Row {
    block: Arc<PackedRows>,
    row: usize,
}

/// The merged rows. After an error there is nothing more.
pub struct Merge<'a> {
    table: &'static Table,
    sources: Vec<Sorted<'a>>,
    heads: BinaryHeap<Head>,
    /// The best of the equal rows seen last; the next row that differs lets it go.
    kept: Option<Row>,
}

/// What is left of the stretch that a source gave last.
struct Head {
    stretch: Stretch,
    source: usize,
}

impl Stretch {
    pub fn into_rows(self) -> impl Iterator<Item = Row> {
        self.rows.map(move |row| Row { block: self.block.clone(), row })
    }
}

impl<'a> Merge<'a> {
    pub fn new(table: &'static Table, mut sources: Vec<Sorted<'a>>) -> Result<Self, Error> {
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (source, stretches) in sources.iter_mut().enumerate() {
            if let Some(stretch) = stretches.next().transpose()? {
                heads.push(Head { stretch, source });
            }
        }
        Ok(Self { table, sources, heads, kept: None })
    }

    fn next_distinct(&mut self) -> Result<Option<Row>, Error> {
        while let Some(row) = self.next_row()? {
            let Some(kept) = &mut self.kept else {
                self.kept = Some(row);
                continue;
            };
            match row.key().cmp(kept.key()) {
                Ordering::Greater => return Ok(Some(std::mem::replace(kept, row))),
                Ordering::Equal if row.bytes() < kept.bytes() => *kept = row,
                Ordering::Equal => {}
                Ordering::Less => return Err(Error::rows(self.table, "a source is not in order")),
            }
        }
        Ok(self.kept.take())
    }

    /// The least row of all sources.
    fn next_row(&mut self) -> Result<Option<Row>, Error> {
        let Some(mut least) = self.heads.peek_mut() else { return Ok(None) };
        let row = Row { block: least.stretch.block.clone(), row: least.stretch.rows.start };
        if least.stretch.rows.len() > 1 {
            least.stretch.rows.start += 1;
            return Ok(Some(row));
        }
        match self.sources[least.source].next().transpose()? {
            Some(stretch) => least.stretch = stretch,
            None => drop(PeekMut::pop(least)),
        }
        Ok(Some(row))
    }
}

impl Iterator for Merge<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_distinct();
        if next.is_err() {
            (self.heads, self.kept) = (BinaryHeap::new(), None);
        }
        next.transpose()
    }
}

impl Row {
    pub fn bytes(&self) -> &[u8] {
        self.block.row(self.row)
    }

    pub fn key(&self) -> &[u8] {
        self.block.key(self.row)
    }
}

impl Head {
    fn key(&self) -> &[u8] {
        self.stretch.block.key(self.stretch.rows.start)
    }
}

/// The other way round, because the standard heap has its greatest on top.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(self.key())
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Head {}
