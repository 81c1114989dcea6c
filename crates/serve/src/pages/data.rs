//! What stands behind everything: inputs, rejects, tables, reference data, and their digests.

use askama::Template;
use parallax_engine::Limits;
use parallax_model::tables;

use crate::parameter;
use crate::parts::{Frame, Pager, bytes, count};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::{Texts, clip};
use crate::urls;

pub const ROUTE: Route = Route { path: "/data", load: Load::Heavy, parameters: &[&[parameter::PAGE]], answer };

/// Inputs of a page.
const PAGE: usize = 100;
/// Reasons of rejects that are shown: there are few, each rule of a format is one.
const MOST_REASONS: usize = 200;

struct Input {
    name: String,
    digest: String,
    bytes: String,
    records: String,
    rejected: String,
    is_kept: bool,
}

impl From<parallax_archive::Input> for Input {
    fn from(input: parallax_archive::Input) -> Self {
        Self {
            name: clip(&input.name),
            digest: input.sha256,
            bytes: bytes(input.bytes),
            records: count(input.records),
            rejected: count(input.rejected),
            is_kept: input.kept,
        }
    }
}

struct TableLine {
    name: &'static str,
    rows: String,
    files: String,
    bytes: String,
}

#[derive(Template)]
#[template(path = "data.html")]
struct Page {
    frame: Frame,
    generation: u64,
    format: u32,
    n_inputs: String,
    records: String,
    rejected: String,
    inputs: Vec<Input>,
    pager: Pager,
    tables: Vec<TableLine>,
    refdata: Vec<(String, String, String)>,
    rejects: Texts,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let snapshot = &asked.edition.snapshot;
    let manifest = snapshot.manifest();
    let sums = manifest.inputs.as_ref().map(|list| list.sums).unwrap_or_default();
    let pages = usize::try_from(sums.inputs).unwrap_or(usize::MAX).div_ceil(PAGE).max(1);
    let number = asked.parameters.number("page", 1, pages);
    let inputs = snapshot.inputs()?.page((number - 1) * PAGE, PAGE);
    let inputs = inputs.map(|input| input.map(Input::from)).collect::<Result<_, _>>()?;
    Answer::html(&Page {
        frame: Frame::new(asked, "Data"),
        generation: manifest.generation,
        format: manifest.format_version,
        n_inputs: count(sums.inputs),
        records: count(sums.records),
        rejected: count(sums.rejected),
        inputs,
        pager: Pager::new(number, number < pages, |page| format!("/data?page={page}")),
        tables: tables::ALL.iter().map(|table| table_line(asked, table)).collect(),
        refdata: manifest.refdata.iter().map(|file| (file.kind.clone(), clip(&file.name), file.sha256.clone())).collect(),
        rejects: rejects(asked)?,
    })
}

fn table_line(asked: &Asked, table: &'static parallax_model::Table) -> TableLine {
    let snapshot = &asked.edition.snapshot;
    let files: Vec<_> = snapshot.partitions(table).flat_map(|partition| snapshot.manifest().files(table, partition)).collect();
    TableLine {
        name: table.name,
        rows: count(files.iter().map(|file| file.rows).sum()),
        files: count(files.len() as u64),
        bytes: bytes(files.iter().map(|file| file.bytes).sum()),
    }
}

fn rejects(asked: &Asked) -> Result<Texts, Trouble> {
    let sql = format!("SELECT reason, scope, n, files, message FROM rejects_by_reason ORDER BY n DESC, reason, scope LIMIT {MOST_REASONS}");
    let mut result = asked.edition.engine.query(&sql, &Limits::default())?;
    let batches = result.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok(Texts::of(&result.schema(), &batches)?)
}
