//! Shutdowns: hardly anything is measured any more where much was measured before.
//!
//! Each network's volume is held against its rhythm of the last weeks ([`rhythm`], [`usual`]), and so is what all networks of a country measure
//! together: many networks that are each measured too seldom fall silent at once in a national shutdown. Where most networks of a country, or most
//! countries, fall at once, the larger claims the smaller.

mod rhythm;
mod usual;

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Explanation};

use self::rhythm::{Rhythm, Run};
use super::Options;
use super::alarm::Alarm;
use super::background::Background;
use super::cell::Cells;
use super::incident::event_id;
use super::strength::reading;

/// Networks of a country without their measurements: one, or the country's together.
struct Collapse {
    country: u16,
    networks: Vec<u32>,
    run: Run,
}

/// log10 of how many times fewer networks than series there are.
const FEWER: f64 = 1.5;
/// A network that measures less than this an hour is not watched.
const WATCHED: f64 = 0.5;
/// A network belongs to its country's collapse when at least this much was to be expected of it, and at most such a share came.
const MEMBER_EXPECTED: f64 = 3.0;
const MEMBER_LEFT: f64 = 0.2;
/// So many networks make a collapse the country's; what one network shows it shows alone.
const LEAST_MEMBERS: usize = 2;
/// Collapses that begin within so many hours of each other are one.
const TOGETHER: usize = 6;
/// So many of a country's networks make it the country's.
const MOST: f64 = 0.6;
/// What other countries must usually measure in the same hours before their silence says something.
const LEAST_ELSEWHERE: f64 = 10.0;
/// What is left elsewhere when it is the collector that is silent; the first hours may still have been fine.
const QUIET_ELSEWHERE: f64 = 0.5;

pub(super) fn events(cells: &Cells, background: &Background, options: &Options) -> Vec<Event<'static>> {
    let until = options
        .complete_until
        .map_or(background.volume.first().map_or(0, Vec::len), |until| (until.since(background.first) / background.step) as usize);
    // There are far fewer networks than series, so that as sure as of a series is surer than needed.
    let threshold = options.threshold + 8766_f64.log10() - FEWER;
    let day = (24 / background.step).max(1) as usize;
    let mut collapses: Vec<Collapse> = Vec::new();
    let mut watched: BTreeMap<u16, u32> = BTreeMap::new();
    let mut together: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    for (network, volume) in background.volume.iter().enumerate() {
        let country = background.networks[network].country;
        let mut volume = volume.clone();
        // Hours that are complete and were not measured are hours of nothing.
        volume.resize(until.max(1), 0);
        let sum = together.entry(country).or_insert_with(|| vec![0; volume.len()]);
        sum.iter_mut().zip(&volume).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        if mean(&volume) >= WATCHED {
            *watched.entry(country).or_default() += 1;
            let found = Rhythm { volume: &volume, day }.collapses(threshold).into_iter();
            collapses.extend(found.map(|run| Collapse { country, networks: vec![network as u32], run }));
        }
    }
    for (country, volume) in &together {
        let found = Rhythm { volume, day }.collapses(threshold).into_iter();
        let with_members = found.map(|run| Collapse { country: *country, networks: members(*country, &run, day, background), run });
        collapses.extend(with_members.filter(|collapse| collapse.networks.len() >= LEAST_MEMBERS));
    }
    collapses.sort_by(|a, b| (a.run.first, a.country, &a.networks).cmp(&(b.run.first, b.country, &b.networks)));
    tell(&collapses, &watched, until, cells, background)
}

