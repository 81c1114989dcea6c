//! The truth: what an observer who knows everything says about each target of a measurement, in Parallax's vocabulary.

use serde::Serialize;

use crate::Mechanism;
use crate::path::{Cause, Path, Touch};
use crate::trouble::{Change, Trouble, TroubleKind};
use crate::world::World;

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
    /// Of the connections that the censor on the user's way sees, how many it hits; the largest where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Whether it is `blocked` by a censor that hits every connection.
    pub fully_blocked: bool,
    /// What blocks this target without exception in this network at this moment and was never met here, because a trouble came first:
    /// whoever says that the target is blocked is right by the world, though not by this record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub behind_trouble: Vec<&'static str>,
    /// Who acted, by the `source` of the events: `censor-2`, `trouble-1`.
    pub sources: Vec<String>,
}

impl Truth {
    /// What the same measurement would have met without its bad luck.
    pub(crate) fn compare_with_luck(&mut self, lucky: &[Truth]) {
        let same = lucky.iter().find(|lucky| lucky.target == self.target && lucky.fully_blocked);
        if let Some(lucky) = same.filter(|_| !matches!(self.state, "blocked" | "interfered")) {
            self.behind_trouble.clone_from(&lucky.mechanisms);
        }
    }
}

/// What came of a target in a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// Over the user's own way, and by the site itself.
    pub reached: bool,
    pub role: &'static str,
}

/// The part of a truth that a path knows. `whole` are troubles of the measurement as a whole; `touched` says which sites the target
/// consists of.
pub(crate) fn judge(path: &Path, whole: &[usize], touched: impl Fn(usize) -> bool, outcome: Outcome, truth: &mut Truth) {
    let world = path.world;
    let touches: Vec<&Touch> = path.touches.iter().filter(|touch| touched(touch.site)).collect();
    let (on_way, off_way) = (censors(&touches, true), censors(&touches, false));
    let named = if on_way.is_empty() { &off_way } else { &on_way };
    let (named_mechanisms, off_mechanisms) = (mechanisms(world, named), mechanisms(world, &off_way));
    truth.layers = layers(&named_mechanisms);
    truth.mechanisms = named_mechanisms.iter().map(|mechanism| mechanism.as_str()).collect();
    truth.may_also = layers(&off_mechanisms).into_iter().filter(|layer| !truth.layers.contains(layer)).collect();

    let troubles = troubles(&touches, whole);
    let mut kinds: Vec<TroubleKind> = troubles.iter().map(|index| world.troubles[*index].kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    truth.instrument = kinds.iter().filter_map(|kind| kind.instrument()).collect();
    truth.trouble = kinds.iter().map(|kind| kind.as_str()).collect();
    truth.target_role = outcome.role;
    let down = troubles.iter().any(|index| puts_down(&world.troubles[*index]));
    truth.state = state(outcome.reached, !on_way.is_empty(), !off_way.is_empty(), down);
    truth.share = on_way.iter().map(|index| world.censors[*index].share).max_by(f64::total_cmp);
    truth.fully_blocked = truth.state == "blocked" && truth.share == Some(1.0);
    let acting = [on_way.as_slice(), off_way.as_slice()].concat();
    truth.sources = sources(&acting, &troubles);
    truth.locus = match truth.state {
        "blocked" | "interfered" => "network",
        "down" => "server",
        _ if kinds.contains(&TroubleKind::ServerGeoBlock) => "server",
        _ => "unknown",
    };
}

/// What a censor and a trouble are called in the truth, by their place in the world file.
pub(crate) fn source_of(cause: Cause) -> String {
    match cause {
        Cause::Censor(index) => format!("censor-{}", index + 1),
        Cause::Trouble(index) => format!("trouble-{}", index + 1),
    }
}

fn sources(censors: &[usize], troubles: &[usize]) -> Vec<String> {
    let mut causes: Vec<Cause> =
        censors.iter().map(|index| Cause::Censor(*index)).chain(troubles.iter().map(|index| Cause::Trouble(*index))).collect();
    causes.sort_unstable();
    causes.dedup();
    causes.into_iter().map(source_of).collect()
}

/// Whether a trouble keeps everybody from the site.
fn puts_down(trouble: &Trouble) -> bool {
    trouble.kind == TroubleKind::SiteDown || (trouble.kind == TroubleKind::SiteChange && trouble.change == Change::Expired)
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

fn censors(touches: &[&Touch], users_way: bool) -> Vec<usize> {
    let censor = |touch: &&Touch| match touch.cause {
        Cause::Censor(index) if touch.users_way == users_way => Some(index),
        _ => None,
    };
    let mut found: Vec<usize> = touches.iter().filter_map(censor).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn troubles(touches: &[&Touch], whole: &[usize]) -> Vec<usize> {
    let trouble = |touch: &&Touch| match touch.cause {
        Cause::Trouble(index) => Some(index),
        Cause::Censor(_) => None,
    };
    let mut found: Vec<usize> = touches.iter().filter_map(trouble).chain(whole.iter().copied()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn mechanisms(world: &World, censors: &[usize]) -> Vec<Mechanism> {
    let mut found: Vec<Mechanism> = censors.iter().map(|index| world.censors[*index].mechanism).collect();
    found.sort_unstable();
    found.dedup();
    found
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
