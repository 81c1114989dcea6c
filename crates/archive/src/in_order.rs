//! Batches that say they are sorted, as rows to merge.

use std::sync::Arc;

use arrow::array::RecordBatch;
use parallax_model::Table;
use parallax_model::packed::{PackedRows, Packer};

use crate::Error;
use crate::merge::Stretch;
use crate::partition::{Partition, Partitioner};

/// The rows of a partition out of batches. Such as are not sorted would make a partition that is not, and a row of another partition
/// would never be found, so both are refused.
pub fn rows_of<'a>(
    table: &'static Table,
    partition: Partition,
    batches: impl Iterator<Item = Result<RecordBatch, Error>> + 'a,
) -> impl Iterator<Item = Result<Stretch, Error>> + 'a {
    let partitioner = Partitioner::of(table);
    let mut last_key = Vec::new();
    let mut packed = move |batch: RecordBatch| {
        let rows = pack(table, &batch)?;
        for row in 0..rows.len() {
            if rows.key(row) < &last_key[..] {
                return Err(Error::rows(table, format!("its rows are not sorted by {}", table.sort_key.join(", "))));
            }
            last_key.clear();
            last_key.extend_from_slice(rows.key(row));
            if partitioner.of_row(&rows, row)? != partition {
                return Err(Error::rows(table, format!("its rows are not all of the partition {partition}")));
            }
        }
        Ok(rows)
    };
    let rows = batches.map(move |batch| batch.and_then(|batch| if batch.num_rows() > 0 { packed(batch).map(Some) } else { Ok(None) }));
    rows.filter_map(Result::transpose).map(|rows| rows.map(|rows| Stretch { rows: 0..rows.len(), block: Arc::new(rows) }))
}

/// Refuses rows of another table or of another version of it.
fn pack(table: &'static Table, batch: &RecordBatch) -> Result<PackedRows, Error> {
    if batch.schema().fields() != table.schema().fields() {
        return Err(Error::rows(table, format!("its columns are not the table's: {:?}", batch.schema().fields())));
    }
    let packer = Packer::of(table.layout(), batch);
    let mut rows = PackedRows::with_room(table, batch.num_rows(), 0);
    (0..batch.num_rows()).for_each(|row| packer.pack(row, &mut rows));
    Ok(rows)
}
