//! Bayesian online change-point detection: the probability of each length that the present state may have lasted, with beta-binomial
//! predictions and a constant hazard.
//!
//! R. P. Adams and D. J. C. MacKay, Bayesian online changepoint detection (2007), arXiv:0710.3742. A run is either innocent, with the innocent
//! rate of the sample, or interference with an unknown share; the strength is the odds of the second, less the prior odds.

use super::{Excursion, follow, strength};
use crate::interference::events::sample::Sample;

/// Chance that a run of interference begins with a given sample, and that one ends: log10.
const BEGINS: f64 = -5.0;
const ENDS: f64 = -2.5;
/// Runs remembered at once; the least likely is dropped.
const RUNS: usize = 48;
/// Beta prior of the share of connections hit.
const SHARE: (f64, f64) = (1.0, 0.3);

/// One run of interference that may be going on.
#[derive(Clone, Copy)]
struct Run {
    first: usize,
    failed: f64,
    worked: f64,
    /// log10 of its weight, relative to the innocent run.
    weight: f64,
}

pub(super) fn excursions(samples: &[Sample], threshold: f64) -> Vec<Excursion> {
    let mut found = Vec::new();
    let mut runs: Vec<Run> = Vec::with_capacity(RUNS + 1);
    let mut index = 0;
    while index < samples.len() {
        let sample = &samples[index];
        if sample.failed > 0.0 {
            runs.push(Run { first: index, failed: 0.0, worked: 0.0, weight: 0.0 });
        }
        for run in &mut runs {
            advance(run, sample);
        }
        runs.retain(|run| run.weight > ENDS);
        if runs.len() > RUNS {
            let least = (0..runs.len()).min_by(|a, b| runs[*a].weight.total_cmp(&runs[*b].weight)).expect("there are some");
            runs.remove(least);
        }
        let odds = runs.iter().map(|run| 10_f64.powf(run.weight + BEGINS)).sum::<f64>().log10() - BEGINS;
        if odds < threshold || sample.failed == 0.0 {
            index += 1;
            continue;
        }
        let best = runs.iter().max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.first.cmp(&a.first))).expect("one has the odds");
        let first = best.first;
        let (last, ended) = follow(samples, first, index);
        found.push(Excursion { first, last, ended, strength: strength(&samples[first..=last]).max(odds) });
        runs.clear();
        index = last + 1;
    }
    found
}

/// The sample's predictive probability under the run, against the innocent one, one occasion after another.
fn advance(run: &mut Run, sample: &Sample) {
    const CORRELATION: f64 = 0.03;
    let effective = if sample.all > 1.0 { 1.0 / (1.0 + (sample.all - 1.0) * CORRELATION) } else { 1.0 };
    let (failed, worked) = (sample.failed * effective, (sample.all - sample.failed) * effective);
    let before = super::scan::log10_beta(run.failed + SHARE.0, run.worked + SHARE.1);
    (run.failed, run.worked) = (run.failed + failed, run.worked + worked);
    let after = super::scan::log10_beta(run.failed + SHARE.0, run.worked + SHARE.1);
    let innocent = failed * sample.innocent_rate.log10() + worked * (1.0 - sample.innocent_rate).log10();
    run.weight += (after - before - innocent + sample.same_way).min(sample.cap) + f64::log10(1.0 - 10_f64.powf(ENDS));
}
