//! The likeliest of windows of all lengths: failures and occasions in a window under a beta-binomial with unknown share against the innocent
//! rate, less what it costs to have looked at so many windows.
//!
//! After M. Kulldorff, A spatial scan statistic, Communications in Statistics 26 (1997), in time alone and with a marginal likelihood.

use super::{Excursion, follow, strength};
use crate::interference::events::sample::Sample;

/// Samples of the longest window.
const LONGEST: usize = 512;
/// A failure's weight in a window is thinned like beta-binomial counts in an hour.
const CORRELATION: f64 = 0.03;

pub(super) fn excursions(samples: &[Sample], threshold: f64) -> Vec<Excursion> {
    let mut found = Vec::new();
    let mut index = 0;
    let mut from = 0;
    while index < samples.len() {
        if samples[index].failed == 0.0 {
            index += 1;
            continue;
        }
        let (first, ratio) = best_window(samples, from, index);
        if ratio < threshold {
            index += 1;
            continue;
        }
        let (last, ended) = follow(samples, first, index);
        found.push(Excursion { first, last, ended, strength: strength(&samples[first..=last]).max(ratio) });
        index = last + 1;
        from = index;
    }
    found
}

/// The window that ends here and is likeliest to be interference: windows begin at failures, and grow by half each time.
fn best_window(samples: &[Sample], from: usize, end: usize) -> (usize, f64) {
    let (mut best, mut first) = (f64::MIN, end);
    let (mut failed, mut worked, mut innocent, mut looked) = (0.0, 0.0, 0.0, 0.0);
    let mut capped = 0.0;
    for index in (from.max(end.saturating_sub(LONGEST))..=end).rev() {
        let sample = &samples[index];
        let effective = if sample.all > 1.0 { 1.0 / (1.0 + (sample.all - 1.0) * CORRELATION) } else { 1.0 };
        failed += sample.failed * effective;
        worked += (sample.all - sample.failed) * effective;
        let rate = sample.innocent_rate;
        innocent += effective * (sample.failed * rate.log10() + (sample.all - sample.failed) * (1.0 - rate).log10()) - sample.same_way;
        capped += if sample.failed > 0.0 { sample.cap } else { 0.0 };
        if sample.failed > 0.0 {
            looked += 1.0;
            let ratio =
                (log10_beta(failed + 1.0, worked + 0.3) - log10_beta(1.0, 0.3) - innocent).min(capped) - f64::log10(1.0 + looked) * 0.5;
            if ratio > best {
                (best, first) = (ratio, index);
            }
        }
    }
    (first, best)
}

/// log10 of the beta function.
pub(super) fn log10_beta(a: f64, b: f64) -> f64 {
    (log_gamma(a) + log_gamma(b) - log_gamma(a + b)) / std::f64::consts::LN_10
}

/// The logarithm of the gamma function by Stirling's series, shifted up to where it converges; good to 1e-9 for all counts here.
fn log_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = x;
    while x < 8.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse / 1260.0)) / x - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_function_of_whole_numbers_is_known() {
        assert!((log10_beta(3.0, 4.0) - (1.0_f64 / 60.0).log10()).abs() < 1e-9);
        assert!((log10_beta(0.5, 0.5) - std::f64::consts::PI.log10()).abs() < 1e-9);
    }
}
