//! `parallax detect`: events out of verdicts.

use parallax_archive::Archive;
use parallax_engine::Options;
use parallax_engine::events::{self, Summary};
use parallax_model::EventState;

use super::{Info, WRITES};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, count, plural, stdout};

/// Find events: when interference began, where, how, and when it ended
///
/// Everything is looked at anew, so that late measurements count as if they had been there from the beginning. An event keeps its name; one
/// that the data no longer show stays, retracted, with the reason. What was said first, and how far the measurements reached then, is
/// written to said.jsonl in the archive.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub const INFO: Info = Info {
    examples: &[
        ("parallax detect", "after `parallax judge`; when no verdict has changed, nothing is done"),
        ("parallax detect --format json", "how many events there are of each state, for a program"),
    ],
    exit_codes: WRITES,
};

pub fn run(_arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let summary = detect(&context.archive()?, context)?;
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

pub(crate) fn detect(archive: &Archive, context: &Context) -> Result<Summary, Failure> {
    let options = Options { threads: context.threads.get(), ..Options::default() };
    events::detect(archive, &options).or_fail("look for events")
}

pub(crate) fn sentence(summary: &Summary) -> String {
    let states = EventState::ALL.iter().filter_map(|state| Some(format!("{} {state}", count(*summary.events.get(state)?))));
    let states: Vec<_> = states.collect();
    let events = plural(summary.events.values().sum(), "event");
    let told = if states.is_empty() { "no events".to_owned() } else { format!("{events}: {}", states.join(", ")) };
    if summary.unchanged {
        return format!("nothing to look at: no verdicts changed; {told}");
    }
    let watermark = summary.watermark.map_or(String::new(), |time| format!(" up to {}", time.format("%Y-%m-%d %H:%M UTC")));
    let left_out = match summary.cells_left_out {
        0 => String::new(),
        n => format!(" ({} left out whose time is in doubt)", count(n)),
    };
    let news = format!("{} new, {} changed", count(summary.new), count(summary.changed));
    format!("looked at {}{watermark}{left_out}: {told} ({news}); in {:.1} s", plural(summary.cells, "cell"), summary.seconds)
}

fn row(summary: &Summary) -> Listing {
    let listing = Listing::new()
        .truth("unchanged", [summary.unchanged])
        .number("cells", [summary.cells])
        .number("cells_left_out", [summary.cells_left_out])
        .optional_text("watermark", [summary.watermark.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ"))]);
    let state =
        |listing: Listing, state: &EventState| listing.number(state.as_str(), [summary.events.get(state).copied().unwrap_or_default()]);
    EventState::ALL
        .iter()
        .fold(listing, state)
        .number("new", [summary.new])
        .number("changed", [summary.changed])
        .fraction("seconds", [Some(summary.seconds)])
}
