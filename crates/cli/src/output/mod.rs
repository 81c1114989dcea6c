//! The only way to standard output: rows in a format, or text.

mod listing;
mod stdout;
mod table;
mod text;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow::datatypes::SchemaRef;
use parallax_engine::write::{self, Batches};

use crate::failure::{Failure, OrFail};

pub use listing::Listing;
pub use parallax_engine::explain::quoted;
pub use parallax_model::figures::{bytes, count, plural};
pub use parallax_model::visible::{visible, visible_lines};
pub use stdout::{finish, is_closed, stdout};
pub use text::paragraph;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people; hostile characters are made visible
    Table,
    /// One JSON array
    Json,
    /// One JSON object a line
    Jsonl,
    /// With a header line; lists as JSON
    Csv,
    /// For files: only with `query --output`
    Parquet,
}

impl Format {
    /// The engine's format; a table is made here.
    fn of_engine(self) -> Option<write::Format> {
        match self {
            Self::Table => None,
            Self::Json => Some(write::Format::Json),
            Self::Jsonl => Some(write::Format::JsonLines),
            Self::Csv => Some(write::Format::Csv),
            Self::Parquet => Some(write::Format::Parquet),
        }
    }
}

/// Prints rows; says how many.
pub fn print_rows(batches: Batches, schema: &SchemaRef, format: Format) -> Result<usize, Failure> {
    write_rows(batches, schema, format, &mut stdout(), table::Shape::of_rows())
}

/// Prints rows of our own documentation, whole and broken into lines.
pub fn print_page(batches: Batches, schema: &SchemaRef, format: Format) -> Result<usize, Failure> {
    write_rows(batches, schema, format, &mut stdout(), table::Shape::of_page())
}

/// Writes rows into a file, which appears under its name when it is complete.
pub fn save_rows(batches: Batches, schema: &SchemaRef, format: Format, path: &Path) -> Result<usize, Failure> {
    let doing = || format!("write {}", path.display());
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let file = File::create(&partial).or_fail(doing())?;
    let written = write_rows(batches, schema, format, &mut BufWriter::new(file), table::Shape::of_file());
    if written.is_err() {
        // What is left is of no use to anybody; that it cannot be removed is no news beside the failure itself.
        let _ = std::fs::remove_file(&partial);
    }
    let rows = written?;
    std::fs::rename(&partial, path).or_fail(doing())?;
    Ok(rows)
}

fn write_rows(
    batches: Batches,
    schema: &SchemaRef,
    format: Format,
    out: &mut (dyn Write + Send),
    shape: table::Shape,
) -> Result<usize, Failure> {
    match format.of_engine() {
        Some(format) => write::write(batches, schema, format, out).or_fail("answer the query"),
        None => table::write(batches, schema, out, shape),
    }
}
