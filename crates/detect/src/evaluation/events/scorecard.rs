//! The figures of a detector of events.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::EventKind;
use parallax_model::tables::Event;

use super::Detector;
use super::incident::{Incident, is_shown};
use crate::evaluation::interval::wilson;
use crate::interference::events::{Cells, Hour};

/// What a figure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `count` of `n`.
    Share,
    /// `value` hours, of `n` incidents.
    Hours,
    /// `count` events in `n` years of quiet series.
    PerYear,
}

/// One figure, with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFigure {
    pub figure: &'static str,
    /// Of which incidents or troubles.
    pub of: String,
    pub unit: Unit,
    /// None of nothing, and of a delay where too few were found.
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub count: u64,
    pub n: u64,
}

/// At least this share of connections is full blocking.
const FULL: f64 = 0.99;

/// Everything that can be said of a detector. `is_complete` says that the truth names all that happened, so that what it does not name is false.
pub fn score(detector: Detector, truth: &[Incident], cells: &Cells, last: Hour, is_complete: bool) -> Vec<EventFigure> {
    let said = detector.at(cells, last);
    let score = Score { detector, truth, cells, last, shown: said.iter().filter(|event| is_shown(event)).collect(), said: &said };
    let mut figures = score.found();
    figures.extend(score.details());
    if is_complete {
        figures.extend(score.falsehoods());
    }
    figures.extend(score.troubles());
    figures
}

/// Incidents that can be compared: how often the best watched of their series was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Hourly,
    SixADay,
    Daily,
    Seldom,
    Partial,
    /// Of a network with at least [`WATCHED`] measurements an hour in the week before, in nearly all of its hours, ...
    ShutdownWatched,
    /// ... with as many, made at once by few volunteers, or less than a week of them, ...
    ShutdownAtOnce,
    /// ... and with fewer.
    ShutdownSeldom,
}

impl Group {
    const fn as_str(self) -> &'static str {
        match self {
            Group::Hourly => "full blocking, 24 a day or more",
            Group::SixADay => "full blocking, 6 to 24 a day",
            Group::Daily => "full blocking, 1 to 6 a day",
            Group::Seldom => "full blocking, less than 1 a day",
            Group::Partial => "blocking of a share",
            Group::ShutdownWatched => "shutdown, 10 an hour or more in 9 of 10 hours of the week before",
            Group::ShutdownAtOnce => "shutdown, 10 an hour or more in fewer hours of the week before",
            Group::ShutdownSeldom => "shutdown, less than 10 an hour in the week before",
        }
    }
}

/// Measurements of a network in an hour.
const WATCHED: f64 = 10.0;
/// A share of hours.
const NEARLY_ALL: f64 = 0.9;
const WEEK_HOURS: u32 = 168;

struct Score<'a> {
    detector: Detector,
    truth: &'a [Incident],
    cells: &'a Cells,
    last: Hour,
    said: &'a [Event<'static>],
    shown: Vec<&'a Event<'static>>,
}

