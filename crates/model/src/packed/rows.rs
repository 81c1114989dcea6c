//! Packed rows of one table, one after the other.

use arrow::array::RecordBatch;

use super::layout::Layout;
use super::unpack::Unpacker;
use super::writer::RowWriter;
use crate::Table;

/// Rows and bytes that room is made for at most: what was long once may be short from now on.
const MOST_ROOM: (usize, usize) = (1 << 16, 4 << 20);

/// Rows of one table, in the order they came in.
#[derive(Clone)]
pub struct PackedRows {
    layout: &'static Layout,
    pub(super) bytes: Vec<u8>,
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    end: usize,
    /// Bytes of the sort key, with which the row begins.
    key: usize,
}

impl PackedRows {
    pub fn of(table: &'static Table) -> Self {
        Self::with_room(table, 0, 0)
    }

    /// With room for so many rows of so many bytes altogether before anything has to be moved.
    pub fn with_room(table: &'static Table, rows: usize, bytes: usize) -> Self {
        Self { layout: table.layout(), bytes: Vec::with_capacity(bytes), places: Vec::with_capacity(rows) }
    }

    pub fn table(&self) -> &'static Table {
        self.layout.table
    }

    pub fn layout(&self) -> &'static Layout {
        self.layout
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Bytes of all rows.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that the rows take in memory.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.places.capacity() * size_of::<Place>()
    }

    pub fn row(&self, row: usize) -> &[u8] {
        let start = self.start(row);
        &self.bytes[start..self.places[row].end]
    }

    /// What the row is sorted by.
    pub fn key(&self, row: usize) -> &[u8] {
        let start = self.start(row);
        &self.bytes[start..start + self.places[row].key]
    }

    fn start(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |above| self.places[above].end)
    }

    /// A new row, which is there when the writer has ended it.
    pub(crate) fn begin(&mut self) -> RowWriter<'_> {
        RowWriter::begin(self)
    }

    /// Adds the bytes of a row, or its last bytes when the first were added already. Its first bytes are its key.
    pub(super) fn push(&mut self, rest: &[u8], key: usize) {
        self.bytes.extend_from_slice(rest);
        self.places.push(Place { end: self.bytes.len(), key });
    }

    /// The rows as columns.
    pub fn to_batch(&self) -> RecordBatch {
        let mut unpacker = Unpacker::of(self.layout);
        (0..self.len()).try_for_each(|row| unpacker.push(self.row(row))).expect("what was packed here can be unpacked");
        unpacker.finish().expect("what was packed here fits into columns")
    }

    /// The rows so far; none are left, and there is room for as much again: rows that follow each other are alike.
    pub fn take(&mut self) -> Self {
        let room = Self::with_room(self.table(), self.len().min(MOST_ROOM.0), self.bytes.len().min(MOST_ROOM.1));
        let mut taken = std::mem::replace(self, room);
        taken.bytes.shrink_to_fit();
        taken.places.shrink_to_fit();
        taken
    }
}
