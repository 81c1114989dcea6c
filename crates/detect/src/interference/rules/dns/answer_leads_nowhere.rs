//! The address that was answered is dead, and the genuine one is alive.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_leads_nowhere",
    layer: Layer::Dns,
    condition: "Every address that the system's resolver gave lies outside the control's networks and could be reached neither by the probe nor by the control, while the control reached the site at its own addresses; a resolver asked over an encrypted connection, if there was one, was given what the control was given, or addresses on which the probe itself completed a handshake with the name, while other networks proved addresses of the name that week, none of them in a network of what was answered.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A censor that answers with an address where nothing listens blocks as well as one that answers with a reserved one.",
    innocent: "A server of a CDN, perhaps one that serves this network only, that was down just then. A control that did not try the probe's addresses, an encrypted resolver that was sent elsewhere as well, and an IPv6 that works for nothing keep the rule silent.",
    source: "OONI nettest specification ts-017 (the test helper connects to the probe's addresses)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_connects = target.control.connects().any(|row| row.failure.is_none());
    if !control_connects || target.control.good_page().is_none() {
        return None;
    }
    let site_is_known = target.is_proved_in_other_networks();
    let is_genuine = |ip: &IpAddr| target.agrees_with_control(*ip) || (site_is_known && target.has_own_handshake(*ip));
    let encrypted_is_genuine = target.encrypted_addresses().iter().all(is_genuine);
    let dead = dead_addresses(target);
    let answers: Vec<_> = target.user_lookups().flat_map(|lookup| &lookup.answers).collect();
    let leads_nowhere = |ip: IpAddr| dead.contains(&ip) && target.is_disputed_user_answer(ip);
    if answers.is_empty() || !encrypted_is_genuine || !answers.iter().all(|(ip, _)| leads_nowhere(*ip)) {
        return None;
    }
    let evidence = answers.iter().map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    Some(Firing::new(evidence).how(Mechanism::of("dns.injection")).against_control(target))
}

/// Addresses that both the probe and the control tried, and that neither could connect to.
fn dead_addresses(target: &Target<'_>) -> BTreeSet<IpAddr> {
    let control = |attempt: &Attempt<'_>| target.control.connect(attempt.row.ip.as_deref()?, attempt.row.port?);
    let mut dead = BTreeSet::new();
    let mut alive = BTreeSet::new();
    for attempt in target.usable(&target.tcp) {
        let Some(ip) = attempt.ip else { continue };
        match control(attempt) {
            _ if attempt.succeeded() => alive.insert(ip),
            Some(row) if row.failure.is_none() => alive.insert(ip),
            Some(_) => dead.insert(ip),
            None => false,
        };
    }
    &dead - &alive
}
