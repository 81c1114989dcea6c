//! Asks a detector at growing watermarks: when would it first have said something?

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Timestamp};

use super::incident::{Incident, is_shown};
use crate::interference::events::{Cells, Hour, Options, detect, detect_by_medians, shutdowns};

/// One of the detectors that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    Parallax,
    /// Hourly medians into a cumulative sum, as OONI's production detector does it.
    Medians,
}

impl Detector {
    pub const ALL: [Detector; 2] = [Detector::Parallax, Detector::Medians];

    pub const fn as_str(self) -> &'static str {
        match self {
            Detector::Parallax => "parallax",
            Detector::Medians => "medians",
        }
    }

    /// What it says when the cells before `until` are all there is.
    pub fn at(self, cells: &Cells, until: Hour) -> Vec<Event<'static>> {
        let cells = cells.before(until);
        match self {
            Detector::Parallax => detect(&cells, &Options { complete_until: Some(until), ..Options::default() }),
            Detector::Medians => detect_by_medians(&cells),
        }
    }

    /// The same of what an incident hangs on: it is asked for many times over.
    fn about(self, incident: &Incident, near: &Cells, until: Hour) -> Vec<Event<'static>> {
        match (self, incident.kind) {
            (Detector::Parallax, Some(EventKind::Shutdown)) => {
                shutdowns(&near.before(until), &Options { complete_until: Some(until), ..Options::default() })
            }
            _ => self.at(near, until),
        }
    }

    /// Hours from the onset until it is told as interference, given that it is by `last`.
    pub fn delay(self, incident: &Incident, cells: &Cells, last: Hour) -> Option<u32> {
        let onset = hour_after(incident.began?.1);
        let near = near(incident, cells);
        let near = near.as_ref().unwrap_or(cells);
        let told = |until: Hour| self.about(incident, near, until).iter().any(|event| is_shown(event) && incident.is_told_by(event));
        first(onset, last, told)
    }

    /// Hours from the end until the event is told as ended.
    pub fn end_delay(self, incident: &Incident, cells: &Cells, last: Hour) -> Option<u32> {
        let end = incident.ended?.1;
        let is_end = |event: &Event<'_>| event.state == EventState::Ended && event.end_latest.is_some_and(|latest| latest >= end);
        let near = near(incident, cells);
        let near = near.as_ref().unwrap_or(cells);
        let told = |until: Hour| self.about(incident, near, until).iter().any(|event| is_end(event) && incident.is_told_by(event));
        first(hour_after(end), last, told)
    }
}

/// The cells of an incident's countries and targets. A shutdown is held against all others, and so is what has no place.
fn near(incident: &Incident, cells: &Cells) -> Option<Cells> {
    let is_somewhere = incident.kind == Some(EventKind::Blocking) && !incident.countries.is_empty() && !incident.targets.is_empty();
    is_somewhere.then(|| cells.about(&incident.countries, &incident.targets))
}

/// The hour that a moment lies in, or at whose beginning it is.
fn hour_after(time: Timestamp) -> Hour {
    Hour::of(time)
}

/// Hours from `from` to the first hour at which it is told, searched in growing steps and then by halves.
fn first(from: Hour, last: Hour, told: impl Fn(Hour) -> bool) -> Option<u32> {
    let (mut low, mut step) = (0, 1);
    let end = last.since(from);
    loop {
        let high = (low + step).min(end);
        if told(from.plus(high)) {
            return Some(between(low, high, |hours| told(from.plus(hours))));
        }
        if high >= end {
            return None;
        }
        (low, step) = (high, step * 2);
    }
}

/// It is not told at `low` and is at `high`.
fn between(mut low: u32, mut high: u32, told: impl Fn(u32) -> bool) -> u32 {
    while high > low + 1 {
        let middle = low + (high - low) / 2;
        if told(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hour_is_found_and_what_never_comes_is_none() {
        for wanted in [1, 2, 3, 7, 50, 99] {
            assert_eq!(first(Hour(1000), Hour(1100), |hour| hour.0 >= 1000 + wanted), Some(wanted));
        }
        assert_eq!(first(Hour(1000), Hour(1100), |_| false), None);
    }
}
