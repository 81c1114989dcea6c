//! Any bytes are one measurement or one reject of a whole record, never both; no text outgrows its cap; the same bytes give the same rows.
#![no_main]

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use libfuzzer_sys::fuzz_target;
use parallax_fuzz::read::read;

/// The widest text that any column may hold, in bytes: all headers of a response in one, with a margin for what blotting out adds.
const MAX_TEXT_BYTES: usize = 20 << 10;
const MAX_ROWS: usize = 20_000;

fuzz_target!(|record: &[u8]| {
    let rows = read(record);
    let scopes = rows.rejects.column_by_name("scope").expect("a column").as_string::<i32>();
    let refused = scopes.iter().flatten().filter(|scope| *scope == "record").count();
    assert_eq!(rows.measurements.num_rows() + refused, 1, "a measurement or a reject");
    assert!(refused == 0 || rows.observations.num_rows() + rows.controls.num_rows() == 0, "a rejected record leaves no rows");
    for table in rows.tables() {
        assert!(table.num_rows() <= MAX_ROWS);
        assert!(longest_text(table) <= MAX_TEXT_BYTES);
    }
    assert!(read(record) == rows, "the same bytes give the same rows");
});

fn longest_text(table: &RecordBatch) -> usize {
    table.columns().iter().map(|column| longest(column.as_ref())).max().unwrap_or_default()
}

fn longest(column: &dyn Array) -> usize {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().flatten().map(str::len).max().unwrap_or_default(),
        DataType::List(_) => longest(column.as_list::<i32>().values().as_ref()),
        _ => 0,
    }
}
