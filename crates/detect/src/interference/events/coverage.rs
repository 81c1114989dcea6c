//! Tested and fine is an answer too: how much was measured, and what would have been seen?
//!
//! The detector's own numbers, turned around: with the measurements that were made and the rate at which they fail innocently, how long would
//! everything have to be blocked, and which share of connections all the time, before the sum passes the threshold?

use super::elsewhere::Elsewhere;
use super::sample::{Sample, samples};
use super::statistic::log_ratio;
use super::{Cells, Hour, Options, background::Background};

/// Where and when. What is `None` is all.
#[derive(Clone, Debug, Default)]
pub struct Question<'a> {
    pub probe_cc: Option<&'a str>,
    pub probe_asn: Option<u32>,
    pub target: Option<&'a str>,
    pub from: Option<Hour>,
    /// The hour after the last.
    pub until: Option<Hour>,
}

/// How well one target was watched in one network. Of its layers, the best watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    pub probe_cc: String,
    pub probe_asn: Option<u32>,
    pub target: String,
    /// Measurements that say whether there was interference, and on how many of them there was.
    pub measurements: u64,
    pub interfered: u64,
    /// Hours in which there were any, of so many.
    pub hours_measured: u32,
    pub hours: u32,
    pub longest_gap_hours: u32,
    /// The smallest share of connections that would have been found, had it been hit all the time; none if not even everything would.
    pub smallest_share: Option<f64>,
    /// How long everything may be blocked at any time within, and be found with certainty; none if it would never be.
    pub shortest_hours: Option<u32>,
}

/// Shares that are tried, smallest first.
const TRIED_SHARES: [f64; 14] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0];

/// One answer for each network and target that was measured; sorted by country, target and network.
pub fn coverage(cells: &Cells, question: &Question<'_>, options: &Options) -> Vec<Coverage> {
    if cells.is_empty() {
        return Vec::new();
    }
    let background = Background::of(cells);
    let elsewhere = Elsewhere::of(cells);
    let from = question.from.unwrap_or(background.first);
    let until = question.until.or(options.complete_until).unwrap_or(cells.last_hour().unwrap_or_default().plus(1));
    let mut answers: Vec<Coverage> = Vec::new();
    let mut buffer = Vec::new();
    for (index, series) in cells.series.iter().enumerate() {
        let country = &cells.countries[usize::from(series.country)];
        let target = &cells.targets[series.target as usize];
        let asked = question.probe_cc.is_none_or(|asked| asked == country)
            && question.target.is_none_or(|asked| asked == target)
            && question.probe_asn.is_none_or(|asked| series.network == Some(asked));
        if !asked {
            continue;
        }
        samples(index, series.layer, cells.rows_of(index), &background, &elsewhere, &mut buffer);
        let inside: Vec<Sample> = buffer.iter().filter(|sample| (from..until).contains(&sample.hour)).copied().collect();
        let answer = answer(
            &inside,
            from,
            until,
            options,
            Coverage { probe_cc: country.clone(), probe_asn: series.network, target: target.clone(), ..EMPTY },
        );
        answers.push(answer);
    }
    best_layers(answers)
}

const EMPTY: Coverage = Coverage {
    probe_cc: String::new(),
    probe_asn: None,
    target: String::new(),
    measurements: 0,
    interfered: 0,
    hours_measured: 0,
    hours: 0,
    longest_gap_hours: 0,
    smallest_share: None,
    shortest_hours: None,
};

fn answer(samples: &[Sample], from: Hour, until: Hour, options: &Options, place: Coverage) -> Coverage {
    let hours = until.since(from);
    let a_year = (samples.len() as f64 * 8766.0 / f64::from(hours.max(720))).clamp(120.0, 8766.0);
    let threshold = options.threshold + a_year.log10();
    let edges = std::iter::once(from).chain(samples.iter().map(|sample| sample.hour)).chain([until]);
    let gaps = edges.clone().zip(edges.skip(1)).map(|(a, b)| b.since(a)).max();
    Coverage {
        measurements: samples.iter().map(|sample| sample.all).sum::<f64>().round() as u64,
        interfered: samples.iter().map(|sample| sample.failed - sample.lost).sum::<f64>().round() as u64,
        hours_measured: samples.len() as u32,
        hours,
        longest_gap_hours: gaps.unwrap_or(hours),
        smallest_share: TRIED_SHARES.into_iter().find(|share| expected(samples, *share) >= threshold),
        shortest_hours: shortest(samples, until, threshold),
        ..place
    }
}

/// What the samples would say on average if this share had been hit all the time, less one and a third of its standard deviation: found nine times in ten.
fn expected(samples: &[Sample], share: f64) -> f64 {
    let (mut mean, mut variance) = (0.0, 0.0);
    for sample in samples.iter().filter(|sample| sample.all > 0.0) {
        let says = |failed: f64| log_ratio(&Sample { failed, lost: 0.0, same_way: 0.0, unclear: 0.0, ..*sample }, share);
        let (hit, missed) = (says(sample.all), says(0.0));
        let average = says(sample.all * share);
        mean += average;
        variance += (hit - missed).powi(2) * share * (1.0 - share) / sample.all;
    }
    mean - 1.3 * variance.sqrt()
}

/// The longest time from any moment until full blocking from then on would have been found.
fn shortest(samples: &[Sample], until: Hour, threshold: f64) -> Option<u32> {
    let says: Vec<f64> = samples
        .iter()
        .map(|sample| log_ratio(&Sample { failed: sample.all, lost: 0.0, same_way: 0.0, unclear: 0.0, ..*sample }, 0.95))
        .collect();
    let (mut sum, mut end, mut longest) = (0.0, 0, None);
    for start in 0..samples.len() {
        while end < samples.len() && sum < threshold {
            sum += says[end];
            end += 1;
        }
        if sum < threshold {
            // Too near the end to be found before it: as far as data go, this is the limit.
            return longest.map(|hours: u32| hours.max(until.since(samples[start].hour)));
        }
        // The worst moment is just after the measurement before.
        let begin = if start == 0 { samples[0].hour } else { samples[start - 1].hour.plus(1) };
        longest = longest.max(Some(samples[end - 1].hour.plus(1).since(begin)));
        sum -= says[start];
    }
    longest
}

/// Of the layers and resolvers of one target in one network, the one with the most measurements.
fn best_layers(mut answers: Vec<Coverage>) -> Vec<Coverage> {
    answers
        .sort_by(|a, b| (&a.probe_cc, &a.target, a.probe_asn, b.measurements).cmp(&(&b.probe_cc, &b.target, b.probe_asn, a.measurements)));
    answers.dedup_by(|next, kept| {
        let same = (&next.probe_cc, &next.target, next.probe_asn) == (&kept.probe_cc, &kept.target, kept.probe_asn);
        if same {
            kept.interfered = kept.interfered.max(next.interfered);
        }
        same
    });
    answers
}
