//! Interference that comes and goes by the clock: which days of the week, and which hours of the day where it happens.
//!
//! Each hour of the local day gets what all its measurements say, on the days of a set; the best windows are the ones with the largest sum, less a
//! price for each window. Sets of days that people have names for are cheaper than others.

use std::fmt;

use super::Hour;
use super::clock::Clock;
use super::sample::Sample;
use super::statistic::log_ratio;

/// Days of the week and hours of the day in local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Bit 0 is Monday.
    days: u8,
    /// First hour and the one after the last, of windows in order; the last may reach past midnight (22 to 30 is 22:00 to 06:00).
    windows: Vec<(u8, u8)>,
    clock: Clock,
}

/// What a fitted schedule explains.
pub(super) struct Fit {
    pub schedule: Schedule,
    /// log10 of the likelihood ratio, less what it costs to have searched.
    pub strength: f64,
    /// First and last failure inside the windows.
    pub first: usize,
    pub last: usize,
}

/// Hours of a day that must be free, or else it is no schedule but a state.
const FREE_HOURS: usize = 3;
/// A pattern has been seen on so many days, ...
const LEAST_DAYS: usize = 3;
/// ... and its windows were found free at so many occasions outside of them.
const LEAST_FREE: f64 = 5.0;
/// What opening a window costs: one of 24 hours, log10.
const WINDOW: f64 = 1.4;
/// Days that go by a name, and what it costs to choose them.
const NAMED_DAYS: &[(u8, &str, f64)] = &[
    (0b111_1111, "every day", 0.0),
    (0b001_1111, "Mon-Fri", 0.5),
    (0b110_0000, "Sat-Sun", 0.8),
    (0b100_1111, "Sun-Thu", 0.8),
    (0b011_0000, "Fri-Sat", 0.8),
    (0b011_1111, "Mon-Sat", 0.8),
    (0b101_1111, "Sat-Wed", 1.0),
];
const OTHER_DAYS: f64 = 2.1;
const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Within its windows a schedule hits this share.
const SHARE: f64 = 0.9;

impl Schedule {
    pub fn contains(&self, hour: Hour) -> bool {
        let (day, of_day) = self.clock.local(hour);
        let now = self.days & (1 << day) != 0 && self.windows.iter().any(|(from, to)| (*from..*to).contains(&(of_day as u8)));
        let of_day = of_day as u8 + 24;
        now || self.days & (1 << ((day + 6) % 7)) != 0 && self.windows.iter().any(|(from, to)| (*from..*to).contains(&of_day))
    }

    /// Whether two schedules are likely the same: at most so many hours of a week differ.
    pub(super) fn is_like(&self, other: &Schedule) -> bool {
        let week = |hour| (self.contains(Hour(hour)), other.contains(Hour(hour)));
        let (mut both, mut either) = (0, 0);
        for (here, there) in (0..168).map(week) {
            both += u32::from(here && there);
            either += u32::from(here || there);
        }
        both * 2 >= either
    }

    /// The best schedule for a stretch of samples, when a schedule explains them better than a constant share does.
    pub(super) fn fit(samples: &[Sample], clock: Clock) -> Option<Fit> {
        let weights: Vec<f64> = samples.iter().map(weight).collect();
        let rough = best(samples, &weights, 0, samples.len(), clock)?;
        // Fitted again on what it explains: what lies before and after would blur the days.
        let (first, last) = stretch(samples, &weights, &rough.0)?;
        let (schedule, cost) = best(samples, &weights, first, last + 1, clock)?;
        let (first, last) = stretch(samples, &weights, &schedule)?;
        let inside = |index: &usize| schedule.contains(samples[*index].hour);
        let strength = (first..=last).filter(inside).map(|index| weights[index]).sum::<f64>() - cost;
        let mut days: Vec<i64> = (first..=last)
            .filter(|index| inside(index) && samples[*index].failed > 0.0)
            .map(|index| clock.local_day(samples[index].hour))
            .collect();
        days.dedup();
        let outside = (first..=last).filter(|index| !inside(index));
        let (free, failed) =
            outside.fold((0.0, 0.0), |sum, index| (sum.0 + samples[index].all - samples[index].failed, sum.1 + samples[index].failed));
        let clear = free >= LEAST_FREE && failed <= free * 0.25;
        let often = occurrences(&samples[first..=last], &schedule) >= LEAST_DAYS;
        (days.len() >= LEAST_DAYS && clear && often).then_some(Fit { schedule, strength, first, last })
    }
}

/// How often it came, with time in between in which it was seen to be gone.
fn occurrences(samples: &[Sample], schedule: &Schedule) -> usize {
    let (mut count, mut gone) = (0, true);
    for sample in samples {
        let inside = schedule.contains(sample.hour);
        if inside && sample.failed > 0.0 && gone {
            (count, gone) = (count + 1, false);
        }
        gone |= !inside && sample.failed == 0.0 && sample.all > 0.0;
    }
    count
}

fn weight(sample: &Sample) -> f64 {
    log_ratio(&Sample { same_way: 0.0, unclear: 0.0, ..*sample }, SHARE).max(-2.4)
}

