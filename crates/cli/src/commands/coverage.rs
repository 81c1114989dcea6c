//! `parallax coverage`: tested and fine is an answer too, and how much would have been seen says what it is worth.

use parallax_detect::interference::events::{self, Coverage, Hour, Question};
use parallax_engine::Options;
use parallax_engine::events::cells::{self, Scope};
use parallax_model::Timestamp;

use super::{Info, READS};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, stdout};
use crate::place;

/// Say how much was measured, and what interference would have been seen
///
/// One row for each network and target that was measured. `share` is the smallest share of connections that would have been found, nine
/// times in ten, had it been hit all the time; `block` is for how many hours everything must be blocked, at any time within, to be found. A dash
/// means that nothing would have been found: there, no event says nothing. Times are in UTC.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this country
    #[arg(long, value_name = "CC", value_parser = place::country)]
    pub cc: Option<String>,
    /// Only this network
    #[arg(long, value_name = "ASN", value_parser = place::network)]
    pub asn: Option<u32>,
    /// Only this target
    #[arg(long, value_name = "TARGET")]
    pub target: Option<String>,
    /// From then on (UTC); the first measurement when not given
    #[arg(long, value_name = "TIME", value_parser = place::moment)]
    pub since: Option<Timestamp>,
    /// Up to then (UTC); as far as the data reach when not given
    #[arg(long, value_name = "TIME", value_parser = place::moment)]
    pub until: Option<Timestamp>,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax coverage --cc KE", "every target in every network of a country"),
        ("parallax coverage --cc KE --target www.example.org --since 2024-02-01", "one target, from a day on: was it fine, or not tested?"),
        ("parallax coverage --format csv", "everything, for a spreadsheet"),
    ],
    exit_codes: READS,
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    if let (Some(since), Some(until)) = (arguments.since, arguments.until)
        && since >= until
    {
        return Err(Failure::usage("say what was covered", "--until is not after --since", "give a later --until"));
    }
    let snapshot = context.archive()?.snapshot().or_fail("read the archive")?;
    let options = Options { threads: context.threads.get(), ..Options::default() };
    let scope = Scope { country: arguments.cc.clone() };
    let loaded = cells::load(&snapshot, &scope, &options).or_fail("count the measurements")?;
    let question = Question {
        probe_cc: arguments.cc.as_deref(),
        probe_asn: arguments.asn,
        target: arguments.target.as_deref(),
        from: arguments.since.map(Hour::of),
        until: arguments.until.map(Hour::of),
    };
    let answers = events::coverage(&loaded.cells, &question, &loaded.options());
    match context.format {
        Format::Table => show(&answers)?,
        format => drop(rows(&answers).print(format)?),
    }
    Ok(ExitCode::Ok)
}

/// For people: short enough for 80 columns.
fn show(answers: &[Coverage]) -> Result<(), Failure> {
    if answers.is_empty() {
        let mut out = stdout();
        writeln!(out, "nothing was measured there: no event is no answer")?;
        return Ok(out.flush()?);
    }
    let dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let network = |answer: &Coverage| answer.probe_asn.map_or_else(|| "unknown".to_owned(), |network| format!("AS{network}"));
    let listing = Listing::new()
        .text("where", answers.iter().map(|answer| format!("{} {}", answer.probe_cc, network(answer))))
        .text("target", answers.iter().map(|answer| answer.target.as_str()))
        .number("n", answers.iter().map(|answer| answer.measurements))
        .number("hit", answers.iter().map(|answer| answer.interfered))
        .text("hours", answers.iter().map(|answer| format!("{} of {}", answer.hours_measured, answer.hours)))
        .number("gap", answers.iter().map(|answer| u64::from(answer.longest_gap_hours)))
        .text("share", answers.iter().map(|answer| dash(answer.smallest_share.map(|share| format!("{:.0}%", 100.0 * share)))))
        .text("block", answers.iter().map(|answer| dash(answer.shortest_hours.map(|hours| hours.to_string()))));
    listing.print(Format::Table)?;
    let mut out = stdout();
    writeln!(out, "\nn: measurements that say whether there was interference; hit: those that say there was;")?;
    writeln!(out, "gap: most hours in a row without any; share: the smallest that would have been found;")?;
    writeln!(out, "block: hours of full blocking that would have been found; -: nothing would have been")?;
    Ok(out.flush()?)
}

/// For programs.
fn rows(answers: &[Coverage]) -> Listing {
    Listing::new()
        .text("probe_cc", answers.iter().map(|answer| answer.probe_cc.as_str()))
        .optional_text("probe_asn", answers.iter().map(|answer| answer.probe_asn.map(|network| network.to_string())))
        .text("target", answers.iter().map(|answer| answer.target.as_str()))
        .number("n_measurements", answers.iter().map(|answer| answer.measurements))
        .number("n_interfered", answers.iter().map(|answer| answer.interfered))
        .number("hours_measured", answers.iter().map(|answer| u64::from(answer.hours_measured)))
        .number("hours", answers.iter().map(|answer| u64::from(answer.hours)))
        .number("longest_gap_hours", answers.iter().map(|answer| u64::from(answer.longest_gap_hours)))
        .fraction("smallest_share", answers.iter().map(|answer| answer.smallest_share))
        .fraction("shortest_hours", answers.iter().map(|answer| answer.shortest_hours.map(f64::from)))
}
