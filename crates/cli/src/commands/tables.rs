//! `parallax tables`: the documentation of every table and view, from the code that makes them.

use arrow::datatypes::{DataType, TimeUnit};
use parallax_engine::{Engine, Options, views};
use parallax_model::{Partitioning, Table, tables};

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, paragraph, stdout};

/// Explain the tables and views that can be queried
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A table or view, to see its columns
    pub name: Option<String>,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax tables", "all tables and views"),
        ("parallax tables judgements", "every column of one of them"),
        ("parallax tables observations --format json", "the same for a program"),
    ],
    exit_codes: &[(ExitCode::Ok, "done"), (ExitCode::Usage, "no such table")],
};

/// Width of prose: what is comfortable to read.
const PROSE: usize = 100;

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    match arguments.name {
        None => all(context)?,
        Some(name) => one(&name, context)?,
    }
    Ok(ExitCode::Ok)
}

/// A table or a view, as its reader sees it.
struct Entry {
    name: &'static str,
    kind: &'static str,
    doc: String,
    columns: Vec<ColumnEntry>,
    /// What else is worth knowing.
    remarks: Vec<String>,
}

struct ColumnEntry {
    name: &'static str,
    data_type: String,
    nullable: bool,
    doc: String,
}

fn entries() -> Result<Vec<Entry>, Failure> {
    // The types of a view's columns are what its query gives.
    let engine = Engine::empty(&Options { threads: 1, ..Options::default() }).or_fail("plan the views")?;
    let views = views::ALL.iter().map(|view| of_view(view, &engine));
    tables::ALL.iter().map(|table| Ok(of_table(table))).chain(views).collect()
}

fn of_table(table: &'static Table) -> Entry {
    let columns = table.columns.iter().map(|column| ColumnEntry {
        name: column.name,
        data_type: type_name(&(column.data_type)()),
        nullable: column.nullable,
        doc: one_line(column.doc),
    });
    let together = match table.partitioning {
        Partitioning::CountryWeek => "one folder per country and week: a query that names `probe_cc` or a time reads little else",
        Partitioning::Week => "one folder per week",
        Partitioning::Whole => "all rows in one folder",
    };
    let remarks = vec![format!("Sorted by {}.", table.sort_key.join(", ")), format!("Stored as {together}.")];
    Entry { name: table.name, kind: "table", doc: one_line(table.doc), columns: columns.collect(), remarks }
}

fn of_view(view: &'static views::View, engine: &Engine) -> Result<Entry, Failure> {
    let schema = engine.schema_of(view.query()).or_fail("plan the views")?;
    let columns = view.columns().into_iter().zip(schema.fields()).map(|((name, doc), field)| ColumnEntry {
        name,
        data_type: type_name(field.data_type()),
        nullable: field.is_nullable(),
        doc: doc.to_owned(),
    });
    let (columns, doc) = (columns.collect(), view.doc());
    Ok(Entry { name: view.name, kind: "view", doc, columns, remarks: vec!["A view: a query with a name.".to_owned()] })
}

fn all(context: &Context) -> Result<(), Failure> {
    let entries = entries()?;
    let listing = Listing::new()
        .text("name", entries.iter().map(|entry| entry.name))
        .text("kind", entries.iter().map(|entry| entry.kind))
        .number("columns", entries.iter().map(|entry| entry.columns.len() as u64))
        .text("one_row_is", entries.iter().map(|entry| first_sentence(&entry.doc)));
    listing.print_page(context.format)?;
    Ok(())
}

fn one(name: &str, context: &Context) -> Result<(), Failure> {
    let entries = entries()?;
    let Some(entry) = entries.iter().find(|entry| entry.name == name) else {
        let known: Vec<_> = entries.iter().map(|entry| entry.name).collect();
        return Err(Failure::usage(format!("explain {name}"), "there is no such table or view", format!("there are {}", known.join(", "))));
    };
    if context.format == Format::Table {
        print_prose(entry)?;
    }
    columns(entry).print_page(context.format)?;
    Ok(())
}

fn print_prose(entry: &Entry) -> Result<(), Failure> {
    let mut text = format!("{} ({})\n\n", entry.name, entry.kind);
    text += &paragraph(&entry.doc, 2, PROSE);
    for remark in &entry.remarks {
        text += &paragraph(remark, 2, PROSE);
    }
    let mut out = stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

fn columns(entry: &Entry) -> Listing {
    Listing::new()
        .text("column", entry.columns.iter().map(|column| column.name))
        .text("type", entry.columns.iter().map(|column| column.data_type.as_str()))
        .truth("can_be_null", entry.columns.iter().map(|column| column.nullable))
        .text("meaning", entry.columns.iter().map(|column| column.doc.as_str()))
}

/// The type as SQL calls it, near enough to cast to.
fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 => "text".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Binary => "bytes".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, _) => "timestamp".to_owned(),
        DataType::List(item) => format!("list of {}", type_name(item.data_type())),
        other => other.to_string().to_lowercase(),
    }
}

fn first_sentence(doc: &str) -> &str {
    doc.split_once(". ").map_or(doc.trim_end_matches('.'), |(sentence, _)| sentence)
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
