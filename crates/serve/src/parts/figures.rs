//! Shares as people read them, each with its n.

use parallax_model::figures::{count, plural};

use crate::counts::{Share, Tally};

/// A share as a whole percentage; what is neither none nor all is never rounded to it. The space before the sign does not break.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0\u{a0}%".to_owned(),
        100.0 => "100\u{a0}%".to_owned(),
        little if little < 1.0 => "under\u{a0}1\u{a0}%".to_owned(),
        most if most > 99.0 => "over\u{a0}99\u{a0}%".to_owned(),
        other => format!("{other:.0}\u{a0}%"),
    }
}

/// `3 of 40 (2 % to 20 %)`: accusations among the judgements that say something, with the 95 % interval of their share.
pub fn share_text(tally: &Tally) -> String {
    let counts = format!("{} of {}", count(tally.accused()), count(tally.telling()));
    match tally.share() {
        Some(Share { low, high, .. }) => format!("{counts} ({} to {})", percent(low), percent(high)),
        None => "no evidence either way".to_owned(),
    }
}

/// What judgements say together, in a sentence or two.
pub fn sentence(tally: &Tally) -> String {
    let n = plural(tally.n(), "judgement");
    let unclear = tally.n() - tally.telling();
    let Some(share) = tally.share() else {
        return format!("{n}; none has enough evidence to say anything.");
    };
    let first = match tally.accused() {
        0 => format!(
            "Of {} that say something, none finds interference (with so many, up to {} could)",
            plural(tally.telling(), "judgement"),
            percent(share.high)
        ),
        accused => format!(
            "Of {} that say something, {} find interference ({}; 95 % interval {} to {})",
            plural(tally.telling(), "judgement"),
            count(accused),
            percent(share.value),
            percent(share.low),
            percent(share.high)
        ),
    };
    match unclear {
        0 => format!("{first}."),
        unclear => format!("{first}. {} had too little evidence and count on neither side.", count(unclear)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_is_not_none_and_most_is_not_all() {
        assert_eq!(
            [0.0, 0.001, 0.5, 0.999, 1.0].map(percent),
            ["0\u{a0}%", "under\u{a0}1\u{a0}%", "50\u{a0}%", "over\u{a0}99\u{a0}%", "100\u{a0}%"]
        );
    }
}
