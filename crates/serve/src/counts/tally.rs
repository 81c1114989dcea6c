//! Judgements summed up: how many say what, and how sure a share of them is.

use parallax_detect::evaluation::interval::wilson;
use parallax_model::State;

use super::{Outcome, Row};
use crate::day::Day;

/// Judgements by state, with the days they span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    by_state: [u64; State::ALL.len()],
    /// Distinct networks (of a target) or targets (of a network) among them, and those with an accusation.
    pub others: u64,
    pub others_accused: u64,
    /// Days of the first and last judgement, and of the first and last accusation, leaving out probes whose clock is known to be wrong.
    pub first: Option<Day>,
    pub last: Option<Day>,
    pub first_accused: Option<Day>,
    pub last_accused: Option<Day>,
}

impl Tally {
    pub fn add(&mut self, row: &Row, outcome: &Outcome) {
        self.by_state[outcome.state as usize] += u64::from(row.n);
        if outcome.has_wrong_clock {
            return;
        }
        widen(&mut self.first, &mut self.last, row.day);
        if outcome.state.accuses() {
            widen(&mut self.first_accused, &mut self.last_accused, row.day);
        }
    }

    /// Adds what another counted; what it says of networks or targets is left to the caller.
    pub fn absorb(&mut self, other: &Tally) {
        for (mine, theirs) in self.by_state.iter_mut().zip(other.by_state) {
            *mine += theirs;
        }
        other.first.into_iter().chain(other.last).for_each(|day| widen(&mut self.first, &mut self.last, day));
        let accused = other.first_accused.into_iter().chain(other.last_accused);
        accused.for_each(|day| widen(&mut self.first_accused, &mut self.last_accused, day));
    }

    pub fn of(&self, state: State) -> u64 {
        self.by_state[state as usize]
    }

    /// All judgements.
    pub fn n(&self) -> u64 {
        self.by_state.iter().sum()
    }

    /// Judgements that say something.
    pub fn telling(&self) -> u64 {
        self.n() - self.of(State::Insufficient)
    }

    /// Judgements that say that somebody interfered.
    pub fn accused(&self) -> u64 {
        State::ALL.iter().filter(|state| state.accuses()).map(|state| self.of(*state)).sum()
    }

    /// Not working, without anybody being accused.
    pub fn troubled(&self) -> u64 {
        self.of(State::Impaired) + self.of(State::Down)
    }

    /// Share of accusations among the judgements that say something, with its 95 % interval after Wilson (1927). The interval takes
    /// judgements as independent, which those of one probe are not: it is narrower than what is known.
    pub fn share(&self) -> Option<Share> {
        let (accused, n) = (self.accused(), self.telling());
        let (low, high) = wilson(accused, n);
        (n > 0).then(|| Share { value: accused as f64 / n as f64, low, high })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

fn widen(first: &mut Option<Day>, last: &mut Option<Day>, day: Day) {
    *first = Some(first.map_or(day, |first| first.min(day)));
    *last = Some(last.map_or(day, |last| last.max(day)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(counts: &[(State, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (state, n) in counts {
            tally.by_state[*state as usize] += n;
        }
        tally
    }

    #[test]
    fn too_little_evidence_is_in_no_share() {
        assert_eq!(tally(&[(State::Insufficient, 9)]).share(), None);
        let share = tally(&[(State::Blocked, 1), (State::Ok, 1), (State::Insufficient, 98)]).share().unwrap();
        assert_eq!(share.value, 0.5);
    }

    /// The figures of the example in Newcombe (1998), Statistics in Medicine 17, table I: 15 of 148.
    #[test]
    fn the_interval_is_wilsons() {
        let share = tally(&[(State::Blocked, 15), (State::Ok, 133)]).share().unwrap();
        assert!((share.low - 0.0624).abs() < 0.0001 && (share.high - 0.1605).abs() < 0.0001, "{share:?}");
    }

    #[test]
    fn a_share_of_none_and_of_all_stays_a_share() {
        for n in 1..2000 {
            let (none, all) = (tally(&[(State::Ok, n)]).share().unwrap(), tally(&[(State::Blocked, n)]).share().unwrap());
            assert!(none.low == 0.0 && none.high > 0.0 && all.low < 1.0 && all.high == 1.0, "{none:?} {all:?}");
        }
    }
}