/// The part of the samples that the schedule explains best: the largest sum of what lies inside its windows.
fn stretch(samples: &[Sample], weights: &[f64], schedule: &Schedule) -> Option<(usize, usize)> {
    let (mut sum, mut start, mut best) = (0.0, 0, (0.0, 0, 0));
    for index in (0..samples.len()).filter(|index| schedule.contains(samples[*index].hour)) {
        if sum <= 0.0 {
            (sum, start) = (0.0, index);
        }
        sum += weights[index];
        if sum > best.0 {
            best = (sum, start, index);
        }
    }
    let failing = |index: &usize| samples[*index].failed > 0.0 && schedule.contains(samples[*index].hour);
    let first = (best.1..=best.2).find(failing)?;
    let last = (best.1..=best.2).rev().find(failing)?;
    (best.0 > 0.0).then_some((first, last))
}

fn best(samples: &[Sample], weights: &[f64], from: usize, to: usize, clock: Clock) -> Option<(Schedule, f64)> {
    let mut week = [[0.0; 24]; 7];
    for (sample, weight) in samples[from..to].iter().zip(&weights[from..to]) {
        let (day, hour) = clock.local(sample.hour);
        week[day][hour] += weight;
    }
    let learned = (0..7).filter(|day| week[*day].iter().any(|sum| *sum > 1.0)).fold(0, |days, day| days | 1 << day);
    let named = NAMED_DAYS.iter().map(|(days, _, cost)| (*days, *cost));
    let candidates = named.chain([(learned, OTHER_DAYS)]).filter(|(days, _)| *days != 0);
    let mut best: Option<(f64, f64, Schedule)> = None;
    for (days, cost) in candidates {
        let mut profile = [0.0; 24];
        for day in (0..7).filter(|day| days & (1 << day) != 0) {
            for hour in 0..24 {
                profile[hour] += week[day][hour];
            }
        }
        let (sum, inside) = windows(&profile);
        let opened = (0..24).filter(|hour| inside[*hour] && !inside[(*hour + 23) % 24]).count();
        let hours = inside.iter().filter(|inside| **inside).count();
        // All day on some days is a schedule; all day but an hour or two is not.
        if hours == 0 || hours > 24 - FREE_HOURS && (hours < 24 || days == NAMED_DAYS[0].0) {
            continue;
        }
        let score = sum - cost;
        if best.as_ref().is_none_or(|best| score > best.0) {
            let schedule = Schedule { days, windows: spans(&inside), clock };
            best = Some((score, cost + WINDOW * opened.max(1) as f64, schedule));
        }
    }
    best.map(|(_, cost, schedule)| (schedule, cost))
}

/// The hours of a day with the largest sum, less the price of each window, on a clock that goes round.
fn windows(profile: &[f64; 24]) -> (f64, [bool; 24]) {
    let mut best = (0.0, [false; 24]);
    for begins_inside in [false, true] {
        // For each of the two states (outside, inside): the best sum so far and the hours that make it.
        let mut states = [(f64::MIN, [false; 24]); 2];
        states[usize::from(begins_inside)] = (if begins_inside { profile[0] } else { 0.0 }, [false; 24]);
        states[usize::from(begins_inside)].1[0] = begins_inside;
        for (hour, sum) in profile.iter().enumerate().skip(1) {
            let [outside, inside] = states;
            let stay_out = if inside.0 > outside.0 { inside } else { outside };
            let opened = outside.0 - WINDOW;
            let mut go_in = if opened > inside.0 { (opened, outside.1) } else { inside };
            go_in.0 += sum;
            go_in.1[hour] = true;
            states = [stay_out, go_in];
        }
        // A window that is open at both ends of the day is one; one that is open at its beginning only was opened there.
        if begins_inside {
            states[0].0 -= WINDOW;
            states[1].0 -= WINDOW;
        }
        for state in states {
            if state.0 > best.0 {
                best = state;
            }
        }
    }
    best
}

/// Hours that are inside, as windows. One that reaches over midnight is put last.
fn spans(inside: &[bool; 24]) -> Vec<(u8, u8)> {
    if inside.iter().all(|inside| *inside) {
        return vec![(0, 24)];
    }
    let starts = (0..24_u8).filter(|hour| inside[usize::from(*hour)] && !inside[usize::from((hour + 23) % 24)]);
    let length = |start: u8| (0..24).take_while(|step| inside[usize::from((start + step) % 24)]).count() as u8;
    starts.map(|start| (start, start + length(start))).collect()
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMED_DAYS.iter().find(|(days, _, _)| *days == self.days) {
            Some((_, name, _)) => write!(f, "{name}")?,
            None => {
                let days = (0..7).filter(|day| self.days & (1 << day) != 0);
                for (place, day) in days.enumerate() {
                    write!(f, "{}{}", if place > 0 { "," } else { "" }, DAY_NAMES[day])?;
                }
            }
        }
        for (place, (from, to)) in self.windows.iter().enumerate() {
            let to = if *to > 24 { to - 24 } else { *to };
            write!(f, "{}{from:02}:00-{to:02}:00", if place > 0 { ", " } else { " " })?;
        }
        write!(f, " ({})", self.clock)
    }
}
