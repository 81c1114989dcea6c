//! A messenger's names led out of the network of the company that runs it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use parallax_model::{Layer, Locus, Operation, State};

use crate::interference::address::is_bogon;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{NETWORKS_THAT_PROVE, Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/answer_outside_operator",
    layer: Layer::Dns,
    condition: "Facebook Messenger's service was looked up, and every address that the system's resolver gave lies in a network that is known and not the company's; so does every address that it gave for those services that the company never serves from caches in other networks (stun, b_api, b_graph), of which at least two were answered. No handshake on any network proves one of the service's addresses.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 0.5,
    why: "The company answers these names with addresses of its own network, whoever asks. That something at another address takes a connection does not mean that the service was reached.",
    innocent: "It accuses nobody: a captive portal answers all names with its own address, and this test asks for no other company's. A table of networks that misses several of the company's ranges.",
    source: "OONI nettest specification ts-019 (facebook_messenger): answers outside of AS32934",
    fires,
};

const TEST: &str = "facebook_messenger";
const WITHOUT_CACHES: &[&str] = &["facebook_messenger/stun", "facebook_messenger/b_api", "facebook_messenger/b_graph"];
/// So many of them must have been answered, all from elsewhere.
const FEWEST: usize = 2;

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !is_of_messenger(target) || !target.name.starts_with(TEST) || !leads_all_astray(target) {
        return None;
    }
    let mut strays = Vec::new();
    for (ip, row) in target.user_lookups().flat_map(|lookup| &lookup.answers) {
        if is_bogon(*ip)
            || !target.is_in_foreign_network(*ip, row.ip_asn)
            || target.has_own_handshake(*ip)
            || target.networks_that_proved(*ip) >= NETWORKS_THAT_PROVE
        {
            return None;
        }
        strays.push(evidence(row, "dns_answer", format!("{ip} (AS{})", target.network_of(*ip).unwrap_or_default())));
    }
    (!strays.is_empty()).then(|| Firing::new(strays).within_measurement())
}

/// Whether an address lies in a network that is known and not one of the company's whose app the target is.
pub(super) fn is_outside(target: &Target<'_>, ip: IpAddr) -> bool {
    target.has_operator() && target.is_in_foreign_network(ip, target.network_of(ip))
}

/// Whether this is a measurement of the app of which [`leads_all_astray`] knows services that lie in no caches.
pub(super) fn is_of_messenger(target: &Target<'_>) -> bool {
    target.case.measurement.test_name == TEST
}

/// Whether none of the services that are always the company's own was answered with an address of its network. A measurement of another
/// app has no services in caches.
pub(super) fn leads_all_astray(target: &Target<'_>) -> bool {
    if !is_of_messenger(target) {
        return true;
    }
    let mut answered = BTreeSet::new();
    for row in target.case.observations.iter().filter(|row| row.operation == Operation::Dns) {
        let name = row.target.as_deref().unwrap_or_default();
        let Some(ip) = row.dns_answer.as_deref().and_then(|answer| answer.parse().ok()).filter(|_| WITHOUT_CACHES.contains(&name)) else {
            continue;
        };
        if !is_bogon(ip) && !target.is_in_foreign_network(ip, row.ip_asn) {
            return false;
        }
        answered.insert(name);
    }
    answered.len() >= FEWEST
}
