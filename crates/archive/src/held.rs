//! Rows in memory, which are sorted when they are asked for.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use parallax_model::packed::PackedRows;

use crate::Error;
use crate::merge::Stretch;
use crate::partition::{Partition, Partitioner};

/// What a whole number of 32 bits takes at the end of a key.
const ORDINAL_BYTES: usize = 4;

/// Rows of one table, in any order.
#[derive(Default)]
pub struct Held {
    blocks: Vec<Arc<PackedRows>>,
    stretches: BTreeMap<Partition, Vec<Place>>,
    memory: usize,
}

/// Rows of one block that follow each other, in order.
#[derive(Clone, Copy)]
struct Place {
    block: u32,
    start: u32,
    end: u32,
}

impl Held {
    pub fn push(&mut self, rows: PackedRows, partitioner: &Partitioner) -> Result<(), Error> {
        let block = self.blocks.len() as u32;
        let mut last: Option<(Partition, Place)> = None;
        for row in 0..rows.len() {
            let partition = partitioner.of_row(rows.row(row))?;
            match &mut last {
                Some((of_last, place)) if *of_last == partition && continues(&rows, row) => place.end += 1,
                _ => {
                    let next = Place { block, start: row as u32, end: row as u32 + 1 };
                    if let Some((partition, place)) = last.replace((partition, next)) {
                        self.stretches.entry(partition).or_default().push(place);
                    }
                }
            }
        }
        if let Some((partition, place)) = last {
            self.stretches.entry(partition).or_default().push(place);
        }
        self.memory += rows.memory();
        self.blocks.push(Arc::new(rows));
        Ok(())
    }

    /// Bytes that the rows take.
    pub fn memory(&self) -> usize {
        self.memory
    }

    pub fn partitions(&self) -> impl Iterator<Item = Partition> {
        self.stretches.keys().copied()
    }

    /// The rows of a partition, sorted; nothing when there are none.
    pub fn rows(&self, partition: Partition) -> impl Iterator<Item = Stretch> {
        let stretch = |place: Place| Stretch { block: self.blocks[place.block as usize].clone(), rows: place.rows() };
        self.sorted(partition).into_iter().map(stretch)
    }

    /// What one measurement made mostly stands together in order already, so only such stretches are sorted, and single rows only when
    /// some of them overlap.
    fn sorted(&self, partition: Partition) -> Vec<Place> {
        let mut places = self.stretches.get(&partition).cloned().unwrap_or_default();
        places.sort_unstable_by(|a, b| self.key(*a, a.start).cmp(self.key(*b, b.start)));
        let overlap = |pair: &[Place]| self.key(pair[0], pair[0].end - 1) > self.key(pair[1], pair[1].start);
        if !places.windows(2).any(overlap) {
            return places;
        }
        let rows = places.iter().flat_map(|place| (place.start..place.end).map(|row| (self.key(*place, row), place.block, row)));
        let mut rows: Vec<(&[u8], u32, u32)> = rows.collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, block, row)| Place { block, start: row, end: row + 1 }).collect()
    }

    fn key(&self, place: Place, row: u32) -> &[u8] {
        self.blocks[place.block as usize].key(row as usize)
    }
}

impl Place {
    fn rows(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whether a row follows the one above it and differs from it only in the last [`ORDINAL_BYTES`] of its key: mostly, whether both are
/// observations of the same measurement.
fn continues(rows: &PackedRows, row: usize) -> bool {
    let (above, this) = (rows.key(row - 1), rows.key(row));
    let same = this.len().saturating_sub(ORDINAL_BYTES);
    above.len() == this.len() && above[..same] == this[..same] && above[same..] <= this[same..]
}
