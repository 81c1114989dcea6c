//! From series to alarms: one alarm is one target on one layer in one country, for a time, in one network or more.
//!
//! Each network's series is looked at by itself, then all of a country together: what is measured once a day in eight networks is a signal only
//! together. Then schedules are tried, and networks that alone would say too little join an alarm that stands.

use std::collections::BTreeSet;

use parallax_model::Layer;

use super::background::Background;
use super::cell::{Cells, Series};
use super::clock::Clock;
use super::elsewhere::Elsewhere;
use super::sample::{Sample, samples};
use super::schedule::{Fit, Schedule};
use super::statistic::{Excursion, SHARES, Statistic, log_ratio};
use super::{Hour, Options};

/// Interference with one target in one country, before it is known whose incident it is.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    pub country: u16,
    pub target: u32,
    pub layer: Layer,
    /// The series in which it is seen, as indices in the cells.
    pub series: BTreeSet<u32>,
    /// Last seen to work, where it ever was; end of the hour of the first failure.
    pub onset: (Option<Hour>, Hour),
    /// Start of the hour of the last failure.
    pub last: Hour,
    /// First seen to work again.
    pub end: Option<Hour>,
    pub schedule: Option<Schedule>,
    pub failed: f64,
    /// Of those, the ones that accuse nobody by themselves.
    pub lost: f64,
    pub all: f64,
    pub strength: f64,
    /// How sure one has to be of this series.
    pub threshold: f64,
}

impl Alarm {
    /// Losses that accuse nobody never make an event alone.
    fn accuses(&self) -> bool {
        let accused = self.failed - self.lost;
        accused >= LEAST_ACCUSED.0 && accused >= self.failed * LEAST_ACCUSED.1
    }
}

/// So many of an alarm's failures accuse somebody by themselves, and this share of them.
const LEAST_ACCUSED: (f64, f64) = (2.0, 0.1);
/// A series that joins what others show must say this by itself (log10).
const JOIN: f64 = 2.0;
/// Less than this is no interference that could be told from a bad line.
const LEAST_SHARE: f64 = 0.15;
/// What begins again after such a pause in the same series is the same.
pub(super) const PAUSE_HOURS: u32 = 36;
/// An excursion that may be one occurrence of many.
const OCCURRENCE: f64 = 1.8;
/// Occurrences that lie further apart than this belong to no schedule.
const OCCURRENCE_GAP_HOURS: u32 = 8 * 24;
/// By so much a schedule must beat a constant share (log10).
const SCHEDULE_GAIN: f64 = 2.0;
/// A schedule is searched among many, which [`Schedule::fit`] pays for; this is for looking at all.
const SCHEDULE_PRICE: f64 = 1.0;

/// All alarms, in the order of the series.
pub(super) fn alarms(cells: &Cells, background: &Background, elsewhere: &Elsewhere<'_>, options: &Options) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut group = Group::default();
    let key = |series: &Series| (series.country, series.target, series.layer);
    let mut start = 0;
    for together in cells.series.chunk_by(|a, b| key(a) == key(b)) {
        let range = start..start + together.len();
        start = range.end;
        let accused = range.clone().any(|series| cells.rows_of(series).iter().any(|cell| cell.counts.accusing() > 0.0));
        if accused {
            group.read(range, cells, background, elsewhere);
            found.extend(group.alarms(cells, background, options));
        }
    }
    found
}

/// The series of one target and layer in one country.
#[derive(Default)]
struct Group {
    series: Vec<u32>,
    samples: Vec<Vec<Sample>>,
}

impl Group {
    fn read(&mut self, range: std::ops::Range<usize>, cells: &Cells, background: &Background, elsewhere: &Elsewhere<'_>) {
        self.series = range.clone().map(|series| series as u32).collect();
        self.samples.resize_with(range.len().max(self.samples.len()), Vec::new);
        for (series, out) in range.zip(&mut self.samples) {
            samples(series, cells.series[series].layer, cells.rows_of(series), background, elsewhere, out);
        }
    }

