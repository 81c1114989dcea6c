//! One incident, one event: alarms that begin together, or go on where another ends, are told as one.
//!
//! Alarms come in order of their onset. Each joins the first incident of its country that it fits, else it begins one: so the order of the cells
//! leaves no trace, and a national block of 1,800 series is walked once.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Explanation, Layer};

use super::Hour;
use super::alarm::PAUSE_HOURS;
use super::cell::{Cells, mechanism_at};
use super::explanations::{Outcome, Tried};
use super::schedule::Schedule;
use super::service::services;
use super::strength::reading;

/// Onsets further apart than this are two.
const ONSET_HOURS: u32 = 48;
/// What begins and ends within so many hours of another, in the same network and by the same method, is the same too.
const LIKE_HOURS: u32 = 36;
/// So many alarms make an incident that claims smaller ones; so many of a country's incidents are asked.
const LARGE: usize = 10;
const CLAIMANTS: usize = 256;
/// Onsets known to the hour may still lie so far apart: filters are not switched everywhere at once.
const SLACK_HOURS: u32 = 3;
/// A mechanism that was seen in a smaller share of what was hit is not named.
const NAMED_SHARE: f64 = 0.1;
/// ... unless it was most of what was seen last, in at least so many failures.
const LATEST_FAILURES: f64 = 10.0;
/// Witnesses of an event.
const WITNESSES: usize = 8;

/// Alarms that are one incident.
struct Incident {
    members: Vec<Tried>,
    country: u16,
    explained: Option<Explanation>,
    /// That of the member that says most.
    schedule: Option<Schedule>,
    onset: (Option<Hour>, Hour),
    last: Hour,
    networks: BTreeSet<Option<u32>>,
    targets: BTreeSet<u32>,
    /// Those of one app are one.
    services: BTreeSet<u32>,
    /// The most frequent one of its first member.
    mechanism: u8,
}

pub(super) fn events(mut tried: Vec<Tried>, cells: &Cells) -> Vec<Event<'static>> {
    let key = |tried: &Tried| {
        (tried.alarm.country, tried.alarm.onset.1, tried.alarm.target, tried.alarm.layer, tried.alarm.series.first().copied())
    };
    tried.sort_by_key(key);
    let services = services(cells);
    let mut incidents: Vec<Incident> = Vec::new();
    // Incidents of this country that an alarm may still join.
    let mut open: Vec<usize> = Vec::new();
    for tried in tried {
        let single = Incident::of(tried, cells, &services);
        open.retain(|index| incidents[*index].may_grow(&single));
        match open.iter().find(|index| incidents[**index].is_same(&single)) {
            Some(index) => incidents[*index].take(single),
            None => {
                open.push(incidents.len());
                incidents.push(single);
            }
        }
    }
    claim(incidents).iter().map(|incident| incident.event(cells)).collect()
}

/// The larger claims the smaller: what began with it, by the same method, in its networks. By now a few innocent failures before an onset do
/// not blur it any more.
fn claim(mut incidents: Vec<Incident>) -> Vec<Incident> {
    incidents.sort_by_key(|incident| (incident.country, std::cmp::Reverse(incident.members.len())));
    let mut kept: Vec<Incident> = Vec::new();
    // The largest of this country, with their onsets.
    let mut large: Vec<(usize, Hour)> = Vec::new();
    for incident in incidents {
        let onset = incident.began().1;
        if kept.last().is_some_and(|last| last.country != incident.country) {
            large.clear();
        }
        let claims = |(index, began): &&(usize, Hour)| began.0.abs_diff(onset.0) <= LIKE_HOURS && kept[*index].claims(&incident);
        match large.iter().find(claims).map(|(index, _)| *index) {
            Some(larger) => kept[larger].take(incident),
            None => {
                if incident.members.len() >= LARGE && large.len() < CLAIMANTS {
                    large.push((kept.len(), onset));
                }
                kept.push(incident);
            }
        }
    }
    kept
}

