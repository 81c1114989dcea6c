//! CSV (RFC 4180): a list becomes JSON in its cell, since CSV has no lists and a joined text could not be taken apart again.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::csv::{Writer, WriterBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};

use super::{Batches, to_error};
use crate::Error;

pub fn write(batches: Batches, schema: &SchemaRef, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    let mut writer = WriterBuilder::new().with_header(true).build(out);
    // A header even when there are no rows.
    write_batch(&mut writer, &RecordBatch::new_empty(schema.clone()))?;
    for batch in batches {
        write_batch(&mut writer, &batch?)?;
    }
    Ok(())
}

fn write_batch<W: Write>(writer: &mut Writer<W>, batch: &RecordBatch) -> Result<(), Error> {
    writer.write(&flat(batch).map_err(to_error)?).map_err(to_error)
}

/// The batch with every nested column as JSON text.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| match field.data_type().is_nested() {
        true => Ok((Arc::new(Field::new(field.name(), DataType::Utf8, true)), json_texts(field, column)?)),
        false => Ok((field.clone(), column.clone())),
    });
    let (fields, columns): (Vec<_>, Vec<_>) = columns.collect::<Result<Vec<_>, ArrowError>>()?.into_iter().unzip();
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &row_count(batch))
}

/// A batch without columns has rows all the same.
fn row_count(batch: &RecordBatch) -> arrow::array::RecordBatchOptions {
    arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()))
}

fn json_texts(field: &Arc<Field>, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(field, column, &options)?;
    let texts: StringArray = (0..column.len())
        .map(|row| {
            let mut text = Vec::new();
            (!encoder.is_null(row)).then(|| encoder.encode(row, &mut text))?;
            Some(String::from_utf8_lossy(&text).into_owned())
        })
        .collect();
    Ok(Arc::new(texts))
}