    fn alarms(&self, cells: &Cells, background: &Background, options: &Options) -> Vec<Alarm> {
        let info = cells.series[self.series[0] as usize];
        let clock = Clock::of(&cells.countries[usize::from(info.country)]);
        let mut found = Vec::new();
        for (index, series) in self.series.iter().enumerate() {
            let sees = View { info, series: BTreeSet::from([*series]), samples: &self.samples[index], background, options };
            found.extend(sees.alarms(clock));
        }
        if self.series.len() > 1 {
            found = merge(found, self.national(info, background, options));
        }
        for alarm in &mut found {
            self.join(alarm);
        }
        found
    }

    /// What all networks of the country show together; only those that show it count as hit.
    fn national(&self, info: Series, background: &Background, options: &Options) -> Vec<Alarm> {
        let pooled = pool(&self.samples[..self.series.len()]);
        let view = View { info, series: BTreeSet::new(), samples: &pooled, background, options };
        let mut found = view.plain();
        found.retain_mut(|alarm| self.keep_members(alarm));
        found
    }

    /// Leaves the networks that show it, and asks whether these alone say enough.
    fn keep_members(&self, alarm: &mut Alarm) -> bool {
        let share = alarm.failed / alarm.all.max(1.0);
        let (mut members, mut sum) = (BTreeSet::new(), Within::default());
        for index in 0..self.series.len() {
            let each = self.within(index, alarm, share);
            if each.failed > 0.0 && each.ratio > 0.0 && each.failed >= each.all * share * 0.5 {
                members.insert(self.series[index]);
                sum.add(&each);
            }
        }
        (alarm.series, alarm.failed, alarm.lost, alarm.all) = (members, sum.failed, sum.lost, sum.all);
        sum.ratio >= alarm.threshold && alarm.accuses()
    }

    /// What one series shows while the alarm lasts.
    fn within(&self, index: usize, alarm: &Alarm, share: f64) -> Within {
        let samples = &self.samples[index];
        let from = samples.partition_point(|sample| sample.hour.plus(1) < alarm.onset.1);
        let lasting = samples[from..].iter().take_while(|sample| sample.hour <= alarm.last);
        let inside = lasting.filter(|sample| alarm.schedule.as_ref().is_none_or(|schedule| schedule.contains(sample.hour)));
        let mut sum = Within::default();
        for sample in inside {
            sum.add(&Within { failed: sample.failed, lost: sample.lost, all: sample.all, ratio: log_ratio(sample, share) });
        }
        sum
    }

    /// Networks that say too little alone, and say the same, join.
    fn join(&self, alarm: &mut Alarm) {
        let share = (alarm.failed / alarm.all.max(1.0)).clamp(SHARES[0], SHARES[3]);
        for index in 0..self.series.len() {
            let each = self.within(index, alarm, share);
            if !alarm.series.contains(&self.series[index]) && each.failed >= 2.0 && each.failed > each.lost && each.ratio >= JOIN {
                alarm.series.insert(self.series[index]);
                (alarm.failed, alarm.lost, alarm.all) = (alarm.failed + each.failed, alarm.lost + each.lost, alarm.all + each.all);
                alarm.strength += each.ratio;
            }
        }
    }
}

/// Failures, the lost ones among them, occasions and the log-likelihood ratio of a series while an alarm lasts.
#[derive(Default)]
struct Within {
    failed: f64,
    lost: f64,
    all: f64,
    ratio: f64,
}

impl Within {
    fn add(&mut self, other: &Within) {
        self.failed += other.failed;
        self.lost += other.lost;
        self.all += other.all;
        self.ratio += other.ratio;
    }
}

/// Some samples and whose they are.
struct View<'a> {
    info: Series,
    series: BTreeSet<u32>,
    samples: &'a [Sample],
    background: &'a Background,
    options: &'a Options,
}

