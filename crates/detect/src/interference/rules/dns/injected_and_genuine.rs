//! Two answers to one query, one of them forged.

use std::net::IpAddr;

use parallax_model::tables::Observation;

use crate::interference::target::{Lookup, NETWORKS_THAT_PROVE, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/injected_and_genuine",
    layer: Layer::Dns,
    condition: "One DNS query was answered twice, with addresses that share no network; the control, or a resolver asked over an encrypted connection, agrees with one of the answers and nothing vouches for the other.",
    says: State::Interfered,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    weight: 3.0,
    why: "A resolver answers once. A second, different answer means that somebody on the way answered first and let the genuine answer through, as on-path injectors do.",
    innocent: "A query that was sent twice and answered twice by a rotating CDN: then both answers lie in networks that something vouches for.",
    source: "Duan et al.: Hold-On: Protecting Against On-Path DNS Poisoning (SATIN 2012); Hoang et al.: How Great is the Great Firewall? (USENIX Security 2021)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    target.plain_lookups().find_map(|lookup| two_faced(target, lookup))
}

fn two_faced(target: &Target<'_>, lookup: &Lookup<'_>) -> Option<Firing> {
    let encrypted = target.encrypted_addresses();
    let genuine = |(ip, row): &(IpAddr, &Observation<'_>)| {
        encrypted.contains(ip) || target.agrees_with_control(*ip, row) || target.networks_that_proved(*ip) >= NETWORKS_THAT_PROVE
    };
    let forged = |answer: &(IpAddr, &Observation<'_>)| !genuine(answer) && !target.has_own_handshake(answer.0);
    let (first, late) = (&lookup.answers, &lookup.late);
    let contradicts = |one: &[(IpAddr, &Observation<'_>)], other: &[(IpAddr, &Observation<'_>)]| {
        !one.is_empty() && !other.is_empty() && one.iter().all(genuine) && other.iter().all(forged)
    };
    if !contradicts(first, late) && !contradicts(late, first) {
        return None;
    }
    let evidence_found = first.iter().chain(late).map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    let firing = Firing::new(evidence_found).how(Mechanism::of("dns.injection"));
    Some(if target.control.exists() { firing.against_control(target) } else { firing.within_measurement() })
}
