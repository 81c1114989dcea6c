//! `parallax rejects`: what could not be read, and where it lies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch, StringArray};
use parallax_archive::{Error, Input, Snapshot};
use parallax_engine::{Engine, Limits};

use super::{Info, READS};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output;

/// List what could not be read: file, position, reason
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Count by reason instead of listing each
    #[arg(long)]
    pub by_reason: bool,
    /// Only rejects with this reason
    #[arg(long, value_name = "REASON", conflicts_with = "by_reason")]
    pub reason: Option<String>,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax rejects", "every reject, with the file it is in"),
        ("parallax rejects --by-reason", "how many there are of each kind"),
        ("parallax rejects --reason not_json --format csv", "one kind, for a spreadsheet"),
    ],
    exit_codes: READS,
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let sql = match &arguments.reason {
        _ if arguments.by_reason => "SELECT * FROM rejects_by_reason ORDER BY n DESC, reason, scope".to_owned(),
        None => list(""),
        Some(reason) => list(&format!("WHERE reason = '{}'", reason.replace('\'', "''"))),
    };
    let engine = context.engine()?;
    let snapshot = context.archive()?.snapshot().or_fail("read the archive")?;
    // What is counted by reason names no file.
    let digests = if arguments.by_reason { BTreeSet::new() } else { digests(&engine)? };
    let files = Files::of(&snapshot, &digests).or_fail("read the list of inputs")?;
    let mut result = engine.query(&sql, &Limits::default()).or_fail("read the rejects")?;
    let schema = result.schema();
    let mut located = result.by_ref().map(|batch| batch.map(|batch| files.locate(batch)));
    output::print_rows(&mut located, &schema, context.format)?;
    Ok(ExitCode::Ok)
}

/// `source_digest` stands where the path comes: [`Files::locate`] replaces it.
fn list(filter: &str) -> String {
    format!(
        "SELECT source_digest AS file, source_line AS line, source_offset AS offset, scope, json_pointer, reason, message, excerpt
         FROM rejects {filter} ORDER BY source_file, source_digest, source_offset, source_line, json_pointer, reason"
    )
}

/// The inputs that rejects are from.
fn digests(engine: &Engine) -> Result<BTreeSet<String>, Failure> {
    let mut digests = BTreeSet::new();
    let batches = engine.query("SELECT DISTINCT source_digest FROM rejects", &Limits::default()).or_fail("read the rejects")?;
    for batch in batches {
        let batch = batch.or_fail("read the rejects")?;
        digests.extend(batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    Ok(digests)
}

/// Where each of these inputs was last seen, by its digest.
struct Files(BTreeMap<String, String>);

impl Files {
    fn of(snapshot: &Snapshot, digests: &BTreeSet<String>) -> Result<Self, Error> {
        let digests = digests.iter().map(String::as_str).collect();
        let places = snapshot.inputs()?.among(&digests).map(|input| input.map(|input| (input.sha256.clone(), path(&input))));
        Ok(Self(places.collect::<Result<_, _>>()?))
    }

    fn locate(&self, batch: RecordBatch) -> RecordBatch {
        let Ok(index) = batch.schema().index_of("file") else { return batch };
        let digests = batch.column(index).as_string::<i32>();
        let path = |digest: &str| self.0.get(digest).cloned().unwrap_or_else(|| digest.to_owned());
        let paths: StringArray = digests.iter().map(|digest| digest.map(path)).collect();
        let mut columns = batch.columns().to_vec();
        columns[index] = Arc::new(paths);
        RecordBatch::try_new(batch.schema(), columns).expect("a text column was replaced by a text column")
    }
}

/// A place that exists if there is one; else the name alone.
fn path(input: &Input) -> String {
    let place = input.locations.iter().find(|place| place.exists()).or(input.locations.first());
    place.map_or_else(|| input.name.clone(), |place| place.display().to_string())
}
