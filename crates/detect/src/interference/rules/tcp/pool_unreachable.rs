//! None of an app's servers can be connected to.

use std::collections::BTreeSet;

use parallax_model::TargetRole;

use crate::interference::neighbours;
use crate::interference::rules::tcp::common_mechanism;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tcp/pool_unreachable",
    layer: Layer::Tcp,
    condition: "An app's own servers, at least three addresses that need no lookup, all failed to accept a connection, while something else in the same measurement worked.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tcp")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tcp),
    weight: 1.5,
    why: "The servers stand in different places; what they share is the way from this network.",
    innocent: "The app is down everywhere: this measurement has no control of it. Other networks tell: where most of those of other countries lose it in the same hours, `tcp/lost_everywhere` overrules this rule; where they reach it, they are named as the control.",
    source: "OONI nettest specification ts-020 (telegram)",
    fires,
};

/// Fewer failures than this may be chance.
const FEWEST_ADDRESSES: usize = 3;

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.role != TargetRole::Service || !target.something_worked() {
        return None;
    }
    let attempts: Vec<_> = target.usable(&target.tcp).filter(|attempt| attempt.is_vouched()).collect();
    let addresses: BTreeSet<_> = attempts.iter().filter_map(|attempt| attempt.ip).collect();
    if addresses.len() < FEWEST_ADDRESSES || attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let how = common_mechanism(attempts.iter().filter_map(|attempt| attempt.failure()))?;
    let evidence = attempts.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    let firing = Firing::new(evidence).how(how);
    Some(match neighbours::alive_elsewhere(target, Operation::Tcp) {
        Some(networks) => firing.against_other_networks(networks),
        None => firing.within_measurement(),
    })
}
