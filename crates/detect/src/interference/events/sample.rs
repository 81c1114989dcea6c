//! A series as the statistics see it: hour by hour what failed, what worked, and how often it fails innocently.

use parallax_model::Layer;

use super::Hour;
use super::background::Background;
use super::cell::Cell;
use super::elsewhere::Elsewhere;

/// One hour in which a target was measured in a network.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    pub hour: Hour,
    /// Occasions on which somebody was accused, or the target was lost while others reached it.
    pub failed: f64,
    /// Of those, the ones that accuse nobody by themselves.
    pub lost: f64,
    /// Occasions that say whether the network interferes: failed or fine.
    pub all: f64,
    /// Occasions on which it did not work, and nobody knows why.
    pub unclear: f64,
    /// How often one occasion fails innocently: from the past of the series, and not less than is usual in the network.
    pub innocent_rate: f64,
    /// How often one is lost innocently.
    pub lost_rate: f64,
    /// log10 of how much likelier it is under interference that this failure looks like the one before.
    pub same_way: f64,
    /// No more than this may one hour say (log10): occasions in one hour are not independent.
    pub cap: f64,
    pub mechanism: u8,
}

/// What one hour may say at most, ...
const HOUR_CAP: f64 = 2.4;
/// ... or when something got through in it: failures of one hour often have one innocent cause, ...
const PARTIAL_CAP: f64 = 1.5;
/// ... or when nobody is accused in it, ...
const LOST_CAP: f64 = 1.2;
/// ... and what it may say while most of what the network tests is failing, ...
const STORM_CAP: f64 = 0.3;
/// ... which is so for at most this many hours: then it is no storm but a state.
pub(super) const STORM_HOURS: u32 = 6;
/// Before anything was measured, one occasion in fifty fails innocently.
const PRIOR: (f64, f64) = (1.0, 50.0);
/// Losses are commoner.
const LOST_PRIOR: (f64, f64) = (1.0, 40.0);
/// The past is learned in blocks of so many occasions: enough to tell a block that is quiet, ...
const BLOCK: f64 = 20.0;
/// ... of which at most this share failed.
const QUIET_BLOCK: f64 = 0.25;
/// What is younger may be the beginning of an event, and is not yet past.
const LAG_HOURS: u32 = 48;
/// Of what was a year ago, half is forgotten.
const HALF_LIFE_HOURS: f64 = 8766.0;
/// A failure within so many samples of the last one is compared with it.
const MEMORY: usize = 12;
/// Nothing fails innocently more often than this and is still watched for full blocking.
const MOST_INNOCENT: f64 = 0.25;

/// Sums the rows of each hour up and says what is innocent in it.
pub(super) fn samples(
    series: usize,
    layer: Layer,
    rows: &[Cell],
    background: &Background,
    elsewhere: &Elsewhere<'_>,
    out: &mut Vec<Sample>,
) {
    out.clear();
    let mut past = Past::default();
    let (usual, usually_lost) = background.quiet_rate(series, layer);
    let mut last_failed: Option<(usize, u8)> = None;
    for hour in rows.chunk_by(|a, b| a.hour == b.hour) {
        let mut sample = sum(hour);
        if sample.all == 0.0 && sample.unclear == 0.0 {
            continue;
        }
        let (failed, lost) = past.rates(sample.hour);
        sample.innocent_rate = failed.max(usual).min(MOST_INNOCENT);
        sample.lost_rate = lost.max(usually_lost).min(MOST_INNOCENT);
        past.learn(&sample);
        let accused = sample.failed;
        if sample.unclear > 0.0 && !background.is_losing(series, sample.hour) && elsewhere.reached(series, sample.hour) {
            sample.lose();
        }
        let stormy = (1..=STORM_HOURS).contains(&background.storm_age(series, sample.hour));
        let partial = sample.failed > 0.0 && sample.failed < sample.all;
        sample.cap = if stormy {
            STORM_CAP
        } else if accused == 0.0 && sample.lost > 0.0 {
            LOST_CAP
        } else if partial {
            PARTIAL_CAP
        } else {
            HOUR_CAP
        };
        if accused > 0.0 {
            sample.same_way = last_failed
                .filter(|(index, _)| out.len() - index <= MEMORY)
                .map_or(0.0, |(_, before)| same_way(before, sample.mechanism, background));
            last_failed = Some((out.len(), sample.mechanism));
        }
        out.push(sample);
    }
}

impl Sample {
    /// Without what was only lost.
    pub fn accused(&self) -> Sample {
        Sample { failed: self.failed - self.lost, all: self.all - self.lost, lost: 0.0, unclear: self.unclear + self.lost, ..*self }
    }

    /// What did not work while others reached the target was lost on the way.
    fn lose(&mut self) {
        self.lost = std::mem::take(&mut self.unclear);
        (self.failed, self.all) = (self.failed + self.lost, self.all + self.lost);
    }
}

fn sum(rows: &[Cell]) -> Sample {
    let mut sample = Sample { hour: rows[0].hour, ..Sample::default() };
    let mut most = 0.0;
    for row in rows {
        let (failed, worked, unclear) = row.counts.occasions();
        sample.failed += failed;
        sample.all += failed + worked;
        sample.unclear += unclear;
        if failed > most {
            (most, sample.mechanism) = (failed, row.mechanism);
        }
    }
    sample
}

/// Interference repeats itself; innocent failures look like each other as often as chance has it.
fn same_way(before: u8, now: u8, background: &Background) -> f64 {
    let share = background.mechanism_share(now).clamp(0.02, 0.98);
    if before == now { (0.9 / share).log10() } else { (0.1 / (1.0 - share)).log10().max(-0.7) }
}

/// Quiet occasions so far, with the youngest held back.
#[derive(Default)]
struct Past {
    failed: f64,
    lost: f64,
    all: f64,
    /// Blocks that are complete and not yet old enough.
    waiting: std::collections::VecDeque<(Hour, Block)>,
    block: Block,
    learned_until: Hour,
}

/// Occasions in a row.
#[derive(Clone, Copy, Default)]
struct Block {
    failed: f64,
    lost: f64,
    all: f64,
}

impl Past {
    /// How often it was accused, and how often lost.
    fn rates(&mut self, now: Hour) -> (f64, f64) {
        while let Some((hour, block)) = self.waiting.front().copied().filter(|block| now.since(block.0) >= LAG_HOURS) {
            let kept = 0.5_f64.powf(f64::from(hour.since(self.learned_until).min(100_000)) / HALF_LIFE_HOURS);
            (self.failed, self.lost, self.all) =
                (self.failed * kept + block.failed, self.lost * kept + block.lost, self.all * kept + block.all);
            self.learned_until = hour;
            self.waiting.pop_front();
        }
        let rate = |count: f64, prior: (f64, f64)| (count + prior.0) / (self.all + prior.1);
        (rate(self.failed, PRIOR), rate(self.lost, LOST_PRIOR))
    }

    fn learn(&mut self, sample: &Sample) {
        self.block.failed += sample.failed;
        self.block.lost += sample.unclear;
        self.block.all += sample.all;
        if self.block.all + self.block.lost >= BLOCK {
            let block = std::mem::take(&mut self.block);
            if block.failed <= block.all * QUIET_BLOCK && block.lost <= (block.all + block.lost) * QUIET_BLOCK {
                self.waiting.push_back((sample.hour, block));
            }
        }
    }
}
