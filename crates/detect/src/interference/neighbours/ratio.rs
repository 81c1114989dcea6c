//! How much likelier are the neighbouring occasions if the loss in their middle is interference than if it is chance?
//!
//! A network is either left alone, and each occasion of an hour is lost with that hour's rate of the network, or interfered with, and each is
//! lost with one share, of which we only know that it is at least [`SMALLEST_SHARE`]. From one neighbouring hour to the next it changes from
//! one to the other with a small probability. Two stories are compared: at the hour of the loss the network was interfered with, or it was
//! left alone and the loss is chance. What comes before and after may change in either: a block that began an hour ago, one that ends at
//! noon and one that cuts every third connection are interference; a loss by chance an hour before a block begins is chance.
//!
//! Sources: Kass and Raftery, Bayes Factors (JASA 1995), for the ratio of integrated likelihoods; Rabiner, A Tutorial on Hidden Markov Models
//! (Proc. IEEE 1989), for two states that change, and the walk that sums over all their sequences; the share is integrated out.

/// A censor that lets more than this through is not looked for here.
const SMALLEST_SHARE: f64 = 0.2;
/// Points at which the share is tried, in the middle of as many steps from the smallest to one.
const STEPS: u32 = 16;
/// The probability that interference begins or ends between one neighbouring hour and the next: a block lasts some fifty of them. A larger one
/// lets two losses by chance that happen to lie close together pass for a block of an hour; a smaller one misses blocks of an hour.
const CHANGE: f64 = 0.02;

/// Likelihoods of one side are not told apart from here on: two sides and the day between them stay numbers.
const LARGEST: f64 = 1e100;

/// The occasions of one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    pub reached: u32,
    pub lost: u32,
    /// How often chance loses one in that hour: more than 0 and less than 1.
    pub chance: f64,
}

/// log10 of the ratio, of the hours before and after, the nearest first, and of other occasions in the very same hour.
pub fn log10_ratio(before: &[Hour], same: &[Hour], after: &[Hour]) -> f64 {
    let story = |interfered: bool| {
        over_shares(|share| {
            let inside = if interfered { same.iter().map(|hour| likelihood(hour, share)).product() } else { 1.0 };
            inside * onward(before, share, interfered) * onward(after, share, interfered)
        })
    };
    (story(true) / story(false)).log10()
}

/// How likely the hours of one side are, beside their being all chance, from a network on that is interfered with or left alone.
fn onward(hours: &[Hour], share: f64, interfered: bool) -> f64 {
    let (mut if_interfered, mut if_alone) = (1.0, 1.0);
    for hour in hours.iter().rev() {
        let seen = likelihood(hour, share) * if_interfered;
        (if_interfered, if_alone) = ((1.0 - CHANGE) * seen + CHANGE * if_alone, CHANGE * seen + (1.0 - CHANGE) * if_alone);
    }
    if interfered { if_interfered } else { if_alone }
}

/// The mean over the shares that are thought possible.
pub(super) fn over_shares(of: impl Fn(f64) -> f64) -> f64 {
    let width = (1.0 - SMALLEST_SHARE) / f64::from(STEPS);
    (0..STEPS).map(|step| of(SMALLEST_SHARE + (f64::from(step) + 0.5) * width)).sum::<f64>() / f64::from(STEPS)
}

/// One side, the likelihoods of its hours or days nearest first, whichever of them are still inside of the span; it ends after each with
/// the same probability.
pub(super) fn side(likelihoods: impl Iterator<Item = f64>, end: f64) -> f64 {
    let (mut sum, mut inside, mut goes_on) = (0.0, 1.0, 1.0f64);
    for likelihood in likelihoods {
        sum += goes_on * end * inside;
        goes_on *= 1.0 - end;
        inside = (inside * likelihood).min(LARGEST);
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
        assert!(ratio("xxx", "xxx") > 3.0, "{}", ratio("xxx", "xxx"));
        assert!(ratio("......", "..x...") < -0.8, "{}", ratio("......", "..x..."));
    }

    /// The loss may be its first occasion or a chance before it: the neighbours cannot tell, and what the loss itself is worth decides.
    #[test]
    fn where_a_block_begins_the_loss_speaks_for_itself() {
        assert!(ratio("............", "xx").abs() < 0.2, "{}", ratio("............", "xx"));
        assert!(ratio("............", "xxxxxxxxxxxx").abs() < 0.2, "{}", ratio("............", "xxxxxxxxxxxx"));
        assert!(ratio("............", "") < -1.0, "{}", ratio("............", ""));
    }

    #[test]
    fn a_block_that_begins_later_is_no_reason_to_accuse_a_loss_before_it() {
        assert!(ratio("............", "........xxxx") < -2.0, "{}", ratio("............", "........xxxx"));
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
        fn one_more_success_beside_the_loss_never_speaks_for_interference(before in "[.x]{0,12}", after in "[.x]{0,12}") {
            let closer = format!(".{before}");
            prop_assert!(ratio(&closer, &after) <= ratio(&before, &after) + 1e-9);
        }

        #[test]
        fn neighbours_add_no_more_than_what_two_changes_cost(before in "[.x]{0,12}", after in "[.x]{0,12}") {
            prop_assert!(ratio(&before, &after) <= 2.0 * (1.0 / CHANGE).log10());
        }

        #[test]
        fn the_ratio_is_a_number(reached in 0..200u32, lost in 0..12u32, chance in 0.01..0.5f64) {
            let hour = [Hour { reached: reached.min(12), lost, chance }];
            prop_assert!(log10_ratio(&hour, &hour, &hour).is_finite());
        }
    }
}
