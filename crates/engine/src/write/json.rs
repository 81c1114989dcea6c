//! JSON and JSON lines.

use std::io::Write;

use arrow::json::writer::{JsonArray, JsonFormat, LineDelimited, Writer, WriterBuilder};

use super::{Batches, to_error};
use crate::Error;

pub fn write_array(batches: Batches, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    write::<JsonArray>(batches, out)?;
    Ok(out.write_all(b"\n")?)
}

pub fn write_lines(batches: Batches, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    write::<LineDelimited>(batches, out)
}

fn write<F: JsonFormat>(batches: Batches, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    // Every row has every column, so that a reader meets the same shape in the first row and in the last.
    let mut writer: Writer<_, F> = WriterBuilder::new().with_explicit_nulls(true).build(out);
    for batch in batches {
        writer.write(&batch?).map_err(to_error)?;
    }
    writer.finish().map_err(to_error)
}
