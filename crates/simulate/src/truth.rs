//! The truth: what an observer who knows everything says about each target of a measurement, in Parallax's vocabulary.

use serde::Serialize;

use crate::Mechanism;
use crate::path::{Cause, Path, Touch};
use crate::trouble::TroubleKind;

/// One measurement and one target. What stands in the same words as in Parallax's judgements means the same.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Truth {
    pub measurement_uid: String,
    pub input: Option<String>,
    pub target: String,
    /// `input`, `redirect` or `service`.
    pub target_role: &'static str,
    pub test_name: &'static str,
    pub probe_cc: String,
    pub probe_asn: u32,
    /// As the probe wrote it, which is wrong where its clock is.
    pub measurement_start_time: String,
    /// `blocked` (which stands for `likely_blocked` too), `interfered`, `impaired`, `down` or `ok`.
    pub state: &'static str,
    /// The layers where somebody interfered, on the user's own way where that was touched.
    pub layers: Vec<&'static str>,
    pub mechanisms: Vec<&'static str>,
    /// Layers that were only touched off the user's way: right to name and right to leave out.
    pub may_also: Vec<&'static str>,
    /// `network`, `server` or `unknown`.
    pub locus: &'static str,
    pub instrument: Vec<&'static str>,
    /// Innocent troubles that played a part.
    pub trouble: Vec<&'static str>,
}

/// What came of a target in a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// Over the user's own way, and by the site itself.
    pub reached: bool,
    pub role: &'static str,
}

/// The part of a truth that a path knows. `touched` says which sites the target consists of.
pub(crate) fn judge(path: &Path, touched: impl Fn(usize) -> bool, outcome: Outcome, truth: &mut Truth) {
    let touches: Vec<&Touch> = path.touches.iter().filter(|touch| touched(touch.site)).collect();
    let on_way: Vec<Mechanism> = mechanisms(&touches, |touch| touch.users_way);
    let off_way: Vec<Mechanism> = mechanisms(&touches, |touch| !touch.users_way);
    let named = if on_way.is_empty() { &off_way } else { &on_way };
    truth.layers = layers(named);
    truth.mechanisms = named.iter().map(|mechanism| mechanism.as_str()).collect();
    truth.may_also = layers(&off_way).into_iter().filter(|layer| !truth.layers.contains(layer)).collect();

    let mut troubles: Vec<TroubleKind> = touches.iter().filter_map(|touch| trouble(touch)).collect();
    troubles.sort_unstable();
    troubles.dedup();
    truth.instrument = troubles.iter().filter_map(|kind| kind.instrument()).collect();
    truth.trouble.extend(troubles.iter().map(|kind| kind.as_str()));
    truth.target_role = outcome.role;
    let down = troubles.contains(&TroubleKind::SiteDown);
    truth.state = state(outcome.reached, !on_way.is_empty(), !off_way.is_empty(), down);
    truth.locus = match truth.state {
        "blocked" | "interfered" => "network",
        "down" => "server",
        _ if troubles.contains(&TroubleKind::ServerGeoBlock) => "server",
        _ => "unknown",
    };
}

fn state(reached: bool, on_way: bool, off_way: bool, down: bool) -> &'static str {
    match (reached, on_way) {
        (true, _) if on_way || off_way => "interfered",
        (true, _) => "ok",
        (false, true) => "blocked",
        (false, false) if down => "down",
        (false, false) => "impaired",
    }
}

fn mechanisms(touches: &[&Touch], wanted: impl Fn(&Touch) -> bool) -> Vec<Mechanism> {
    let mut found: Vec<Mechanism> = touches
        .iter()
        .filter(|touch| wanted(touch))
        .filter_map(|touch| match touch.cause {
            Cause::Censor(mechanism) => Some(mechanism),
            Cause::Trouble(_) => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn trouble(touch: &Touch) -> Option<TroubleKind> {
    match touch.cause {
        Cause::Trouble(kind) => Some(kind),
        Cause::Censor(_) => None,
    }
}

fn layers(mechanisms: &[Mechanism]) -> Vec<&'static str> {
    let mut layers: Vec<&'static str> = mechanisms.iter().map(|mechanism| mechanism.layer()).collect();
    layers.dedup();
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_is_down_and_interfered_with_is_blocked() {
        assert_eq!(state(false, true, false, true), "blocked");
        assert_eq!(state(false, false, false, true), "down");
    }

    #[test]
    fn what_happens_off_the_users_way_never_makes_a_failure_blocking() {
        assert_eq!(state(false, false, true, false), "impaired");
        assert_eq!(state(true, false, true, false), "interfered");
    }
}