impl<'a> Score<'a> {
    fn interference(&self) -> impl Iterator<Item = &'a Incident> {
        self.truth.iter().filter(|incident| incident.kind.is_some())
    }

    fn is_found(&self, incident: &Incident) -> bool {
        self.shown.iter().any(|event| incident.is_told_by(event))
    }

    /// Whether it is part of an event that was there before.
    fn is_within(&self, incident: &Incident) -> bool {
        self.shown.iter().any(|event| incident.is_told_within(event))
    }

    /// Found or not, and how late.
    fn found(&self) -> Vec<EventFigure> {
        let mut groups: BTreeMap<Group, Vec<&Incident>> = BTreeMap::new();
        for incident in self.interference() {
            groups.entry(self.group(incident)).or_default().push(incident);
        }
        groups.into_iter().flat_map(|(group, of)| self.found_of(group.as_str(), &of)).collect()
    }

    fn group(&self, incident: &Incident) -> Group {
        match incident.kind {
            Some(EventKind::Shutdown) => match self.before(incident) {
                (rate, hours) if rate >= WATCHED && hours >= NEARLY_ALL => Group::ShutdownWatched,
                (rate, _) if rate >= WATCHED => Group::ShutdownAtOnce,
                _ => Group::ShutdownSeldom,
            },
            _ if incident.share < FULL => Group::Partial,
            _ => match self.a_day(incident) {
                rate if rate >= 24.0 => Group::Hourly,
                rate if rate >= 6.0 => Group::SixADay,
                rate if rate >= 1.0 => Group::Daily,
                _ => Group::Seldom,
            },
        }
    }

    /// How many measurements an hour the busiest network of a shutdown made in the week before, and in which share of its hours.
    fn before(&self, incident: &Incident) -> (f64, f64) {
        let first = self.cells.first_hour().unwrap_or_default();
        let until = incident.began.map_or(first, |(earliest, _)| Hour::of(earliest));
        let week = until.minus(WEEK_HOURS)..until;
        let there = |country: &str, network: Option<u32>| {
            let listed = incident.networks.is_empty() || network.is_some_and(|network| incident.networks.contains(&network));
            listed && incident.countries.iter().any(|each| each == country)
        };
        let measured = self.cells.measurements(week.clone());
        let hours = self.cells.hours_measured(week.clone());
        let known = f64::from(until.since(week.start.max(first)).max(1));
        let rates = measured.into_iter().filter(|((country, network), _)| there(country, *network));
        let share = |place| hours.get(&place).map_or(0.0, |hours| *hours as f64 / f64::from(WEEK_HOURS));
        rates
            .map(|(place, sum)| (f64::from(sum) / known, share(place)))
            .fold((0.0, 0.0), |best, each| if each.0 > best.0 { each } else { best })
    }

    /// How often the best watched series of an incident was measured while it lasted.
    fn a_day(&self, incident: &Incident) -> f64 {
        let first = self.cells.first_hour().unwrap_or_default();
        let from = incident.began.map_or(first, |(_, latest)| Hour::of(latest)).max(first);
        let until = incident.ended.map_or(self.last, |(earliest, _)| Hour::of(earliest)).min(self.last);
        let of = |list: &[String], word: &str| list.is_empty() || list.iter().any(|item| item == word);
        let measured = self.cells.measured(from..until);
        let inside = measured.iter().filter(|((country, network, target), _)| {
            let there = incident.networks.is_empty() || network.is_some_and(|network| incident.networks.contains(&network));
            of(&incident.countries, country) && of(&incident.targets, target) && there
        });
        f64::from(inside.map(|(_, sum)| *sum).max().unwrap_or(0)) * 24.0 / f64::from(until.since(from).max(1))
    }

    fn found_of(&self, name: &str, of: &[&Incident]) -> Vec<EventFigure> {
        let found = of.iter().filter(|incident| self.is_found(incident)).count();
        let began: Vec<&&Incident> = of.iter().filter(|incident| incident.began.is_some()).collect();
        let onsets =
            began.iter().map(|incident| self.is_found(incident).then(|| self.detector.delay(incident, self.cells, self.last)).flatten());
        let ended: Vec<&&Incident> = of.iter().filter(|incident| incident.ended.is_some() && self.is_found(incident)).collect();
        let ends = ended.iter().map(|incident| self.detector.end_delay(incident, self.cells, self.last));
        let (onsets, ends): (Vec<_>, Vec<_>) = (onsets.collect(), ends.collect());
        let told = of.iter().filter(|incident| self.is_found(incident) || self.is_within(incident)).count();
        vec![
            share("found", name, found, of.len()),
            share("found_or_told_within_another_event", name, told, of.len()),
            hours("onset_delay_median", name, &onsets, 0.5),
            hours("onset_delay_p90", name, &onsets, 0.9),
            hours("end_delay_median", name, &ends, 0.5),
            hours("end_delay_p90", name, &ends, 0.9),
        ]
    }

    /// Whether what is told is right, and told once.
    fn details(&self) -> Vec<EventFigure> {
        let found: Vec<&Incident> = self.interference().filter(|incident| self.is_found(incident)).collect();
        let told = |incident: &Incident| self.shown.iter().filter(|event| incident.is_told_by(event)).copied().collect::<Vec<_>>();
        let began: Vec<_> = found.iter().filter_map(|incident| Some((incident, incident.began?))).collect();
        let inside = began.iter().filter(|(incident, (earliest, latest))| {
            told(incident).iter().any(|event| event.onset_earliest.is_none_or(|from| from <= *latest) && event.onset_latest >= *earliest)
        });
        let named: Vec<_> = found.iter().filter_map(|incident| Some((incident, incident.mechanism?))).collect();
        let right = named.iter().filter(|(incident, mechanism)| {
            told(incident).iter().any(|event| event.mechanisms.iter().any(|said| said.is_prefix_of(*mechanism)))
        });
        let mut by_incident: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for incident in &found {
            by_incident.entry(&incident.incident).or_default().extend(told(incident).iter().map(|event| event.event_id.as_ref()));
        }
        let once = by_incident.values().filter(|events| events.len() == 1).count();
        let missed =
            self.interference().filter(|incident| !self.is_found(incident) && self.said.iter().any(|event| incident.is_told_by(event)));
        vec![
            share("onset_inside_its_interval", "interference that was found", inside.count(), began.len()),
            share("mechanism_right", "interference that was found", right.count(), named.len()),
            share("told_as_one_event", "interference that was found", once, by_incident.len()),
            share("explained_away", "interference", missed.count(), self.interference().count()),
        ]
    }

    /// What is told and is not so.
    fn falsehoods(&self) -> Vec<EventFigure> {
        let is_true = |event: &Event<'_>| self.interference().any(|incident| incident.is_told_by(event));
        let wrong = self.shown.iter().filter(|event| !is_true(event)).count();
        let years = self.quiet_years();
        let count = wrong as f64;
        let (low, high) =
            if wrong == 0 { (0.0, 3.0) } else { ((count.sqrt() - 0.98).max(0.0).powi(2), ((count + 1.0).sqrt() + 0.98).powi(2)) };
        let rate = |events: f64| (years > 0.0).then(|| events / years);
        vec![
            share("false", "events that are told", wrong, self.shown.len()),
            EventFigure {
                figure: "false_per_quiet_series_year",
                of: "series without interference".to_owned(),
                unit: Unit::PerYear,
                value: rate(count),
                // A Poisson count, by its square root.
                low: rate(low),
                high: rate(high),
                count: wrong as u64,
                n: years.round() as u64,
            },
        ]
    }

    /// Years of all series (a target in a network) that nobody interferes with.
    fn quiet_years(&self) -> f64 {
        let Some(first) = self.cells.first_hour() else { return 0.0 };
        let hit = |(country, network, target): &(&str, Option<u32>, &str)| {
            self.interference().any(|incident| {
                let of = |list: &[String], word: &str| list.is_empty() || list.iter().any(|item| item == word);
                let there = incident.networks.is_empty() || network.is_some_and(|network| incident.networks.contains(&network));
                incident.kind == Some(EventKind::Blocking) && of(&incident.countries, country) && of(&incident.targets, target) && there
            })
        };
        let quiet = self.cells.places().into_iter().filter(|place| !hit(place)).count();
        quiet as f64 * f64::from(self.last.since(first)) / 8766.0
    }

    /// Troubles that are told as interference, by kind.
    fn troubles(&self) -> Vec<EventFigure> {
        let guilty = |event: &Event<'_>| self.interference().any(|incident| incident.is_told_by(event));
        let wrong = self.shown.iter().filter(|event| event.kind == EventKind::Blocking && !guilty(event));
        // A trouble that concerns this target is likelier the cause than one that concerns all. Where several of those were there at once,
        // nobody knows which it was, and none is blamed; the event is false all the same.
        let blamed: BTreeSet<&str> = wrong
            .flat_map(|event| {
                let causes = self.truth.iter().filter(|trouble| trouble.kind.is_none() && trouble.may_cause(event));
                let (all, of_target): (Vec<_>, Vec<_>) = causes.partition(|trouble| trouble.targets.is_empty());
                if of_target.is_empty() && all.len() == 1 { all } else { of_target }
            })
            .map(|trouble| trouble.name.as_str())
            .collect();
        let mut by_word: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for trouble in self.truth.iter().filter(|incident| incident.kind.is_none()) {
            let told = blamed.contains(trouble.name.as_str());
            let counts = by_word.entry(&trouble.word).or_default();
            *counts = (counts.0 + usize::from(told), counts.1 + 1);
        }
        let all = by_word.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let each = by_word.iter().map(|(word, (told, n))| share("told_as_interference", word, *told, *n));
        std::iter::once(share("told_as_interference", "all troubles", all.0, all.1)).chain(each).collect()
    }
}

