//! Shutdowns: hardly anything is measured any more where much was measured before.
//!
//! A network has a daily rhythm: how much it measured in each hour of the day over the last four weeks. The counts of an hour are spread around
//! that like a negative binomial, whose spread is learned from the same weeks. A shutdown is a run of hours that is likelier with almost nothing
//! left than with that. Where most networks of a country, or most countries, fall at once, the larger claims the smaller.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Explanation};

use super::Options;
use super::background::Background;
use super::cell::Cells;
use super::incident::event_id;
use super::strength::reading;

/// One network without its measurements.
#[derive(Clone, Copy)]
struct Collapse {
    country: u16,
    network: u32,
    first: usize,
    /// The first place at which it was back.
    end: Option<usize>,
    last: usize,
    strength: f64,
    expected: f64,
    seen: f64,
}

/// Weeks of rhythm that an hour is compared with, and how many of its days must have been measured.
const RHYTHM_DAYS: usize = 28;
const LEAST_DAYS: usize = 7;
/// Below this many measurements an hour, on average over a day, silence says nothing.
const LEAST_VOLUME: f64 = 5.0;
/// ... and an hour of the day with less than this is passed over.
const LEAST_HOUR: f64 = 1.0;
/// What is left in a shutdown.
const LEFT: f64 = 0.03;
/// What one hour may say at most (log10): hours in a row are not independent.
const HOUR_CAP: f64 = 2.7;
/// log10 of how many times fewer networks than series there are.
const FEWER: f64 = 1.5;
/// A collapse lasts at least this long before it is said.
const LEAST_HOURS: usize = 2;
/// ... and so many times longer than any silence of the weeks before, in which at most such a share of the usual volume was left.
const LONGER: usize = 2;
const SILENT: f64 = 0.1;
/// Hours around the same hour of other days that are like it.
const NEAR: usize = 2;
/// The volume is back when this share of what is usual is measured again, for two hours.
const BACK: f64 = 0.3;
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
    let mut collapses: Vec<Collapse> = Vec::new();
    let mut watched: BTreeMap<u16, u32> = BTreeMap::new();
    for (network, volume) in background.volume.iter().enumerate() {
        let country = background.networks[network].country;
        let mut volume = volume.clone();
        // Hours that are complete and were not measured are hours of nothing.
        volume.resize(until.max(1), 0);
        let rhythm = Rhythm { volume: &volume, day: (24 / background.step).max(1) as usize };
        if volume.iter().map(|count| f64::from(*count)).sum::<f64>() / (volume.len() as f64) < 0.5 {
            continue;
        }
        *watched.entry(country).or_default() += 1;
        collapses.extend(rhythm.collapses(threshold).into_iter().map(|found| Collapse { country, network: network as u32, ..found }));
    }
    collapses.sort_by_key(|collapse| (collapse.first, collapse.country, collapse.network));
    tell(&collapses, &watched, until, cells, background)
}

/// The volume of one network.
struct Rhythm<'a> {
    volume: &'a [u32],
    /// Places in a day.
    day: usize,
}

