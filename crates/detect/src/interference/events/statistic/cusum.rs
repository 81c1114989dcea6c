//! Page's cumulative sums of log-likelihood ratios, one for each share of connections that may be hit.
//!
//! E. S. Page, Continuous inspection schemes, Biometrika 41 (1954); several alternatives at once as in M. Basseville and I. Nikiforov,
//! Detection of Abrupt Changes (1993), chapter 2.

use super::{Excursion, SHARES, follow, log_ratio, onset, strength};
use crate::interference::events::sample::Sample;

pub(super) fn excursions(samples: &[Sample], threshold: f64) -> Vec<Excursion> {
    let mut found = Vec::new();
    let mut sums = [0.0; SHARES.len()];
    let mut starts = [0; SHARES.len()];
    let mut index = 0;
    while index < samples.len() {
        let sample = &samples[index];
        // Where nothing failed and nothing has been summed up, nothing can change: this is most of every archive.
        if sample.failed == 0.0 && sample.unclear == 0.0 && sums == [0.0; SHARES.len()] {
            index += 1;
            continue;
        }
        for (hypothesis, share) in SHARES.iter().enumerate() {
            if sums[hypothesis] <= 0.0 {
                starts[hypothesis] = index;
            }
            sums[hypothesis] = f64::max(0.0, sums[hypothesis] + log_ratio(sample, *share));
        }
        let (best, sum) = largest(&sums);
        if sum < threshold || sample.failed == 0.0 {
            index += 1;
            continue;
        }
        let first = onset(samples, starts[best], index, SHARES[best]);
        let (last, ended) = follow(samples, first, index);
        found.push(Excursion { first, last, ended, strength: strength(&samples[first..=last]).max(sum) });
        sums = [0.0; SHARES.len()];
        // What came after the last failure and speaks for the end was looked at by `follow`; if it goes on, the sums begin anew.
        index = last + 1;
    }
    found
}

fn largest(sums: &[f64; SHARES.len()]) -> (usize, f64) {
    let mut best = 0;
    for index in 1..sums.len() {
        if sums[index] > sums[best] {
            best = index;
        }
    }
    (best, sums[best])
}
