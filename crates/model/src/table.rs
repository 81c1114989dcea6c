//! What is known about a table apart from its rows: its name, columns, order and partitions, all with their documentation.
//!
//! [`table!`] turns one list of documented fields into a row type, a gatherer of packed rows, a reader of Arrow batches, and a [`Table`]
//! that `parallax tables` prints; so the documentation cannot say anything else than the code.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};

use crate::packed::Layout;

/// One table of the archive.
pub struct Table {
    pub name: &'static str,
    pub doc: &'static str,
    pub columns: &'static [ColumnInfo],
    /// The columns that every file of the table is sorted by. Two rows that agree in all of them are the same row.
    pub sort_key: &'static [&'static str],
    pub partitioning: Partitioning,
    pub(crate) schema: fn() -> SchemaRef,
    pub(crate) layout: fn() -> &'static Layout,
}

impl Table {
    pub fn schema(&self) -> SchemaRef {
        (self.schema)()
    }

    /// How its rows are packed.
    pub fn layout(&self) -> &'static Layout {
        (self.layout)()
    }
}

/// One column, as its reader needs to know it.
pub struct ColumnInfo {
    pub name: &'static str,
    pub doc: &'static str,
    pub data_type: fn() -> DataType,
    pub nullable: bool,
}

/// Which rows lie together in one folder of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioning {
    /// By `probe_cc` and the week of `measurement_start_time`: `XA/2024-02-12`.
    CountryWeek,
    /// By the week of `measurement_start_time`.
    Week,
    /// All rows together.
    Whole,
}

pub(crate) fn schema_of(columns: &[ColumnInfo]) -> SchemaRef {
    let fields: Vec<_> =
        columns.iter().map(|column| arrow::datatypes::Field::new(column.name, (column.data_type)(), column.nullable)).collect();
    SchemaRef::new(Schema::new(fields))
}

/// A row that knows its table, can be put into a batch and be read back.
pub trait Row<'a>: Sized {
    const TABLE: &'static Table;
    /// The columns of a batch, their types known.
    type Columns: Columns<'a, Self>;

    /// Reads one row of a batch that has all columns. Whoever reads many asks for [`Row::all`].
    fn read(batch: &'a RecordBatch, row: usize) -> Self {
        Self::columns(batch).row(row)
    }

    /// All columns of a batch that has them; [`Columns::of`] is for one that has some.
    fn columns(batch: &'a RecordBatch) -> Self::Columns {
        assert_eq!(batch.num_columns(), Self::TABLE.columns.len(), "the batch has every column of {}", Self::TABLE.name);
        Self::Columns::of(batch)
    }

    /// Reads every row of a batch that has all columns.
    fn all(batch: &'a RecordBatch) -> impl Iterator<Item = Self> {
        let columns = Self::columns(batch);
        (0..batch.num_rows()).map(move |row| columns.row(row))
    }
}

/// The columns of one batch of a table: all of them, or some, in the table's order.
pub trait Columns<'a, R> {
    fn of(batch: &'a RecordBatch) -> Self;
    /// Reads one row; what is in a column that the batch does not have is as in an empty row.
    fn row(&self, row: usize) -> R;
}

