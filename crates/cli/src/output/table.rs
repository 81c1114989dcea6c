//! Rows for people: a table that fits the terminal, or one field a line where it cannot.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use parallax_engine::write::Batches;

use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use parallax_model::visible::visible;

/// Rows that are shown: the widths of the columns are known only when all rows are, and nobody reads more.
const MAX_ROWS: usize = 1000;
/// Characters of a cell of foreign rows that are shown. A field can have megabytes.
const MAX_CELL: usize = 300;
/// Where our own documentation is broken when there is no terminal: what is comfortable to read.
const PAGE: usize = 100;
/// Spaces between columns.
const GAP: usize = 2;

/// How wide a table and its cells may become.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    width: Width,
    longest_cell: usize,
}

impl Shape {
    /// Foreign rows: as wide as the terminal, and unbroken in a file or pipe, where a row is a line.
    pub fn of_rows() -> Self {
        Self { width: Width::of_terminal(), longest_cell: MAX_CELL }
    }

    /// Foreign rows in a file.
    pub fn of_file() -> Self {
        Self { width: Width::Unlimited, longest_cell: MAX_CELL }
    }

    /// Our own documentation: to be read, all of it, wherever it goes.
    pub fn of_page() -> Self {
        let width = match Width::of_terminal() {
            Width::Unlimited => Width::Columns(PAGE),
            terminal => terminal,
        };
        Self { width, longest_cell: usize::MAX }
    }
}

/// How wide a table may become.
#[derive(Clone, Copy, Debug)]
pub enum Width {
    Columns(usize),
    Unlimited,
}

impl Width {
    /// The width of the terminal, where standard output is one.
    pub fn of_terminal() -> Self {
        let probe = Table::new();
        match (probe.is_tty(), probe.width()) {
            (true, Some(width)) => Self::Columns(usize::from(width)),
            _ => Self::Unlimited,
        }
    }

    /// Whether columns with these longest words fit side by side: a measurement's name broken in two could not be copied.
    fn holds(self, longest_words: &[usize]) -> bool {
        match self {
            Self::Columns(width) => longest_words.iter().map(|word| word + GAP).sum::<usize>() <= width + GAP,
            Self::Unlimited => true,
        }
    }
}

/// Writes at most [`MAX_ROWS`] rows and says so when there are more; returns how many were written.
pub fn write(batches: Batches, schema: &SchemaRef, out: &mut (dyn Write + Send), shape: Shape) -> Result<usize, Failure> {
    let (rows, more) = collect(batches, shape.longest_cell)?;
    let names: Vec<_> = schema.fields().iter().map(|field| visible(field.name()).into_owned()).collect();
    let words = longest_words(&names, &rows);
    let text = match shape.width.holds(&words) {
        _ if rows.is_empty() => horizontal(schema, &names, &rows, Width::Unlimited) + "(no rows)\n",
        true => horizontal(schema, &names, &rows, shape.width),
        false => vertical(&names, &rows),
    };
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if more {
        eprintln!("note: only the first {MAX_ROWS} rows are shown; `--format csv`, `json` or `jsonl` give all");
    }
    Ok(rows.len())
}

/// The cells of the first rows, and whether there are more rows.
fn collect(batches: Batches, longest_cell: usize) -> Result<(Vec<Vec<String>>, bool), Failure> {
    let mut rows = Vec::new();
    for batch in batches {
        let batch = batch.or_fail("answer the query")?;
        let left = MAX_ROWS - rows.len();
        cells(&batch.slice(0, left.min(batch.num_rows())), longest_cell, &mut rows)?;
        if batch.num_rows() > left {
            return Ok((rows, true));
        }
    }
    Ok((rows, false))
}

fn cells(batch: &RecordBatch, longest: usize, rows: &mut Vec<Vec<String>>) -> Result<(), Failure> {
    let options = FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S")).with_display_error(true);
    let formatters = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect::<Result<Vec<_>, _>>();
    let formatters = formatters.map_err(|error| Failure::new(ExitCode::Bug, "print the rows", error.to_string()))?;
    rows.extend((0..batch.num_rows()).map(|row| formatters.iter().map(|column| cell(&column.value(row).to_string(), longest)).collect()));
    Ok(())
}

