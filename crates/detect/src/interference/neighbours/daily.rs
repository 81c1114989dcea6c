//! How much likelier are the occasions at the same time on other days, if somebody interferes at that time every day?
//!
//! Exams, curfews and nights are blocked by the clock: the hours in between get through and say nothing against it, and each night alone has
//! few occasions. So beside the span that goes on without a break ([`ratio`](super::ratio)) stands another hypothesis: on each day of a span
//! of days there is a window around the time of the loss in which occasions are lost with one share; all else is lost by chance. The share,
//! the window and the ends of the span are integrated out. It is believed beforehand in one case of twenty.

use super::ratio::{self, Hour};

/// What is believed beforehand: that interference is by the clock, rather than without a break.
const BELIEVED: f64 = 0.05;
/// Hours on either side of the loss that a window may have.
pub(super) const WINDOW: i64 = 2;
/// The windows, in hours later than the loss, and how likely each is beforehand. One of a single hour is less so: losses by chance find it
/// most easily.
const WINDOWS: [([i64; 2], f64); 4] = [([0, 0], 0.1), ([-WINDOW, 0], 0.3), ([0, WINDOW], 0.3), ([-WINDOW, WINDOW], 0.3)];
/// Days on either side that are looked at.
pub(super) const DAYS: i64 = 6;
/// The probability that the span of days ends between one day and the next.
const END: f64 = 0.15;
/// log10 that occasions by the clock can say at most, as much as two changes of what goes on: there, too, more cannot be added.
const MOST: f64 = 4.0;
/// What other networks of the country can add at most: as much as in the hour of the loss itself.
const MOST_OF_COMPATRIOTS: f64 = 2.0;

/// The occasions of one day around the time of the loss, each with how many hours later in the day it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Day {
    pub own: Vec<(i64, Hour)>,
    /// Other networks of the country, each an occasion.
    pub compatriots: Vec<(i64, Hour)>,
}

/// Days before and after the loss, the nearest first, and the rest of its own day.
#[derive(Clone, Debug, Default)]
pub(super) struct Days {
    pub before: Vec<Day>,
    pub today: Day,
    pub after: Vec<Day>,
}

impl Days {
    /// How often the network, and how often others of its country, lost the target at that time on other days.
    pub fn lost(&self) -> (u32, u32) {
        let lost = |hours: &[(i64, Hour)]| hours.iter().map(|(_, hour)| hour.lost).sum::<u32>();
        let days = || self.before.iter().chain(&self.after);
        (days().map(|day| lost(&day.own)).sum(), days().map(|day| lost(&day.compatriots)).sum())
    }

    /// log10 of the ratio. Where the other networks of the country do not speak for it they say nothing, since a network can block alone.
    pub fn log10_ratio(&self, ask_compatriots: bool) -> f64 {
        let alone = self.ratio(false).log10().min(MOST);
        if !ask_compatriots {
            return alone;
        }
        let national = self.ratio(true).log10().clamp(alone, alone + MOST_OF_COMPATRIOTS);
        (0.5 * 10f64.powf(alone) + 0.5 * 10f64.powf(national)).log10().min(MOST)
    }

    fn ratio(&self, with_compatriots: bool) -> f64 {
        let in_window = |window: [i64; 2]| {
            ratio::over_shares(|share| {
                let of = |day: &Day| day.likelihood(window, share, with_compatriots);
                ratio::side(self.before.iter().map(of), END) * of(&self.today) * ratio::side(self.after.iter().map(of), END)
            })
        };
        WINDOWS.map(|(window, believed)| believed * in_window(window)).iter().sum()
    }
}

impl Day {
    /// Of what lies in the window; the rest of the day is lost by chance.
    fn likelihood(&self, [first, last]: [i64; 2], share: f64, with_compatriots: bool) -> f64 {
        let of = |hours: &[(i64, Hour)]| {
            let inside = hours.iter().filter(|(at, _)| (first..=last).contains(at));
            inside.map(|(_, hour)| ratio::likelihood(hour, share)).product::<f64>()
        };
        of(&self.own) * if with_compatriots { of(&self.compatriots) } else { 1.0 }
    }
}

/// The ratio of interference that goes on and the ratio of interference by the clock, both log10, as one. More to go by never takes away.
pub(super) fn beside(goes_on: f64, daily: f64) -> f64 {
    ((1.0 - BELIEVED) * 10f64.powf(goes_on) + BELIEVED * 10f64.powf(daily)).log10().max(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Days in letters, the nearest first, each an occasion at the time of the loss: `x` lost, `.` reached, a space none.
    fn days(letters: &str) -> Vec<Day> {
        let hour = |lost: bool| (0, Hour { reached: u32::from(!lost), lost: u32::from(lost), chance: 0.03 });
        letters
            .chars()
            .map(|letter| Day { own: if letter == ' ' { Vec::new() } else { vec![hour(letter == 'x')] }, compatriots: Vec::new() })
            .collect()
    }

    fn ratio(before: &str, after: &str) -> f64 {
        Days { before: days(before), today: Day::default(), after: days(after) }.log10_ratio(true)
    }

    #[test]
    fn nights_that_are_lost_again_and_again_outweigh_the_days_between() {
        assert!(beside(-1.5, ratio("xx", "xx")) > 1.0, "{}", ratio("xx", "xx"));
        assert!(beside(-1.5, ratio("x...", "..x.")) < 0.3, "{}", ratio("x...", "..x."));
        assert!(beside(-1.5, ratio("..x..", ".....")) < -0.5, "{}", ratio("..x..", "....."));
    }

    #[test]
    fn other_networks_add_no_more_than_two() {
        let one = |lost: u32| (0, Hour { reached: 0, lost, chance: 0.03 });
        let day = Day { own: vec![one(1)], compatriots: vec![one(1000)] };
        let days = Days { before: vec![day.clone()], today: Day::default(), after: vec![day] };
        let alone =
            Days { before: days.before.iter().map(own_only).collect(), after: days.after.iter().map(own_only).collect(), ..days.clone() };
        let added = days.log10_ratio(true) - alone.log10_ratio(true);
        assert!((1.0..=2.0).contains(&added), "{added}");
    }

    fn own_only(day: &Day) -> Day {
        Day { own: day.own.clone(), compatriots: Vec::new() }
    }

    /// As much as [`OwnRecord`](super::super::own::OwnRecord) hands on at most: four occasions an hour, of both kinds.
    #[test]
    fn the_most_that_can_be_handed_on_stays_a_number() {
        let hours = |reached, lost| (-WINDOW..=WINDOW).map(|at| (at, Hour { reached, lost, chance: 0.01 })).collect::<Vec<_>>();
        let day = |reached, lost| Day { own: hours(reached, lost), compatriots: hours(reached, lost) };
        for ((reached, lost), (then_reached, then_lost)) in [((0, 4), (0, 4)), ((0, 4), (4, 0)), ((4, 0), (4, 0)), ((4, 0), (0, 4))] {
            let side = |reached, lost| vec![day(reached, lost); DAYS as usize];
            let days = Days { before: side(reached, lost), today: day(reached, lost), after: side(then_reached, then_lost) };
            for ask in [false, true] {
                let ratio = days.log10_ratio(ask);
                assert!(ratio.is_finite() && ratio <= MOST, "{ratio}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_ratio_is_a_number_and_a_success_never_speaks_for_interference(before in "[.x ]{0,6}", after in "[.x ]{0,6}") {
            prop_assert!(ratio(&before, &after).is_finite());
            let longer = format!("{before}.");
            prop_assert!(ratio(&longer, &after) <= ratio(&before, &after) + 1e-9);
        }
    }
}
