//! The QUIC handshake gets no answer.

use std::collections::HashMap;

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Target, control_evidence, evidence};

pub const RULE: Rule = Rule {
    id: "quic/timeout_for_probe_only",
    layer: Layer::Quic,
    condition: "No QUIC handshake on the user's path was answered; at least one, on an address that something independent vouches for, ran out of time where the control's own QUIC handshake with that address succeeded. QUIC handshakes with other targets of the measurement, if there were any, did not all fail too.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("quic.timeout")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Quic),
    weight: 1.5,
    why: "The server speaks QUIC and answers others at this very address. Filters that cannot read QUIC drop it.",
    innocent: "A network, often a company's or a home's own, that lets no UDP out: QUIC that fails for other targets of the measurement as well keeps the rule silent. A server without QUIC, which is why the control must have got through on the very address. A packet that was lost by chance.",
    source: "Elmenhorst et al.: Web Censorship Measurements of HTTP/3 over QUIC (IMC 2021)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.quic).filter(|attempt| attempt.on_user_path).collect();
    if target.quic.iter().any(Attempt::succeeded) || target.quic_is_off() {
        return None;
    }
    let succeeded = target.control.quic_handshakes().filter(|row| row.failure.is_none());
    let control: HashMap<_, _> = succeeded.filter_map(|row| Some((row.ip.as_deref()?, row))).collect();
    let mut found = Vec::new();
    for attempt in attempts.iter().filter(|attempt| attempt.is_vouched() && attempt.failure() == Some("generic_timeout_error")) {
        let Some(row) = attempt.row.ip.as_deref().and_then(|ip| control.get(ip)) else { continue };
        found.push(evidence(attempt.row, "failure", "generic_timeout_error"));
        found.push(control_evidence(row, "failure", "null"));
    }
    (!found.is_empty()).then(|| Firing::new(found).how(Mechanism::of("quic.timeout")).against_control(target))
}
