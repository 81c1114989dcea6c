//! Events as a list that fits a terminal of 80 columns: a line of facts each, and a sentence below it.

use parallax_engine::events::words;
use parallax_model::EventState;
use parallax_model::tables::Event;

use crate::output::{paragraph, plural, visible};

/// What fits every terminal.
const WIDTH: usize = 80;
/// Networks and targets that are named; the rest are counted.
const NAMED: usize = 3;

pub fn page(shown: &[&Event<'_>], hidden: &[&Event<'_>], program: &str) -> String {
    let mut text = String::new();
    if !shown.is_empty() {
        text += &format!(
            "{:<22} {:<10} {:<16} {:<16} networks\n{}\n",
            "event",
            "state",
            "began by (UTC)",
            "last seen (UTC)",
            "─".repeat(WIDTH)
        );
    }
    for event in shown {
        text += &entry(event);
    }
    if shown.is_empty() {
        text += "no events that are asked for\n";
    } else {
        text += &format!("\n{}; `{program} event ID` tells one\n", plural(shown.len() as u64, "event"));
    }
    text + &also(hidden)
}

fn entry(event: &Event<'_>) -> String {
    let last = event.end_earliest.map_or("-".to_owned(), words::time);
    let head = format!(
        "{:<22} {:<10} {:<16} {last:<16} {:>8}",
        visible(&event.event_id),
        event.state.as_str(),
        words::time(event.onset_latest),
        event.n_networks
    );
    let by = words::mechanisms(event);
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    let schedule = event.schedule.as_ref().map_or(String::new(), |schedule| format!(", {}", visible(schedule)));
    let what = format!(
        "{}: {}{by}{schedule}; {}; {}",
        event.probe_cc,
        words::targets(event, NAMED),
        words::hit(event),
        words::networks(event, NAMED)
    );
    let reason = event.reason.as_ref().map_or(String::new(), |reason| paragraph(&visible(reason), 4, WIDTH));
    let claim = event.superseded_by.as_ref().map_or(String::new(), |id| format!("    now part of {}\n", visible(id)));
    head.trim_end().to_owned() + "\n" + &paragraph(&visible(&what), 4, WIDTH) + &reason + &claim
}

/// What is there beside what is shown.
fn also(hidden: &[&Event<'_>]) -> String {
    let of = |state: &EventState| hidden.iter().filter(|event| event.state == *state).count();
    let counts: Vec<String> =
        EventState::ALL.iter().map(|state| (state, of(state))).filter(|(_, n)| *n > 0).map(|(state, n)| format!("{n} {state}")).collect();
    match counts.is_empty() {
        true => String::new(),
        false => format!("not shown: {}; `--all` shows them\n", counts.join(", ")),
    }
}
