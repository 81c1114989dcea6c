//! Two answers to one query, one of them forged.

use std::net::IpAddr;

use parallax_model::tables::Observation;

use crate::interference::address::{is_bogon, is_local};
use crate::interference::target::{Lookup, NETWORKS_THAT_PROVE, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/injected_and_genuine",
    layer: Layer::Dns,
    condition: "One DNS query was answered twice; the control, or a resolver asked over an encrypted connection, agrees with one of the answers, and the other is reserved, a known forged answer, or in a network that nothing vouches for, while all that vouches agrees on one network.",
    says: State::Interfered,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 3.0,
    why: "A resolver answers once. A second, different answer means that somebody on the way answered first and let the genuine answer through, as on-path injectors do.",
    innocent: "A query that was sent twice and answered twice, by a rotating CDN or for a site that rents from several: then the answers share a network, or genuine answers lie in several, and the rule stays silent. Without a control only known forged answers count.",
    source: "Duan et al.: Hold-On: Protecting Against On-Path DNS Poisoning (SATIN 2012); Hoang et al.: How Great is the Great Firewall? (USENIX Security 2021)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    target.plain_lookups().find_map(|lookup| two_faced(target, lookup))
}

fn two_faced(target: &Target<'_>, lookup: &Lookup<'_>) -> Option<Firing> {
    let (first, late) = (&lookup.answers, &lookup.late);
    if first.is_empty() || late.is_empty() {
        return None;
    }
    let networks = target.genuine_networks();
    let is_strange = |ip: IpAddr| networks.len() == 1 && target.network_of(ip).is_some_and(|network| !networks.contains(&network));
    let is_listed = |ip: IpAddr| target.case.refdata.forged_answers.contains_key(&ip) && !is_local(ip);
    let has_control = !target.control_addresses().is_empty();
    let genuine = |(ip, _): &(IpAddr, &Observation<'_>)| {
        target.encrypted_addresses().contains(ip)
            || target.agrees_with_control(*ip)
            || target.networks_that_proved(*ip) >= NETWORKS_THAT_PROVE
    };
    let forged = |answer: &(IpAddr, &Observation<'_>)| {
        let looks_forged = is_listed(answer.0) || (has_control && (is_bogon(answer.0) || is_strange(answer.0)));
        looks_forged && !genuine(answer) && !target.has_own_handshake(answer.0)
    };
    let contradicts =
        |one: &[(IpAddr, &Observation<'_>)], other: &[(IpAddr, &Observation<'_>)]| one.iter().all(genuine) && other.iter().all(forged);
    if !contradicts(first, late) && !contradicts(late, first) {
        return None;
    }
    let evidence_found = first.iter().chain(late).map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    let firing = Firing::new(evidence_found).how(Mechanism::of("dns.injection"));
    Some(if target.control.exists() { firing.against_control(target) } else { firing.within_measurement() })
}