impl Rhythm<'_> {
    fn collapses(&self, threshold: f64) -> Vec<Collapse> {
        let mut found = Vec::new();
        let (mut sum, mut first) = (0.0, 0);
        let mut place = 0;
        while place < self.volume.len() {
            // As much as is least watched, and nothing summed up: this is most hours of most networks, and says nothing of a shutdown.
            if sum <= 0.0 && f64::from(self.volume[place]) >= LEAST_VOLUME {
                place += 1;
                continue;
            }
            if sum <= 0.0 {
                first = place;
            }
            let Some(ratio) = self.log_ratio(place, first) else {
                place += 1;
                continue;
            };
            sum = f64::max(0.0, sum + ratio);
            if sum < threshold || place + 1 - first < LEAST_HOURS.max(LONGER * self.longest_silence(first)) {
                place += 1;
                continue;
            }
            let collapse = self.follow(first, place, sum);
            place = collapse.end.map_or(self.volume.len(), |end| end + self.day);
            sum = 0.0;
            found.push(collapse);
        }
        found
    }

    /// The longest time before `known` in which hardly anything was measured. Few volunteers who measure much at once are silent for hours, and
    /// hours in a row are not independent of each other, whatever their spread.
    fn longest_silence(&self, known: usize) -> usize {
        let weeks = &self.volume[known.saturating_sub(RHYTHM_DAYS * self.day)..known];
        let mean = weeks.iter().map(|count| f64::from(*count)).sum::<f64>() / weeks.len().max(1) as f64;
        let silent = |count: &u32| f64::from(*count) <= mean * SILENT;
        weeks.chunk_by(|a, b| silent(a) == silent(b)).filter(|run| silent(&run[0])).map(<[u32]>::len).max().unwrap_or(0)
    }

    /// log10 of how much likelier the count is in a shutdown than by the rhythm of the weeks before `known`.
    fn log_ratio(&self, place: usize, known: usize) -> Option<f64> {
        let (mean, spread) = self.expected(place, known)?;
        let count = f64::from(self.volume[place]);
        let usual = log10_negative_binomial(count, mean, spread);
        let cut = log10_negative_binomial(count, mean * LEFT, spread);
        let ratio = (cut - usual).clamp(-HOUR_CAP, HOUR_CAP);
        Some(if count <= mean * SILENT { ratio.min(self.rarity(place, known, mean * SILENT)) } else { ratio })
    }

    /// How rare hours like this, with at most so many measurements, were at this time of the day (log10). Volunteers measure many things at once
    /// and then nothing: no distribution with a mean and a spread says how often nothing is usual.
    fn rarity(&self, place: usize, known: usize, most: f64) -> f64 {
        let (mut silent, mut all) = (0.0, 0.0);
        for before in (1..=RHYTHM_DAYS).filter_map(|day| place.checked_sub(day * self.day)) {
            for near in (before.saturating_sub(NEAR)..=before + NEAR).filter(|near| *near < known) {
                silent += f64::from(u8::from(f64::from(self.volume[near]) <= most));
                all += 1.0;
            }
        }
        f64::log10((all + 2.0) / (silent + 1.0))
    }

    /// What this hour of the day usually has, and the size of the negative binomial around it; only from before `known`.
    fn expected(&self, place: usize, known: usize) -> Option<(f64, f64)> {
        let days = (1..=RHYTHM_DAYS).filter_map(|day| place.checked_sub(day * self.day)).filter(|before| *before < known);
        // The same hour and its neighbours: people do not keep to the minute.
        let mut counts: Vec<f64> = Vec::with_capacity(RHYTHM_DAYS);
        let mut of_day = 0.0;
        for before in days {
            let near = [before.saturating_sub(1), before, (before + 1).min(known.saturating_sub(1))];
            counts.push(near.iter().map(|place| f64::from(self.volume[*place])).sum::<f64>() / 3.0);
            of_day += f64::from(self.volume[before]);
        }
        if counts.len() < LEAST_DAYS {
            return None;
        }
        let mean = of_day / counts.len() as f64;
        let recent =
            self.volume[known.saturating_sub(self.day)..known].iter().map(|count| f64::from(*count)).sum::<f64>() / self.day as f64;
        if mean < LEAST_HOUR || recent < LEAST_VOLUME {
            return None;
        }
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64 * 1.5;
        let size = if variance > mean { mean * mean / (variance - mean) } else { 50.0 };
        Some((mean, size.clamp(0.3, 50.0)))
    }

    fn follow(&self, first: usize, fired: usize, strength: f64) -> Collapse {
        let usual = |place: usize| self.expected(place, first).map_or(LEAST_VOLUME, |(mean, _)| mean);
        let back = |place: &usize| {
            let next = self.volume.get(place + 1).map_or(0.0, |count| f64::from(*count));
            f64::from(self.volume[*place]) >= usual(*place) * BACK && next >= usual(*place) * BACK
        };
        let end = (fired + 1..self.volume.len()).find(back);
        let until = end.unwrap_or(self.volume.len());
        let seen = self.volume[first..until].iter().map(|count| f64::from(*count)).sum();
        let expected = (first..until).map(usual).sum();
        let strength = strength + (fired + 1..until).filter_map(|place| self.log_ratio(place, first)).sum::<f64>().max(0.0);
        Collapse { country: 0, network: 0, first, end, last: until.saturating_sub(1), strength, expected, seen }
    }
}

