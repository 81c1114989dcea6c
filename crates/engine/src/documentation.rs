//! The documentation of every table and view, from the code that makes them.

use arrow::datatypes::{DataType, TimeUnit};
use parallax_model::{Partitioning, Table, tables};

use crate::views::{self, View};
use crate::{Engine, Error, Options};

/// A table or a view, as its reader sees it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: &'static str,
    /// `table` or `view`.
    pub kind: &'static str,
    /// What one row is.
    pub doc: String,
    pub columns: Vec<ColumnEntry>,
    /// What else is worth knowing.
    pub remarks: Vec<String>,
    /// The query behind a view.
    pub query: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct ColumnEntry {
    pub name: &'static str,
    pub data_type: String,
    pub nullable: bool,
    pub doc: String,
}

/// Every table and view, in the order of the documentation.
pub fn entries() -> Result<Vec<Entry>, Error> {
    // The types of a view's columns are what its query gives.
    let engine = Engine::empty(&Options { threads: 1, ..Options::default() })?;
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
    Entry { name: table.name, kind: "table", doc: one_line(table.doc), columns: columns.collect(), remarks, query: None }
}

fn of_view(view: &'static View, engine: &Engine) -> Result<Entry, Error> {
    let schema = engine.schema_of(view.query())?;
    let columns = view.columns().into_iter().zip(schema.fields()).map(|((name, doc), field)| ColumnEntry {
        name,
        data_type: type_name(field.data_type()),
        nullable: field.is_nullable(),
        doc: doc.to_owned(),
    });
    let (columns, doc) = (columns.collect(), view.doc());
    Ok(Entry {
        name: view.name,
        kind: "view",
        doc,
        columns,
        remarks: vec!["A view: a query with a name.".to_owned()],
        query: Some(view.query()),
    })
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

impl Entry {
    pub fn first_sentence(&self) -> &str {
        self.doc.split_once(". ").map_or(self.doc.trim_end_matches('.'), |(sentence, _)| sentence)
    }
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
