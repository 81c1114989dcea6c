//! Several networks of a country answer Facebook Messenger's names with one address that is not its company's, day after day.

use parallax_model::{Layer, Locus, Mechanism, State};

use super::answer_outside_operator::{is_of_messenger, is_outside, leads_all_astray};
use super::one_answer_for_unrelated_names::answers_that_are;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/one_answer_in_several_networks",
    layer: Layer::Dns,
    condition: "Facebook Messenger's service was looked up by a resolver of the probe's own network. Nothing vouches for any of the addresses that it gave; each lies in a network that is known and not the company's, and so does every address that the record has for those services that the company never serves from caches (stun, b_api, b_graph), of which at least two were answered. In the same week three networks of the country, this one among them, were each given this one address in at least three hours of two days, for the name and for one of another domain. In seven of ten hours in which they were, each of them reached other names, at least as many as there are domains among those that were answered with it; those it reached in at most one of twenty measurements. No two networks proved the address for any name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.8,
    why: "A company does not move its services to one address of somebody else's in several networks of one country, at which no handshake is ever seen. A captive portal is that of one place, and whoever chose a filtering resolver asks one outside of the own network.",
    innocent: "A carrier with several networks and one walled garden, or several carriers that lead the app's users through one gateway, for instance to count nothing of it, at which nobody tests any site. A filter that passes for the network's own resolver and that people in three networks have, or one person in three. A table of networks in which a new network of the company is still somebody else's.",
    source: "Lowe et al.: The Great DNS Wall of China (2007), for few addresses that stand for many names in all networks of a country; OONI nettest specification ts-019 (facebook_messenger): answers outside of AS32934",
    fires,
};

/// Networks that must have been given the address: one more than somebody who forges two.
const FEWEST_NETWORKS: u32 = 3;

fn fires(target: &Target<'_>) -> Option<Firing> {
    let measurement = &target.case.measurement;
    let asks_own_network = measurement.resolver_asn.is_some() && measurement.resolver_asn == measurement.probe_asn;
    if !is_of_messenger(target) || !asks_own_network || !leads_all_astray(target) {
        return None;
    }
    let answers = &target.case.neighbours.answers;
    let mut fewest = u32::MAX;
    let (found, _) = answers_that_are(target, |_, name, ip| {
        let networks = answers.networks_given(ip, &name.hostname);
        fewest = fewest.min(networks);
        networks >= FEWEST_NETWORKS && is_outside(target, ip) && !target.case.proven.is_server(ip)
    })?;
    Some(Firing::new(found).how(Mechanism::of("dns.injection")).against_other_networks(fewest.saturating_sub(1)))
}
