//! What a network usually measures: the weeks before an hour, by the time of the day.

use super::rhythm::Run;

/// Weeks that an hour is compared with, and how many of its days must have been measured: habits change with the day of the week.
const RHYTHM_DAYS: usize = 28;
const LEAST_DAYS: usize = 7;
/// Below this many measurements an hour, on average over a day, silence says nothing.
const LEAST_VOLUME: f64 = 5.0;
/// ... and an hour of the day with less than this is passed over.
const LEAST_HOUR: f64 = 1.0;
/// An hour with at most such a share of what is usual is silent.
const SILENT: f64 = 0.1;
/// How far hours scatter is learned from some weeks only: so much more of it, to be safe, ...
const SAFETY: f64 = 1.15;
/// ... and without the largest hundredth: one volunteer's one large run is not what comes together usually.
const LARGEST: usize = 100;

/// What was usual before some hour.
pub(super) struct Usual {
    day: usize,
    /// Measurements by place of the day, and occasions.
    measurements: Vec<f64>,
    occasions: Vec<f64>,
    /// How much of this the last day had, where it had less.
    level: f64,
    /// What did not come in the longest silence.
    pub longest_silence: f64,
}

impl Usual {
    /// From the hours before `known`, without collapses that were told; none where they are too few.
    pub fn before(volume: &[u32], day: usize, known: usize, told: &[Run]) -> Option<Self> {
        let from = known.saturating_sub(RHYTHM_DAYS * day);
        let recent = volume[known.saturating_sub(day)..known].iter().map(|count| f64::from(*count)).sum::<f64>() / day as f64;
        if known - from < LEAST_DAYS * day || recent < LEAST_VOLUME {
            return None;
        }
        let is_cut = |place: usize| told.iter().rev().take_while(|run| run.last >= from).any(|run| (run.first..=run.last).contains(&place));
        let weeks: Vec<(usize, f64)> =
            (from..known).filter(|place| !is_cut(*place)).map(|place| (place, f64::from(volume[place]))).collect();
        let measurements = profile(&weeks, day);
        let mean = measurements.iter().sum::<f64>() / day as f64;
        let clump = clump(&weeks, &measurements);
        let occasions: Vec<f64> = measurements.iter().map(|mean| mean / clump).collect();
        let silent = |(place, count): &(usize, f64)| *count <= measurements[place % day] * SILENT;
        let of_silent = pace(&occasions, &weeks, weeks.iter().filter(|hour| silent(hour)).count() as f64);
        let longest_silence = weeks
            .chunk_by(|a, b| silent(a) == silent(b))
            .filter(|run| silent(&run[0]))
            .map(|run| run.iter().map(|(place, _)| measurements[place % day]).sum())
            .fold(0.0, f64::max);
        let level = (recent / mean.max(f64::MIN_POSITIVE)).min(1.0);
        let occasions = occasions.into_iter().map(|occasions| occasions * of_silent).collect();
        Some(Self { day, measurements, occasions, level, longest_silence })
    }

    pub fn expected(&self, place: usize) -> f64 {
        self.measurements[place % self.day] * self.level
    }

    /// How often somebody usually measures in such an hour; none where too little is measured to say anything.
    pub fn occasions(&self, place: usize) -> Option<f64> {
        (self.expected(place) >= LEAST_HOUR).then(|| self.occasions[place % self.day] * self.level)
    }
}

/// The mean of each place of the day, or of it and its neighbours where that is less: people do not keep to the minute, and what is measured just
/// before and after a night in which nobody measures says nothing of the night.
fn profile(weeks: &[(usize, f64)], day: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); day];
    for (place, count) in weeks {
        let sum = &mut sums[place % day];
        *sum = (sum.0 + count, sum.1 + 1.0);
    }
    let mean = |place: usize| sums[place % day].0 / f64::max(sums[place % day].1, 1.0);
    (0..day).map(|place| mean(place).min((mean(place + day - 1) + 2.0 * mean(place) + mean(place + 1)) / 4.0)).collect()
}

/// How many measurements come together: the variance of the hours around their time of the day, over their mean.
fn clump(weeks: &[(usize, f64)], measurements: &[f64]) -> f64 {
    let mut counts: Vec<f64> = weeks.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable_by(f64::total_cmp);
    let most = counts.get(counts.len() - 1 - counts.len() / LARGEST).copied().unwrap_or_default();
    let (mut scatter, mut sum) = (0.0, 0.0);
    for (place, count) in weeks {
        let mean = measurements[place % measurements.len()];
        scatter += (count.min(most) - mean.min(most)).powi(2);
        sum += mean;
    }
    (scatter / f64::max(sum, 1.0) * SAFETY).max(1.0)
}

/// The share of occasions that is left when as many hours as were silent should have been: volunteers keep company, and hours are silent together.
fn pace(occasions: &[f64], weeks: &[(usize, f64)], silent: f64) -> f64 {
    let days = weeks.len() as f64 / occasions.len() as f64;
    let predicted = |share: f64| occasions.iter().map(|each| (-each * share).exp()).sum::<f64>() * days;
    if predicted(1.0) >= silent {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..16 {
        let middle = (low + high) / 2.0;
        if predicted(middle) > silent { low = middle } else { high = middle }
    }
    low
}
