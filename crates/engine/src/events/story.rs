//! The story of an event in plain words: what, when, how sure; then what was tried against it, and what was corrected.
//!
//! The terminal and the pages tell it in the same sentences.

use parallax_model::figures::plural;
use parallax_model::tables::Event;
use parallax_model::visible::visible;
use parallax_model::{EventKind, EventState, Explanation};
use serde::Serialize;

use super::words::{hit, mechanisms, networks, no_end, targets, time};

/// Networks and targets that are named in the story; the table has all.
const NAMED: usize = 12;

/// What is told about one event. Nothing in it acts on a terminal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    pub what: String,
    pub when: String,
    /// How many measurements, networks and probes, and how strong that is.
    pub how_much: String,
    /// Why it is not told as interference, or no more.
    pub verdict: Option<String>,
    pub explanations: Vec<Tried>,
    /// What was said before and is told as this event now.
    pub corrections: Option<String>,
}

/// One innocent explanation that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tried {
    pub name: String,
    pub meaning: &'static str,
    /// `does not hold: 3 of 40 …`
    pub found: String,
}

impl Story {
    /// `all` are the events of the archive: some may have turned out to be a part of this one.
    pub fn of(event: &Event<'_>, all: &[Event<'_>]) -> Self {
        Self {
            what: visible(&what(event)).into_owned(),
            when: visible(&when(event)).into_owned(),
            how_much: visible(&how_much(event)).into_owned(),
            verdict: verdict(event).map(|text| visible(&text).into_owned()),
            explanations: event.explanations.iter().map(|text| tried(text)).collect(),
            corrections: corrections(event, all),
        }
    }
}

/// The events that turned out to be a part of this one.
pub fn parts<'e>(event: &Event<'_>, all: &'e [Event<'_>]) -> impl Iterator<Item = &'e str> {
    all.iter().filter(move |other| other.superseded_by.as_deref() == Some(&event.event_id)).map(|other| other.event_id.as_ref())
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
        _ => format!("; {}.", no_end(event)),
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

fn verdict(event: &Event<'_>) -> Option<String> {
    let reason = event.reason.as_deref().unwrap_or("the reason is not known");
    match event.state {
        EventState::Explained => Some(format!("This is not shown as interference: {reason}.")),
        EventState::Retracted => Some(format!("This was said before and is retracted: {reason}.")),
        EventState::Superseded => {
            Some(format!("This is told as a part of {} now: {reason}.", event.superseded_by.as_deref().unwrap_or("another event")))
        }
        EventState::Ongoing | EventState::Ended => None,
    }
}

fn tried(text: &str) -> Tried {
    let (name, found) = text.split_once(' ').unwrap_or((text, ""));
    let meaning = name.parse::<Explanation>().map_or("", Explanation::meaning);
    Tried { name: visible(name).into_owned(), meaning, found: visible(&without_nothing(found)).into_owned() }
}

/// A finding without the parts in which nothing was measured: `0 of 0` says nothing.
fn without_nothing(found: &str) -> String {
    const NOTHING: &str = " 0 of 0";
    if !found.contains(NOTHING) {
        return found.to_owned();
    }
    let (outcome, why) = found.split_once(": ").unwrap_or(("", found));
    let why = why.replace(" and other releases in 0 of 0", "");
    let said: Vec<&str> = why.split(", ").filter(|part| !part.contains(NOTHING)).collect();
    let why = if said.is_empty() { "nothing was measured to compare it with".to_owned() } else { said.join(", ") };
    if outcome.is_empty() { why } else { format!("{outcome}: {why}") }
}

fn corrections(event: &Event<'_>, all: &[Event<'_>]) -> Option<String> {
    let parts: Vec<&str> = parts(event, all).collect();
    (!parts.is_empty()).then(|| visible(&format!("{} turned out to be part of it.", parts.join(", "))).into_owned())
}

#[cfg(test)]
mod tests {
    use parallax_model::Mechanism;

    use super::*;

    fn event(state: EventState) -> Event<'static> {
        Event {
            event_id: "XA-20240214-0a0a0a".into(),
            state,
            probe_cc: "XA".into(),
            networks: vec![64500],
            n_networks: 1,
            targets: vec!["www.example.org".into()],
            mechanisms: vec![Mechanism::of("tls.reset")],
            explanations: vec!["one_probe does not hold: 3 of 40 come from it".into()],
            ..Event::default()
        }
    }

    #[test]
    fn each_state_is_told_as_what_it_is() {
        let story = |state| Story::of(&Event { reason: Some("only one release sees it".into()), ..event(state) }, &[]);
        assert!(story(EventState::Ongoing).what.contains("were interfered with") && story(EventState::Ongoing).verdict.is_none());
        let explained = story(EventState::Explained);
        assert!(explained.what.contains(" failed in ") && !explained.what.contains("interfered"));
        assert_eq!(explained.verdict.unwrap(), "This is not shown as interference: only one release sees it.");
        assert!(story(EventState::Ongoing).when.ends_with("; no end has been seen."));
        for state in [EventState::Explained, EventState::Superseded, EventState::Retracted] {
            assert!(!story(state).when.contains("no end has been seen"), "only what is told goes on");
        }
        assert!(story(EventState::Retracted).verdict.unwrap().contains("is retracted"));
    }

    #[test]
    fn nothing_of_nothing_is_left_out() {
        for (found, told) in [
            (
                "does not hold: one probe saw it in 3 of 9 measurements, others in the same networks in 0 of 0",
                "does not hold: one probe saw it in 3 of 9 measurements",
            ),
            (
                "cannot be told: of other targets in the same networks 0 of 0 failed while it lasted",
                "cannot be told: nothing was measured to compare it with",
            ),
            ("holds: release a failed elsewhere in 5 of 9 and other releases in 0 of 0", "holds: release a failed elsewhere in 5 of 9"),
            ("holds: 0 of 10 and 10 of 0", "holds: 0 of 10 and 10 of 0"),
        ] {
            assert_eq!(without_nothing(found), told);
        }
    }

    #[test]
    fn an_explanation_and_a_part_are_named() {
        let whole = event(EventState::Ongoing);
        let part = Event { event_id: "XA-1\u{202e}".into(), superseded_by: Some(whole.event_id.clone()), ..event(EventState::Superseded) };
        let story = Story::of(&whole, &[part]);
        assert_eq!(story.explanations[0].found, "does not hold: 3 of 40 come from it");
        assert_eq!(story.explanations[0].meaning, Explanation::OneProbe.meaning());
        assert_eq!(story.corrections.unwrap(), "XA-1\\u{202e} turned out to be part of it.");
    }
}
