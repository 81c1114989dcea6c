//! `parallax judge`: verdicts for what is new or changed.

use parallax_archive::Archive;
use parallax_engine::judge::{self, Summary};
use parallax_ingest::input::Input;
use parallax_ingest::{pipeline, refdata};
use parallax_model::State;

use super::{Info, WRITES, ingest};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, count, plural, stdout};
use crate::progress::Bar;

/// Judge what is new, or whose rules, reference data or controls changed
///
/// Bodies are searched for block pages when they are read, and are not kept. So after the fingerprints changed, inputs that still lie
/// where they were read are read again first.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub const INFO: Info = Info {
    examples: &[
        ("parallax judge", "after `parallax ingest` or `parallax refdata`; what has not changed is not judged again"),
        ("parallax judge --threads 1", "the same verdicts, with less of the machine"),
    ],
    exit_codes: WRITES,
};

pub fn run(_arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let summary = judge(&context.archive()?, context)?;
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

pub(crate) fn judge(archive: &Archive, context: &Context) -> Result<Summary, Failure> {
    search_bodies_again(archive, context)?;
    let snapshot = archive.snapshot().or_fail("read the archive")?;
    let refdata = refdata::load_current(archive, &snapshot).or_fail("read the reference data of the archive")?;
    drop(snapshot);
    judge::judge(archive, refdata, context.threads.get(), &Bar::of_items("judging")).or_fail("judge the measurements")
}

/// Reads again what was searched for other fingerprints than the archive has now.
fn search_bodies_again(archive: &Archive, context: &Context) -> Result<(), Failure> {
    let snapshot = archive.snapshot().or_fail("read the archive")?;
    let digest = refdata::load_matcher(archive, &snapshot).or_fail("read the fingerprints of the archive")?.digest().to_owned();
    let mut there = Vec::new();
    let mut gone = 0;
    for place in pipeline::read_with_other_fingerprints(&snapshot, &digest).or_fail("read the archive")? {
        match place.or_fail("read the archive")? {
            Some(path) => there.push(Input::File(path)),
            None => gone += 1,
        }
    }
    drop(snapshot);
    if !there.is_empty() {
        ingest::ingest(archive, &there, false, context)?;
    }
    if gone > 0 {
        eprintln!("note: {} cannot be searched for the present fingerprints, being no longer where they were read", plural(gone, "input"));
    }
    Ok(())
}

pub(crate) fn sentence(summary: &Summary) -> String {
    if summary.partitions == 0 {
        return match summary.unchanged_partitions {
            0 => "nothing to judge: the archive has no measurements".to_owned(),
            _ => "nothing to judge: no measurements, rules, reference data or controls changed".to_owned(),
        };
    }
    let states = State::ALL.iter().rev().filter_map(|state| Some(format!("{} {state}", count(*summary.judgements.get(state)?))));
    let targets: u64 = summary.judgements.values().sum();
    let judged = format!("judged {} with {}", plural(summary.measurements, "measurement"), plural(targets, "target"));
    format!("{judged}: {}; in {:.1} s", states.collect::<Vec<_>>().join(", "), summary.seconds)
}

fn row(summary: &Summary) -> Listing {
    let states = State::ALL.iter().map(|state| (state.as_str(), summary.judgements.get(state).copied().unwrap_or_default()));
    let listing = Listing::new()
        .number("partitions", [summary.partitions])
        .number("unchanged_partitions", [summary.unchanged_partitions])
        .number("measurements", [summary.measurements])
        .number("verdicts", [summary.verdicts]);
    let listing = states.fold(listing, |listing, (state, n)| listing.number(state, [n]));
    listing
        .text("ruleset_version", [summary.ruleset_version])
        .text("refdata_digest", [summary.refdata_digest.as_str()])
        .fraction("seconds", [Some(summary.seconds)])
}
