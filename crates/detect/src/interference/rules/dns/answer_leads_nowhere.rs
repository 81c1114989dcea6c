//! The address that was answered is dead, and the genuine one is alive.

use std::net::IpAddr;

use parallax_model::tables::Control;

use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_leads_nowhere",
    layer: Layer::Dns,
    condition: "Every address that the system's resolver gave lies outside the control's networks and could be reached neither by the probe nor by the control, while the control reached the site at its own addresses.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection.other")),
    locus: Locus::Network,
    instrument: None,
    weight: 2.0,
    why: "A censor that answers with an address where nothing listens blocks as well as one that answers with a reserved one.",
    innocent: "A server of a CDN that was down just then; a control that did not try the probe's addresses keeps the rule silent.",
    source: "OONI nettest specification ts-017 (the test helper connects to the probe's addresses)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_connects = target.control.connects().any(|row| row.failure.is_none());
    if !control_connects || target.control.good_page().is_none() {
        return None;
    }
    let answers: Vec<_> = target.user_lookups().flat_map(|lookup| &lookup.answers).collect();
    let dead = |ip: IpAddr| {
        let tried = target.tcp.iter().filter(|attempt| attempt.ip == Some(ip));
        let by_probe = tried.clone().next().is_some() && tried.clone().all(|attempt| !attempt.succeeded());
        by_probe
            && tried.clone().any(|attempt| control_failed(target, attempt))
            && !tried.clone().any(|attempt| control_connected(target, attempt))
    };
    if answers.is_empty() || !answers.iter().all(|(ip, row)| target.is_disputed_user_answer(*ip, row) && dead(*ip)) {
        return None;
    }
    let evidence = answers.iter().map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    Some(Firing::new(evidence).how(Mechanism::of("dns.injection.other")).against_control(target))
}

fn control_connect<'a>(target: &Target<'a>, attempt: &Attempt<'_>) -> Option<&'a Control<'a>> {
    target.control.connect(attempt.row.ip.as_deref()?, attempt.row.port?)
}

fn control_failed(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    control_connect(target, attempt).is_some_and(|row| row.failure.is_some())
}

fn control_connected(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    control_connect(target, attempt).is_some_and(|row| row.failure.is_none())
}
