//! A name that exists inside and nowhere else.

use std::net::IpAddr;

use crate::interference::is_bogon;
use crate::interference::target::{control_evidence, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/ghost_name",
    layer: Layer::Dns,
    condition: "A resolver of another operator, asked in the clear, gave a public address; the control and a resolver asked over an encrypted connection both said that the name does not exist.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "An answer for a name that does not exist was made up on the way: some censors go on answering for blocked names long after they are gone.",
    innocent: "Resolvers that send every mistyped name to a search page, and names that exist only in a company's own network: both are the system's resolver's doing, and its answers alone keep the rule silent. A network that answers all DNS queries itself and sends mistyped names to a search page.",
    source: "Nourin et al.: Measuring and Evading Turkmenistan's Internet Censorship (WWW 2023); RFC 8020",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let denied = |failure: Option<&str>| failure == Some("dns_nxdomain_error");
    let control = target.control.dns_failure().filter(|row| denied(row.failure.as_deref()))?;
    let encrypted: Vec<_> = target.encrypted_lookups().collect();
    if encrypted.is_empty() || !encrypted.iter().all(|lookup| denied(lookup.failure())) {
        return None;
    }
    let is_ghost = |ip: IpAddr| !is_bogon(ip) && !target.has_own_handshake(ip);
    if !target.third_party_lookups().flat_map(|lookup| &lookup.answers).any(|(ip, _)| is_ghost(*ip)) {
        return None;
    }
    let answers = target.plain_lookups().flat_map(|lookup| &lookup.answers).filter(|(ip, _)| is_ghost(*ip));
    let mut evidence_found: Vec<_> = answers.map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    evidence_found.extend(encrypted.iter().map(|lookup| evidence(lookup.first, "failure", "dns_nxdomain_error")));
    evidence_found.push(control_evidence(control, "failure", "dns_nxdomain_error"));
    Some(Firing::new(evidence_found).how(Mechanism::of("dns.injection")).against_control(target))
}
