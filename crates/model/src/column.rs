//! How one field of a row is packed, and how it is read from a column of an Arrow table.
//!
//! Rows borrow their text ([`Text`]) from the bytes or the columns they were read from, so that no row has strings of its own.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Float64Array, ListArray, StringArray, TimestampMicrosecondArray, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow::datatypes::{DataType, Field, TimeUnit, UInt32Type};

use crate::Timestamp;
use crate::packed::{RowWriter, ordered};

/// Text that is borrowed where it can be.
pub type Text<'a> = Cow<'a, str>;

/// The one time zone of every timestamp: UTC, written so that it needs no time-zone database.
pub(crate) const UTC: &str = "+00:00";

/// A type that can stand in a column. [`Column::array`] is only called with an array of this very [`Column::data_type`].
pub trait Column<'a>: Sized {
    /// A column whose type is known, so that reading a row of it asks nobody for it.
    type Array: Copy;
    /// Whether the column may hold null, which always means "not known".
    const NULLABLE: bool;
    fn data_type() -> DataType;
    /// Writes the value as the next of the columns that are not ordered.
    fn pack(&self, row: &mut RowWriter<'_>);
    /// Writes the value so that its bytes compare as it does. Never asked of fractions and lists, which no table is sorted by.
    fn pack_in_order(&self, to: &mut Vec<u8>);
    fn array(array: &'a dyn Array) -> Self::Array;
    fn value(array: Self::Array, row: usize) -> Self;
}

/// What may stand in a sort key, and what not.
fn no_order() -> ! {
    unreachable!("no table is sorted by fractions or lists")
}

impl<'a> Column<'a> for Text<'a> {
    type Array = &'a StringArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.bytes(Some(self.as_bytes()).filter(|text| !text.is_empty()));
    }
    fn pack_in_order(&self, to: &mut Vec<u8>) {
        ordered::bytes(self.as_bytes(), to);
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_string()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        Cow::Borrowed(array.value(row))
    }
}

impl<'a> Column<'a> for Option<Text<'a>> {
    type Array = &'a StringArray;
    const NULLABLE: bool = true;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.bytes(self.as_ref().map(|text| text.as_bytes()));
    }
    fn pack_in_order(&self, to: &mut Vec<u8>) {
        ordered::perhaps(self.as_ref(), to);
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_string()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        array.is_valid(row).then(|| Cow::Borrowed(array.value(row)))
    }
}

impl<'a> Column<'a> for Vec<Text<'a>> {
    /// Where the items of each row begin, and the items of all rows.
    type Array = (&'a [i32], &'a StringArray);
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.texts(self.iter().map(|item| &**item));
    }
    fn pack_in_order(&self, _: &mut Vec<u8>) {
        no_order()
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        let list = array.as_list::<i32>();
        (list.value_offsets(), list.values().as_string())
    }
    fn value((offsets, items): Self::Array, row: usize) -> Self {
        (offsets[row]..offsets[row + 1]).map(|item| Cow::Borrowed(items.value(item as usize))).collect()
    }
}

impl<'a> Column<'a> for Vec<u32> {
    type Array = &'a ListArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::UInt32, true)))
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.numbers(self);
    }
    fn pack_in_order(&self, _: &mut Vec<u8>) {
        no_order()
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_list()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        array.value(row).as_primitive::<UInt32Type>().values().to_vec()
    }
}

impl<'a> Column<'a> for Cow<'a, [u8]> {
    type Array = &'a BinaryArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Binary
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.bytes(Some(&**self).filter(|bytes| !bytes.is_empty()));
    }
    fn pack_in_order(&self, to: &mut Vec<u8>) {
        ordered::bytes(self, to);
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_binary()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        Cow::Borrowed(array.value(row))
    }
}

impl<'a> Column<'a> for bool {
    type Array = &'a BooleanArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Boolean
    }
    fn pack(&self, row: &mut RowWriter<'_>) {
        row.flag(*self);
    }
    fn pack_in_order(&self, to: &mut Vec<u8>) {
        to.push((*self).into());
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_boolean()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        array.value(row)
    }
}

