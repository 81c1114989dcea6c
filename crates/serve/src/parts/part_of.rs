//! The events that one measurement is part of: those of its country, its network and one of its targets, that went on when it was made.

use parallax_engine::events::words;
use parallax_engine::explain::Proof;
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Timestamp};

use crate::observatory::Edition;
use crate::rows::clip;
use crate::urls;

pub struct PartOf {
    pub id: String,
    pub link: String,
    pub state: &'static str,
    pub meaning: &'static str,
    pub what: String,
    pub when: String,
    /// Why the event is not told as interference, where an innocent explanation says so.
    pub innocent: Option<String>,
}

impl PartOf {
    pub fn all(proof: &Proof, edition: &Edition) -> Vec<Self> {
        let Ok(time) = proof.measurement_start_time.trim_end_matches(" UTC").parse::<Timestamp>() else { return Vec::new() };
        edition.events.iter().filter(|event| has(event, proof, time)).map(line).collect()
    }
}

/// Events are found hour by hour.
const HOUR: i64 = 3_600_000_000;

/// A shutdown has no targets: it hits all.
fn has(event: &Event<'_>, proof: &Proof, time: Timestamp) -> bool {
    let is_there = || match proof.probe_asn {
        Some(asn) => event.networks.contains(&asn),
        None => event.n_networks > event.networks.len() as u64,
    };
    let is_hit = || {
        event.kind == EventKind::Shutdown || proof.targets.iter().any(|proven| event.targets.iter().any(|target| *target == proven.target))
    };
    // By its latest onset it was seen: the hour before that is the first in which it was.
    let seen = Timestamp::from_microseconds(event.onset_latest.microseconds() - HOUR);
    let begins = event.onset_earliest.unwrap_or(seen);
    event.probe_cc == proof.probe_cc && begins <= time && event.end_latest.is_none_or(|end| time <= end) && is_there() && is_hit()
}

fn line(event: &Event<'_>) -> PartOf {
    let reason = || event.reason.as_deref().map_or("the reason is not known".to_owned(), clip);
    let end = event.end_latest.map_or(words::no_end(event).to_owned(), |end| format!("ended by {} UTC", words::time(end)));
    PartOf {
        id: clip(&event.event_id),
        link: urls::event(&event.event_id),
        state: event.state.as_str(),
        meaning: event.state.meaning(),
        what: format!("{} in {}", clip(&words::targets(event, 3)), clip(&event.probe_cc)),
        when: format!("begun by {} UTC, {end}", words::time(event.onset_latest)),
        innocent: (event.state == EventState::Explained).then(reason),
    }
}
