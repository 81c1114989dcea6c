//! Records on their way from a reader to a worker.

use std::ops::Range;

use memchr::memchr_iter;

use crate::framing::{FrameReject, Record};

/// Bytes of a batch after which it is handed over: enough that handing over costs nothing, few enough to keep all threads busy.
pub const BATCH_BYTES: usize = 1 << 20;
/// Objects of a record that makes no fuss. Honest ones of a megabyte have as many.
const MOST_OBJECTS: usize = 4096;
/// Records and rejects after which a batch is handed over, however short they are.
const BATCH_RECORDS: usize = 4096;
/// What a reject weighs, and a batch beside its records and rejects.
const REJECT_WEIGHT: usize = 1 << 10;

/// Records of some files, and what is no record in them. Files are many and often small: a batch of each would cost more to hand over
/// than to read.
#[derive(Default)]
pub struct Batch {
    bytes: Vec<u8>,
    records: Vec<Place>,
    /// Each with the number of its file in the group.
    pub rejects: Vec<(usize, FrameReject)>,
}

/// Where a record lies, in the batch and in its file.
struct Place {
    /// Number of the file in its group.
    file: usize,
    range: Range<usize>,
    line: u64,
    offset: u64,
}

/// Whether a record is long, or may make many rows: a row takes an object. It then has a batch of its own.
pub fn is_giant(record: &[u8]) -> bool {
    record.len() > BATCH_BYTES || (record.len() > MOST_OBJECTS && memchr_iter(b'{', record).count() > MOST_OBJECTS)
}

impl Batch {
    pub fn add(&mut self, file: usize, record: &Record<'_>) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(BATCH_BYTES.max(record.bytes.len()));
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(record.bytes);
        self.records.push(Place { file, range: start..self.bytes.len(), line: record.line, offset: record.offset });
    }

    /// Whether a record of this length still belongs into this batch.
    pub fn has_room_for(&self, length: usize) -> bool {
        self.rejects.len() + self.records.len() < BATCH_RECORDS && (self.bytes.is_empty() || self.bytes.len() + length <= BATCH_BYTES)
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.rejects.is_empty()
    }

    /// Whether this is a single record that much can come of: see [`is_giant`].
    pub fn is_giant(&self) -> bool {
        matches!(&self.records[..], [place] if is_giant(&self.bytes[place.range.clone()]))
    }

    pub fn weight(&self) -> usize {
        REJECT_WEIGHT * (1 + self.rejects.len()) + self.records.capacity() * size_of::<Place>() + self.bytes.capacity()
    }

    /// Each with the number of its file.
    pub fn records(&self) -> impl Iterator<Item = (usize, Record<'_>)> {
        let record = |place: &Place| Record { bytes: &self.bytes[place.range.clone()], line: place.line, offset: place.offset };
        self.records.iter().map(move |place| (place.file, record(place)))
    }
}
