//! How many bytes a row counts for wherever rows are cut into pieces.
//!
//! **Invariant:** a pure function of the row's values. Buffers, capacities and how the row was sliced do not matter, because the cuts
//! that it decides end up in the bytes of files.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;

/// What a text, a list or a value that is not known counts for beside its content.
const HEADER_BYTES: usize = 4;

/// The size of each row of a batch.
pub fn row_sizes(batch: &RecordBatch) -> Vec<usize> {
    let mut sizes = vec![0; batch.num_rows()];
    for column in batch.columns() {
        add_sizes(column.as_ref(), &mut sizes);
    }
    sizes
}

fn add_sizes(column: &dyn Array, sizes: &mut [usize]) {
    match column.data_type() {
        DataType::Utf8 => add_lengths(column, column.as_string::<i32>().value_offsets(), sizes),
        DataType::Binary => add_lengths(column, column.as_binary::<i32>().value_offsets(), sizes),
        DataType::List(_) => add_lists(column, sizes),
        other => {
            let width = other.primitive_width().unwrap_or(1);
            sizes.iter_mut().for_each(|size| *size += width);
        }
    }
}

fn add_lengths(column: &dyn Array, offsets: &[i32], sizes: &mut [usize]) {
    let lengths = offsets.windows(2).map(|pair| (pair[1] - pair[0]) as usize);
    match column.nulls() {
        None => sizes.iter_mut().zip(lengths).for_each(|(size, length)| *size += HEADER_BYTES + length),
        Some(nulls) => sizes.iter_mut().zip(lengths).zip(nulls.iter()).for_each(|((size, length), is_known)| {
            *size += HEADER_BYTES + if is_known { length } else { 0 };
        }),
    }
}

fn add_lists(column: &dyn Array, sizes: &mut [usize]) {
    let list = column.as_list::<i32>();
    let mut items = vec![0; list.values().len()];
    add_sizes(list.values().as_ref(), &mut items);
    for (row, size) in sizes.iter_mut().enumerate() {
        let range = list.value_offsets()[row] as usize..list.value_offsets()[row + 1] as usize;
        *size += HEADER_BYTES + if list.is_null(row) { 0 } else { items[range].iter().sum() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_every_table_is_known() {
        for field in parallax_model::tables::ALL.iter().flat_map(|table| table.schema().fields().to_vec()) {
            let known = match field.data_type() {
                DataType::Utf8 | DataType::Binary | DataType::Boolean => true,
                DataType::List(item) => item.data_type() == &DataType::Utf8 || item.data_type().primitive_width().is_some(),
                other => other.primitive_width().is_some(),
            };
            assert!(known, "{field:?}");
        }
    }
}
