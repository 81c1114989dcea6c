//! In which order a packed row has the columns of its table.

use arrow::datatypes::{DataType, TimeUnit};

use crate::Table;

/// Columns that decide, after the sort key, which of two rows with the same key is less: the first file by name, the first line in it.
const FOUND_AT: &[&str] = &["source_file", "source_digest", "source_line"];

/// The columns of a table as packed rows have them.
pub struct Layout {
    pub(super) table: &'static Table,
    /// The sort key, then [`FOUND_AT`].
    pub(super) ordered: Vec<Column>,
    /// How many of them are the sort key.
    pub(super) keys: usize,
    /// All others, as the table lists them.
    pub(super) rest: Vec<Column>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its number in the table.
    pub index: usize,
    pub kind: Kind,
    pub nullable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Binary,
    Flag,
    U16,
    U32,
    U64,
    F64,
    Time,
    Texts,
    Numbers,
}

impl Layout {
    pub(crate) fn of(table: &'static Table) -> Self {
        let column = |index: usize| {
            let info = &table.columns[index];
            let kind = Kind::of(&(info.data_type)()).expect("rows of every type of column can be packed");
            Column { index, kind, nullable: info.nullable }
        };
        let named = |name: &&str| table.columns.iter().position(|info| info.name == *name);
        let keys: Vec<Column> = table.sort_key.iter().map(|name| column(named(name).expect("a sort key names columns"))).collect();
        let found_at = FOUND_AT.iter().filter(|name| !table.sort_key.contains(name)).filter_map(named).map(column);
        let (count, ordered) = (keys.len(), keys.iter().copied().chain(found_at).collect());
        let rest = (0..table.columns.len()).filter(|index| !is_ordered(table.sort_key, table.columns[*index].name)).map(column);
        Self { table, ordered, keys: count, rest: rest.collect() }
    }

    /// Bytes of the bits that say which columns are there.
    pub(super) fn mark_bytes(&self) -> usize {
        self.rest.len().div_ceil(8)
    }

    /// The columns with their bytes in order, in order: their numbers in the table.
    pub(crate) fn ordered(&self) -> impl Iterator<Item = usize> {
        self.ordered.iter().map(|column| column.index)
    }
}

impl Kind {
    fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Utf8 => Self::Text,
            DataType::Binary => Self::Binary,
            DataType::Boolean => Self::Flag,
            DataType::UInt16 => Self::U16,
            DataType::UInt32 => Self::U32,
            DataType::UInt64 => Self::U64,
            DataType::Float64 => Self::F64,
            DataType::Timestamp(TimeUnit::Microsecond, _) => Self::Time,
            DataType::List(item) if item.data_type() == &DataType::Utf8 => Self::Texts,
            DataType::List(item) if item.data_type() == &DataType::UInt32 => Self::Numbers,
            _ => return None,
        })
    }

    /// Whether values of this kind have bytes that compare as they do.
    #[cfg(test)]
    pub(super) fn can_be_ordered(self) -> bool {
        !matches!(self, Self::F64 | Self::Texts | Self::Numbers)
    }
}

/// Whether a column stands among the first of a packed row; known when rows are compiled.
pub(crate) const fn is_ordered(sort_key: &[&str], name: &str) -> bool {
    contains(sort_key, name) || contains(FOUND_AT, name)
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if is_same(names[index].as_bytes(), name.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
