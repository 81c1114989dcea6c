//! Sums: the rows of a filter by country, network, target, mechanism or day.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use parallax_model::{Layer, Mechanism};

use super::{Counts, Outcome, Place, Row, Tally};
use crate::day::Day;
use crate::filter::Filter;

/// Sums rows up by a key. `other` says what else a row belongs to: how many distinct ones stand behind each key is counted, which takes
/// rows in which equal pairs of key and other are neighbours.
pub fn group<K: Copy + Eq + Hash>(
    counts: &Counts,
    filter: &Filter,
    key: impl Fn(&Row) -> K,
    other: impl Fn(&Row) -> u32,
) -> Vec<(K, Tally)> {
    let mut groups = Groups::default();
    counts.rows(filter).for_each(|row| groups.add(key(row), other(row), row, counts.outcome(row)));
    groups.tallies
}

/// Tallies by a key, being summed up.
pub struct Groups<K> {
    slots: HashMap<K, usize>,
    tallies: Vec<(K, Tally)>,
    last: Option<(K, u32, usize)>,
    /// Whether the last pair of key and other was accused.
    is_accused: bool,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { slots: HashMap::new(), tallies: Vec::new(), last: None, is_accused: false }
    }
}

impl<K: Copy + Eq + Hash> Groups<K> {
    pub fn add(&mut self, key: K, other: u32, row: &Row, outcome: &Outcome) {
        let slot = match self.last {
            Some((last_key, last_other, slot)) if last_key == key && last_other == other => slot,
            _ => {
                let slot = *self.slots.entry(key).or_insert_with(|| {
                    self.tallies.push((key, Tally::default()));
                    self.tallies.len() - 1
                });
                self.tallies[slot].1.others += 1;
                (self.last, self.is_accused) = (Some((key, other, slot)), false);
                slot
            }
        };
        let tally = &mut self.tallies[slot].1;
        tally.add(row, outcome);
        if outcome.state.accuses() && !self.is_accused {
            tally.others_accused += 1;
            self.is_accused = true;
        }
    }

    /// The groups by name, the most accused first.
    pub fn named<N: Ord>(self, name: impl Fn(K) -> N) -> Vec<(N, Tally)> {
        named(self.tallies, name)
    }
}

/// Everything together.
pub fn total(counts: &Counts, filter: &Filter) -> Tally {
    let mut tally = Tally::default();
    for row in counts.rows(filter) {
        tally.add(row, counts.outcome(row));
    }
    tally
}

/// By target, with the networks behind each.
pub fn by_target<'c>(counts: &'c Counts, filter: &Filter) -> Vec<(&'c str, Tally)> {
    named(group(counts, filter, |row| row.target, |row| row.place), |target| counts.target(target))
}

/// By network in a country, with the targets behind each.
pub fn by_network<'c>(counts: &'c Counts, filter: &Filter) -> Vec<(&'c Place, Tally)> {
    named(group(counts, filter, |row| row.place, |row| row.target), |place| &counts.places[place as usize])
}

/// Networks put together by country, with how many there are behind each.
pub fn by_country<'c>(networks: &[(&'c Place, Tally)]) -> Vec<(&'c str, Tally)> {
    let mut by_country: BTreeMap<&str, Tally> = BTreeMap::new();
    for (place, tally) in networks {
        merge(by_country.entry(&place.country).or_default(), tally);
    }
    let mut countries: Vec<_> = by_country.into_iter().collect();
    most_accused_first(&mut countries);
    countries
}

/// Adds one network's judgements to its country's.
fn merge(country: &mut Tally, network: &Tally) {
    country.absorb(network);
    country.others += 1;
    country.others_accused += u64::from(network.accused() > 0);
}

fn named<K, N: Ord>(groups: Vec<(K, Tally)>, name: impl Fn(K) -> N) -> Vec<(N, Tally)> {
    let mut named: Vec<(N, Tally)> = groups.into_iter().map(|(key, tally)| (name(key), tally)).collect();
    most_accused_first(&mut named);
    named
}

/// Names decide among equals.
fn most_accused_first<N: Ord>(named: &mut [(N, Tally)]) {
    named.sort_by(|(a, one), (b, other)| (other.accused(), other.n()).cmp(&(one.accused(), one.n())).then_with(|| a.cmp(b)));
}

/// By day, in order, leaving out probes whose clock is known to be wrong. Days without judgements are not there.
pub fn by_day(counts: &Counts, filter: &Filter) -> Vec<(Day, Tally)> {
    let mut days: Vec<_> = by_key_and_day(counts, filter, |_| Some(())).into_iter().map(|(((), day), tally)| (day, tally)).collect();
    days.sort_unstable_by_key(|(day, _)| *day);
    days
}

/// How many there are of each day as it was recorded, in order.
pub fn n_by_day(counts: &Counts, filter: &Filter) -> Vec<(Day, u64)> {
    let mut sums = DaySums::default();
    counts.rows(filter).for_each(|row| sums.add(row));
    sums.finish()
}

/// Judgements of each day, being counted.
pub struct DaySums(Vec<u64>);

