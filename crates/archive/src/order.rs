//! The order of a table's rows, and which of two rows that are the same is kept.
//!
//! Rows that agree in the whole sort key are the same row. Which one stays must not depend on the order they came in, so all other
//! columns decide: first where the record was found, then the rest as the table lists them. The smallest stays.

use std::cmp::Ordering;
use std::sync::OnceLock;

use arrow::array::RecordBatch;
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use parallax_model::Table;

use crate::Error;
use crate::row_size::row_sizes;

/// Columns that decide between two copies of a row before all others: the first file by name, the first line in it.
const FOUND_AT: &[&str] = &["source_file", "source_digest", "source_line"];

/// What a whole number of 32 bits takes at the end of a key.
const ORDINAL_BYTES: usize = 5;

/// Turns rows of one table into bytes that compare as the rows do.
pub struct Order {
    table: &'static Table,
    key: Converter,
    rest: Converter,
}

struct Converter {
    columns: Vec<usize>,
    converter: RowConverter,
}

/// Rows of one batch with what is needed to compare them.
pub struct KeyedBatch {
    pub batch: RecordBatch,
    /// The size of each row, see [`crate::row_size`].
    pub sizes: Vec<usize>,
    keys: Rows,
    /// Made when two rows turn out to be the same, which in most batches none are.
    rest: OnceLock<Rows>,
}

impl Order {
    pub fn of(table: &'static Table) -> Self {
        let schema = table.schema();
        let key: Vec<usize> = table.sort_key.iter().map(|name| schema.index_of(name).expect("a sort key names columns")).collect();
        let found_at = FOUND_AT.iter().filter_map(|name| schema.index_of(name).ok());
        let mut rest: Vec<usize> = Vec::new();
        for column in found_at.chain(0..schema.fields().len()) {
            if !key.contains(&column) && !rest.contains(&column) {
                rest.push(column);
            }
        }
        Self { table, key: Converter::of(table, key), rest: Converter::of(table, rest) }
    }

    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Refuses rows of another table or of another version of it.
    pub fn check_schema(&self, batch: &RecordBatch) -> Result<(), Error> {
        match batch.schema().fields() == self.table.schema().fields() {
            true => Ok(()),
            false => Err(self.error(format!("the columns are not the table's: {:?}", batch.schema().fields()))),
        }
    }

    pub fn keyed(&self, batch: RecordBatch) -> Result<KeyedBatch, Error> {
        self.check_schema(&batch)?;
        let (keys, sizes) = (self.key.rows(&batch).map_err(|error| self.error(error.to_string()))?, row_sizes(&batch));
        Ok(KeyedBatch { batch, sizes, keys, rest: OnceLock::new() })
    }

    /// Which of two rows with the same key stays: the lesser.
    pub fn compare_rest(&self, a: (&KeyedBatch, usize), b: (&KeyedBatch, usize)) -> Ordering {
        self.rest_of(a.0).row(a.1).cmp(&self.rest_of(b.0).row(b.1))
    }

    fn rest_of<'a>(&self, batch: &'a KeyedBatch) -> &'a Rows {
        batch.rest.get_or_init(|| self.rest.rows(&batch.batch).expect("the columns are the table's, and all of them can be compared"))
    }

    pub fn error(&self, reason: String) -> Error {
        Error::Rows { table: self.table.name, reason }
    }
}

impl KeyedBatch {
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Bytes that compare as the sort key does.
    pub fn key(&self, row: usize) -> &[u8] {
        self.keys.row(row).data()
    }

    pub fn compare_key(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        self.keys.row(row).cmp(&other.keys.row(other_row))
    }

    /// Whether a row follows the one above it and differs from it only in the last [`ORDINAL_BYTES`] of its key: mostly, whether both are
    /// observations of the same measurement.
    pub fn continues(&self, row: usize) -> bool {
        let (above, this) = (self.keys.row(row - 1), self.keys.row(row));
        let (above, this) = (above.as_ref(), this.as_ref());
        let same = this.len().saturating_sub(ORDINAL_BYTES);
        above.len() == this.len() && above[same..] <= this[same..] && above[..same] == this[..same]
    }

    /// Whether no row comes before the one above it, nor the first before the last of the batch above.
    pub fn is_sorted_after(&self, above: Option<&OwnedRow>) -> bool {
        let first_is_right = above.is_none_or(|above| self.len() == 0 || above.row() <= self.keys.row(0));
        first_is_right && (1..self.len()).all(|row| self.keys.row(row - 1) <= self.keys.row(row))
    }

    /// The key of the last row. There must be one.
    pub fn last_key(&self) -> OwnedRow {
        self.keys.row(self.len() - 1).owned()
    }
}

impl Converter {
    fn of(table: &Table, columns: Vec<usize>) -> Self {
        let schema = table.schema();
        let fields = columns.iter().map(|column| SortField::new(schema.field(*column).data_type().clone())).collect();
        Self { columns, converter: RowConverter::new(fields).expect("every type of a table can be compared") }
    }

    fn rows(&self, batch: &RecordBatch) -> Result<Rows, arrow::error::ArrowError> {
        let columns: Vec<_> = self.columns.iter().map(|column| batch.column(*column).clone()).collect();
        self.converter.convert_columns(&columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_can_be_compared() {
        for table in parallax_model::tables::ALL {
            let order = Order::of(table);
            assert_eq!(order.key.columns.len() + order.rest.columns.len(), table.columns.len(), "{}", table.name);
        }
    }
}
