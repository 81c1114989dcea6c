//! Sums over everything that a filter of days lets through. Over all days they are made once an edition.

use std::collections::BTreeMap;

use crate::counts::{self, Cells, Counts, Mechanisms, Tally};
use crate::day::Day;
use crate::filter::{Filter, States};

/// Targets that the overview names.
const WORST_TARGETS: usize = 25;

pub struct Overview {
    pub total: Tally,
    /// With the networks behind each.
    pub by_country: Vec<(String, Tally)>,
    pub networks: usize,
    /// By the number of the target.
    pub worst_targets: Vec<(u32, Tally)>,
    pub mechanisms: Mechanisms,
    /// By the number of the country.
    pub country_days: Cells<u32>,
    /// Judgements of each day, those of wrong clocks as well.
    pub days: Vec<(Day, u64)>,
}

impl Overview {
    pub fn of(counts: &Counts, filter: &Filter) -> Self {
        let by_network = counts::by_network(counts, filter);
        let networks = by_network.iter().filter_map(|(place, _)| place.asn).collect::<std::collections::BTreeSet<_>>().len();
        let by_country = counts::by_country(&by_network);
        let mut total = Tally::default();
        by_country.iter().for_each(|(_, tally)| total.absorb(tally));
        Self {
            total,
            by_country: by_country.into_iter().map(|(country, tally)| (country.to_owned(), tally)).collect(),
            networks,
            worst_targets: worst_targets(counts, filter),
            mechanisms: counts::by_mechanism(counts, filter),
            country_days: counts::by_key_and_day(counts, filter, |row| Some(counts.country(row))),
            days: counts::n_by_day(counts, filter),
        }
    }
}

impl Overview {
    /// All countries together, by day.
    pub fn by_day(&self) -> BTreeMap<Day, Tally> {
        let mut days: BTreeMap<Day, Tally> = BTreeMap::new();
        self.country_days.iter().for_each(|((_, day), tally)| days.entry(*day).or_default().absorb(tally));
        days
    }
}

/// The targets with the most accusations, each with everything that is known about it.
fn worst_targets(counts: &Counts, filter: &Filter) -> Vec<(u32, Tally)> {
    let accused = Filter { state: Some(States::Interference), ..filter.clone() };
    let mut found = counts::group(counts, &accused, |row| row.target, |row| row.place);
    found.sort_by(|(a, one), (b, other)| other.n().cmp(&one.n()).then(a.cmp(b)));
    found.truncate(WORST_TARGETS);
    let whole = |target: u32| {
        let here = Filter { target: Some(counts.target(target).to_owned()), ..filter.clone() };
        counts::group(counts, &here, |row| row.target, |row| row.place).pop().map(|(_, tally)| (target, tally))
    };
    found.into_iter().filter_map(|(target, _)| whole(target)).collect()
}