impl Default for DaySums {
    fn default() -> Self {
        Self(vec![0; usize::from(u16::MAX) + 1])
    }
}

impl DaySums {
    pub fn add(&mut self, row: &Row) {
        self.0[usize::from(row.day.0)] += u64::from(row.n);
    }

    pub fn finish(self) -> Vec<(Day, u64)> {
        (0..=u16::MAX).map(|day| (Day(day), self.0[usize::from(day)])).filter(|(_, n)| *n > 0).collect()
    }
}

/// Judgements by some key and the day.
pub type Cells<K> = HashMap<(K, Day), Tally>;

/// By a key and by day, leaving out the same. A key of `None` is not wanted.
pub fn by_key_and_day<K: Copy + Eq + Hash>(counts: &Counts, filter: &Filter, key: impl Fn(&Row) -> Option<K>) -> Cells<K> {
    let mut sums = CellSums::default();
    for row in counts.rows(filter) {
        if let Some(key) = key(row) {
            sums.add(key, row, counts.outcome(row));
        }
    }
    sums.finish()
}

/// Judgements by some key and the day, being summed up. Rows of one key often follow each other, and a day's place in a list is found
/// without looking: millions of rows take milliseconds.
pub struct CellSums<K> {
    lines: HashMap<K, usize>,
    tallies: Vec<(K, Days)>,
    last: Option<(K, usize)>,
}

impl<K> Default for CellSums<K> {
    fn default() -> Self {
        Self { lines: HashMap::new(), tallies: Vec::new(), last: None }
    }
}

impl<K: Copy + Eq + Hash> CellSums<K> {
    /// Leaves out probes whose clock is known to be wrong.
    pub fn add(&mut self, key: K, row: &Row, outcome: &Outcome) {
        if outcome.has_wrong_clock {
            return;
        }
        let line = match self.last {
            Some((known, line)) if known == key => line,
            _ => *self.lines.entry(key).or_insert_with(|| {
                self.tallies.push((key, Days::default()));
                self.tallies.len() - 1
            }),
        };
        self.last = Some((key, line));
        self.tallies[line].1.at(row.day).add(row, outcome);
    }

    pub fn finish(self) -> Cells<K> {
        let cells = self.tallies.into_iter().flat_map(|(key, days)| days.into_iter().map(move |(day, tally)| ((key, day), tally)));
        cells.collect()
    }
}

/// Tallies of days: those of one month together, so that a few odd dates take no room between them.
#[derive(Default)]
struct Days {
    months: BTreeMap<u16, Box<[Tally; Self::MONTH]>>,
}

impl Days {
    const MONTH: usize = 32;

    fn at(&mut self, day: Day) -> &mut Tally {
        let month = self.months.entry(day.0 / Self::MONTH as u16).or_insert_with(|| Box::new(std::array::from_fn(|_| Tally::default())));
        &mut month[usize::from(day.0) % Self::MONTH]
    }

    fn into_iter(self) -> impl Iterator<Item = (Day, Tally)> {
        let days = self.months.into_iter().flat_map(|(month, tallies)| {
            let first = month * Self::MONTH as u16;
            tallies.into_iter().enumerate().map(move |(index, tally)| (Day(first + index as u16), tally))
        });
        days.filter(|(_, tally)| tally.n() > 0)
    }
}

/// Accusations by layer and day, leaving out the same.
pub fn by_layer_and_day(counts: &Counts, filter: &Filter) -> HashMap<(Layer, Day), u64> {
    let mut accused = HashMap::new();
    for row in counts.rows(filter) {
        let outcome = counts.outcome(row);
        if outcome.state.accuses() && !outcome.has_wrong_clock {
            outcome.layers.iter().for_each(|layer| *accused.entry((*layer, row.day)).or_default() += u64::from(row.n));
        }
    }
    accused
}

/// Accusations by mechanism: how many, in how many networks, of how many targets. The most frequent first.
pub type Mechanisms = Vec<(Mechanism, u64, usize, usize)>;

pub fn by_mechanism(counts: &Counts, filter: &Filter) -> Mechanisms {
    let mut sums = MechanismSums::default();
    counts.rows(filter).for_each(|row| sums.add(row, counts.outcome(row)));
    sums.finish()
}

/// Accusations by mechanism, being counted.
#[derive(Default)]
pub struct MechanismSums(HashMap<Mechanism, (u64, HashSet<u32>, HashSet<u32>)>);

impl MechanismSums {
    pub fn add(&mut self, row: &Row, outcome: &Outcome) {
        for mechanism in outcome.mechanisms.iter().filter(|_| outcome.state.accuses()) {
            let (n, places, targets) = self.0.entry(*mechanism).or_default();
            *n += u64::from(row.n);
            places.insert(row.place);
            targets.insert(row.target);
        }
    }

    pub fn finish(self) -> Mechanisms {
        let mut found: Mechanisms =
            self.0.into_iter().map(|(mechanism, (n, places, targets))| (mechanism, n, places.len(), targets.len())).collect();
        found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.as_str().cmp(other.0.as_str())));
        found
    }
}
