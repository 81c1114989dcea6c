//! Columns made of packed rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, BooleanBufferBuilder, Float64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;

use super::layout::{Column, Kind, Layout};
use super::ordered;
use crate::column::UTC;

/// Bytes that are no packed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes that are no row")]
pub struct Malformed;

/// Gathers packed rows and makes columns of them.
pub struct Unpacker {
    layout: &'static Layout,
    /// As the table lists them.
    columns: Vec<Values>,
    rows: usize,
}

/// The values of one column so far. Rows at the end that have nothing there are not in it yet.
struct Values {
    stored: Stored,
    /// Which are not null, of a column that can be.
    known: Option<BooleanBufferBuilder>,
}

enum Stored {
    Text(Items),
    Binary(Items),
    Flag(BooleanBufferBuilder),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F64(Vec<f64>),
    Time(Vec<i64>),
    Texts { ends: Vec<i32>, items: Items },
    Numbers { ends: Vec<i32>, items: Vec<u32> },
}

/// Texts one after the other; `ends` begins with 0.
struct Items {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl Unpacker {
    pub fn of(layout: &'static Layout) -> Self {
        let mut columns: Vec<Option<Values>> = layout.table.columns.iter().map(|_| None).collect();
        for column in layout.ordered.iter().chain(&layout.rest) {
            columns[column.index] = Some(Values::of(*column, 0, 0));
        }
        Self { layout, columns: columns.into_iter().flatten().collect(), rows: 0 }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row. After an error nothing can be made of the rows.
    pub fn push(&mut self, row: &[u8]) -> Result<(), Malformed> {
        let mut from = Cursor::of(row);
        for column in &self.layout.ordered {
            self.columns[column.index].read_ordered(column, self.rows, &mut from)?;
        }
        let marks = from.take(self.layout.mark_bytes())?;
        for (byte, marks) in marks.iter().enumerate() {
            let mut left = *marks;
            while left != 0 {
                let column = self.layout.rest.get(8 * byte + left.trailing_zeros() as usize).ok_or(Malformed)?;
                self.columns[column.index].read(column, self.rows, &mut from)?;
                left &= left - 1;
            }
        }
        self.rows += 1;
        from.rest().is_empty().then_some(()).ok_or(Malformed)
    }

    /// The rows so far; none are left afterwards.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let schema = self.layout.table.schema();
        let rows = std::mem::take(&mut self.rows);
        let columns = self.columns.iter_mut().map(|column| column.finish(rows)).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(schema, columns)
    }
}

impl Values {
    /// Room for so many rows, and so many bytes or items in all of them.
    fn of(column: Column, rows: usize, inside: usize) -> Self {
        let ends = || {
            let mut ends = Vec::with_capacity(rows + 1);
            ends.push(0);
            ends
        };
        let stored = match column.kind {
            Kind::Text => Stored::Text(Items::of(rows, inside)),
            Kind::Binary => Stored::Binary(Items::of(rows, inside)),
            Kind::Flag => Stored::Flag(BooleanBufferBuilder::new(rows)),
            Kind::U16 => Stored::U16(Vec::with_capacity(rows)),
            Kind::U32 => Stored::U32(Vec::with_capacity(rows)),
            Kind::U64 => Stored::U64(Vec::with_capacity(rows)),
            Kind::F64 => Stored::F64(Vec::with_capacity(rows)),
            Kind::Time => Stored::Time(Vec::with_capacity(rows)),
            Kind::Texts => Stored::Texts { ends: ends(), items: Items::of(rows, inside) },
            Kind::Numbers => Stored::Numbers { ends: ends(), items: Vec::with_capacity(inside) },
        };
        Self { stored, known: column.nullable.then(|| BooleanBufferBuilder::new(rows)) }
    }

    /// Reads a value of the sort key, or of where a row was found.
    fn read_ordered(&mut self, column: &Column, row: usize, from: &mut Cursor<'_>) -> Result<(), Malformed> {
        if column.nullable && from.array()? == [0] {
            return Ok(());
        }
        self.begin(row);
        match &mut self.stored {
            Stored::Text(items) | Stored::Binary(items) => {
                let bytes = &mut items.bytes;
                ordered::read_bytes(from, |part| bytes.extend_from_slice(part))?;
                items.end()?;
            }
            Stored::Flag(flags) => flags.append(from.array()? != [0]),
            Stored::U16(numbers) => numbers.push(u16::from_be_bytes(from.array()?)),
            Stored::U32(numbers) => numbers.push(u32::from_be_bytes(from.array()?)),
            Stored::U64(numbers) => numbers.push(u64::from_be_bytes(from.array()?)),
            Stored::Time(times) => times.push(ordered::read_time(from)?),
            Stored::F64(_) | Stored::Texts { .. } | Stored::Numbers { .. } => return Err(Malformed),
        }
        Ok(())
    }