impl View<'_> {
    /// What one series shows: alarms of constant shares, and schedules where they explain more.
    fn alarms(&self, clock: Clock) -> Vec<Alarm> {
        let plain = self.plain();
        let mut recurring = self.recurring(clock);
        recurring.retain(Alarm::accuses);
        recurring.retain(|alarm| {
            let other = plain.iter().filter(|plain| overlap(plain, alarm)).map(|plain| plain.strength).fold(0.0, f64::max);
            alarm.strength >= alarm.threshold + SCHEDULE_PRICE && alarm.strength >= other + SCHEDULE_GAIN
        });
        let claimed = |alarm: &Alarm| recurring.iter().any(|larger| overlap(larger, alarm));
        let mut found: Vec<Alarm> = plain.into_iter().filter(|alarm| !claimed(alarm)).collect();
        found.extend(recurring);
        found
    }

    fn plain(&self) -> Vec<Alarm> {
        let threshold = self.threshold();
        let mut found: Vec<Excursion> = Vec::new();
        for next in self.options.statistic.excursions(self.samples, threshold) {
            match found.last_mut().filter(|before| self.goes_on(before, &next)) {
                Some(before) => *before = Excursion { first: before.first, strength: before.strength.max(next.strength), ..next },
                None => found.push(next),
            }
        }
        found
            .into_iter()
            .map(|excursion| self.alarm(excursion, threshold))
            .filter(|alarm| alarm.failed >= alarm.all * LEAST_SHARE && alarm.accuses())
            .collect()
    }

    /// Whether the second excursion is the first one after a pause.
    fn goes_on(&self, before: &Excursion, next: &Excursion) -> bool {
        self.samples[next.first].hour.since(self.samples[before.last].hour) <= PAUSE_HOURS
    }

    fn recurring(&self, clock: Clock) -> Vec<Alarm> {
        let threshold = self.threshold();
        let failing = self.samples.iter().filter(|sample| sample.failed > 0.0).count();
        if failing < 4 {
            return Vec::new();
        }
        let occurrences = Statistic::Cusum.excursions(self.samples, OCCURRENCE);
        let near = |a: &Excursion, b: &Excursion| self.samples[b.first].hour.since(self.samples[a.last].hour) <= OCCURRENCE_GAP_HOURS;
        let mut found = Vec::new();
        for chain in occurrences.chunk_by(near) {
            let sum: f64 = chain.iter().map(|excursion| excursion.strength).sum();
            let (first, last) = (chain[0].first, chain[chain.len() - 1].last);
            if sum < threshold || last - first < 3 {
                continue;
            }
            if let Some(fit) = Schedule::fit(&self.samples[first..=last], clock) {
                found.push(self.scheduled(fit, first, threshold));
            }
        }
        found
    }

    /// How likely something must be to be said: see `docs/events.md`. One series in a hundred holds a real event a year, and one report in twenty
    /// may be false, so log10(20 * 100), and as much again as there were occasions to be wrong in a year.
    fn threshold(&self) -> f64 {
        let hours = self.background.hours.max(24 * 30) as f64;
        let a_year = (self.samples.len() as f64 * 8766.0 / hours).clamp(120.0, 8766.0);
        self.options.threshold + a_year.log10()
    }

    fn alarm(&self, excursion: Excursion, threshold: f64) -> Alarm {
        let Excursion { first, last, ended, strength } = excursion;
        let end = ended.then(|| self.works_again(last, None)).flatten();
        self.build((first, last), end, None, strength, threshold)
    }

    fn scheduled(&self, fit: Fit, from: usize, threshold: f64) -> Alarm {
        let (first, last) = (from + fit.first, from + fit.last);
        let end = self.works_again(last, Some(&fit.schedule));
        self.build((first, last), end, Some(fit.schedule), fit.strength, threshold)
    }

    fn build(&self, (first, last): (usize, usize), end: Option<Hour>, schedule: Option<Schedule>, strength: f64, threshold: f64) -> Alarm {
        let inside = |sample: &&Sample| schedule.as_ref().is_none_or(|schedule| schedule.contains(sample.hour));
        let (failed, lost, all) = self.samples[first..=last]
            .iter()
            .filter(inside)
            .fold((0.0, 0.0, 0.0), |sum, each| (sum.0 + each.failed, sum.1 + each.lost, sum.2 + each.all));
        let worked = |sample: &&Sample| sample.all > 0.0 && sample.failed == 0.0 && inside(sample);
        let before = self.samples[..first].iter().rev().find(worked).map(|sample| sample.hour);
        Alarm {
            country: self.info.country,
            target: self.info.target,
            layer: self.info.layer,
            series: self.series.clone(),
            onset: (before, self.samples[first].hour.plus(1)),
            last: self.samples[last].hour,
            end,
            schedule,
            failed,
            lost,
            all,
            strength,
            threshold,
        }
    }

    /// The end of the first hour after the last failure in which it worked (within the schedule).
    fn works_again(&self, last: usize, schedule: Option<&Schedule>) -> Option<Hour> {
        let inside = |sample: &&Sample| schedule.is_none_or(|schedule| schedule.contains(sample.hour));
        let after = self.samples[last + 1..].iter().filter(|sample| sample.all > 0.0 && sample.failed == 0.0);
        after.filter(inside).map(|sample| sample.hour.plus(1)).next()
    }
}

