//! What stands behind the drawings of an event: the measurements that a mark opens, and what a drawing says of itself elsewhere.

use parallax_engine::events::timeline::Timeline;
use parallax_engine::events::{States as Told, words};
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, State, Timestamp};

use super::{Frame, plural};
use crate::charts::{self, About};
use crate::countries;
use crate::day::Day;
use crate::filter::{Asn, Filter, States};
use crate::rows::clip;
use crate::urls;

/// Targets that are named above a drawing.
const NAMED: usize = 2;

/// The measurements of an event, as far as a filter can choose them: it knows one target and one network, or all.
pub struct Behind {
    filter: Filter,
    days: (Day, Day),
    many_targets: bool,
    many_networks: bool,
    is_shutdown: bool,
}

impl Behind {
    pub fn of(event: &Event<'_>, timeline: &Timeline, watermark: Option<Timestamp>) -> Self {
        let mut networks = timeline.lines.iter().filter(|line| line.is_in).map(|line| line.network);
        let network = networks.next().filter(|_| networks.next().is_none());
        let day = |time: Timestamp| Day::of_microseconds(time.microseconds());
        let filter = Filter {
            country: Some(event.probe_cc.to_string()),
            target: event.targets.first().filter(|_| event.targets.len() == 1).map(ToString::to_string),
            asn: network.map(Asn::of),
            ..Filter::default()
        };
        Self {
            many_targets: event.targets.len() > 1,
            many_networks: network.is_none(),
            filter,
            days: (day(event.onset_latest), day(event.end_earliest.or(watermark).unwrap_or(event.onset_latest).max(event.onset_latest))),
            is_shutdown: event.kind == EventKind::Shutdown,
        }
    }

    /// A page for each part of a column of the course.
    pub fn parts(&self) -> Vec<(String, String)> {
        let state = |part: &str| match part {
            "interference" => Some(States::Interference),
            "fine" => Some(States::Only(State::Ok)),
            "unclear" => Some(States::Only(State::Insufficient)),
            // Two states say that it did not work and accuse nobody.
            _ => None,
        };
        let page = |part: &str| (part.to_owned(), urls::measurements(&Filter { state: state(part), ..self.filter.clone() }));
        let parts = if self.is_shutdown { &charts::MEASURED[..] } else { &charts::PARTS[..] };
        parts.iter().map(|(part, ..)| page(part)).collect()
    }

    /// The page for a network of the country, in the event or not.
    pub fn network(&self, network: Option<u32>) -> String {
        urls::measurements(&Filter { asn: Some(Asn::of(network)), ..self.filter.clone() })
    }

    /// The page for all the time that it lasted.
    pub fn all_days(&self) -> String {
        urls::measurements(&Filter { from: Some(self.days.0), to: Some(self.days.1), ..self.filter.clone() })
    }

    /// What a click opens, said as exactly as it is.
    pub fn opens(&self, days: &str, is_one_network: bool) -> String {
        let targets = if self.many_targets { ", of all targets" } else { "" };
        let networks = if self.many_networks && !is_one_network { ", in all networks of the country" } else { "" };
        format!("the measurements of {days}{targets}{networks}")
    }

    /// `n = 40 judgements, 2024-03-04 00:00 to 2024-03-06 00:00 (UTC), 1 hour a column`.
    pub fn n(&self, n: u64, timeline: &Timeline, step: &str) -> String {
        let (from, to) = (words::time(timeline.time(0)), words::time(timeline.time(timeline.marks)));
        format!("n = {}, {from} to {to} (UTC){step}", plural(n, if self.is_shutdown { "measurement" } else { "judgement" }))
    }
}

/// What a drawing of an event says of itself elsewhere: which event, and that it is not told where it is not.
pub fn about(event: &Event<'_>, frame: &Frame) -> About {
    let (id, place) = (clip(&event.event_id), countries::label(&event.probe_cc));
    // What is not told is not called by what it is not.
    let (told, untold, not) = match event.kind {
        EventKind::Shutdown => ("shutdown".to_owned(), "measurements".to_owned(), "a shutdown"),
        EventKind::Blocking => {
            let targets = words::targets(event, NAMED);
            (format!("blocking of {targets}"), format!("connections to {targets}"), "interference")
        }
    };
    let what = match (event.state, Told::Told.has(event.state)) {
        (state, true) => format!("{told} in {place}: {state}"),
        (EventState::Explained, _) => format!("{untold} in {place}: not told as {not}, it has an innocent explanation"),
        (state, _) => format!("{untold} in {place}: {state}, and no longer told"),
    };
    let visible = |text: &str| parallax_model::visible::visible(&clip(text)).into_owned();
    let file = charts::file_name(&["event", &event.event_id]);
    About { title: format!("event {}", visible(&id)), lines: vec![String::new(), visible(&what), frame.source()], file }
}
