//! How often each state was found, by day, network and target: what every page but a measurement's is made of.
//!
//! The judgements of the archive are read once, when it is opened, and counted: one row per day, network, target and outcome, twenty
//! bytes each. Millions of them fit into memory and are summed up in milliseconds, where a query would take seconds. [`Counts::rows`]
//! gives the rows that a [`crate::Filter`] lets through, [`group`] sums them up into [`Tally`]s.
//!
//! **Invariant:** a count is the count of rows of `judgements` that the SQL of the same filter gives ([`crate::Filter::condition`]).

mod gather;
mod group;
pub mod table;
mod tally;

use std::collections::HashMap;
use std::ops::Range;

use parallax_model::{Layer, Mechanism, State};

pub use gather::gather;
pub use group::{
    CellSums, Cells, DaySums, Groups, MechanismSums, Mechanisms, by_country, by_day, by_key_and_day, by_layer_and_day, by_mechanism,
    by_network, by_target, group, n_by_day, total,
};
pub use tally::{Share, Tally};

use crate::day::Day;
use crate::filter::Filter;

/// A network in a country. One network can be in several countries, and a network can be unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub country: Box<str>,
    pub asn: Option<u32>,
}

/// What judgements can have in common beside their place, target and day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    pub state: State,
    pub layers: Vec<Layer>,
    pub mechanisms: Vec<Mechanism>,
    /// The probe's clock is known to be wrong, so the day is not to be believed.
    pub has_wrong_clock: bool,
}

/// `n` judgements of one day, place, target and outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub place: u32,
    pub target: u32,
    pub day: Day,
    pub outcome: u32,
    pub n: u32,
}

#[derive(Debug, Default)]
pub struct Counts {
    /// Sorted, so that the networks of a country are neighbours.
    places: Vec<Place>,
    /// Sorted; and which of them each place is in.
    countries: Vec<Box<str>>,
    country_of: Vec<u32>,
    /// Sorted.
    targets: Vec<Box<str>>,
    outcomes: Vec<Outcome>,
    /// Sorted by place, target, day, outcome.
    rows: Vec<Row>,
    /// Where the rows of each place begin, and where the last ends.
    place_starts: Vec<u32>,
    /// The rows once more, in the order of target, place, day, outcome; and where those of each target begin.
    by_target: Vec<u32>,
    target_starts: Vec<u32>,
}

impl Counts {
    fn new(places: Vec<Place>, targets: Vec<Box<str>>, outcomes: Vec<Outcome>, rows: Vec<Row>) -> Self {
        let mut by_target: Vec<u32> = (0..index(rows.len())).collect();
        // Stable: rows of one target keep the order of places and days.
        by_target.sort_by_key(|row| rows[*row as usize].target);
        let place_starts = starts(places.len(), rows.iter().map(|row| row.place));
        let target_starts = starts(targets.len(), by_target.iter().map(|row| rows[*row as usize].target));
        let mut countries: Vec<Box<str>> = places.iter().map(|place| place.country.clone()).collect();
        countries.dedup();
        let country_of = places.iter().map(|place| index(countries.partition_point(|country| *country < place.country))).collect();
        Self { places, countries, country_of, targets, outcomes, rows, place_starts, by_target, target_starts }
    }

    pub fn place(&self, row: &Row) -> &Place {
        &self.places[row.place as usize]
    }

    pub fn places(&self) -> &[Place] {
        &self.places
    }

    pub fn outcome(&self, row: &Row) -> &Outcome {
        &self.outcomes[row.outcome as usize]
    }

    pub fn target(&self, id: u32) -> &str {
        &self.targets[id as usize]
    }

    pub fn targets(&self) -> &[Box<str>] {
        &self.targets
    }

    pub fn has_target(&self, name: &str) -> bool {
        self.targets.binary_search_by(|target| (**target).cmp(name)).is_ok()
    }

