//! Which days a chart draws, and what it says of the others.

use std::collections::BTreeMap;

use super::plural;
use crate::charts::About;
use crate::day::Day;

/// Days of a chart: what can be told apart on a screen.
const MOST_DAYS: u16 = 92;
/// One in so many judgements may have a date that is odd.
const ODD: u64 = 1000;

/// Days without a gap.
#[derive(Clone, Debug, Default)]
pub struct Window {
    pub days: Vec<Day>,
    /// Judgements on these days.
    pub n: u64,
    /// Judgements of probes whose clock is known to be wrong: they are of no day.
    pub wrong_clocks: u64,
    /// What is not drawn, in a sentence or two; or nothing.
    pub remark: String,
}

impl Window {
    /// Chooses days by how much was measured on each.
    pub fn of(measured: &BTreeMap<Day, u64>) -> Self {
        let days = drawn(measured);
        let left_out = || measured.iter().filter(|(day, _)| !days.contains(day));
        let remark = match left_out().count() {
            0 => String::new(),
            outside => format!(
                "{} on {} are not drawn, on {}; choose other days above to see them.",
                plural(left_out().map(|(_, n)| n).sum(), "judgement"),
                plural(outside as u64, "other day"),
                span(left_out().map(|(day, _)| *day))
            ),
        };
        let n = measured.iter().filter(|(day, _)| days.contains(day)).map(|(_, n)| n).sum();
        Self { days, n, wrong_clocks: 0, remark }
    }

    /// The same where `all` were judged: what is missing in the days has a wrong clock.
    pub fn of_all(measured: &BTreeMap<Day, u64>, all: u64) -> Self {
        let mut window = Self::of(measured);
        window.wrong_clocks = all.saturating_sub(measured.values().sum());
        if window.wrong_clocks > 0 {
            let space = if window.remark.is_empty() { "" } else { " " };
            window.remark += &format!("{space}{}.", wrong_clocks(window.wrong_clocks));
        }
        window
    }

    /// Pixels from day to day: few days have room for larger marks.
    pub fn step(&self) -> usize {
        match self.days.len() {
            ..=10 => 26,
            11..=31 => 20,
            _ => 14,
        }
    }

    /// What a chart of these days says of itself elsewhere.
    pub fn about(&self, page: &About, chart: &str, id: &str) -> About {
        let about = page.of(chart, id).resting_on(self.n, self.days.first().copied(), self.days.last().copied());
        if self.wrong_clocks > 0 { about.with_line(wrong_clocks(self.wrong_clocks)) } else { about }
    }

    /// The days that are written beside the drawing, with their number: eight at most.
    pub fn marks(&self) -> impl Iterator<Item = (usize, Day)> {
        let every = self.days.len().div_ceil(8).max(7);
        self.days.iter().copied().enumerate().step_by(every)
    }
}

/// `24 judgements of probes whose clock is known to be wrong are left out`.
pub fn wrong_clocks(n: u64) -> String {
    format!("{} of probes whose clock is known to be wrong {} left out", plural(n, "judgement"), if n == 1 { "is" } else { "are" })
}

/// The days that are drawn: the latest stretch in which much was measured. Records with odd dates would otherwise stretch the strip over
/// years in which there is nothing.
fn drawn(measured: &BTreeMap<Day, u64>) -> Vec<Day> {
    let Some(last) = last_drawn(measured) else { return Vec::new() };
    let window = || measured.range(last.minus(MOST_DAYS - 1)..=last);
    let odd = window().map(|(_, n)| n).sum::<u64>() / ODD;
    let (Some(first), Some(last)) = (beyond(odd, window()), beyond(odd, window().rev())) else { return Vec::new() };
    (first.0..=last.0).map(Day).collect()
}

/// The last day of the latest stretch that has at least half as many judgements as the fullest one.
fn last_drawn(measured: &BTreeMap<Day, u64>) -> Option<Day> {
    let days: Vec<(Day, u64)> = measured.iter().map(|(day, n)| (*day, *n)).collect();
    let (mut begin, mut within) = (0, 0);
    let mut stretches = Vec::with_capacity(days.len());
    for (day, n) in &days {
        within += n;
        while days[begin].0 < day.minus(MOST_DAYS - 1) {
            within -= days[begin].1;
            begin += 1;
        }
        stretches.push((*day, within));
    }
    let fullest = stretches.iter().map(|(_, n)| *n).max()?;
    stretches.iter().rev().find(|(_, n)| *n * 2 >= fullest).map(|(day, _)| *day)
}

/// The first day until which more than so many were measured.
fn beyond<'d>(odd: u64, mut days: impl Iterator<Item = (&'d Day, &'d u64)>) -> Option<Day> {
    let mut n = 0;
    let found = days.find(|(_, of_day)| {
        n += **of_day;
        n > odd
    });
    found.map(|(day, _)| *day)
}

fn span(mut days: impl DoubleEndedIterator<Item = Day>) -> String {
    match (days.next(), days.next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(only), None) => only.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(measured: &[(u16, u64)]) -> (u16, u16) {
        let drawn = drawn(&measured.iter().map(|(day, n)| (Day(*day), *n)).collect());
        (drawn.first().map_or(0, |day| day.0), drawn.last().map_or(0, |day| day.0))
    }

    #[test]
    fn a_few_odd_dates_stretch_nothing() {
        assert_eq!(days(&[(10, 60), (1000, 700), (1001, 700)]), (1000, 1001));
        assert_eq!(days(&[(1000, 700), (1001, 700), (60_000, 9)]), (1000, 1001));
        assert_eq!(days(&[(1000, 3), (1090, 2)]), (1000, 1090));
    }

    #[test]
    fn of_a_long_time_the_last_days_are_drawn() {
        let year: Vec<_> = (0..365).map(|day| (day, 10)).collect();
        assert_eq!(days(&year), (365 - MOST_DAYS, 364));
        assert_eq!(days(&[]), (0, 0));
    }
}
