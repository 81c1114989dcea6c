//! A handshake with an encrypted client hello is cut where a plain one passes.

use std::collections::{BTreeSet, HashMap};

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/ech_handshake_fails",
    layer: Layer::Tls,
    condition: "Every handshake with an encrypted client hello (ECH) was reset, or every one was left without an answer, and in the same measurement each of their addresses completed a handshake with the same name and without ECH. That ECH is the cause is said only if the handshakes bore several outer names, or the target's own.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 2.0,
    why: "A server that does not know ECH must ignore it (RFC 8446, 4.1.2), so what cuts a handshake because of it stands on the way.",
    innocent: "A server whose software cannot bear an unknown extension; such servers close the connection or send an alert, which keeps the rule silent. A single outer name that is blocked as a name: then nothing deeper than the reset or the silence is named. One connection that was lost by chance.",
    source: "RFC 9849 (TLS encrypted client hello); OONI nettest specification ts-039",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let hides = |attempt: &&Attempt<'_>| attempt.row.tls_ech.is_some();
    let hidden: Vec<_> = target.tls.iter().filter(hides).collect();
    let failure = hidden.first()?.failure()?;
    let all_fail_alike = hidden.iter().all(|attempt| attempt.failure() == Some(failure));
    let plain = target.tls.iter().filter(|attempt| attempt.row.tls_ech.is_none() && attempt.succeeded());
    let by_endpoint: HashMap<_, _> = plain.filter_map(|attempt| Some(((attempt.ip?, attempt.row.port), attempt))).collect();
    let plain: Vec<_> = hidden.iter().map(|attempt| by_endpoint.get(&(attempt.ip?, attempt.row.port))).collect::<Option<_>>()?;
    let how = mechanism(failure, points_to_ech(target, &hidden)).filter(|_| all_fail_alike)?;
    let mut found: Vec<_> = hidden.iter().map(|attempt| evidence(attempt.row, "failure (with ECH)", failure)).collect();
    found.extend(plain.first().map(|attempt| evidence(attempt.row, "failure (without ECH)", "null")));
    Some(Firing::new(found).how(how).within_measurement())
}

/// One outer name that is not the target's may be what a censor looks for; several, or the target's own, are not.
fn points_to_ech(target: &Target<'_>, hidden: &[&Attempt<'_>]) -> bool {
    let outer = |attempt: &&Attempt<'_>| attempt.row.tls_outer_server_name.as_deref().unwrap_or(target.name).to_owned();
    let names: BTreeSet<_> = hidden.iter().map(outer).collect();
    names.len() > 1 || names.contains(target.name)
}

fn mechanism(failure: &str, is_because_of_ech: bool) -> Option<Mechanism> {
    match (failure, is_because_of_ech) {
        ("connection_reset", true) => Some(Mechanism::of("tls.reset.ech")),
        ("connection_reset", false) => Some(Mechanism::of("tls.reset")),
        ("generic_timeout_error", true) => Some(Mechanism::of("tls.timeout.ech")),
        ("generic_timeout_error", false) => Some(Mechanism::of("tls.timeout")),
        _ => None,
    }
}