/// Whether an alarm is a part of shutdowns: each of its networks is cut off, not from later on and not until before.
pub(super) fn claims(shutdowns: &[Event<'_>], alarm: &Alarm, cells: &Cells) -> bool {
    let country = &cells.countries[usize::from(alarm.country)];
    let lasts = |event: &&Event<'_>| {
        let begins = event.onset_earliest.is_none_or(|earliest| alarm.onset.1.start() > earliest);
        let ends = event.end_latest.is_none_or(|latest| alarm.last.start() <= latest);
        event.state != EventState::Explained && event.probe_cc == *country && begins && ends
    };
    let cut_off: BTreeSet<u32> = shutdowns.iter().filter(lasts).flat_map(|event| event.networks.iter().copied()).collect();
    let networks = alarm.series.iter().map(|series| cells.series[*series as usize].network);
    !cut_off.is_empty() && networks.into_iter().all(|network| network.is_some_and(|asn| cut_off.contains(&asn)))
}

fn mean(counts: &[u32]) -> f64 {
    counts.iter().map(|count| f64::from(*count)).sum::<f64>() / counts.len().max(1) as f64
}

/// The networks of a country that fell silent with it, by what they measured in the same hours of the week before.
fn members(country: u16, run: &Run, day: usize, background: &Background) -> Vec<u32> {
    let hours = run.first..run.end.unwrap_or(run.last + 1);
    let sum = |volume: &[u32], hours: std::ops::Range<usize>| {
        let hours = hours.start.min(volume.len())..hours.end.min(volume.len());
        volume[hours].iter().map(|count| f64::from(*count)).sum::<f64>()
    };
    let fell_silent = |volume: &[u32]| {
        let before = (1..=7).filter(|back| hours.start >= back * day).map(|back| {
            // A long one is compared with as much of the days before it as there is before it.
            let from = hours.start - back * day;
            sum(volume, from..(from + hours.len()).min(hours.start)) / (hours.len().min(back * day) as f64)
        });
        let days: Vec<f64> = before.collect();
        let expected = days.iter().sum::<f64>() / days.len().max(1) as f64 * hours.len() as f64;
        expected >= MEMBER_EXPECTED && sum(volume, hours.clone()) <= expected * MEMBER_LEFT
    };
    let of_country = background.networks.iter().zip(&background.volume).enumerate().filter(|(_, (network, _))| network.country == country);
    of_country.filter(|(_, (_, volume))| fell_silent(volume)).map(|(index, _)| index as u32).collect()
}

/// Collapses that begin together in one country as one event; explained where most countries fall at once.
fn tell(collapses: &[Collapse], watched: &BTreeMap<u16, u32>, until: usize, cells: &Cells, background: &Background) -> Vec<Event<'static>> {
    let mut incidents: Vec<Vec<&Collapse>> = Vec::new();
    for collapse in collapses {
        let same = |incident: &&mut Vec<&Collapse>| {
            incident[0].country == collapse.country && collapse.run.first <= incident[0].run.first + TOGETHER
        };
        match incidents.iter_mut().rev().take(256).find(same) {
            Some(incident) => incident.push(collapse),
            None => incidents.push(vec![collapse]),
        }
    }
    incidents.iter().map(|incident| event(incident, elsewhere(incident, until, background), watched, cells, background)).collect()
}

/// What all other countries measured in the first hours of a collapse, and what they measured in the same hours of the week before, a day.
fn elsewhere(incident: &[&Collapse], complete: usize, background: &Background) -> (f64, f64) {
    let day = (24 / background.step).max(1) as usize;
    let first = incident[0].run.first;
    // Not beyond what is complete: hours that are still to come are silent everywhere.
    let until = incident[0].run.end.unwrap_or(first + day).min(first + day).min(complete).max(first + 1);
    let (mut now, mut before, mut days) = (0.0, 0.0, 0.0);
    for back in 0..=7 {
        let Some(from) = first.checked_sub(back * day) else { break };
        let others = background.networks.iter().zip(&background.volume).filter(|(network, _)| network.country != incident[0].country);
        let until = from + until - first;
        let sum: f64 = others
            .map(|(_, volume)| volume[from.min(volume.len())..until.min(volume.len())].iter().map(|count| f64::from(*count)).sum::<f64>())
            .sum();
        if back == 0 { now = sum } else { (before, days) = (before + sum, days + 1.0) }
    }
    (now, before / f64::max(days, 1.0))
}

