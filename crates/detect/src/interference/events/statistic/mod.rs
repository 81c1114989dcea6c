//! Where does a series of counts leave what is innocent? Several statistics answer; `docs/events.md` says which one is used and why.

mod cusum;
mod runlength;
mod scan;

use super::sample::Sample;

/// Which statistic looks at the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statistic {
    /// Sums of log-likelihood ratios that begin anew whenever they fall below 0, for several shares at once.
    #[default]
    Cusum,
    /// How long has it been like this? Bayesian online change-point detection with a geometric run length.
    RunLength,
    /// The likeliest of windows of all lengths.
    Scan,
}

/// A stretch of samples that is likelier under interference than without.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Excursion {
    /// Where it begins: the first failure.
    pub first: usize,
    /// Its last failure.
    pub last: usize,
    /// Whether enough has worked since then to say that it ended.
    pub ended: bool,
    /// log10 of the likelihood ratio at its best.
    pub strength: f64,
}

impl Statistic {
    /// Every excursion of at least `threshold`, in order, without overlap.
    pub(super) fn excursions(self, samples: &[Sample], threshold: f64) -> Vec<Excursion> {
        match self {
            Statistic::Cusum => cusum::excursions(samples, threshold),
            Statistic::RunLength => runlength::excursions(samples, threshold),
            Statistic::Scan => scan::excursions(samples, threshold),
        }
    }
}

/// Shares of connections that interference may hit; what lies between is near enough to one of them.
pub(super) const SHARES: [f64; 4] = [0.2, 0.4, 0.7, 0.95];

/// Occasions in an hour look alike: two of them are correlated by this much, more than that of beta-binomial counts.
const CORRELATION: f64 = 0.03;
/// What one failure for unknown reasons says (log10), ...
const UNCLEAR: f64 = 0.12;
/// ... and all of an hour.
const UNCLEAR_CAP: f64 = 0.3;
/// Losses count in full for shares from here on.
const LOST_LEAST: f64 = 0.5;
/// Of what interference hits, so much is only lost, without a sign of who did it.
const LOST_SHARE: f64 = 0.4;

/// log10 of how much likelier a sample is when this share of connections is hit than when none is.
pub(super) fn log_ratio(sample: &Sample, share: f64) -> f64 {
    let rate = sample.innocent_rate;
    // Not 1: even under full blocking something may get through, and a share below the innocent rate is none.
    let share = share.max(rate * 1.5).min(0.97);
    let effective = if sample.all > 1.0 { 1.0 / (1.0 + (sample.all - 1.0) * CORRELATION) } else { 1.0 };
    let worked = sample.all - sample.failed;
    let accused = (sample.failed - sample.lost) * (share / rate).log10();
    // A loss now and then is no sign that a small share is hit: it speaks for interference with most of what is tested, or hardly.
    let lost = if share >= LOST_LEAST {
        sample.lost * f64::max(0.0, (share * LOST_SHARE / sample.lost_rate.max(0.001)).log10())
    } else {
        (sample.lost * UNCLEAR).min(UNCLEAR_CAP)
    };
    let counts = accused + lost + worked * ((1.0 - share) / (1.0 - rate)).log10();
    let unclear = (sample.unclear * UNCLEAR).min(UNCLEAR_CAP);
    (counts * effective + sample.same_way + unclear).min(sample.cap)
}

/// What a stretch says at its best: sums of each share up to each of its samples, so that what was said once is not unsaid by what follows.
pub(super) fn strength(samples: &[Sample]) -> f64 {
    let best_of = |share: &f64| {
        let mut sum = 0.0;
        samples.iter().fold(0.0, |best, sample| {
            sum += log_ratio(sample, *share);
            f64::max(best, sum)
        })
    };
    SHARES.iter().map(best_of).fold(0.0, f64::max)
}

/// How much more than what it counts for must be gone before an excursion has ended (log10).
pub(super) const END: f64 = 3.5;

/// Follows an excursion from its first failure: where is its last one, and has it ended?
pub(super) fn follow(samples: &[Sample], first: usize, fired: usize) -> (usize, bool) {
    let (mut failed, mut all) = (0.0, 0.0);
    for sample in &samples[first..=fired] {
        (failed, all) = (failed + sample.failed, all + sample.all);
    }
    let mut last = (first..=fired).rev().find(|index| samples[*index].failed > 0.0).unwrap_or(fired);
    let mut gone = 0.0;
    for (index, sample) in samples.iter().enumerate().skip(last + 1) {
        let share = ((failed + 0.5) / (all + 1.0)).clamp(0.15, 0.97);
        gone = f64::max(0.0, gone - log_ratio(&Sample { same_way: 0.0, unclear: 0.0, ..*sample }, share).clamp(-1.5, 1.5));
        if sample.failed > 0.0 && gone < END / 2.0 {
            last = index;
        }
        if gone >= END {
            return (last, true);
        }
        if index > fired {
            (failed, all) = (failed + sample.failed, all + sample.all);
        }
    }
    (last, false)
}

/// The first failure from which on an excursion that fired at `fired` is likeliest to have begun, not before `from`.
pub(super) fn onset(samples: &[Sample], from: usize, fired: usize, share: f64) -> usize {
    let (mut sum, mut best, mut first) = (0.0, f64::MIN, fired);
    for index in (from..=fired).rev() {
        sum += log_ratio(&samples[index], share);
        if samples[index].failed > 0.0 && sum > best {
            (best, first) = (sum, index);
        }
    }
    first
}
