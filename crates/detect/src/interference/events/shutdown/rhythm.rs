//! The rhythm of a network, and where it breaks off.
//!
//! Volunteers measure many things at once and then nothing, so that the measurements of an hour are not independent of each other: what is
//! counted are *occasions*. How many measurements come together on one is learned from how far the hours of the weeks before scatter around their time
//! of the day (a compound Poisson count, by its variance over its mean), and from how often an hour was silent. An hour in which nothing is
//! measured says as much as occasions were expected in it; and a collapse must outlast, twice over, any silence of those weeks: not in hours, but
//! in what would have been measured, since a night says less than a day.

use super::usual::Usual;

/// A stretch of hours with hardly anything in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub first: usize,
    /// By this place it had begun: what came before it may be chance.
    pub begun: usize,
    /// The first place at which it was back.
    pub end: Option<usize>,
    pub last: usize,
    pub strength: f64,
    pub expected: f64,
    pub seen: f64,
}

/// A collapse lasts at least this long before it is said.
const LEAST_HOURS: usize = 2;
/// ... and so many times as much did not come as in any silence of the weeks before.
const LONGER: f64 = 2.0;
/// What one hour may say at most (log10): hours in a row are not independent.
const HOUR_CAP: f64 = 2.7;
/// What is left in a shutdown.
const LEFT: f64 = 0.06;
/// From when on it is likelier than not that it has begun, twenty to one (log10).
const BEGUN: f64 = 1.3;
/// A place with this share of the day before is no beginning of a collapse.
const LOW: f64 = 0.3;
/// The volume is back when this share of what is usual is measured again, ...
const BACK: f64 = 0.3;
/// ... in an hour, and together with at most so many after it, in at least two of which something was measured.
const BACK_HOURS: usize = 6;

/// The volume of one network, or of a country.
pub(super) struct Rhythm<'a> {
    pub volume: &'a [u32],
    /// Places in a day.
    pub day: usize,
}

