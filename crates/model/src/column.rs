//! How one field of a row becomes one column of an Arrow table, and comes back.
//!
//! Rows borrow their text ([`Text`]) from the bytes they were read from, so that neither writing nor reading a table copies strings.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder, Float64Array, Float64Builder, ListArray,
    ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray, TimestampMicrosecondBuilder, UInt16Array, UInt16Builder,
    UInt32Array, UInt32Builder, UInt64Array, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, TimeUnit, UInt32Type};

use crate::Timestamp;

/// Text that is borrowed where it can be.
pub type Text<'a> = Cow<'a, str>;

/// A type that can stand in a column. [`Column::array`] is only called with an array of this very [`Column::data_type`].
pub trait Column<'a>: Sized {
    type Builder;
    /// A column whose type is known, so that reading a row of it asks nobody for it.
    type Array: Copy;
    /// Whether the column may hold null, which always means "not known".
    const NULLABLE: bool;
    fn data_type() -> DataType;
    fn builder(room: Room) -> Self::Builder;
    fn append(&self, builder: &mut Self::Builder);
    fn finish(builder: &mut Self::Builder) -> ArrayRef;
    fn array(array: &'a dyn Array) -> Self::Array;
    fn value(array: Self::Array, row: usize) -> Self;
}

/// What a builder has room for before it has to grow, which copies what is in it.
#[derive(Clone, Copy, Default)]
pub struct Room {
    rows: usize,
    /// Of texts.
    bytes: usize,
}

impl Room {
    /// A column that was long once may be short from now on.
    const MOST: Self = Self { rows: 1 << 16, bytes: 1 << 20 };

    /// As much as a column took.
    fn of(array: &dyn Array) -> Self {
        let (rows, bytes) = (array.len(), text_bytes(array));
        Self { rows: rows.min(Self::MOST.rows), bytes: bytes.min(Self::MOST.bytes) }
    }
}

fn text_bytes(array: &dyn Array) -> usize {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value_data().len(),
        DataType::Binary => array.as_binary::<i32>().value_data().len(),
        DataType::List(_) => text_bytes(array.as_list::<i32>().values()),
        _ => 0,
    }
}

/// The finished column. The builder is empty afterwards, with room for as much again: batches follow each other and are alike.
pub(crate) fn finish_and_make_room<'a, C: Column<'a>>(builder: &mut C::Builder) -> ArrayRef {
    let array = C::finish(builder);
    *builder = C::builder(Room::of(&array));
    array
}

/// The one time zone of every timestamp: UTC, written so that it needs no time-zone database.
const UTC: &str = "+00:00";

impl<'a> Column<'a> for Text<'a> {
    type Builder = StringBuilder;
    type Array = &'a StringArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn builder(room: Room) -> StringBuilder {
        StringBuilder::with_capacity(room.rows, room.bytes)
    }
    fn append(&self, builder: &mut StringBuilder) {
        builder.append_value(self);
    }
    fn finish(builder: &mut StringBuilder) -> ArrayRef {
        Arc::new(builder.finish())
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_string()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        Cow::Borrowed(array.value(row))
    }
}

impl<'a> Column<'a> for Option<Text<'a>> {
    type Builder = StringBuilder;
    type Array = &'a StringArray;
    const NULLABLE: bool = true;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn builder(room: Room) -> StringBuilder {
        StringBuilder::with_capacity(room.rows, room.bytes)
    }
    fn append(&self, builder: &mut StringBuilder) {
        builder.append_option(self.as_deref());
    }
    fn finish(builder: &mut StringBuilder) -> ArrayRef {
        Arc::new(builder.finish())
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_string()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        array.is_valid(row).then(|| Cow::Borrowed(array.value(row)))
    }
}

impl<'a> Column<'a> for Vec<Text<'a>> {
    type Builder = ListBuilder<StringBuilder>;
    /// Where the items of each row begin, and the items of all rows.
    type Array = (&'a [i32], &'a StringArray);
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
    }
    fn builder(room: Room) -> Self::Builder {
        ListBuilder::with_capacity(StringBuilder::with_capacity(room.rows, room.bytes), room.rows)
    }
    fn append(&self, builder: &mut Self::Builder) {
        for item in self {
            builder.values().append_value(item);
        }
        builder.append(true);
    }
    fn finish(builder: &mut Self::Builder) -> ArrayRef {
        Arc::new(builder.finish())
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
    type Builder = ListBuilder<UInt32Builder>;
    type Array = &'a ListArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::UInt32, true)))
    }
    fn builder(room: Room) -> Self::Builder {
        ListBuilder::with_capacity(UInt32Builder::with_capacity(room.rows), room.rows)
    }
    fn append(&self, builder: &mut Self::Builder) {
        builder.values().append_slice(self);
        builder.append(true);
    }
    fn finish(builder: &mut Self::Builder) -> ArrayRef {
        Arc::new(builder.finish())
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_list()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        array.value(row).as_primitive::<UInt32Type>().values().to_vec()
    }
}

