//! Writes one packed row, column after column.

use super::layout::Layout;
use super::rows::PackedRows;

/// A row being written: first the ordered columns of its [`Layout`], each by [`RowWriter::ordered`], then all others by the method of
/// their type, `None` where there is null, nothing or zero.
pub struct RowWriter<'r> {
    layout: &'static Layout,
    rows: &'r mut PackedRows,
    /// Where the row begins.
    start: usize,
    /// Bytes of the key, once all its columns are written.
    key: usize,
    /// Ordered columns written.
    ordered: usize,
    /// Where the bits begin, and how many columns have theirs.
    marks: usize,
    marked: usize,
}

impl<'r> RowWriter<'r> {
    pub(super) fn begin(rows: &'r mut PackedRows) -> Self {
        let start = rows.bytes.len();
        Self { layout: rows.layout(), rows, start, key: 0, ordered: 0, marks: 0, marked: 0 }
    }

    /// Writes the next of the ordered columns.
    pub(crate) fn ordered(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.rows.bytes);
        self.ordered += 1;
        if self.ordered == self.layout.keys {
            self.key = self.rows.bytes.len() - self.start;
        }
        if self.ordered == self.layout.ordered.len() {
            self.marks = self.rows.bytes.len();
            self.rows.bytes.resize(self.marks + self.layout.mark_bytes(), 0);
        }
    }

    /// Notes whether the next column is there.
    #[inline]
    fn mark(&mut self, is_there: bool) {
        self.rows.bytes[self.marks + self.marked / 8] |= u8::from(is_there) << (self.marked % 8);
        self.marked += 1;
    }

    #[inline]
    pub(crate) fn flag(&mut self, flag: bool) {
        self.mark(flag);
    }

    #[inline]
    pub(crate) fn known_flag(&mut self, flag: Option<bool>) {
        self.mark(flag.is_some());
        self.rows.bytes.extend(flag.map(u8::from));
    }

    #[inline]
    pub(crate) fn number(&mut self, number: Option<u64>) {
        self.mark(number.is_some());
        if let Some(number) = number {
            leb128(number, &mut self.rows.bytes);
        }
    }

    #[inline]
    pub(crate) fn eight_bytes(&mut self, bits: Option<u64>) {
        self.mark(bits.is_some());
        if let Some(bits) = bits {
            self.rows.bytes.extend_from_slice(&bits.to_le_bytes());
        }
    }

    #[inline]
    pub(crate) fn bytes(&mut self, value: Option<&[u8]>) {
        self.mark(value.is_some());
        if let Some(value) = value {
            long(value, &mut self.rows.bytes);
        }
    }

    pub(crate) fn texts<'t>(&mut self, items: impl ExactSizeIterator<Item = &'t str>) {
        self.mark(items.len() > 0);
        if items.len() > 0 {
            leb128(items.len() as u64, &mut self.rows.bytes);
            items.for_each(|item| long(item.as_bytes(), &mut self.rows.bytes));
        }
    }

    pub(crate) fn numbers(&mut self, items: &[u32]) {
        self.mark(!items.is_empty());
        if !items.is_empty() {
            leb128(items.len() as u64, &mut self.rows.bytes);
            items.iter().for_each(|item| leb128(u64::from(*item), &mut self.rows.bytes));
        }
    }

    /// The row is whole.
    pub(crate) fn end(self) {
        assert_eq!((self.ordered, self.marked), (self.layout.ordered.len(), self.layout.rest.len()), "every column is written");
        self.rows.push(&[], self.key);
    }
}

fn long(value: &[u8], to: &mut Vec<u8>) {
    leb128(value.len() as u64, to);
    to.extend_from_slice(value);
}

/// Seven bits a byte, the lowest first, all but the last with the highest bit set.
pub fn leb128(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}