pub(super) fn overlap(a: &Alarm, b: &Alarm) -> bool {
    a.onset.1 <= b.last.plus(1) && b.onset.1 <= a.last.plus(1)
}

/// The larger claims the smaller: what the country shows takes in the networks' alarms that it overlaps, unless they keep a schedule.
fn merge(alarms: Vec<Alarm>, national: Vec<Alarm>) -> Vec<Alarm> {
    let mut found = alarms;
    for larger in national {
        // A country's sum that only one network makes up is that network's alarm.
        let known = found.iter().any(|alarm| overlap(alarm, &larger) && larger.series.is_subset(&alarm.series));
        let scheduled = found.iter().any(|alarm| alarm.schedule.is_some() && overlap(alarm, &larger));
        if !known && !scheduled {
            found.push(larger);
        }
    }
    found
}

/// All networks of a country as one series, hour by hour. What is only lost says something against the past of its own network alone: a little from
/// each of many would add up to an onset that nobody saw.
fn pool(series: &[Vec<Sample>]) -> Vec<Sample> {
    let mut all: Vec<(Hour, usize, Sample)> = series
        .iter()
        .enumerate()
        .flat_map(|(network, samples)| samples.iter().map(move |sample| (sample.hour, network, sample.accused())))
        .collect();
    all.sort_by_key(|(hour, network, _)| (*hour, *network));
    all.chunk_by(|a, b| a.0 == b.0).map(|hour| hour.iter().map(|(_, _, sample)| *sample).reduce(add).unwrap_or_default()).collect()
}

fn add(a: Sample, b: Sample) -> Sample {
    let all = a.all + b.all;
    let mean = |a_rate: f64, b_rate: f64| if all > 0.0 { (a_rate * a.all + b_rate * b.all) / all } else { a_rate.max(b_rate) };
    let (rate, lost_rate) = (mean(a.innocent_rate, b.innocent_rate), mean(a.lost_rate, b.lost_rate));
    Sample {
        hour: a.hour,
        failed: a.failed + b.failed,
        all,
        unclear: a.unclear + b.unclear,
        lost: a.lost + b.lost,
        innocent_rate: rate,
        lost_rate,
        same_way: a.same_way + b.same_way,
        cap: a.cap + b.cap,
        mechanism: if a.failed >= b.failed { a.mechanism } else { b.mechanism },
    }
}
