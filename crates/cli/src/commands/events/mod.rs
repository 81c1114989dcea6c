//! `parallax events`: what was found, a few lines each.

mod listing;

use parallax_archive::Snapshot;
use parallax_engine::events::{self, States, Wanted};
use parallax_engine::{Limits, literal};
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Timestamp};

use super::{Info, READS};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{self, Format, stdout};
use crate::place;

/// List events: where, what, since when, how, and how much stands behind it
///
/// Events with an innocent explanation, and those that were retracted or turned out to be part of another, are counted and shown only when
/// they are asked for. Times are in UTC.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only events of this country
    #[arg(long, value_name = "CC", value_parser = place::country)]
    pub cc: Option<String>,
    /// Only events in this network
    #[arg(long, value_name = "ASN", value_parser = place::network)]
    pub asn: Option<u32>,
    /// Only events that hit this target; `*.example.org` takes in every name below
    #[arg(long, value_name = "TARGET")]
    pub target: Option<String>,
    /// Only events of this kind: blocking or shutdown
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<EventKind>,
    /// Only events that began, went on or ended since then (UTC)
    #[arg(long, value_name = "TIME", value_parser = place::moment)]
    pub since: Option<Timestamp>,
    /// Only events that may have begun before then (UTC)
    #[arg(long, value_name = "TIME", value_parser = place::moment)]
    pub until: Option<Timestamp>,
    /// Only events of this state: ongoing, ended, explained, superseded or retracted
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Option<EventState>,
    /// Explained, superseded and retracted events too
    #[arg(long, conflicts_with = "state")]
    pub all: bool,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax events", "what is or was interfered with"),
        ("parallax events --cc KE --since 2023-11-01", "one country, from a day on"),
        ("parallax events --target \"*.example.org\" --all", "everything about one site, what was explained or retracted too"),
        ("parallax events --kind shutdown --format csv", "shutdowns, for a spreadsheet"),
    ],
    exit_codes: READS,
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    if arguments.since.zip(arguments.until).is_some_and(|(since, until)| since >= until) {
        return Err(Failure::usage("list events", "`--since` is not before `--until`", "name the earlier time with `--since`"));
    }
    let snapshot = context.archive()?.snapshot().or_fail("read the archive")?;
    let all = load(&snapshot)?;
    let wanted = arguments.wanted();
    let asked: Vec<&Event<'_>> = all.iter().filter(|event| wanted.has_of_any_state(event)).collect();
    let (shown, hidden): (Vec<_>, Vec<_>) = asked.into_iter().partition(|event| wanted.states.has(event.state));
    if context.format == Format::Table {
        let mut out = stdout();
        out.write_all(listing::page(&shown, &hidden, &context.typed()).as_bytes())?;
        if let (Some(country), true) = (&wanted.country, shown.is_empty() && hidden.is_empty()) {
            out.write_all(unmeasured(country, context)?.as_bytes())?;
        }
        out.flush()?;
    } else {
        print_rows(&shown, context.format)?;
    }
    Ok(ExitCode::Ok)
}

/// No event is no finding where nobody looked.
fn unmeasured(country: &str, context: &Context) -> Result<String, Failure> {
    let sql = format!("SELECT 1 FROM measurements WHERE probe_cc = {} LIMIT 1", literal(country));
    let mut rows = 0;
    for batch in context.engine()?.query(&sql, &Limits::default()).or_fail("look for measurements")? {
        rows += batch.or_fail("look for measurements")?.num_rows();
    }
    Ok(if rows == 0 { format!("nothing was measured in {country}, so nothing can be said of it\n") } else { String::new() })
}

/// The events of the archive; says so where they are not what the verdicts would give now.
pub(crate) fn load(snapshot: &Snapshot) -> Result<Vec<Event<'static>>, Failure> {
    if events::is_out_of_date(snapshot) {
        eprintln!("note: verdicts have changed since events were looked for; `parallax detect` looks again");
    }
    events::load(snapshot).or_fail("read the events")
}

/// All of some events as the list shows them.
pub(crate) fn page(events: &[Event<'_>], program: &str) -> String {
    listing::page(&events.iter().collect::<Vec<_>>(), &[], program)
}

fn print_rows(events: &[&Event<'_>], format: Format) -> Result<(), Failure> {
    let rows = events::rows(events.iter().copied());
    output::print_rows(&mut std::iter::once(Ok(rows)), &Event::TABLE_INFO.schema(), format)?;
    Ok(())
}

impl Arguments {
    fn wanted(self) -> Wanted {
        let states = match self.state {
            Some(state) => States::Only(state),
            None if self.all => States::All,
            None => States::Told,
        };
        Wanted {
            country: self.cc,
            network: self.asn.map(Some),
            target: self.target,
            kind: self.kind,
            since: self.since,
            until: self.until,
            states,
        }
    }
}

fn kind(typed: &str) -> Result<EventKind, String> {
    typed.parse().map_err(|_| format!("there are {}", EventKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" and ")))
}

fn state(typed: &str) -> Result<EventState, String> {
    typed.parse().map_err(|_| format!("there are {}", EventState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ")))
}
