//! Packed rows on their way to the disk and back: each leaves out the beginning that it shares with the one above.
//!
//! Rows in order begin with the same time, name and digest over and over.

use super::rows::PackedRows;
use super::unpack::{Cursor, Malformed};
use super::writer::leb128;
use crate::Table;

/// Rows being encoded.
#[derive(Default)]
pub struct FrontCoder {
    encoded: Vec<u8>,
    rows: usize,
    /// Bytes of the rows as they are when nothing is left out.
    bytes: usize,
    above: Vec<u8>,
}

impl FrontCoder {
    /// Adds a row, the first bytes of which are its key.
    pub fn push(&mut self, row: &[u8], key: usize) {
        let shared = shared(&self.above, row);
        let rest = &row[shared..];
        [shared, key, rest.len()].iter().for_each(|number| leb128(*number as u64, &mut self.encoded));
        self.encoded.extend_from_slice(rest);
        self.above.truncate(shared);
        self.above.extend_from_slice(rest);
        self.rows += 1;
        self.bytes += row.len();
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of the rows as they are when nothing is left out.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// The next row shares nothing with those before.
    pub fn clear(&mut self) {
        self.encoded.clear();
        self.above.clear();
        (self.rows, self.bytes) = (0, 0);
    }
}

impl PackedRows {
    /// So many rows, of so many bytes when nothing is left out, from what a [`FrontCoder`] made of them.
    pub fn decode(table: &'static Table, rows: usize, bytes: usize, encoded: &[u8]) -> Result<Self, Malformed> {
        let mut decoded = Self::with_room(table, rows, bytes);
        let (mut from, mut above) = (Cursor::of(encoded), 0..0);
        for _ in 0..rows {
            let (shared, key) = (from.length()?, from.length()?);
            let rest = from.long()?;
            let start = decoded.bytes.len();
            if shared > above.len() || key > shared + rest.len() || start + shared + rest.len() > bytes {
                return Err(Malformed);
            }
            decoded.bytes.extend_from_within(above.start..above.start + shared);
            decoded.push(rest, key);
            above = start..decoded.bytes.len();
        }
        from.rest().is_empty().then_some(decoded).ok_or(Malformed)
    }
}

/// How many bytes two rows begin with in common.
fn shared(one: &[u8], other: &[u8]) -> usize {
    let words = one.chunks_exact(8).zip(other.chunks_exact(8)).take_while(|(one, other)| one == other).count();
    let rest = one[8 * words..].iter().zip(&other[8 * words..]).take_while(|(one, other)| one == other).count();
    8 * words + rest
}
