//! The rows of a query as bytes for programs: JSON, JSON lines, CSV, Parquet. What a person reads in a terminal is made by the caller.

mod csv;
mod json;
mod parquet;

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::Error;

/// Batches of one schema, as [`crate::QueryResult`] gives them.
pub type Batches<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, Error>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One array of objects. A column that is null is there, as `null`.
    Json,
    /// One object a line.
    JsonLines,
    /// With a header line; a list is written as JSON, null as nothing.
    Csv,
    /// With the types of the archive's own files.
    Parquet,
}

/// Writes everything, batch by batch, and says how many rows there were. Memory holds one batch (Parquet: one row group).
pub fn write(batches: Batches, schema: &SchemaRef, format: Format, out: &mut (dyn Write + Send)) -> Result<usize, Error> {
    let mut rows = 0;
    let mut counted = batches.inspect(|batch| rows += batch.as_ref().map_or(0, |batch| batch.num_rows()));
    match format {
        Format::Json => json::write_array(&mut counted, out)?,
        Format::JsonLines => json::write_lines(&mut counted, out)?,
        Format::Csv => csv::write(&mut counted, schema, out)?,
        Format::Parquet => parquet::write(&mut counted, schema, out)?,
    }
    out.flush()?;
    Ok(rows)
}

/// An error of a writer of rows: the place it writes to failed, or a value has no form in this format.
fn to_error(error: arrow::error::ArrowError) -> Error {
    match error {
        arrow::error::ArrowError::IoError(_, error) => Error::Write(error),
        error => Error::Write(std::io::Error::other(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ListBuilder, StringBuilder, UInt64Array};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn rows() -> RecordBatch {
        let mut words = ListBuilder::new(StringBuilder::new());
        words.append_value([Some("dns"), Some("a,\"b\"")]);
        words.append_value(std::iter::empty::<Option<&str>>());
        let words = words.finish();
        let list = Field::new("layers", DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))), false);
        let schema = Schema::new(vec![Field::new("n", DataType::UInt64, true), list]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(UInt64Array::from(vec![Some(7), None])), Arc::new(words)]).unwrap()
    }

    fn written(format: Format) -> Vec<u8> {
        let (batch, mut out) = (rows(), Vec::new());
        let schema = batch.schema();
        assert_eq!(write(&mut std::iter::once(Ok(batch)), &schema, format, &mut out).unwrap(), 2);
        out
    }

    #[test]
    fn json_keeps_lists_and_nulls() {
        assert_eq!(
            String::from_utf8(written(Format::Json)).unwrap(),
            r#"[{"n":7,"layers":["dns","a,\"b\""]},{"n":null,"layers":[]}]"#.to_owned() + "\n"
        );
        assert_eq!(String::from_utf8(written(Format::JsonLines)).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_list_in_csv_is_json() {
        assert_eq!(String::from_utf8(written(Format::Csv)).unwrap(), "n,layers\n7,\"[\"\"dns\"\",\"\"a,\\\"\"b\\\"\"\"\"]\"\n,[]\n");
    }

    #[test]
    fn parquet_comes_back_as_it_was() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), written(Format::Parquet)).unwrap();
        let reader = datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file.reopen().unwrap(), 10).unwrap();
        assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), [rows()]);
    }

    #[test]
    fn no_rows_are_still_a_result() {
        for (format, text) in [(Format::Json, "[]\n"), (Format::JsonLines, ""), (Format::Csv, "n,layers\n")] {
            let mut out = Vec::new();
            write(&mut std::iter::empty(), &rows().schema(), format, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