fn share(figure: &'static str, of: &str, count: usize, n: usize) -> EventFigure {
    let (low, high) = wilson(count as u64, n as u64);
    let known = |value: f64| (n > 0).then_some(value);
    EventFigure {
        figure,
        of: of.to_owned(),
        unit: Unit::Share,
        value: known(count as f64 / n.max(1) as f64),
        low: known(low),
        high: known(high),
        count: count as u64,
        n: n as u64,
    }
}

/// What was not found counts as later than all that was.
fn hours(figure: &'static str, of: &str, delays: &[Option<u32>], share: f64) -> EventFigure {
    let mut known: Vec<u32> = delays.iter().flatten().copied().collect();
    known.sort_unstable();
    let place = (delays.len().saturating_sub(1) as f64 * share).ceil() as usize;
    EventFigure {
        figure,
        of: of.to_owned(),
        unit: Unit::Hours,
        value: known.get(place).map(|hours| f64::from(*hours)),
        low: None,
        high: None,
        count: known.len() as u64,
        n: delays.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_found_makes_the_delay_worse_and_not_better() {
        let delays = [Some(3), None, Some(5), None];
        assert_eq!(hours("d", "x", &delays, 0.5).value, None);
        assert_eq!(hours("d", "x", &delays[..3], 0.5).value, Some(5.0));
        assert_eq!((hours("d", "x", &delays, 0.5).count, hours("d", "x", &delays, 0.5).n), (2, 4));
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        assert_eq!(share("s", "x", 0, 0).value, None);
    }
}
