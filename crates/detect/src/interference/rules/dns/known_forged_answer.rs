//! An address that is on a list of forged answers.

use std::net::IpAddr;

use crate::interference::address::{is_bogon, is_local};
use crate::interference::target::{NETWORKS_THAT_PROVE, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/known_forged_answer",
    layer: Layer::Dns,
    condition: "A lookup was answered with an address that the DNS fingerprints list as a forged answer for this country (or for no country in particular), and the control was not.",
    says: State::Blocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 4.0,
    why: "The list names addresses that were seen as answers for many unrelated blocked names and that serve none of them.",
    innocent: "The address has been given back to an ordinary site since the list was made; a handshake that proves the name, or a control that was given it too, keeps the rule silent. Loopback and 0.0.0.0, which advertisement blockers and site owners use as well, settle nothing alone and do not count here.",
    source: "OONI blocking fingerprints (fingerprints_dns.csv)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let refdata = target.case.refdata;
    let listed = |ip: IpAddr| {
        let fingerprint = refdata.fingerprints.get(refdata.forged_answers.get(&ip)?)?;
        let countries = &fingerprint.expected_countries;
        let expected = countries.is_empty() || countries.contains(target.case.measurement.probe_cc.as_ref());
        (expected && fingerprint.is_artefact()).then_some(fingerprint)
    };
    let innocent = |ip: IpAddr| {
        is_local(ip)
            || target.control_addresses().contains(&ip)
            || target.has_own_handshake(ip)
            || target.networks_that_proved(ip) >= NETWORKS_THAT_PROVE
    };
    let answers = target.plain_lookups().flat_map(|lookup| &lookup.answers).filter(|(ip, _)| !innocent(*ip));
    let mut evidence_found = Vec::new();
    let mut all_bogons = true;
    for (ip, row) in answers {
        if let Some(fingerprint) = listed(*ip) {
            all_bogons &= is_bogon(*ip);
            evidence_found.push(evidence(row, "dns_answer", format!("{ip} ({})", fingerprint.name)));
        }
    }
    let how = if all_bogons { Mechanism::of("dns.injection.bogon") } else { Mechanism::of("dns.injection.blockpage") };
    (!evidence_found.is_empty()).then(|| Firing::new(evidence_found).how(how))
}