impl Rhythm<'_> {
    pub fn collapses(&self, threshold: f64) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        let mut place = 0;
        while place < self.volume.len() {
            // Most hours of most networks begin nothing.
            let run = self.is_low(place).then(|| self.collapse(place, threshold, &found)).flatten();
            match run {
                Some(run) => {
                    place = run.end.map_or(self.volume.len(), |end| end + self.day / 4);
                    found.push(run);
                }
                None => place += 1,
            }
        }
        found
    }

    fn is_low(&self, place: usize) -> bool {
        let before = &self.volume[place.saturating_sub(self.day)..place];
        let mean = before.iter().map(|count| f64::from(*count)).sum::<f64>() / before.len().max(1) as f64;
        f64::from(self.volume[place]) < mean * LOW
    }

    /// The collapse that begins here, where one does: a sum of what the hours say that never falls to nothing before it is enough.
    fn collapse(&self, first: usize, threshold: f64, told: &[Run]) -> Option<Run> {
        let usual = Usual::before(self.volume, self.day, first, told)?;
        let (mut sum, mut missing, mut begun) = (0.0, 0.0, None);
        for place in first..self.volume.len() {
            let Some(ratio) = self.log_ratio(place, &usual) else { continue };
            sum += ratio;
            missing += usual.expected(place);
            if sum <= 0.0 {
                return None;
            }
            begun = begun.or((sum >= BEGUN).then_some(place));
            if sum >= threshold && place + 1 - first >= LEAST_HOURS && missing >= usual.longest_silence * LONGER {
                let run = self.follow(first, place, sum, &usual);
                return Some(Run { begun: begun.unwrap_or(first), ..run });
            }
        }
        None
    }

    /// log10 of how much likelier the count is in a shutdown than by what is usual.
    fn log_ratio(&self, place: usize, usual: &Usual) -> Option<f64> {
        let (measurements, occasions) = (usual.expected(place), usual.occasions(place)?);
        // Of a Poisson count of occasions, with what was measured turned into occasions as well.
        let came = f64::from(self.volume[place]) / measurements * occasions;
        let ratio = (occasions * (1.0 - LEFT) + came * LEFT.ln()) / std::f64::consts::LN_10;
        Some(ratio.clamp(-HOUR_CAP, HOUR_CAP))
    }

    fn follow(&self, first: usize, fired: usize, strength: f64, usual: &Usual) -> Run {
        let end = (fired + 1..self.volume.len()).find(|place| self.is_back(*place, usual));
        let until = end.unwrap_or(self.volume.len());
        let seen = self.volume[first..until].iter().map(|count| f64::from(*count)).sum();
        let expected = (first..until).map(|place| usual.expected(place)).sum();
        let further = (fired + 1..until).filter_map(|place| self.log_ratio(place, usual)).sum::<f64>().max(0.0);
        Run { first, begun: first, end, last: until.saturating_sub(1), strength: strength + further, expected, seen }
    }

    /// Whether enough is measured again from here on. One volunteer's single run is not enough.
    fn is_back(&self, place: usize, usual: &Usual) -> bool {
        let (mut seen, mut expected, mut hours) = (0.0, 0.0, 0);
        for (step, count) in self.volume[place..].iter().take(BACK_HOURS).enumerate() {
            (seen, expected) = (seen + f64::from(*count), expected + usual.expected(place + step));
            hours += usize::from(*count > 0);
            if seen < expected * BACK {
                return false;
            }
            if hours >= 2 {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: f64 = 5.44;
    const DAY: usize = 24;

    /// A number for each place that looks drawn and is always the same.
    fn drawn(place: usize) -> u32 {
        let mixed = (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as u32
    }

    fn found(volume: &[u32]) -> Vec<Run> {
        Rhythm { volume, day: DAY }.collapses(THRESHOLD)
    }

    /// The hour after the one by which a collapse that begins at `first` is told.
    fn told(volume: &[u32], first: usize) -> Option<usize> {
        (first + 1..=volume.len()).find(|until| !found(&volume[..*until]).is_empty()).map(|until| until - first)
    }

    #[test]
    fn a_steady_network_that_falls_silent_is_told_after_three_hours_and_its_end_after_two() {
        let volume: Vec<u32> = (0..30 * DAY).map(|place| if (600..612).contains(&place) { 0 } else { 9 + drawn(place) % 5 }).collect();
        assert_eq!(told(&volume, 600), Some(3));
        let [run] = found(&volume)[..] else { panic!("{:?}", found(&volume)) };
        assert_eq!((run.first, run.end), (600, Some(612)));
        assert_eq!(found(&volume[..614])[0].end, Some(612));
    }

    #[test]
    fn a_probe_that_runs_in_bursts_is_silent_for_hours_and_that_is_no_shutdown() {
        // Twenty-four at once, every third hour or so: eight an hour.
        let volume: Vec<u32> = (0..60 * DAY).map(|place| if drawn(place) % 3 == 0 { 24 } else { 0 }).collect();
        assert_eq!(found(&volume), []);
        let cut: Vec<u32> = volume.iter().enumerate().map(|(place, count)| if place >= 1200 { 0 } else { *count }).collect();
        let told = told(&cut, 1200).expect("it never comes back");
        assert!((12..60).contains(&told), "{told} h");
    }

    #[test]
    fn nights_in_which_nobody_measures_are_no_shutdowns_and_a_silent_day_is() {
        let rhythm = |place: usize| if place % DAY < 6 { 0 } else { 15 + drawn(place) % 10 };
        let volume: Vec<u32> = (0..40 * DAY).map(rhythm).collect();
        assert_eq!(found(&volume), []);
        let noon = 30 * DAY + 12;
        let cut: Vec<u32> = volume.iter().enumerate().map(|(place, count)| if place >= noon { 0 } else { *count }).collect();
        assert!(told(&cut, noon).is_some_and(|hours| hours <= 4), "{:?}", told(&cut, noon));
    }

    #[test]
    fn what_a_shutdown_leaves_of_a_large_network_does_not_hide_it() {
        let volume: Vec<u32> =
            (0..30 * DAY).map(|place| (180 + drawn(place) % 50) / if (600..630).contains(&place) { 12 } else { 1 }).collect();
        let [run] = found(&volume)[..] else { panic!("{:?}", found(&volume)) };
        assert_eq!((run.first, run.end), (600, Some(630)));
    }

    #[test]
    fn four_hours_on_every_morning_are_told_each_time() {
        let cut = |place: usize| place >= 20 * DAY && (4..8).contains(&(place % DAY));
        let volume: Vec<u32> = (0..24 * DAY).map(|place| if cut(place) { 0 } else { 20 + drawn(place) % 9 }).collect();
        assert_eq!(found(&volume).iter().map(|run| run.first % DAY).collect::<Vec<_>>(), [4; 4]);
    }
}
