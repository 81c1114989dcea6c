//! Columns made of packed rows.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, BooleanBufferBuilder, Float64Array, ListArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
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
    columns: Vec<Gathered>,
    rows: usize,
}

/// What one column has so far: the values that are there, and the rows that have them.
struct Gathered {
    rows: Vec<usize>,
    values: Values,
    nullable: bool,
}

enum Values {
    Text(Texts),
    Binary(Texts),
    Flag(Vec<bool>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F64(Vec<f64>),
    Time(Vec<i64>),
    Texts { ends: Vec<i32>, items: Texts },
    Numbers { ends: Vec<i32>, items: Vec<u32> },
}

/// Texts one after the other. Ends begin with 0.
struct Texts {
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl Unpacker {
    pub fn of(layout: &'static Layout) -> Self {
        let mut columns: Vec<&Column> = layout.ordered.iter().chain(&layout.rest).collect();
        columns.sort_by_key(|column| column.index);
        Self { layout, columns: columns.into_iter().map(Gathered::of).collect(), rows: 0 }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row. After an error nothing can be made of the rows.
    pub fn push(&mut self, row: &[u8]) -> Result<(), Malformed> {
        let mut from = Cursor::of(row);
        for column in &self.layout.ordered {
            self.columns[column.index].read_ordered(self.rows, &mut from)?;
        }
        let marks = from.take(self.layout.mark_bytes())?;
        for (byte, marks) in marks.iter().enumerate() {
            let mut left = *marks;
            while left != 0 {
                let column = self.layout.rest.get(8 * byte + left.trailing_zeros() as usize).ok_or(Malformed)?;
                self.columns[column.index].read(self.rows, &mut from)?;
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

impl Gathered {
    fn of(column: &Column) -> Self {
        let values = match column.kind {
            Kind::Text => Values::Text(Texts::default()),
            Kind::Binary => Values::Binary(Texts::default()),
            Kind::Flag => Values::Flag(Vec::new()),
            Kind::U16 => Values::U16(Vec::new()),
            Kind::U32 => Values::U32(Vec::new()),
            Kind::U64 => Values::U64(Vec::new()),
            Kind::F64 => Values::F64(Vec::new()),
            Kind::Time => Values::Time(Vec::new()),
            Kind::Texts => Values::Texts { ends: vec![0], items: Texts::default() },
            Kind::Numbers => Values::Numbers { ends: vec![0], items: Vec::new() },
        };
        Self { rows: Vec::new(), values, nullable: column.nullable }
    }

    /// Reads a value of the sort key, or of where a row was found.
    fn read_ordered(&mut self, row: usize, from: &mut Cursor<'_>) -> Result<(), Malformed> {
        if self.nullable && from.array()? == [0] {
            return Ok(());
        }
        self.rows.push(row);
        match &mut self.values {
            Values::Text(texts) | Values::Binary(texts) => {
                let bytes = &mut texts.bytes;
                ordered::read_bytes(from, |part| bytes.extend_from_slice(part))?;
                texts.end()?;
            }
            Values::Flag(flags) => flags.push(from.array()? != [0]),
            Values::U16(numbers) => numbers.push(u16::from_be_bytes(from.array()?)),
            Values::U32(numbers) => numbers.push(u32::from_be_bytes(from.array()?)),
            Values::U64(numbers) => numbers.push(u64::from_be_bytes(from.array()?)),
            Values::Time(times) => times.push(ordered::read_time(from)?),
            Values::F64(_) | Values::Texts { .. } | Values::Numbers { .. } => return Err(Malformed),
        }
        Ok(())
    }

    /// Reads a value of which is known that it is there.
    fn read(&mut self, row: usize, from: &mut Cursor<'_>) -> Result<(), Malformed> {
        self.rows.push(row);
        match &mut self.values {
            Values::Text(texts) | Values::Binary(texts) => texts.push(from.long()?)?,
            Values::Flag(flags) => flags.push(!self.nullable || from.array()? != [0]),
            Values::U16(numbers) => numbers.push(from.number()?.try_into().map_err(|_| Malformed)?),
            Values::U32(numbers) => numbers.push(from.number()?.try_into().map_err(|_| Malformed)?),
            Values::U64(numbers) => numbers.push(from.number()?),
            Values::F64(numbers) => numbers.push(f64::from_le_bytes(from.array()?)),
            Values::Time(times) => times.push(i64::from_le_bytes(from.array()?)),
            Values::Texts { ends, items } => {
                for _ in 0..from.number()? {
                    items.push(from.long()?)?;
                }
                ends.push(end(items.ends.len() - 1)?);
            }
            Values::Numbers { ends, items } => {
                for _ in 0..from.number()? {
                    items.push(from.number()?.try_into().map_err(|_| Malformed)?);
                }
                ends.push(end(items.len())?);
            }
        }
        Ok(())
    }

    /// The column, with null, nothing or zero in all rows that nothing was read for. It is empty afterwards, with room for as much again.
    fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let places = taken(&mut self.rows);
        let nulls = self.nullable.then(|| {
            let mut known = BooleanBufferBuilder::new(rows);
            known.append_n(rows, false);
            places.iter().for_each(|row| known.set_bit(*row, true));
            NullBuffer::new(known.finish())
        });
        Ok(match &mut self.values {
            Values::Text(texts) => Arc::new(StringArray::try_new(offsets(&mut texts.ends, &places, rows), texts.take(), nulls)?),
            Values::Binary(texts) => Arc::new(BinaryArray::try_new(offsets(&mut texts.ends, &places, rows), texts.take(), nulls)?),
            Values::Flag(flags) => Arc::new(BooleanArray::new(spread(flags, &places, rows).into(), nulls)),
            Values::U16(numbers) => Arc::new(UInt16Array::try_new(spread(numbers, &places, rows).into(), nulls)?),
            Values::U32(numbers) => Arc::new(UInt32Array::try_new(spread(numbers, &places, rows).into(), nulls)?),
            Values::U64(numbers) => Arc::new(UInt64Array::try_new(spread(numbers, &places, rows).into(), nulls)?),
            Values::F64(numbers) => Arc::new(Float64Array::try_new(spread(numbers, &places, rows).into(), nulls)?),
            Values::Time(times) => {
                let times = TimestampMicrosecondArray::try_new(spread(times, &places, rows).into(), nulls)?;
                Arc::new(times.with_timezone(UTC))
            }
            Values::Texts { ends, items } => {
                let ends_of_items = OffsetBuffer::new(taken_ends(&mut items.ends).into());
                list(
                    DataType::Utf8,
                    offsets(ends, &places, rows),
                    Arc::new(StringArray::try_new(ends_of_items, items.take(), None)?),
                    nulls,
                )?
            }
            Values::Numbers { ends, items } => {
                let numbers = Arc::new(UInt32Array::try_new(taken(items).into(), None)?);
                list(DataType::UInt32, offsets(ends, &places, rows), numbers, nulls)?
            }
        })
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self { ends: vec![0], bytes: Vec::new() }
    }
}

impl Texts {
    fn push(&mut self, text: &[u8]) -> Result<(), Malformed> {
        self.bytes.extend_from_slice(text);
        self.end()
    }

    fn end(&mut self) -> Result<(), Malformed> {
        self.ends.push(end(self.bytes.len())?);
        Ok(())
    }

    fn take(&mut self) -> Buffer {
        Buffer::from_vec(taken(&mut self.bytes))
    }
}

fn end(length: usize) -> Result<i32, Malformed> {
    i32::try_from(length).map_err(|_| Malformed)
}

fn list(of: DataType, ends: OffsetBuffer<i32>, items: ArrayRef, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(ListArray::try_new(Arc::new(Field::new("item", of, true)), ends, items, nulls)?))
}

/// The values in their places, and zero between them.
fn spread<T: Copy + Default>(values: &mut Vec<T>, places: &[usize], rows: usize) -> Vec<T> {
    let values = taken(values);
    if values.len() == rows {
        return values;
    }
    let mut all = vec![T::default(); rows];
    places.iter().zip(values).for_each(|(row, value)| all[*row] = value);
    all
}

/// Where each row ends; those that have nothing end where they begin.
fn offsets(ends: &mut Vec<i32>, places: &[usize], rows: usize) -> OffsetBuffer<i32> {
    let ends = taken_ends(ends);
    if ends.len() == rows + 1 {
        return OffsetBuffer::new(ends.into());
    }
    let mut all = Vec::with_capacity(rows + 1);
    ends.iter().zip(places).for_each(|(end, row)| all.resize(row + 1, *end));
    all.resize(rows + 1, ends[ends.len() - 1]);
    OffsetBuffer::new(all.into())
}

/// All that is in it; there is room for as much again.
fn taken<T>(values: &mut Vec<T>) -> Vec<T> {
    let room = Vec::with_capacity(values.len());
    std::mem::replace(values, room)
}

fn taken_ends(ends: &mut Vec<i32>) -> Vec<i32> {
    let taken = taken(ends);
    ends.push(0);
    taken
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
