//! No connection to an address that is the site's.

use crate::interference::rules::tcp::common_mechanism;
use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tcp/unreachable_for_probe_only",
    layer: Layer::Tcp,
    condition: "No connect on the user's path succeeded; some failed at addresses that something independent vouches for, and the control connected to the same endpoints, or was given the page where it did not try them.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tcp")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tcp),
    weight: 1.5,
    why: "The address is right and alive, and it cannot be reached from one place only.",
    innocent: "A server that drops connections from some countries itself; a connection that was lost by chance (an address that answers on another port keeps the rule silent).",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tcp).filter(|attempt| attempt.on_user_path).collect();
    let failed_alone = |attempt: &&&Attempt<'_>| {
        attempt.is_vouched() && !attempt.succeeded() && target.control_connects(attempt) && !was_lost_by_chance(target, attempt)
    };
    let evidence: Vec<_> = attempts
        .iter()
        .filter(failed_alone)
        .map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default()))
        .collect();
    if evidence.is_empty() || attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let how = common_mechanism(attempts.iter().filter(failed_alone).filter_map(|attempt| attempt.failure()))?;
    Some(Firing::new(evidence).how(how).against_control(target))
}

/// A connect that got no answer, to an address that answered on another port a moment before or after, was lost: what keeps people from
/// an address keeps them from all of it.
fn was_lost_by_chance(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    attempt.failure() == Some("generic_timeout_error") && attempt.ip.is_some_and(|ip| target.has_connected_to(ip))
}
