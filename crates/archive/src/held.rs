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
        let mut places = 0;
        for row in 0..rows.len() {
            let partition = partitioner.of_row(&rows, row)?;
            match &mut last {
                Some((of_last, place)) if *of_last == partition && rows.key(row - 1) <= rows.key(row) => place.end += 1,
                _ => {
                    let next = Place { block, start: row as u32, end: row as u32 + 1 };
                    places += 1;
                    if let Some((partition, place)) = last.replace((partition, next)) {
                        self.stretches.entry(partition).or_default().push(place);
                    }
                }
            }
        }
        if let Some((partition, place)) = last {
            self.stretches.entry(partition).or_default().push(place);
        }
        self.memory += rows.memory() + places * size_of::<Place>();
        self.blocks.push(Arc::new(rows));
        Ok(())
    }

    /// Bytes that the rows take, and what is known of where they stand. Sorting makes some copies of the latter.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// How many bytes the rows of a partition have.
    pub fn size_of(&self, partition: Partition) -> u64 {
        let bytes = |place: &Place| place.rows().map(|row| self.blocks[place.block as usize].row(row).len() as u64).sum::<u64>();
        self.stretches.get(&partition).into_iter().flatten().map(bytes).sum()
    }

    pub fn partitions(&self) -> impl Iterator<Item = Partition> {
        self.stretches.keys().copied()
    }

    /// The rows of a partition, sorted; nothing when there are none.
    pub fn rows(&self, partition: Partition) -> impl Iterator<Item = Stretch> {
        let stretch = |place: Place| Stretch { block: self.blocks[place.block as usize].clone(), rows: place.rows() };
        self.sorted(partition).into_iter().map(stretch)
    }

    /// What stands in order already is sorted as a whole where it can be; else what one measurement made, which mostly stands together;
    /// and single rows only when even those overlap.
    fn sorted(&self, partition: Partition) -> Vec<Place> {
        let mut places = self.stretches.get(&partition).cloned().unwrap_or_default();
        for belongs in [is_of_the_same, |_: &PackedRows, _| false] {
            if self.sort(&mut places) {
                return places;
            }
            places = self.cut(&places, belongs);
        }
        self.sort(&mut places);
        places
    }

    /// Sorts places by their first rows; false when some overlap nevertheless. The first bytes of a key, mostly the time, are looked at
    /// where they lie together: few comparisons have to fetch whole keys.
    fn sort(&self, places: &mut Vec<Place>) -> bool {
        let mut keyed: Vec<(u64, Place)> = places.iter().map(|place| (first_bytes(self.key(*place, place.start)), *place)).collect();
        keyed.sort_unstable_by(|(a, a_place), (b, b_place)| {
            a.cmp(b).then_with(|| self.key(*a_place, a_place.start).cmp(self.key(*b_place, b_place.start)))
        });
        *places = keyed.into_iter().map(|(_, place)| place).collect();
        places.windows(2).all(|pair| self.key(pair[0], pair[0].end - 1) <= self.key(pair[1], pair[1].start))
    }

    /// Cuts places where a row does not belong to the one above it.
    fn cut(&self, places: &[Place], belongs: fn(&PackedRows, usize) -> bool) -> Vec<Place> {
        let mut cut: Vec<Place> = Vec::new();
        for place in places {
            cut.push(Place { end: place.start + 1, ..*place });
            for row in place.start + 1..place.end {
                match cut.last_mut() {
                    Some(last) if belongs(&self.blocks[place.block as usize], row as usize) => last.end += 1,
                    _ => cut.push(Place { block: place.block, start: row, end: row + 1 }),
                }
            }
        }
        cut
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

/// The beginning of a key, as a number that compares as it does.
fn first_bytes(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let count = key.len().min(8);
    bytes[..count].copy_from_slice(&key[..count]);
    u64::from_be_bytes(bytes)
}

/// Whether a row differs from the one above only in the last [`ORDINAL_BYTES`] of its key: mostly, whether both are observations of the
/// same measurement.
fn is_of_the_same(rows: &PackedRows, row: usize) -> bool {
    let (above, this) = (rows.key(row - 1), rows.key(row));
    let same = this.len().saturating_sub(ORDINAL_BYTES);
    above.len() == this.len() && above[..same] == this[..same]
}
