//! What is true about one incident, and which events are about it.

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Mechanism, Timestamp};

/// Something that happened in the world, as somebody knows it.
#[derive(Clone, Debug, Default)]
pub struct Incident {
    /// Its own name, and the name that all parts of one incident share.
    pub name: String,
    pub incident: String,
    /// Interference or a shutdown; none of an innocent trouble.
    pub kind: Option<EventKind>,
    /// Which trouble, or `blocking` or `shutdown`.
    pub word: String,
    pub countries: Vec<String>,
    /// Empty where they are not known, or all are meant.
    pub networks: Vec<u32>,
    /// Empty where all are meant.
    pub targets: Vec<String>,
    pub mechanism: Option<Mechanism>,
    /// Of connections that are hit.
    pub share: f64,
    /// Not before and not after; none where it had begun before anybody looked.
    pub began: Option<(Timestamp, Timestamp)>,
    /// The same of its end; none where it goes on.
    pub ended: Option<(Timestamp, Timestamp)>,
}

/// An event may begin this much before the incident: onsets are intervals, and one innocent failure just before is taken in.
const BEFORE_US: i64 = 24 * 3_600_000_000;
/// ... and this much after its end.
const AFTER_US: i64 = 2 * 3_600_000_000;

impl Incident {
    /// Whether an event, whatever its state, is about this.
    pub fn is_told_by(&self, event: &Event<'_>) -> bool {
        self.kind.is_some_and(|kind| kind == event.kind) && self.overlaps(event)
    }

    /// Whether an event is where and when this is.
    pub fn overlaps(&self, event: &Event<'_>) -> bool {
        let country = self.countries.is_empty() || self.countries.iter().any(|country| *country == event.probe_cc);
        let network = self.networks.is_empty() || self.networks.iter().any(|network| event.networks.contains(network));
        let target = self.targets.is_empty()
            || event.kind == EventKind::Shutdown
            || self.targets.iter().any(|target| event.targets.iter().any(|told| *told == **target));
        let onset = event.onset_latest.microseconds();
        let not_before = self.began.is_none_or(|(earliest, _)| onset >= earliest.microseconds() - BEFORE_US);
        let not_after = self.ended.is_none_or(|(_, latest)| onset <= latest.microseconds() + AFTER_US);
        country && network && target && not_before && not_after
    }

    /// Whether an event that was there before covers it: most of its targets and networks, its beginning, and how it was done. One incident, one
    /// event: interference that begins where there is some already is told as a change of that one.
    pub fn is_told_within(&self, event: &Event<'_>) -> bool {
        let most = |of: usize, all: usize| of * 2 >= all;
        let networks = self.networks.iter().filter(|network| event.networks.contains(network)).count();
        let targets = self.targets.iter().filter(|target| event.targets.iter().any(|told| *told == ***target)).count();
        let country = self.countries.is_empty() || self.countries.iter().any(|country| *country == event.probe_cc);
        let there = country && most(networks, self.networks.len()) && most(targets, self.targets.len());
        let onset = self.began.map(|(earliest, _)| earliest);
        let then = onset.is_none_or(|onset| event.onset_latest <= onset && event.end_latest.is_none_or(|end| end > onset));
        let so = self.mechanism.is_some_and(|mechanism| event.mechanisms.iter().any(|said| said.is_prefix_of(mechanism)));
        self.kind == Some(event.kind) && there && then && so
    }

    /// Whether the time of an event has anything to do with this one's: what a trouble may have caused.
    pub fn may_cause(&self, event: &Event<'_>) -> bool {
        let goes_on = |(earliest, _): (Timestamp, Timestamp)| event.end_latest.is_none_or(|end| end >= earliest);
        self.overlaps(event) && self.began.is_none_or(goes_on)
    }
}

/// Told as interference.
pub fn is_shown(event: &Event<'_>) -> bool {
    matches!(event.state, EventState::Ongoing | EventState::Ended)
}