fn event(
    incident: &[&Collapse],
    (others, usual): (f64, f64),
    watched: &BTreeMap<u16, u32>,
    cells: &Cells,
    background: &Background,
) -> Event<'static> {
    let first = incident.iter().map(|collapse| collapse.run.first).min().unwrap_or(0);
    let country = &cells.countries[usize::from(incident[0].country)];
    // What the country shows together comes back when most of it does; else the last network decides.
    let widest = incident.iter().map(|collapse| collapse.networks.len()).max().unwrap_or(0);
    let widest = incident.iter().filter(|collapse| collapse.networks.len() == widest);
    let end = widest.map(|collapse| collapse.run.end).collect::<Option<Vec<usize>>>().and_then(|ends| ends.into_iter().max());
    let silent: BTreeSet<u32> = incident.iter().flat_map(|collapse| collapse.networks.iter().copied()).collect();
    let networks: BTreeSet<u32> = silent.iter().filter_map(|network| background.networks[*network as usize].asn).collect();
    let networks: Vec<u32> = networks.into_iter().collect();
    let of_country = watched.get(&incident[0].country).copied().unwrap_or(0);
    let outage = usual >= LEAST_ELSEWHERE && others <= usual * QUIET_ELSEWHERE;
    let national = f64::from(of_country) * MOST <= silent.len() as f64 && of_country > 1;
    let collector =
        format!("all other countries made {others:.0} measurements in its first hours and {usual:.0} in the same hours of the days before");
    let scope = format!(
        "{} of the country's networks fell silent ({of_country} are measured every two hours or more){}",
        silent.len(),
        if national { ", which is most of it" } else { "" }
    );
    // What the country shows together counts what its networks show alone: the larger of the two, not both.
    let sum = |of: fn(&Run) -> f64, together: bool| {
        incident.iter().filter(|collapse| (collapse.networks.len() > 1) == together).map(|collapse| of(&collapse.run)).sum::<f64>()
    };
    let larger = |of: fn(&Run) -> f64| f64::max(sum(of, true), sum(of, false));
    let (expected, seen) = (larger(|run| run.expected), larger(|run| run.seen));
    let strength = incident.iter().map(|collapse| collapse.run.strength).fold(0.0, f64::max);
    // The first of them to have begun for sure.
    let begun = incident.iter().map(|collapse| collapse.run.begun).min().unwrap_or(first);
    let onset = background.hour(begun).plus(background.step);
    let last = end.map_or(first, |end| end.saturating_sub(1));
    Event {
        event_id: event_id(EventKind::Shutdown, country, onset, "", &networks).into(),
        kind: EventKind::Shutdown,
        state: if outage {
            EventState::Explained
        } else if end.is_some() {
            EventState::Ended
        } else {
            EventState::Ongoing
        },
        reason: outage.then(|| collector.clone().into()),
        probe_cc: country.clone().into(),
        n_networks: silent.len() as u64,
        networks,
        onset_earliest: (first > 0).then(|| background.hour(first - 1).start()),
        onset_latest: onset.start(),
        end_earliest: end.map(|_| background.hour(last).start()),
        end_latest: end.map(|end| background.hour(end).plus(background.step).start()),
        share: (1.0 - seen / f64::max(expected, 1.0)).clamp(0.0, 1.0),
        n_measurements: seen as u64,
        strength,
        strength_reading: reading(strength).into(),
        explanations: vec![
            format!(
                "{} {}: {collector}",
                Explanation::CollectorOutage,
                if outage {
                    "holds"
                } else if usual < LEAST_ELSEWHERE {
                    "cannot be told"
                } else {
                    "does not hold"
                }
            )
            .into(),
            format!("{} cannot be told: {scope}", Explanation::OneProbe).into(),
        ],
        ..Event::default()
    }
}
