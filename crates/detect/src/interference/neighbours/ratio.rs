//! How much likelier are the neighbouring occasions if somebody interferes than if connections are lost by chance?
//!
//! Under *chance* each occasion of an hour is lost with that hour's rate of the network. Under *interference* there is a span of time
//! around the loss in which each occasion is lost with one share, of which we only know that it is at least [`SMALLEST_SHARE`]; what
//! lies outside of the span is lost by chance. Both the share and the two ends of the span are integrated out, so neither is guessed:
//! a block that began an hour ago, one that ends at noon, and one that cuts every third connection are all interference.
//!
//! Sources: Kass and Raftery, Bayes Factors (JASA 1995), for the ratio of integrated likelihoods; Barry and Hartigan, A Bayesian
//! Analysis for Change Point Problems (JASA 1993), for the prior of the ends: each occasion may be the last of the span with the same
//! probability.
//!
//! The sum over all spans is a product, since both ends are free: what lies before, times what lies after, for each share. So it costs
//! a few hundred multiplications, and nothing is approximated but the integral over the share.

/// A censor that lets more than this through is not looked for here.
const SMALLEST_SHARE: f64 = 0.2;
/// Points at which the share is tried, in the middle of as many steps from the smallest to one.
const STEPS: u32 = 16;
/// The probability that a span ends between one neighbouring hour and the next: a block lasts some fifty of them. A larger one lets two
/// losses by chance that happen to lie close together pass for a block of an hour; a smaller one misses blocks of an hour.
const END: f64 = 0.02;

/// The occasions of one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    pub reached: u32,
    pub lost: u32,
    /// How often chance loses one in that hour: more than 0 and less than 1.
    pub chance: f64,
}

/// log10 of the ratio, of the hours before and after, the nearest first, and of other occasions in the very same hour.
pub fn log10_ratio<'h>(before: &'h [Hour], same: &'h [Hour], after: &'h [Hour]) -> f64 {
    let ratio = over_shares(|share| {
        let of = |hours: &'h [Hour]| hours.iter().map(move |hour| likelihood(hour, share));
        of(same).product::<f64>() * side(of(before), END) * side(of(after), END)
    });
    ratio.log10()
}

/// The mean over the shares that are thought possible.
pub(super) fn over_shares(of: impl Fn(f64) -> f64) -> f64 {
    let width = (1.0 - SMALLEST_SHARE) / f64::from(STEPS);
    (0..STEPS).map(|step| of(SMALLEST_SHARE + (f64::from(step) + 0.5) * width)).sum::<f64>() / f64::from(STEPS)
}

/// One side, the likelihoods of its hours or days nearest first, whichever of them are still inside of the span; it ends after each with
/// the same probability.
pub(super) fn side(likelihoods: impl Iterator<Item = f64>, end: f64) -> f64 {
    let (mut sum, mut inside, mut goes_on) = (0.0, 1.0, 1.0);
    for likelihood in likelihoods {
        sum += goes_on * end * inside;
        goes_on *= 1.0 - end;
        inside *= likelihood;
    }
    sum + goes_on * inside
}

pub(super) fn likelihood(hour: &Hour, share: f64) -> f64 {
    power(share / hour.chance, hour.lost) * power((1.0 - share) / (1.0 - hour.chance), hour.reached)
}

fn power(base: f64, times: u32) -> f64 {
    (0..times).fold(1.0, |product, _| product * base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHANCE: f64 = 0.03;

    fn hours(outcomes: &str) -> Vec<Hour> {
        outcomes
            .chars()
            .map(|outcome| Hour { reached: u32::from(outcome == '.'), lost: u32::from(outcome == 'x'), chance: CHANCE })
            .collect()
    }

    fn ratio(before: &str, after: &str) -> f64 {
        log10_ratio(&hours(before), &[], &hours(after))
    }

    #[test]
    fn no_neighbours_say_nothing() {
        assert_eq!(ratio("", ""), 0.0);
    }

    #[test]
    fn successes_on_both_sides_speak_for_chance_and_losses_for_interference() {
        assert!(ratio("......", "......") < -1.4, "{}", ratio("......", "......"));
        assert!(ratio("xxx", "xxx") > 4.0, "{}", ratio("xxx", "xxx"));
        assert!(ratio("......", "..x...") < -0.9, "{}", ratio("......", "..x..."));
    }

    #[test]
    fn a_block_that_began_just_now_is_seen_as_soon_as_it_goes_on() {
        assert!(ratio("............", "xx") > 0.8, "{}", ratio("............", "xx"));
        assert!(ratio("............", "") < -1.0, "{}", ratio("............", ""));
    }

    #[test]
    fn a_third_of_connections_is_interference() {
        assert!(ratio(".x..x..x..x.", "..x..x..x..x") > 1.0, "{}", ratio(".x..x..x..x.", "..x..x..x..x"));
    }

    #[test]
    fn what_is_lost_in_an_outage_says_little() {
        let outage = [Hour { reached: 0, lost: 3, chance: 0.5 }];
        assert!(log10_ratio(&outage, &[], &[]) < 0.5);
    }

    proptest! {
        #[test]
        fn one_more_success_never_speaks_for_interference(before in "[.x]{0,12}", after in "[.x]{0,12}") {
            let longer = format!("{before}.");
            prop_assert!(ratio(&longer, &after) <= ratio(&before, &after) + 1e-9);
        }

        #[test]
        fn the_ratio_is_a_number(reached in 0..200u32, lost in 0..12u32, chance in 0.01..0.5f64) {
            let hour = [Hour { reached: reached.min(12), lost, chance }];
            prop_assert!(log10_ratio(&hour, &hour, &hour).is_finite());
        }
    }
}
