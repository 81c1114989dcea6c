//! Sums over everything that a filter of days lets through. Over all days they are made once an edition.

use std::collections::BTreeMap;

use crate::counts::{self, CellSums, Cells, Counts, DaySums, Groups, MechanismSums, Mechanisms, Row, Tally};
use crate::day::Day;
use crate::filter::Filter;

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
    /// One walk over the rows for all sums but the last, whose targets it finds.
    pub fn of(counts: &Counts, filter: &Filter) -> Self {
        let mut sums = Sums { accused_of_target: vec![0; counts.targets().len()], ..Sums::default() };
        counts.rows(filter).for_each(|row| sums.add(counts, row));
        let by_network = sums.networks.named(|place| &counts.places()[place as usize]);
        let networks = by_network.iter().filter_map(|(place, _)| place.asn).collect::<std::collections::BTreeSet<_>>().len();
        let by_country = counts::by_country(&by_network);
        let mut total = Tally::default();
        by_country.iter().for_each(|(_, tally)| total.absorb(tally));
        Self {
            total,
            by_country: by_country.into_iter().map(|(country, tally)| (country.to_owned(), tally)).collect(),
            networks,
            worst_targets: worst_targets(counts, filter, &sums.accused_of_target),
            mechanisms: sums.mechanisms.finish(),
            country_days: sums.country_days.finish(),
            days: sums.days.finish(),
        }
    }

    /// All countries together, by day.
    pub fn by_day(&self) -> BTreeMap<Day, Tally> {
        let mut days: BTreeMap<Day, Tally> = BTreeMap::new();
        self.country_days.iter().for_each(|((_, day), tally)| days.entry(*day).or_default().absorb(tally));
        days
    }
}

#[derive(Default)]
struct Sums {
    networks: Groups<u32>,
    mechanisms: MechanismSums,
    country_days: CellSums<u32>,
    days: DaySums,
    accused_of_target: Vec<u64>,
}

impl Sums {
    fn add(&mut self, counts: &Counts, row: &Row) {
        let outcome = counts.outcome(row);
        self.networks.add(row.place, row.target, row, outcome);
        self.mechanisms.add(row, outcome);
        self.country_days.add(counts.country(row), row, outcome);
        self.days.add(row);
        if outcome.state.accuses() {
            self.accused_of_target[row.target as usize] += u64::from(row.n);
        }
    }
}

/// The targets with the most accusations, each with everything that is known about it.
fn worst_targets(counts: &Counts, filter: &Filter, accused: &[u64]) -> Vec<(u32, Tally)> {
    let mut found: Vec<(u64, u32)> = accused.iter().copied().zip(0..).filter(|(n, _)| *n > 0).collect();
    found.sort_by(|(one, a), (other, b)| other.cmp(one).then(a.cmp(b)));
    found.truncate(WORST_TARGETS);
    let whole = |target: u32| {
        let here = Filter { target: Some(counts.target(target).to_owned()), ..filter.clone() };
        counts::group(counts, &here, |row| row.target, |row| row.place).pop().map(|(_, tally)| (target, tally))
    };
    found.into_iter().filter_map(|(_, target)| whole(target)).collect()
}