    /// Rows in memory.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that the filter lets through: those of one network and target, and those of one target and network, stand together.
    pub fn rows<'a>(&'a self, filter: &Filter) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        let outcomes: Vec<bool> = self.outcomes.iter().map(|outcome| filter.lets_outcome(outcome)).collect();
        let (from, to) = (filter.from.unwrap_or(Day(0)), filter.to.unwrap_or(Day(u16::MAX)));
        let wanted = move |row: &&Row| from <= row.day && row.day <= to && outcomes[row.outcome as usize];
        let places: Vec<bool> = self.places.iter().map(|place| filter.lets_place(place)).collect();
        match &filter.target {
            Some(target) => {
                let rows = self.rows_of_target(target).iter().map(|row| &self.rows[*row as usize]);
                Box::new(rows.filter(move |row| places[row.place as usize]).filter(wanted))
            }
            None => {
                let chosen = (0..self.places.len()).filter(move |place| places[*place]);
                Box::new(chosen.flat_map(|place| &self.rows[self.rows_of_place(place)]).filter(wanted))
            }
        }
    }

    /// The rows of one network that the filter lets through.
    pub fn rows_at<'a>(&'a self, place: usize, filter: &'a Filter) -> impl Iterator<Item = &'a Row> + 'a {
        let range = if filter.lets_place(&self.places[place]) { self.rows_of_place(place) } else { 0..0 };
        self.rows[range].iter().filter(|row| {
            let is_target = filter.target.as_deref().is_none_or(|target| *target == *self.targets[row.target as usize]);
            let is_day = filter.from.is_none_or(|from| from <= row.day) && filter.to.is_none_or(|to| row.day <= to);
            is_target && is_day && filter.lets_outcome(self.outcome(row))
        })
    }

    fn rows_of_place(&self, place: usize) -> Range<usize> {
        self.place_starts[place] as usize..self.place_starts[place + 1] as usize
    }

    fn rows_of_target(&self, name: &str) -> &[u32] {
        match self.targets.binary_search_by(|target| (**target).cmp(name)) {
            Ok(target) => &self.by_target[self.target_starts[target] as usize..self.target_starts[target + 1] as usize],
            Err(_) => &[],
        }
    }

    /// The countries that there are, in order.
    pub fn countries(&self) -> &[Box<str>] {
        &self.countries
    }

    /// The number of a row's country in that order.
    pub fn country(&self, row: &Row) -> u32 {
        self.country_of[row.place as usize]
    }
}

/// Ids are four bytes: a machine that holds more rows than that is another machine.
fn index(number: usize) -> u32 {
    u32::try_from(number).expect("the gatherer stops before there are so many")
}

/// Where each of `count` keys begins in a sorted sequence of keys, and where the last ends.
fn starts(count: usize, keys: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    for key in keys {
        starts[key as usize + 1] += 1;
    }
    for index in 0..count {
        starts[index + 1] += starts[index];
    }
    starts
}

/// Names with numbers, in the order in which they come.
#[derive(Debug)]
struct Numbered<T>(HashMap<T, u32>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone + Ord + std::hash::Hash + Eq> Numbered<T> {
    fn number<Q>(&mut self, name: &Q) -> u32
    where
        Q: std::hash::Hash + Eq + ?Sized + ToOwned,
        T: std::borrow::Borrow<Q> + for<'q> From<&'q Q>,
    {
        match self.0.get(name) {
            Some(number) => *number,
            None => self.add(T::from(name)),
        }
    }

    fn add(&mut self, name: T) -> u32 {
        let next = index(self.0.len());
        *self.0.entry(name).or_insert(next)
    }

    /// The names in order, and for each number the place of its name in that order.
    fn sorted(self) -> (Vec<T>, Vec<u32>) {
        let mut names: Vec<(T, u32)> = self.0.into_iter().collect();
        names.sort_unstable();
        let mut moved = vec![0; names.len()];
        for (place, (_, number)) in names.iter().enumerate() {
            moved[*number as usize] = index(place);
        }
        (names.into_iter().map(|(name, _)| name).collect(), moved)
    }
}
