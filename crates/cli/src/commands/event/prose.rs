//! The story of an event in plain words: what, when, how sure; then what was tried against it, and what to open.

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Explanation};

use crate::commands::events::words::{hit, mechanisms, networks, targets, time};
use crate::output::{count, paragraph, plural, quoted, visible};

/// What fits every terminal.
const WIDTH: usize = 80;
/// Networks and targets that are named in the story; the table has all.
const NAMED: usize = 12;

/// What happened, and how sure it is.
pub fn story(event: &Event<'_>) -> String {
    let head = format!("{} ({}, {}: {})\n\n", visible(&event.event_id), event.kind, event.state, event.state.meaning());
    let told = format!("{} {} {}", what(event), when(event), how_much(event));
    paragraph(&head, 0, WIDTH) + "\n" + &paragraph(&visible(&told), 0, WIDTH) + &verdict(event)
}

fn what(event: &Event<'_>) -> String {
    let place = format!("{} in {}", networks(event, NAMED), event.probe_cc);
    match event.kind {
        EventKind::Shutdown => format!("Hardly anything was measured any more from {place}."),
        EventKind::Blocking => {
            let layers = event.layers.iter().map(|layer| layer.as_str()).collect::<Vec<_>>().join(", ");
            let by = match mechanisms(event) {
                by if by.is_empty() => "by means that the evidence does not tell".to_owned(),
                by => format!("by {by}"),
            };
            // What an innocent explanation covers is not called interference.
            let was = if event.state == EventState::Explained { "failed" } else { "were interfered with" };
            format!("Connections to {} {was} in {place}, {by} (on {layers}).", targets(event, NAMED))
        }
    }
}

fn when(event: &Event<'_>) -> String {
    let began = match event.onset_earliest {
        Some(earliest) => format!("It began between {} and {} UTC", time(earliest), time(event.onset_latest)),
        None => {
            format!("It was seen from {} UTC on, and may have begun before: nothing shows it working earlier", time(event.onset_latest))
        }
    };
    let ended = match (event.end_earliest, event.end_latest) {
        (Some(earliest), Some(latest)) => format!(", and ended between {} and {} UTC.", time(earliest), time(latest)),
        _ => "; no end has been seen.".to_owned(),
    };
    let schedule =
        event.schedule.as_ref().map_or(String::new(), |schedule| format!(" It recurs: {schedule}; hours are those of the capital."));
    began + &ended + &schedule
}

fn how_much(event: &Event<'_>) -> String {
    let probes = match event.n_probes {
        Some(n) => format!("{} with a name", plural(n, "probe")),
        None => "an unknown number of probes (few are named)".to_owned(),
    };
    let within = if event.schedule.is_some() { " (within its schedule)" } else { "" };
    let seen = match event.kind {
        EventKind::Blocking => {
            format!("While it lasted{within}, {} were hit, in {}, by {probes}.", hit(event), plural(event.n_networks, "network"))
        }
        EventKind::Shutdown => format!("While it lasted, {}, in {}.", hit(event), plural(event.n_networks, "network")),
    };
    format!("{seen} Strength {:.1} (log10 of the likelihood ratio): {}.", event.strength, event.strength_reading)
}

/// Why it is not told as interference, or no more.
fn verdict(event: &Event<'_>) -> String {
    let reason = event.reason.as_deref().unwrap_or("the reason is not known");
    let text = match event.state {
        EventState::Explained => format!("This is not shown as interference: {reason}."),
        EventState::Retracted => format!("This was said before and is retracted: {reason}."),
        EventState::Superseded => {
            format!("This is told as a part of {} now: {reason}.", event.superseded_by.as_deref().unwrap_or("another event"))
        }
        EventState::Ongoing | EventState::Ended => return String::new(),
    };
    "\n".to_owned() + &paragraph(&visible(&text), 0, WIDTH)
}

/// What was tried, what was corrected, and what to open.
pub fn evidence(event: &Event<'_>, all: &[Event<'_>], program: &str) -> String {
    explanations(event) + &corrections(event, all) + &witnesses(event, program)
}

fn explanations(event: &Event<'_>) -> String {
    if event.explanations.is_empty() {
        return String::new();
    }
    let mut text = "\nInnocent explanations that were tried:\n".to_owned();
    for tried in &event.explanations {
        let (name, outcome) = tried.split_once(' ').unwrap_or((tried, ""));
        let meaning = name.parse::<Explanation>().map_or("", Explanation::meaning);
        let block = paragraph(&visible(&format!("{name} ({meaning}) {outcome}")), 4, WIDTH);
        text += &format!("  - {}", block.trim_start());
    }
    text
}

/// What was said before and is told as this event now.
fn corrections(event: &Event<'_>, all: &[Event<'_>]) -> String {
    let parts: Vec<&str> =
        all.iter().filter(|other| other.superseded_by.as_ref() == Some(&event.event_id)).map(|other| other.event_id.as_ref()).collect();
    match parts.is_empty() {
        true => String::new(),
        false => {
            "\n".to_owned() + &paragraph(&visible(&format!("Corrections: {} turned out to be part of it.", parts.join(", "))), 0, WIDTH)
        }
    }
}

fn witnesses(event: &Event<'_>, program: &str) -> String {
    if event.witnesses.is_empty() {
        return "\nNo single measurement shows it: it is the measurements that are missing.\n".to_owned();
    }
    let n = format!("{} of {}", event.witnesses.len(), count(event.n_interfered.max(event.witnesses.len() as u64)));
    let mut text = format!("\nWitnesses to open ({n}):\n");
    for witness in &event.witnesses {
        text += &format!("  {program} explain {}\n", quoted(witness));
    }
    text
}