impl<'a> Column<'a> for Cow<'a, [u8]> {
    type Builder = BinaryBuilder;
    type Array = &'a BinaryArray;
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Binary
    }
    fn builder(room: Room) -> BinaryBuilder {
        BinaryBuilder::with_capacity(room.rows, room.bytes)
    }
    fn append(&self, builder: &mut BinaryBuilder) {
        builder.append_value(self);
    }
    fn finish(builder: &mut BinaryBuilder) -> ArrayRef {
        Arc::new(builder.finish())
    }
    fn array(array: &'a dyn Array) -> Self::Array {
        array.as_binary()
    }
    fn value(array: Self::Array, row: usize) -> Self {
        Cow::Borrowed(array.value(row))
    }
}

/// Implements [`Column`] for a plain value and for "perhaps a value".
macro_rules! plain_column {
    ($type:ty, $builder:ty, $typed:ty, $data_type:expr, |$room:ident| $new:expr, |$value:ident| $encode:expr, |$stored:ident| $decode:expr) => {
        impl<'a> Column<'a> for $type {
            type Builder = $builder;
            type Array = &'a $typed;
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                $data_type
            }
            fn builder($room: $crate::column::Room) -> $builder {
                $new
            }
            fn append(&self, builder: &mut $builder) {
                let $value = self;
                builder.append_value($encode);
            }
            fn finish(builder: &mut $builder) -> arrow::array::ArrayRef {
                std::sync::Arc::new(builder.finish())
            }
            fn array(array: &'a dyn arrow::array::Array) -> &'a $typed {
                $crate::column::typed(array)
            }
            fn value(array: &'a $typed, row: usize) -> Self {
                let $stored = array.value(row);
                $decode
            }
        }

        impl<'a> Column<'a> for Option<$type> {
            type Builder = $builder;
            type Array = &'a $typed;
            const NULLABLE: bool = true;
            fn data_type() -> DataType {
                $data_type
            }
            fn builder($room: $crate::column::Room) -> $builder {
                $new
            }
            fn append(&self, builder: &mut $builder) {
                builder.append_option(self.as_ref().map(|$value| $encode));
            }
            fn finish(builder: &mut $builder) -> arrow::array::ArrayRef {
                std::sync::Arc::new(builder.finish())
            }
            fn array(array: &'a dyn arrow::array::Array) -> &'a $typed {
                $crate::column::typed(array)
            }
            fn value(array: &'a $typed, row: usize) -> Self {
                arrow::array::Array::is_valid(array, row).then(|| {
                    let $stored = array.value(row);
                    $decode
                })
            }
        }
    };
}
pub(crate) use plain_column;

/// The array as what it is.
pub(crate) fn typed<A: Array + 'static>(array: &dyn Array) -> &A {
    array.as_any().downcast_ref().expect("a column has the type of its table")
}

plain_column!(
    bool,
    BooleanBuilder,
    BooleanArray,
    DataType::Boolean,
    |room| BooleanBuilder::with_capacity(room.rows),
    |value| *value,
    |stored| stored
);
plain_column!(
    u16,
    UInt16Builder,
    UInt16Array,
    DataType::UInt16,
    |room| UInt16Builder::with_capacity(room.rows),
    |value| *value,
    |stored| stored
);
plain_column!(
    u32,
    UInt32Builder,
    UInt32Array,
    DataType::UInt32,
    |room| UInt32Builder::with_capacity(room.rows),
    |value| *value,
    |stored| stored
);
plain_column!(
    u64,
    UInt64Builder,
    UInt64Array,
    DataType::UInt64,
    |room| UInt64Builder::with_capacity(room.rows),
    |value| *value,
    |stored| stored
);
plain_column!(
    f64,
    Float64Builder,
    Float64Array,
    DataType::Float64,
    |room| Float64Builder::with_capacity(room.rows),
    |value| *value,
    |stored| stored
);
plain_column!(
    Timestamp,
    TimestampMicrosecondBuilder,
    TimestampMicrosecondArray,
    DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    |room| TimestampMicrosecondBuilder::with_capacity(room.rows).with_timezone(UTC),
    |value| value.microseconds(),
    |stored| Timestamp::from_microseconds(stored)
);
plain_column!(crate::Mechanism, StringBuilder, StringArray, DataType::Utf8, |room| Text::builder(room), |value| value.as_str(), |stored| {
    stored.parse().unwrap_or(crate::Mechanism::of("ip"))
});

/// Implements [`Column`] for a list of words.
macro_rules! word_list_column {
    ($type:ty) => {
        impl<'a> Column<'a> for Vec<$type> {
            type Builder = ListBuilder<StringBuilder>;
            type Array = <Vec<Text<'a>> as Column<'a>>::Array;
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                Vec::<Text<'a>>::data_type()
            }
            fn builder(room: Room) -> Self::Builder {
                Vec::<Text<'a>>::builder(room)
            }
            fn append(&self, builder: &mut Self::Builder) {
                for item in self {
                    builder.values().append_value(item.as_str());
                }
                builder.append(true);
            }
            fn finish(builder: &mut Self::Builder) -> ArrayRef {
                Arc::new(builder.finish())
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
