//! Somebody in the probe's network answers in the name of a resolver elsewhere.

use std::net::IpAddr;

use crate::interference::target::{Lookup, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/third_party_answer_from_own_network",
    layer: Layer::Dns,
    condition: "A resolver of another operator, asked in the clear and known not to pass the client's address on, answered with addresses inside the probe's own network; a resolver asked over an encrypted connection gave the very addresses that the control was given, elsewhere.",
    says: State::Interfered,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "Such a resolver cannot know which network asks, so it cannot choose a server inside it: the answer was made in that network, for instance to lead visitors through a proxy.",
    innocent: "A network that answers all DNS queries itself and hosts a CDN's server. A CDN sends the control and the probe's encrypted resolver to different servers, which keeps the rule silent.",
    source: "RFC 7871 (client subnet); Randall et al.: Home is Where the Hijacking is (IMC 2021)",
    fires,
};

/// Public resolvers that do not send the client's network on to the name's own servers (their operators' privacy statements).
const WITHOUT_CLIENT_SUBNET: &[&str] = &["1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112", "2606:4700:4700::1111", "2620:fe::fe"];

fn fires(target: &Target<'_>) -> Option<Firing> {
    let own = target.case.measurement.probe_asn?;
    let is_own = |ip: IpAddr| target.network_of(ip) == Some(own);
    let encrypted = target.encrypted_addresses();
    let is_everywhere_the_same = !encrypted.is_empty() && encrypted.is_subset(target.control_addresses());
    if !is_everywhere_the_same || target.control_networks().contains(&own) || encrypted.iter().any(|ip| is_own(*ip)) {
        return None;
    }
    let answers = target.third_party_lookups().filter(|lookup| hides_the_client(lookup)).flat_map(|lookup| &lookup.answers);
    let evidence: Vec<_> = answers.filter(|(ip, _)| is_own(*ip)).map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).how(Mechanism::of("dns.injection")).against_control(target))
}

fn hides_the_client(lookup: &Lookup<'_>) -> bool {
    let resolver = lookup.first.dns_engine_resolver_address.as_deref().unwrap_or_default();
    let address = resolver.strip_suffix(":53").unwrap_or(resolver).trim_matches(['[', ']']);
    WITHOUT_CLIENT_SUBNET.contains(&address)
}