    /// Reads a value of which is known that it is there.
    fn read(&mut self, column: &Column, row: usize, from: &mut Cursor<'_>) -> Result<(), Malformed> {
        self.begin(row);
        match &mut self.stored {
            Stored::Text(items) | Stored::Binary(items) => items.push(from.long()?)?,
            Stored::Flag(flags) => flags.append(!column.nullable || from.array()? != [0]),
            Stored::U16(numbers) => numbers.push(from.number()?.try_into().map_err(|_| Malformed)?),
            Stored::U32(numbers) => numbers.push(from.number()?.try_into().map_err(|_| Malformed)?),
            Stored::U64(numbers) => numbers.push(from.number()?),
            Stored::F64(numbers) => numbers.push(f64::from_le_bytes(from.array()?)),
            Stored::Time(times) => times.push(i64::from_le_bytes(from.array()?)),
            Stored::Texts { ends, items } => {
                for _ in 0..from.number()? {
                    items.push(from.long()?)?;
                }
                ends.push(end(items.ends.len() - 1)?);
            }
            Stored::Numbers { ends, items } => {
                for _ in 0..from.number()? {
                    items.push(from.number()?.try_into().map_err(|_| Malformed)?);
                }
                ends.push(end(items.len())?);
            }
        }
        Ok(())
    }

    /// Fills the rows above this one that have nothing here, and says that this one has something.
    #[inline]
    fn begin(&mut self, row: usize) {
        self.stored.pad(row);
        if let Some(known) = &mut self.known {
            if known.len() < row {
                known.append_n(row - known.len(), false);
            }
            known.append(true);
        }
    }

    fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        self.stored.pad(rows);
        let nulls = self.known.as_mut().map(|known| {
            known.append_n(rows - known.len(), false);
            NullBuffer::new(known.finish())
        });
        self.stored.finish(nulls)
    }
}

impl Stored {
    /// As many values as there are rows.
    #[inline]
    fn pad(&mut self, rows: usize) {
        match self {
            Self::Text(items) | Self::Binary(items) => pad_ends(&mut items.ends, rows),
            Self::Flag(flags) => flags.append_n(rows - flags.len(), false),
            Self::U16(numbers) => numbers.resize(rows, 0),
            Self::U32(numbers) => numbers.resize(rows, 0),
            Self::U64(numbers) => numbers.resize(rows, 0),
            Self::F64(numbers) => numbers.resize(rows, 0.0),
            Self::Time(times) => times.resize(rows, 0),
            Self::Texts { ends, .. } | Self::Numbers { ends, .. } => pad_ends(ends, rows),
        }
    }

    /// The column; it is empty afterwards, with room for as much again.
    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text(items) => {
                let (ends, bytes) = items.finish();
                Arc::new(StringArray::try_new(ends, bytes, nulls)?)
            }
            Self::Binary(items) => {
                let (ends, bytes) = items.finish();
                Arc::new(BinaryArray::try_new(ends, bytes, nulls)?)
            }
            Self::Flag(flags) => Arc::new(BooleanArray::new(flags.finish(), nulls)),
            Self::U16(numbers) => Arc::new(UInt16Array::try_new(taken(numbers).into(), nulls)?),
            Self::U32(numbers) => Arc::new(UInt32Array::try_new(taken(numbers).into(), nulls)?),
            Self::U64(numbers) => Arc::new(UInt64Array::try_new(taken(numbers).into(), nulls)?),
            Self::F64(numbers) => Arc::new(Float64Array::try_new(taken(numbers).into(), nulls)?),
            Self::Time(times) => Arc::new(TimestampMicrosecondArray::try_new(taken(times).into(), nulls)?.with_timezone(UTC)),
            Self::Texts { ends, items } => {
                let (of_items, bytes) = items.finish();
                let items = Arc::new(StringArray::try_new(of_items, bytes, None)?);
                Arc::new(ListArray::try_new(Arc::new(Field::new("item", DataType::Utf8, true)), taken_ends(ends), items, nulls)?)
            }
            Self::Numbers { ends, items } => {
                let items = Arc::new(UInt32Array::try_new(taken(items).into(), None)?);
                Arc::new(ListArray::try_new(Arc::new(Field::new("item", DataType::UInt32, true)), taken_ends(ends), items, nulls)?)
            }
        })
    }
}

impl Items {
    fn of(rows: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { ends, bytes: Vec::with_capacity(bytes) }
    }

    fn push(&mut self, item: &[u8]) -> Result<(), Malformed> {
        self.bytes.extend_from_slice(item);
        self.end()
    }

    fn end(&mut self) -> Result<(), Malformed> {
        self.ends.push(end(self.bytes.len())?);
        Ok(())
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, Buffer) {
        (taken_ends(&mut self.ends), Buffer::from_vec(taken(&mut self.bytes)))
    }
}

fn end(length: usize) -> Result<i32, Malformed> {
    i32::try_from(length).map_err(|_| Malformed)
}

#[inline]
fn pad_ends(ends: &mut Vec<i32>, rows: usize) {
    if ends.len() <= rows {
        let last = ends.last().copied().unwrap_or_default();
        ends.resize(rows + 1, last);
    }
}

/// All that is in it; there is room for as much again.
fn taken<T>(values: &mut Vec<T>) -> Vec<T> {
    let room = Vec::with_capacity(values.len());
    std::mem::replace(values, room)
}

fn taken_ends(ends: &mut Vec<i32>) -> OffsetBuffer<i32> {
    let taken = taken(ends);
    ends.push(0);
    OffsetBuffer::new(ScalarBuffer::from(taken))
}

/// The bytes of a row that are not read yet.
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    pub fn length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.number()?).map_err(|_| Malformed)
    }

    /// Bytes after their length.
    pub fn long(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        self.take(length)
    }
}