fn log10_negative_binomial(count: f64, mean: f64, size: f64) -> f64 {
    // The terms that only depend on count and size are the same on both sides of every ratio taken here.
    (size * (size / (size + mean)).ln() + count * (mean / (size + mean)).ln()) / std::f64::consts::LN_10
}

/// Collapses that begin together in one country as one event; explained where most countries fall at once.
fn tell(collapses: &[Collapse], watched: &BTreeMap<u16, u32>, until: usize, cells: &Cells, background: &Background) -> Vec<Event<'static>> {
    let mut incidents: Vec<Vec<Collapse>> = Vec::new();
    for collapse in collapses {
        let same =
            |incident: &&mut Vec<Collapse>| incident[0].country == collapse.country && collapse.first <= incident[0].first + TOGETHER;
        match incidents.iter_mut().rev().take(256).find(same) {
            Some(incident) => incident.push(*collapse),
            None => incidents.push(vec![*collapse]),
        }
    }
    incidents.iter().map(|incident| event(incident, elsewhere(incident, until, background), watched, cells, background)).collect()
}

/// What all other countries measured in the first hours of a collapse, and what they measured in the same hours of the week before, a day.
fn elsewhere(incident: &[Collapse], complete: usize, background: &Background) -> (f64, f64) {
    let day = (24 / background.step).max(1) as usize;
    let first = incident[0].first;
    // Not beyond what is complete: hours that are still to come are silent everywhere.
    let until = incident[0].end.unwrap_or(first + day).min(first + day).min(complete).max(first + 1);
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
    incident: &[Collapse],
    (others, usual): (f64, f64),
    watched: &BTreeMap<u16, u32>,
    cells: &Cells,
    background: &Background,
) -> Event<'static> {
    let first = incident.iter().map(|collapse| collapse.first).min().unwrap_or(0);
    let country = &cells.countries[usize::from(incident[0].country)];
    let end = incident.iter().map(|collapse| collapse.end).collect::<Option<Vec<usize>>>().and_then(|ends| ends.into_iter().max());
    let networks: BTreeSet<u32> = incident.iter().filter_map(|collapse| background.networks[collapse.network as usize].asn).collect();
    let networks: Vec<u32> = networks.into_iter().collect();
    let of_country = watched.get(&incident[0].country).copied().unwrap_or(0);
    let outage = usual >= LEAST_ELSEWHERE && others <= usual * QUIET_ELSEWHERE;
    let national = f64::from(of_country) * MOST <= incident.len() as f64 && of_country > 1;
    let collector =
        format!("all other countries made {others:.0} measurements in its first hours and {usual:.0} in the same hours of the days before");
    let scope = format!(
        "{} of {of_country} networks of the country fell silent{}",
        incident.len(),
        if national { ", which is most of it" } else { "" }
    );
    let (expected, seen) = incident.iter().fold((0.0, 0.0), |sum, collapse| (sum.0 + collapse.expected, sum.1 + collapse.seen));
    let strength = incident.iter().map(|collapse| collapse.strength).fold(0.0, f64::max);
    let onset = background.hour(first).plus(background.step);
    let last = incident.iter().map(|collapse| collapse.last).max().unwrap_or(first);
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
        n_networks: incident.len() as u64,
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