/// Implements [`Column`] for a plain value: how it is written when it is something, whether it is, and how its bytes are ordered.
macro_rules! plain_column {
    (
        $type:ty, $typed:ty, $data_type:expr,
        |$row:ident, $packed:ident| $pack:expr, |$value:ident| $is_something:expr, |$key:ident, $to:ident| $pack_in_order:expr,
        |$stored:ident| $decode:expr
    ) => {
        impl<'a> Column<'a> for $type {
            type Array = &'a $typed;
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                $data_type
            }
            fn pack(&self, $row: &mut $crate::packed::RowWriter<'_>) {
                let $value = *self;
                let $packed = if $is_something { Some($value) } else { None };
                $pack
            }
            fn pack_in_order(&self, $to: &mut Vec<u8>) {
                let $key = *self;
                $pack_in_order
            }
            fn array(array: &'a dyn arrow::array::Array) -> &'a $typed {
                $crate::column::typed(array)
            }
            fn value(array: &'a $typed, row: usize) -> Self {
                let $stored = array.value(row);
                $decode
            }
        }

        $crate::column::perhaps!($type, |$row, $packed| $pack);
    };
}
pub(crate) use plain_column;

/// Implements [`Column`] for "perhaps a value" of a type that has it already.
macro_rules! perhaps {
    ($type:ty, |$row:ident, $packed:ident| $pack:expr) => {
        impl<'a> Column<'a> for Option<$type> {
            type Array = <$type as Column<'a>>::Array;
            const NULLABLE: bool = true;
            fn data_type() -> DataType {
                <$type>::data_type()
            }
            fn pack(&self, $row: &mut $crate::packed::RowWriter<'_>) {
                let $packed = self.as_ref().copied();
                $pack
            }
            fn pack_in_order(&self, to: &mut Vec<u8>) {
                $crate::packed::ordered::perhaps(self.as_ref(), to);
            }
            fn array(array: &'a dyn arrow::array::Array) -> Self::Array {
                <$type>::array(array)
            }
            fn value(array: Self::Array, row: usize) -> Self {
                arrow::array::Array::is_valid(array, row).then(|| <$type>::value(array, row))
            }
        }
    };
}
pub(crate) use perhaps;

/// The array as what it is.
pub(crate) fn typed<A: Array + 'static>(array: &dyn Array) -> &A {
    array.as_any().downcast_ref().expect("a column has the type of its table")
}

perhaps!(bool, |row, flag| row.known_flag(flag));

/// Implements [`Column`] for a whole number.
macro_rules! number_column {
    ($type:ty, $typed:ty, $data_type:expr) => {
        plain_column!(
            $type,
            $typed,
            $data_type,
            |row, number| row.number(number.map(u64::from)),
            |number| number != 0,
            |number, to| to.extend_from_slice(&number.to_be_bytes()),
            |stored| stored
        );
    };
}
number_column!(u16, UInt16Array, DataType::UInt16);
number_column!(u32, UInt32Array, DataType::UInt32);
number_column!(u64, UInt64Array, DataType::UInt64);
plain_column!(
    f64,
    Float64Array,
    DataType::Float64,
    |row, number| row.eight_bytes(number.map(f64::to_bits)),
    |number| number.to_bits() != 0,
    |_number, _to| no_order(),
    |stored| stored
);
plain_column!(
    Timestamp,
    TimestampMicrosecondArray,
    DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    |row, time| row.eight_bytes(time.map(|time| time.microseconds() as u64)),
    |time| time.microseconds() != 0,
    |time, to| ordered::time(time.microseconds(), to),
    |stored| Timestamp::from_microseconds(stored)
);

/// Implements [`Column`] for a word.
macro_rules! word_column {
    ($type:ty, |$stored:ident| $decode:expr) => {
        $crate::column::plain_column!(
            $type,
            arrow::array::StringArray,
            DataType::Utf8,
            |row, word| row.bytes(word.as_ref().map(|word| word.as_str().as_bytes())),
            |_word| true,
            |word, to| $crate::packed::ordered::bytes(word.as_str().as_bytes(), to),
            |$stored| $decode
        );
    };
}
pub(crate) use word_column;
word_column!(crate::Mechanism, |stored| stored.parse().unwrap_or(crate::Mechanism::of("ip")));

/// Implements [`Column`] for a list of words.
macro_rules! word_list_column {
    ($type:ty) => {
        impl<'a> Column<'a> for Vec<$type> {
            type Array = <Vec<Text<'a>> as Column<'a>>::Array;
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                Vec::<Text<'a>>::data_type()
            }
            fn pack(&self, row: &mut RowWriter<'_>) {
                row.texts(self.iter().map(|item| item.as_str()));
            }
            fn pack_in_order(&self, _: &mut Vec<u8>) {
                no_order()
            }
            fn array(array: &'a dyn Array) -> Self::Array {
                Vec::<Text<'a>>::array(array)
            }
            fn value((offsets, items): Self::Array, row: usize) -> Self {
                (offsets[row]..offsets[row + 1]).filter_map(|item| items.value(item as usize).parse().ok()).collect()
            }
        }
    };
}
word_list_column!(crate::Layer);
word_list_column!(crate::Mechanism);
word_list_column!(crate::Instrument);
