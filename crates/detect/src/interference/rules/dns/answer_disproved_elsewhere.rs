//! The address that was answered cannot prove the name, in a record whose control was not asked: other networks are led elsewhere.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Standing, Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/answer_disproved_elsewhere",
    layer: Layer::Dns,
    condition: "The record has no handshake of a control with the target. The system's resolver gave addresses for which nothing vouches, none of them in a network in which distinct other networks proved an address of the name that week; a server there showed a certificate that does not hold for the name; no handshake on the user's path succeeded, while one with another target of the same measurement did; and in the same hours at least two other networks, more than lost it, completed theirs.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "In these very hours others are led to servers that hold the name's certificate. A forged answer leads to one that does not.",
    innocent: "A resolver that still gives the address of a server that the site has left. A captive portal answers every name with its own address: then nothing in the measurement completes a handshake. A probe with an old trust store or a wrong clock: the chain is validated here again, and if it holds, or fails only for its dates, the rule stays silent.",
    source: "Niaki et al.: ICLab (IEEE S&P 2020); Pearce et al.: Global Measurement of DNS Manipulation (USENIX Security 2017), for certificates as proof of an answer",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.control.handshakes().next().is_some() || !target.is_proved_in_other_networks() || !another_target_is_genuine(target) {
        return None;
    }
    let attempts: Vec<_> = target.user_path(&target.tls).collect();
    let is_unvouched = |standing: Standing| matches!(standing, Standing::Poisoned | Standing::Unvouched | Standing::Agreed);
    if attempts.iter().any(|attempt| attempt.succeeded() || !is_unvouched(attempt.standing)) {
        return None;
    }
    let answers: Vec<_> = target.user_lookups().flat_map(|lookup| &lookup.answers).collect();
    let shown: Vec<_> = attempts
        .iter()
        .filter(|attempt| answers.iter().any(|(ip, _)| Some(*ip) == attempt.ip) && target.shows_foreign_certificate(attempt))
        .collect();
    if shown.is_empty() {
        return None;
    }
    let networks = neighbours::alive_elsewhere(target, Operation::Tls)?;
    let led = answers.iter().map(|(ip, row)| evidence(row, "dns_answer", ip));
    let certificate = shown.iter().map(|attempt| {
        let what = format!("{} (chain: {})", attempt.failure().unwrap_or_default(), target.chain(attempt).as_str());
        evidence(attempt.row, "failure", what)
    });
    Some(Firing::new(led.chain(certificate).collect()).how(Mechanism::of("dns.injection")).against_other_networks(networks))
}

fn another_target_is_genuine(target: &Target<'_>) -> bool {
    let mut handshakes = target.case.observations.iter().filter(|row| row.operation == Operation::Tls && row.tls_no_verify != Some(true));
    handshakes.any(|row| row.failure.is_none() && row.target.as_deref() != Some(target.name))
}
