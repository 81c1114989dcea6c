//! Rules as likelihood ratios: how much likelier each fires where somebody did what it says than where nobody did anything.
//!
//! The ratio is that of two shares, each with half a count added so that a rule that never fired on an innocent does not count as
//! infallible (Haldane 1940, Anscombe 1956). Its interval is that of the logarithm of a ratio of two binomial shares (Katz et al. 1978).

use std::collections::BTreeMap;

use parallax_model::Mechanism;

use super::interval::Z;
use super::truth::{Guilt, Said, Truth};
use crate::interference::Rule;
use crate::interference::rules;

/// How often each rule that accuses fired, on what.
#[derive(Clone, Debug, Default)]
pub struct RuleTally {
    /// Targets that somebody interfered with, by the true mechanism.
    interfered: BTreeMap<Mechanism, u64>,
    innocent: u64,
    fired: BTreeMap<&'static str, Fired>,
}

#[derive(Clone, Debug, Default)]
struct Fired {
    /// On targets with one true mechanism.
    on_mechanism: BTreeMap<Mechanism, u64>,
    on_innocent: u64,
}

/// What a rule's weight is, measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    pub rule: &'static str,
    /// What the rule book says.
    pub declared: f64,
    pub fired_on_interference: u64,
    pub interference: u64,
    pub fired_on_innocent: u64,
    pub innocent: u64,
    /// log10 of the ratio of the two shares, with its 95 % interval.
    pub log10_ratio: f64,
    pub low: f64,
    pub high: f64,
}

impl RuleTally {
    pub(super) fn add(&mut self, truth: &Truth, said: &Said) {
        // Of two causes at once nobody can say which of them a rule saw.
        let mechanism = match (truth.guilt(), truth.mechanisms.as_slice()) {
            (Guilt::Interference, [only]) => Some(*only),
            (Guilt::None, _) => None,
            _ => return,
        };
        match mechanism {
            Some(mechanism) => *self.interfered.entry(mechanism).or_default() += 1,
            None => self.innocent += 1,
        }
        for rule in &said.rules_fired {
            let fired = self.fired.entry(rule.id).or_default();
            match mechanism {
                Some(mechanism) => *fired.on_mechanism.entry(mechanism).or_default() += 1,
                None => fired.on_innocent += 1,
            }
        }
    }

    /// The measured weight of every rule that accuses and that had anything to fire on, in the order of the rule book.
    pub fn weights(&self) -> Vec<Weight> {
        rules::ALL.iter().filter(|rule| rule.says.accuses()).filter_map(|rule| self.weight(rule)).collect()
    }

    fn weight(&self, rule: &'static Rule) -> Option<Weight> {
        let fired = self.fired.get(rule.id);
        let about = |mechanism: &&Mechanism| is_about(rule, **mechanism);
        let interference: u64 = self.interfered.iter().filter(|(mechanism, _)| about(mechanism)).map(|(_, n)| n).sum();
        let fired_on_interference =
            fired.map_or(0, |fired| fired.on_mechanism.iter().filter(|(mechanism, _)| about(mechanism)).map(|(_, n)| *n).sum());
        let fired_on_innocent = fired.map_or(0, |fired| fired.on_innocent);
        if interference == 0 && fired_on_innocent == 0 {
            return None;
        }
        let (guilty, innocent) = (share(fired_on_interference, interference), share(fired_on_innocent, self.innocent));
        let log10_ratio = (guilty.0 / innocent.0).log10();
        let half = Z * (guilty.1 + innocent.1).sqrt() / std::f64::consts::LN_10;
        Some(Weight {
            rule: rule.id,
            declared: rule.weight,
            fired_on_interference,
            interference,
            fired_on_innocent,
            innocent: self.innocent,
            log10_ratio,
            low: log10_ratio - half,
            high: log10_ratio + half,
        })
    }
}

/// Whether a rule speaks of a mechanism: the same path, or one that begins or ends it; rules that name none speak of their layer.
fn is_about(rule: &Rule, mechanism: Mechanism) -> bool {
    match rule.mechanism {
        Some(own) => own.is_prefix_of(mechanism) || mechanism.is_prefix_of(own),
        None => mechanism.layer() == Some(rule.layer),
    }
}

/// A share with half a count added, and the variance of its logarithm.
fn share(count: u64, n: u64) -> (f64, f64) {
    let (count, n) = (count as f64 + 0.5, n as f64 + 1.0);
    (count / n, 1.0 / count - 1.0 / n)
}

#[cfg(test)]
mod tests {
    use parallax_model::State;

    use super::*;

    fn weights(on_interference: u64, on_innocent: u64) -> Weight {
        let rule = rules::find("tls/reset_for_probe_only").expect("in the rule book");
        let blocked = Truth { state: State::Blocked, mechanisms: vec![Mechanism::of("tls.reset.sni")], ..Truth::default() };
        let innocent = Truth { state: State::Ok, ..Truth::default() };
        let fired = Said { rules_fired: vec![rule], ..Said::default() };
        let silent = Said::default();
        let mut tally = RuleTally::default();
        for index in 0..100 {
            tally.add(&blocked, if index < on_interference { &fired } else { &silent });
            tally.add(&innocent, if index < on_innocent { &fired } else { &silent });
        }
        tally.weights().into_iter().find(|weight| weight.rule == rule.id).expect("it had something to fire on")
    }

    #[test]
    fn a_rule_that_tells_nothing_apart_weighs_nothing() {
        let weight = weights(40, 40);
        assert!(weight.log10_ratio.abs() < 1e-9 && weight.low < 0.0 && weight.high > 0.0, "{weight:?}");
    }

    #[test]
    fn a_rule_that_never_fired_on_an_innocent_is_not_infallible() {
        let weight = weights(100, 0);
        assert!(weight.log10_ratio > 2.0 && weight.log10_ratio < 2.5, "{weight:?}");
        assert_eq!((weight.fired_on_interference, weight.interference, weight.fired_on_innocent, weight.innocent), (100, 100, 0, 100));
    }

    #[test]
    fn every_accusing_rule_has_a_mechanism_of_its_layer_or_none() {
        for rule in rules::ALL.iter().filter(|rule| rule.says.accuses()) {
            assert!(rule.mechanism.is_none_or(|mechanism| mechanism.layer().is_none_or(|layer| layer == rule.layer)), "{}", rule.id);
        }
    }
}
