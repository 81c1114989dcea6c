//! `parallax ingest`: raw measurements into the archive.

use std::path::PathBuf;
use std::sync::Arc;

use parallax_archive::Archive;
use parallax_ingest::pipeline::{self, Options, Summary};
use parallax_ingest::{input, refdata};

use super::{Info, WRITES};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, bytes, plural, stdout};
use crate::progress::Bar;

/// Read raw measurements into the archive
///
/// Reads JSON, JSON lines, arrays and answers of OONI's API, plain or compressed (gzip, zstd, lz4), recognised by content and not by
/// name. What was read before is not read again. What cannot be read is kept with its place and reason: see `parallax rejects`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Files, folders, globs, or `-` for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Copy the inputs into the archive, so that every record can be opened when they are gone
    #[arg(long)]
    pub keep_raw: bool,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax ingest 2024-02/", "every file of a folder"),
        ("parallax ingest --keep-raw \"raw/IR/*.jsonl.gz\"", "some files, and keep a copy of them"),
        ("curl -s https://example.org/measurement.json | parallax ingest -", "from a pipe; what comes from a pipe is always kept"),
    ],
    exit_codes: WRITES,
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let inputs = input::expand(&arguments.inputs).or_fail("read the inputs")?;
    let archive = context.archive_or_new()?;
    let summary = ingest(&archive, &inputs, arguments.keep_raw, context)?;
    match context.format {
        Format::Table => {
            let mut out = stdout();
            writeln!(out, "{}", sentence(&summary))?;
            out.flush()?;
        }
        format => drop(row(&summary).print(format)?),
    }
    Ok(ExitCode::Ok)
}

/// Reads inputs with the fingerprints that the archive has now.
pub(crate) fn ingest(archive: &Archive, inputs: &[input::Input], keep_raw: bool, context: &Context) -> Result<Summary, Failure> {
    let snapshot = archive.snapshot().or_fail("read the archive")?;
    let fingerprints = Arc::new(refdata::load_matcher(archive, &snapshot).or_fail("read the fingerprints of the archive")?);
    drop(snapshot);
    let options = Options { threads: context.threads, keep_raw, fingerprints };
    pipeline::ingest(archive, inputs, &options, &Bar::of_bytes("reading")).or_fail("read the inputs")
}

pub(crate) fn sentence(summary: &Summary) -> String {
    let mut text = format!("read {}", plural(summary.files, "file"));
    if summary.skipped_files > 0 {
        text += &format!(" ({} known already)", summary.skipped_files);
    }
    let rows = format!("{} with {}", plural(summary.measurements, "measurement"), plural(summary.observations, "observation"));
    let rejected = if summary.rejected == 0 { String::new() } else { " (`parallax rejects`)".to_owned() };
    text + &format!(": {rows}, {} rejected{rejected}; {} in {:.1} s", summary.rejected, bytes(summary.bytes), summary.seconds)
}

fn row(summary: &Summary) -> Listing {
    Listing::new()
        .number("files", [summary.files])
        .number("skipped_files", [summary.skipped_files])
        .number("measurements", [summary.measurements])
        .number("observations", [summary.observations])
        .number("rejected", [summary.rejected])
        .number("bytes", [summary.bytes])
        .fraction("seconds", [Some(summary.seconds)])
}