/// Makes a row type, its builder and its [`Table`] from one documented list of fields.
macro_rules! table {
    (
        $(#[doc = $table_doc:literal])+
        $row:ident, $rows:ident, $columns:ident = $name:literal, sorted by $sort_key:expr, partitioned by $partitioning:ident
        { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+ }
    ) => {
        $(#[doc = $table_doc])+
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $row<'a> {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        /// Rows being gathered.
        pub struct $rows {
            packed: $crate::packed::PackedRows,
        }

        impl Default for $rows {
            fn default() -> Self {
                Self { packed: $crate::packed::PackedRows::of($row::TABLE_INFO) }
            }
        }

        impl $rows {
            pub fn push(&mut self, row: &$row<'_>) {
                let mut writer = self.packed.begin();
                $row::pack(row, &mut writer);
                writer.end();
            }

            pub fn len(&self) -> usize {
                self.packed.len()
            }

            pub fn is_empty(&self) -> bool {
                self.packed.is_empty()
            }

            /// The rows so far, for the archive; none are left afterwards.
            pub fn take(&mut self) -> $crate::packed::PackedRows {
                self.packed.take()
            }

            /// The rows so far as one batch; none are left afterwards.
            pub fn finish(&mut self) -> arrow::array::RecordBatch {
                self.take().to_batch()
            }
        }

        impl $row<'_> {
            fn pack(&self, writer: &mut $crate::packed::RowWriter<'_>) {
                type PackInOrder = for<'r, 'v> fn(&'r $row<'v>, &mut Vec<u8>);
                const IN_ORDER: &[PackInOrder] = &[$(|row, to| $crate::column::Column::pack_in_order(&row.$field, to),)+];
                for index in $row::TABLE_INFO.layout().ordered() {
                    writer.ordered(|to| IN_ORDER[index](self, to));
                }
                $(if !const { $crate::packed::is_ordered($sort_key, stringify!($field)) } {
                    $crate::column::Column::pack(&self.$field, writer);
                })+
            }
        }

        impl<'a> $row<'a> {
            pub const TABLE_INFO: &'static $crate::table::Table = &$crate::table::Table {
                name: $name,
                doc: concat!($($table_doc, "\n"),+),
                columns: &[$($crate::table::ColumnInfo {
                    name: stringify!($field),
                    doc: concat!($($doc, "\n"),+),
                    data_type: || <$type as $crate::column::Column>::data_type(),
                    nullable: <$type as $crate::column::Column>::NULLABLE,
                },)+],
                sort_key: $sort_key,
                partitioning: $crate::table::Partitioning::$partitioning,
                schema: || {
                    static SCHEMA: std::sync::LazyLock<arrow::datatypes::SchemaRef> =
                        std::sync::LazyLock::new(|| $crate::table::schema_of($row::TABLE_INFO.columns));
                    SCHEMA.clone()
                },
                layout: || {
                    static LAYOUT: std::sync::LazyLock<$crate::packed::Layout> =
                        std::sync::LazyLock::new(|| $crate::packed::Layout::of($row::TABLE_INFO));
                    &LAYOUT
                },
            };
        }

        /// The columns of one batch of rows, which may lack some of the table's.
        pub struct $columns<'a> {
            $($field: Option<<$type as $crate::column::Column<'a>>::Array>,)+
        }

        /// One column of one row each. Whoever asks for a column that the batch lacks has a bug, and a panic says so.
        impl<'a> $columns<'a> {
            $(
                $(#[doc = $doc])+
                #[inline]
                pub fn $field(&self, row: usize) -> $type {
                    $crate::column::Column::value(self.$field.expect(concat!("the batch has the column ", stringify!($field))), row)
                }
            )+
        }

        impl<'a> $crate::table::Row<'a> for $row<'a> {
            const TABLE: &'static $crate::table::Table = $row::TABLE_INFO;
            type Columns = $columns<'a>;
        }

        impl<'a> $crate::table::Columns<'a, $row<'a>> for $columns<'a> {
            fn of(batch: &'a arrow::array::RecordBatch) -> Self {
                let mut present = batch.schema_ref().fields().iter().zip(batch.columns()).peekable();
                let columns = Self {
                    $($field: present
                        .next_if(|(field, _)| field.name() == stringify!($field))
                        .map(|(_, array)| <$type as $crate::column::Column>::array(array.as_ref())),)+
                };
                assert!(present.next().is_none(), "the batch has only columns of {}, in their order", $name);
                columns
            }

            fn row(&self, row: usize) -> $row<'a> {
                $row {
                    $($field: self.$field.map_or_else(Default::default, |array| $crate::column::Column::value(array, row)),)+
                }
            }
        }
    };
}
pub(crate) use table;