impl Incident {
    fn of(tried: Tried, cells: &Cells, services: &[u32]) -> Self {
        let alarm = &tried.alarm;
        Self {
            country: alarm.country,
            explained: tried.explained.as_ref().map(|(explanation, _)| *explanation),
            schedule: alarm.schedule.clone(),
            onset: alarm.onset,
            last: alarm.last,
            networks: alarm.series.iter().map(|series| cells.series[*series as usize].network).collect(),
            targets: BTreeSet::from([alarm.target]),
            services: BTreeSet::from([services[alarm.target as usize]]),
            mechanism: tried.evidence.mechanisms.iter().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(mechanism, _)| *mechanism),
            members: vec![tried],
        }
    }

    /// Whether an alarm like this one, or one that comes after it, can still belong here.
    fn may_grow(&self, next: &Incident) -> bool {
        self.country == next.country && next.onset.1 <= self.last.plus(2 * ONSET_HOURS)
    }

    fn is_same(&self, other: &Incident) -> bool {
        let (same_target, same_network) = (!self.targets.is_disjoint(&other.targets), !self.networks.is_disjoint(&other.networks));
        // The same target in the same network: another method, another layer, or a pause.
        let same_places = !self.services.is_disjoint(&other.services) && same_network;
        let goes_on = same_places && other.onset.1 <= self.last.plus(PAUSE_HOURS);
        if self.explained != other.explained {
            // What goes on in the same way has the same explanation; and while a target that changed fails everywhere, what else fails on it says
            // nothing.
            let said = self.mechanism == other.mechanism || self.explained == Some(Explanation::TargetChanged) && self.covers(other);
            // Two explanations of what fails on the same target in the same place are one incident, told with the first.
            return goes_on && self.explained.is_some() && (other.explained.is_some() || said);
        }
        let alike = match (&self.schedule, &other.schedule) {
            (Some(here), Some(there)) => here.is_like(there),
            (here, there) => here.is_none() && there.is_none(),
        };
        // What was never seen to work has no onset: that it begins with the data makes it one incident only where it is done in one way.
        let has_onset = self.onset.0.is_some() || other.onset.0.is_some() || self.mechanism == other.mechanism;
        let together = has_onset && self.begins_with(other);
        if self.explained.is_some() {
            return together;
        }
        alike && (together && (same_target || same_network) || goes_on) || same_places && self.covers(other)
    }

    /// Whether the time of `other` lies wholly in this one's: what shows on another layer at times is not another incident.
    fn covers(&self, other: &Incident) -> bool {
        other.onset.1 >= self.onset.1 && other.last <= self.last
    }

    fn begins_with(&self, other: &Incident) -> bool {
        let earliest = |incident: &Incident| incident.onset.0.unwrap_or(incident.onset.1.minus(ONSET_HOURS)).minus(SLACK_HOURS);
        let near = other.onset.1.since(self.onset.1) <= ONSET_HOURS;
        // A few that failed innocently before or after must not keep the others apart: so compared with the newest member, not with the whole.
        let newest = &self.members[self.members.len() - 1].alarm;
        let begins = other.onset.1.since(newest.onset.1) <= LIKE_HOURS && other.onset.1.since(self.onset.1) <= 2 * ONSET_HOURS;
        let (both, either) = (newest.last.min(other.last).since(other.onset.1), newest.last.max(other.last).since(newest.onset.1));
        let lasts = newest.last.0.abs_diff(other.last.0) <= LIKE_HOURS || both * 5 >= either * 3;
        let like = self.mechanism == other.mechanism && begins && lasts;
        near && earliest(other) <= self.onset.1 && earliest(self) <= other.onset.1 || like
    }

    fn claims(&self, smaller: &Incident) -> bool {
        self.members.len() >= smaller.members.len() * 2
            && (self.explained, self.mechanism) == (smaller.explained, smaller.mechanism)
            && self.schedule.is_none() == smaller.schedule.is_none()
            && !self.networks.is_disjoint(&smaller.networks)
    }

    fn take(&mut self, other: Incident) {
        if self.schedule.is_some() && other.best_schedule() > self.best_schedule() {
            self.schedule = other.schedule;
        }
        self.last = self.last.max(other.last);
        self.networks.extend(other.networks);
        self.targets.extend(other.targets);
        self.services.extend(other.services);
        self.members.extend(other.members);
    }

    fn event(&self, cells: &Cells) -> Event<'static> {
        let country = &cells.countries[usize::from(self.country)];
        let (failed, all) = self.counts(cells);
        let (end, onset) = (self.end(), self.began());
        let state = match self.explained {
            Some(_) => EventState::Explained,
            None if end.is_some() => EventState::Ended,
            None => EventState::Ongoing,
        };
        let strength = self.strength();
        let targets: Vec<String> = self.targets.iter().map(|target| cells.targets[*target as usize].clone()).collect();
        let networks: Vec<u32> = self.networks.iter().filter_map(|network| *network).collect();
        Event {
            event_id: event_id(EventKind::Blocking, country, onset.1, targets.first().map_or("", String::as_str), &networks).into(),
            kind: EventKind::Blocking,
            state,
            superseded_by: None,
            reason: self.members.iter().find_map(|tried| tried.explained.as_ref().map(|(_, why)| why.clone().into())),
            probe_cc: country.clone().into(),
            n_networks: self.networks.len() as u64,
            networks,
            targets: targets.into_iter().map(Into::into).collect(),
            layers: self.members.iter().map(|tried| tried.alarm.layer).collect::<BTreeSet<Layer>>().into_iter().collect(),
            mechanisms: self.mechanisms(),
            onset_earliest: onset.0.map(Hour::start),
            onset_latest: onset.1.start(),
            end_earliest: end.map(|end| end.0.start()),
            end_latest: end.map(|end| end.1.start()),
            schedule: self.schedule.as_ref().map(|schedule| schedule.to_string().into()),
            share: if all > 0.0 { failed / all } else { 0.0 },
            n_measurements: all.round() as u64,
            n_interfered: failed.round() as u64,
            n_probes: self.probes(),
            strength,
            strength_reading: reading(strength).into(),
            explanations: self.explanations(),
            witnesses: self.witnesses(cells),
        }
    }

    /// Occasions that were hit and all, each counted once however many alarms it is in. A measurement is on several layers; the one that most came to
    /// counts them all, and it is hit on one.
    fn counts(&self, cells: &Cells) -> (f64, f64) {
        let mut spans: BTreeMap<u32, (Hour, Hour)> = BTreeMap::new();
        for alarm in self.members.iter().map(|tried| &tried.alarm) {
            let span = (alarm.onset.1.minus(1), alarm.last);
            for series in &alarm.series {
                let known = spans.entry(*series).or_insert(span);
                *known = (known.0.min(span.0), known.1.max(span.1));
            }
        }
        let mut paths: BTreeMap<(Option<u32>, u32), (f64, f64)> = BTreeMap::new();
        for (series, (from, to)) in spans {
            let rows = cells.rows_of(series as usize).iter().filter(|row| (from..=to).contains(&row.hour));
            let inside = rows.filter(|row| self.schedule.as_ref().is_none_or(|schedule| schedule.contains(row.hour)));
            let (failed, all) =
                inside.map(|row| row.counts.occasions()).fold((0.0, 0.0), |sum, each| (sum.0 + each.0, sum.1 + each.0 + each.1));
            let info = cells.series[series as usize];
            let path = paths.entry((info.network, info.target)).or_default();
            *path = (path.0 + failed, path.1.max(all));
        }
        paths.into_values().fold((0.0, 0.0), |sum, path| (sum.0 + path.0, sum.1 + path.1.max(path.0)))
    }

    /// When it began: among many members a few failed innocently just before, so the earliest tenth does not count. What was seen to work before
    /// the first failure narrows it from below; what worked after it began elsewhere later.
    fn began(&self) -> (Option<Hour>, Hour) {
        let mut firsts: Vec<Hour> = self.members.iter().map(|tried| tried.alarm.onset.1).collect();
        firsts.sort_unstable();
        let latest = firsts[firsts.len() / 10];
        let seen_to_work = self.members.iter().filter_map(|tried| tried.alarm.onset.0);
        (seen_to_work.filter(|earliest| *earliest < latest).max(), latest)
    }

    /// Begin of the last hour in which it was seen, and when it was first seen to work after that. It has ended when most members have, and the
    /// others fell silent before; the latest tenth of many members' last failures does not count, they may be innocent ones just after.
    fn end(&self) -> Option<(Hour, Hour)> {
        let mut lasts: Vec<Hour> = self.members.iter().map(|tried| tried.alarm.last).collect();
        lasts.sort_unstable();
        let last = lasts[lasts.len() - 1 - lasts.len() / 10];
        let ends: Vec<Hour> = self.members.iter().filter_map(|tried| tried.alarm.end).collect();
        let latest = ends.iter().max()?;
        let go_on = self.members.iter().filter(|tried| tried.alarm.end.is_none() && tried.alarm.last > *latest).count();
        let first_after = ends.iter().filter(|end| **end > last).min()?;
        (ends.len() * 2 >= self.members.len() && go_on * 10 <= self.members.len()).then_some((last, *first_after))
    }

    fn best_schedule(&self) -> f64 {
        let scheduled = self.members.iter().filter(|tried| tried.alarm.schedule.is_some());
        scheduled.map(|tried| tried.alarm.strength).fold(0.0, f64::max)
    }

    /// The strongest member, and of the others what lies beyond their own thresholds: they share causes, so that they do not simply add up.
    fn strength(&self) -> f64 {
        let best = self.members.iter().map(|tried| tried.alarm.strength).fold(0.0, f64::max);
        let beyond: f64 = self.members.iter().map(|tried| f64::max(0.0, tried.alarm.strength - tried.alarm.threshold)).sum();
        best.max(beyond)
    }

    /// Members that share no hours of a series, the ones with the most evidence first: what a network shows, and again the country with it, counts once.
    fn apart(&self) -> Vec<&Tried> {
        let mut members: Vec<&Tried> = self.members.iter().collect();
        members.sort_by(|a, b| b.evidence.failed.total_cmp(&a.evidence.failed));
        let mut taken: BTreeMap<u32, Vec<(Hour, Hour)>> = BTreeMap::new();
        members.retain(|tried| {
            let span = (tried.alarm.onset.1, tried.alarm.last.plus(1));
            let is_taken =
                |series: &u32| taken.get(series).is_some_and(|spans| spans.iter().any(|other| span.0 <= other.1 && other.0 <= span.1));
            let apart = !tried.alarm.series.iter().any(is_taken);
            if apart {
                tried.alarm.series.iter().for_each(|series| taken.entry(*series).or_default().push(span));
            }
            apart
        });
        members
    }

    fn mechanisms(&self) -> Vec<parallax_model::Mechanism> {
        let mut counts: BTreeMap<u8, f64> = BTreeMap::new();
        let mut latest: BTreeSet<u8> = BTreeSet::new();
        for tried in self.apart() {
            tried.evidence.mechanisms.iter().for_each(|(mechanism, count)| *counts.entry(*mechanism).or_default() += count);
            // A change of method is told as soon as it is most of what is seen.
            let sum: f64 = tried.evidence.latest.values().sum();
            let most = tried.evidence.latest.iter().filter(|(_, count)| **count >= LATEST_FAILURES && **count * 2.0 > sum);
            latest.extend(most.map(|(mechanism, _)| *mechanism));
        }
        let all: f64 = counts.values().sum();
        let mut named: Vec<(u8, f64)> = counts
            .into_iter()
            .filter(|(mechanism, count)| *mechanism > 0 && (*count >= all * NAMED_SHARE || latest.contains(mechanism)))
            .collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        named.into_iter().filter_map(|(mechanism, _)| mechanism_at(mechanism)).collect()
    }

    fn probes(&self) -> Option<u64> {
        let probes: Option<Vec<BTreeSet<u32>>> = self.members.iter().map(|tried| tried.evidence.probes()).collect();
        probes.map(|probes| probes.into_iter().flatten().collect::<BTreeSet<u32>>().len() as u64)
    }

    /// What was tried on the strongest member; where others differ, how many.
    fn explanations(&self) -> Vec<std::borrow::Cow<'static, str>> {
        let best = self.members.iter().max_by(|a, b| a.alarm.strength.total_cmp(&b.alarm.strength)).expect("an incident has members");
        let tell =
            |(explanation, outcome, why): &(Explanation, Outcome, String)| format!("{explanation} {}: {why}", outcome.as_str()).into();
        best.explanations.iter().map(tell).collect()
    }

    fn witnesses(&self, cells: &Cells) -> Vec<std::borrow::Cow<'static, str>> {
        let all: BTreeSet<(Hour, u32)> = self.members.iter().flat_map(|tried| tried.evidence.witnesses.iter().copied()).collect();
        let all: Vec<u32> = all.into_iter().map(|(_, witness)| witness).collect();
        let step = all.len().div_ceil(WITNESSES).max(1);
        all.iter().step_by(step).map(|witness| cells.witnesses[*witness as usize - 1].clone().into()).collect()
    }
}

/// A name that says where and when, and that small shifts of the onset's hour leave alone.
pub(super) fn event_id(kind: EventKind, country: &str, onset: Hour, target: &str, networks: &[u32]) -> String {
    let network = if target.is_empty() { networks.first().copied().unwrap_or(0) } else { 0 };
    let text = format!("{kind}|{country}|{target}|{network}");
    // FNV-1a: a short, stable digest; nothing secret hangs on it, and `name_apart` settles what it does not tell apart.
    let digest = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{country}-{}-{:06x}", onset.minus(1).start().format("%Y%m%d"), digest >> 40)
}

/// Gives the second and further events of one name a number.
pub(super) fn name_apart(events: &mut [Event<'static>]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for event in events {
        let count = seen.entry(event.event_id.to_string()).or_insert(0);
        *count += 1;
        if *count > 1 {
            event.event_id = format!("{}-{count}", event.event_id).into();
        }
    }
}
