//! Parquet, compressed like the archive's own files.

use std::io::Write;

use arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;

use super::Batches;
use crate::Error;

/// Rows of a row group: it is held in memory until it is complete.
const ROW_GROUP_ROWS: usize = 128 * 1024;

pub fn write(batches: Batches, schema: &SchemaRef, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_created_by("parallax".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(to_error)?;
    for batch in batches {
        writer.write(&batch?).map_err(to_error)?;
    }
    writer.close().map_err(to_error)?;
    Ok(())
}

fn to_error(error: ParquetError) -> Error {
    Error::Write(std::io::Error::other(error))
}
