//! Packs rows that are columns already, as they come out of a file.

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Float64Array, GenericListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{Float64Type, TimestampMicrosecondType, UInt16Type, UInt32Type, UInt64Type};

use super::layout::{Column, Kind, Layout};
use super::ordered;
use super::rows::PackedRows;
use super::writer::RowWriter;

/// The columns of one batch.
pub struct Packer<'a> {
    ordered: Vec<Cells<'a>>,
    rest: Vec<Cells<'a>>,
}

/// The cells of one column.
struct Cells<'a> {
    typed: Typed<'a>,
    nullable: bool,
}

enum Typed<'a> {
    Text(&'a StringArray),
    Binary(&'a BinaryArray),
    Flag(&'a BooleanArray),
    U16(&'a UInt16Array),
    U32(&'a UInt32Array),
    U64(&'a UInt64Array),
    F64(&'a Float64Array),
    Time(&'a TimestampMicrosecondArray),
    Texts(&'a GenericListArray<i32>, &'a StringArray),
    Numbers(&'a GenericListArray<i32>, &'a UInt32Array),
}

impl<'a> Packer<'a> {
    /// The batch must have the columns of the layout's table.
    pub fn of(layout: &'static Layout, batch: &'a RecordBatch) -> Self {
        assert_eq!(batch.schema_ref().fields(), layout.table.schema().fields(), "the batch has the columns of its table");
        let cells = |column: &Column| Cells { typed: Typed::of(batch.column(column.index), column.kind), nullable: column.nullable };
        Self { ordered: layout.ordered.iter().map(cells).collect(), rest: layout.rest.iter().map(cells).collect() }
    }

    /// Adds one row of the batch to others of its table.
    pub fn pack(&self, row: usize, to: &mut PackedRows) {
        let mut writer = to.begin();
        self.ordered.iter().for_each(|cells| writer.ordered(|bytes| cells.write_ordered(row, bytes)));
        self.rest.iter().for_each(|cells| cells.write(row, &mut writer));
        writer.end();
    }
}

impl Cells<'_> {
    fn write_ordered(&self, row: usize, to: &mut Vec<u8>) {
        if self.nullable {
            let is_known = self.typed.is_known(row);
            ordered::known(is_known, to);
            if !is_known {
                return;
            }
        }
        match self.typed {
            Typed::Text(array) => ordered::bytes(array.value(row).as_bytes(), to),
            Typed::Binary(array) => ordered::bytes(array.value(row), to),
            Typed::Flag(array) => to.push(array.value(row).into()),
            Typed::U16(array) => to.extend_from_slice(&array.value(row).to_be_bytes()),
            Typed::U32(array) => to.extend_from_slice(&array.value(row).to_be_bytes()),
            Typed::U64(array) => to.extend_from_slice(&array.value(row).to_be_bytes()),
            Typed::Time(array) => ordered::time(array.value(row), to),
            Typed::F64(_) | Typed::Texts(..) | Typed::Numbers(..) => unreachable!("no table is sorted by fractions or lists"),
        }
    }

    fn write(&self, row: usize, to: &mut RowWriter<'_>) {
        let is_known = self.typed.is_known(row);
        match self.typed {
            Typed::Text(array) => to.bytes(self.there(is_known, || array.value(row).as_bytes(), |text| !text.is_empty())),
            Typed::Binary(array) => to.bytes(self.there(is_known, || array.value(row), |bytes| !bytes.is_empty())),
            Typed::Flag(array) if self.nullable => to.known_flag(is_known.then(|| array.value(row))),
            Typed::Flag(array) => to.flag(array.value(row)),
            Typed::U16(array) => to.number(self.there(is_known, || array.value(row).into(), |number| *number != 0)),
            Typed::U32(array) => to.number(self.there(is_known, || array.value(row).into(), |number| *number != 0)),
            Typed::U64(array) => to.number(self.there(is_known, || array.value(row), |number| *number != 0)),
            Typed::F64(array) => to.eight_bytes(self.there(is_known, || array.value(row).to_bits(), |bits| *bits != 0)),
            Typed::Time(array) => to.eight_bytes(self.there(is_known, || array.value(row) as u64, |bits| *bits != 0)),
            Typed::Texts(list, items) => to.texts(range(list, row, is_known).map(|item| items.value(item))),
            Typed::Numbers(list, items) => to.numbers(&items.values()[range(list, row, is_known)]),
        }
    }

    /// What is written of a value: nothing of null, and in a column that has no null, nothing of nothing or zero.
    fn there<T>(&self, is_known: bool, value: impl FnOnce() -> T, is_something: impl FnOnce(&T) -> bool) -> Option<T> {
        match self.nullable {
            true => is_known.then(value),
            false => Some(value()).filter(is_something),
        }
    }
}

fn range(list: &GenericListArray<i32>, row: usize, is_known: bool) -> std::ops::Range<usize> {
    let ends = list.value_offsets();
    let start = ends[row] as usize;
    start..if is_known { ends[row + 1] as usize } else { start }
}

impl<'a> Typed<'a> {
    fn of(array: &'a dyn Array, kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(array.as_string()),
            Kind::Binary => Self::Binary(array.as_binary()),
            Kind::Flag => Self::Flag(array.as_boolean()),
            Kind::U16 => Self::U16(array.as_primitive::<UInt16Type>()),
            Kind::U32 => Self::U32(array.as_primitive::<UInt32Type>()),
            Kind::U64 => Self::U64(array.as_primitive::<UInt64Type>()),
            Kind::F64 => Self::F64(array.as_primitive::<Float64Type>()),
            Kind::Time => Self::Time(array.as_primitive::<TimestampMicrosecondType>()),
            Kind::Texts => Self::Texts(array.as_list(), array.as_list::<i32>().values().as_string()),
            Kind::Numbers => Self::Numbers(array.as_list(), array.as_list::<i32>().values().as_primitive::<UInt32Type>()),
        }
    }

    fn is_known(&self, row: usize) -> bool {
        match self {
            Self::Text(array) => array.is_valid(row),
            Self::Binary(array) => array.is_valid(row),
            Self::Flag(array) => array.is_valid(row),
            Self::U16(array) => array.is_valid(row),
            Self::U32(array) => array.is_valid(row),
            Self::U64(array) => array.is_valid(row),
            Self::F64(array) => array.is_valid(row),
            Self::Time(array) => array.is_valid(row),
            Self::Texts(list, _) | Self::Numbers(list, _) => list.is_valid(row),
        }
    }
}