/// A cell as it is shown: on one line, with nothing in it that acts, and not endless.
fn cell(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => visible(text).into_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", visible(&text[..end]), text.len()),
    }
}

/// The longest word of each column, its name included.
fn longest_words(names: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let longest = |text: &str| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let column = |index: usize| rows.iter().map(|row| &row[index]).chain([&names[index]]).map(|text| longest(text)).max().unwrap_or(0);
    (0..names.len()).map(column).collect()
}

fn horizontal(schema: &SchemaRef, names: &[String], rows: &[Vec<String>], width: Width) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_style(TableComponent::HeaderLines, '─')
        .set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.set_header(names).add_rows(rows);
    let words = longest_words(names, rows);
    for ((field, column), word) in schema.fields().iter().zip(table.column_iter_mut()).zip(words) {
        // The table puts another space between columns.
        let padding = GAP as u16 - 1;
        column.set_padding((0, padding));
        column.set_constraint(ColumnConstraint::LowerBoundary(comfy_table::Width::Fixed(word.min(MAX_CELL) as u16 + padding)));
        if field.data_type().is_numeric() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    match width {
        Width::Columns(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.min(usize::from(u16::MAX)) as u16)
        }
        Width::Unlimited => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// One field a line, and an empty line between rows.
fn vertical(names: &[String], rows: &[Vec<String>]) -> String {
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let row = |row: &Vec<String>| {
        names.iter().zip(row).map(|(name, value)| format!("{name:widest$}  {value}").trim_end().to_owned() + "\n").collect::<String>()
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray, UInt64Array};
    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn batch() -> RecordBatch {
        let mut layers = ListBuilder::new(StringBuilder::new());
        layers.append_value([Some("dns"), Some("tcp")]);
        layers.append_value(std::iter::empty::<Option<&str>>());
        let layers = layers.finish();
        let time = TimestampMicrosecondArray::from(vec![Some(1_707_732_000_000_000), None]).with_timezone("+00:00");
        let fields = vec![
            Field::new("target", DataType::Utf8, false),
            Field::new("n", DataType::UInt64, true),
            Field::new("layers", layers_type(), false),
            Field::new("measurement_start_time", time_type(), true),
        ];
        let target = StringArray::from(vec!["evil\u{202e}.example\u{1b}[2J\nsecond line", "пример.рф"]);
        let columns: Vec<arrow::array::ArrayRef> =
            vec![Arc::new(target), Arc::new(UInt64Array::from(vec![Some(12), None])), Arc::new(layers), Arc::new(time)];
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    fn layers_type() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
    }

    fn time_type() -> DataType {
        DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("+00:00".into()))
    }

    fn written(width: Width) -> String {
        let (batch, mut out) = (batch(), Vec::new());
        let schema = batch.schema();
        write(&mut std::iter::once(Ok(batch)), &schema, &mut out, Shape { width, longest_cell: MAX_CELL }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_fits_its_terminal_and_hostile_text_is_harmless() {
        insta::assert_snapshot!("unlimited", written(Width::Unlimited));
        insta::assert_snapshot!("columns_80", written(Width::Columns(80)));
        assert!(written(Width::Columns(80)).lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn what_does_not_fit_is_shown_field_by_field() {
        insta::assert_snapshot!("columns_30", written(Width::Columns(30)));
    }

    #[test]
    fn a_cell_of_megabytes_is_cut() {
        let shown = cell(&"é".repeat(1_000_000), MAX_CELL);
        assert!(shown.chars().count() < 330 && shown.ends_with("… (2000000 bytes)"));
    }

    #[test]
    fn a_result_without_rows_still_names_its_columns() {
        let mut out = Vec::new();
        write(&mut std::iter::empty(), &batch().schema(), &mut out, Shape { width: Width::Columns(20), longest_cell: MAX_CELL }).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("measur"));
    }
}
