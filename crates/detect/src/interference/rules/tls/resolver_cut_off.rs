//! An encrypted resolver is cut off at all of its addresses.

use std::collections::BTreeSet;

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::rules::tls::mechanism_of;
use crate::interference::target::{Attempt, NETWORKS_THAT_PROVE, Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/resolver_cut_off",
    layer: Layer::Tls,
    condition: "In a test of an encrypted resolver, the probe connected to at least two of its addresses, every handshake was reset, closed or left without an answer, no question was answered, and the resolver is alive elsewhere: distinct other networks completed a valid handshake with its name on one of these addresses, or other networks reached it in the same hours.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.5,
    why: "The addresses are the resolver's and accept connections; what fails is the moment in which the resolver's name is said. Where the system's resolver lies, an encrypted one is what people turn to, and so it is cut.",
    innocent: "A resolver that refuses this country or this network; one that was down for the probe's moment only. Without proof from elsewhere that it is alive, the rule stays silent.",
    source: "OONI nettest specification ts-028 (dnscheck); Basso et al.: Measuring DoT/DoH Blocking Using OONI Probe (DNS Privacy Workshop 2021)",
    fires,
};

/// One address that fails may be one server that fails.
const FEWEST_ADDRESSES: usize = 2;

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.case.measurement.test_name != "dnscheck" || target.sessions.iter().any(Attempt::succeeded) {
        return None;
    }
    let attempts: Vec<_> = target.usable(&target.tls).collect();
    let addresses: BTreeSet<_> = attempts.iter().filter_map(|attempt| attempt.ip).collect();
    let connected = addresses.iter().filter(|ip| target.has_connected_to(**ip)).count();
    if connected < FEWEST_ADDRESSES || connected < addresses.len() {
        return None;
    }
    let how = attempts.iter().map(|attempt| mechanism_of(attempt.failure())).reduce(|one, other| one?.common_prefix(other?))??;
    let proved = addresses.iter().map(|ip| target.networks_that_proved(*ip)).max().unwrap_or_default();
    let found = attempts.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    let firing = Firing::new(found).how(how);
    match neighbours::alive_elsewhere(target, Operation::Tls) {
        _ if proved >= NETWORKS_THAT_PROVE => Some(firing.against_networks(proved)),
        Some(networks) => Some(firing.against_other_networks(networks)),
        None => None,
    }
}
