//! Rows of queries as the pages use them: typed, or as text.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parallax_engine::{Engine, Error, Limits};
use parallax_model::table::Row;

use crate::charts::{Column, Kind};

/// Characters of a value that a page shows: a header or a title can have megabytes.
const SHOWN: usize = 300;

/// The batches of a query over one table's columns, which [`typed`] reads. `rest` follows the name of the table.
pub fn select<'a, R: Row<'a>>(engine: &Engine, rest: &str, limits: &Limits) -> Result<Vec<RecordBatch>, Error> {
    let columns: Vec<_> = R::TABLE.columns.iter().map(|column| column.name).collect();
    engine.query(&format!("SELECT {} FROM {} {rest}", columns.join(", "), R::TABLE.name), limits)?.collect()
}

pub fn typed<'b, R: Row<'b>>(batches: &'b [RecordBatch]) -> Vec<R> {
    batches.iter().flat_map(R::all).collect()
}

/// A result as texts; null is `None`.
pub struct Texts {
    pub columns: Vec<String>,
    /// What the values of each column are.
    pub kinds: Vec<Kind>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Texts {
    pub fn of(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Self, Error> {
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        let kinds = schema.fields().iter().map(|field| kind(field.data_type())).collect();
        let mut rows = Vec::new();
        for batch in batches {
            add(batch, &mut rows).map_err(|error| Error::Bug { message: error.to_string() })?;
        }
        Ok(Self { columns, kinds, rows })
    }

    /// The columns as a chart sees them.
    pub fn columns(&self) -> Vec<Column> {
        self.columns.iter().zip(&self.kinds).map(|(name, kind)| Column { name: name.clone(), kind: *kind }).collect()
    }
}

fn kind(of: &DataType) -> Kind {
    match of {
        numeric if numeric.is_numeric() => Kind::Number,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Kind::Time,
        _ => Kind::Text,
    }
}

fn add(batch: &RecordBatch, rows: &mut Vec<Vec<Option<String>>>) -> Result<(), arrow::error::ArrowError> {
    let options = FormatOptions::default().with_display_error(true);
    let formatters = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options)).collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        let value = |(formatter, column): (&ArrayFormatter<'_>, &arrow::array::ArrayRef)| {
            (!column.is_null(row)).then(|| clip(&formatter.value(row).to_string()))
        };
        rows.push(formatters.iter().zip(batch.columns()).map(value).collect());
    }
    Ok(())
}

/// The beginning of a text, and how long it is.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}
