//! `parallax tables`: the documentation of every table and view, from the code that makes them.

use parallax_engine::documentation::{self, Entry};

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

fn all(context: &Context) -> Result<(), Failure> {
    let entries = documentation::entries().or_fail("plan the views")?;
    let listing = Listing::new()
        .text("name", entries.iter().map(|entry| entry.name))
        .text("kind", entries.iter().map(|entry| entry.kind))
        .number("columns", entries.iter().map(|entry| entry.columns.len() as u64))
        .text("one_row_is", entries.iter().map(|entry| entry.first_sentence()));
    listing.print_page(context.format)?;
    Ok(())
}

fn one(name: &str, context: &Context) -> Result<(), Failure> {
    let entries = documentation::entries().or_fail("plan the views")?;
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
