//! The address that was answered cannot prove the name.

use crate::interference::target::{Attempt, control_evidence, evidence};
use parallax_model::tables::Control;
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_serves_foreign_certificate",
    layer: Layer::Dns,
    condition: "The system's resolver gave addresses outside the control's networks; a server there showed the probe, or the control when it tried that very address, a certificate that does not hold for the name; and the control's own handshake with the name succeeded elsewhere.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.5,
    why: "A CDN's other servers hold the name's certificate; a forged answer leads to a server that cannot.",
    innocent: "A probe with an old trust store or a wrong clock refuses genuine certificates: the chain is validated here again, and if it holds, or fails only for its dates, the rule stays silent. A resolver that still gives the address of a server that the site has left.",
    source: "Niaki et al.: ICLab (IEEE S&P 2020); Hoang et al.: GFWatch (USENIX Security 2021)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_handshake = target.control.handshakes().find(|row| row.failure.is_none())?;
    let from_lookup = |attempt: &&Attempt<'_>| attempt.ip.is_some_and(|ip| target.is_disputed_user_answer(ip));
    let mut evidence_found: Vec<_> = target
        .tls
        .iter()
        .filter(from_lookup)
        .filter(|attempt| target.shows_foreign_certificate(attempt))
        .map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default()))
        .collect();
    let shown_to_control = |row: &&Control<'_>| {
        let ip = row.ip.as_deref().and_then(|ip| ip.parse().ok());
        ip.is_some_and(|ip| target.is_disputed_user_answer(ip)) && row.failure.as_deref() == Some("ssl_invalid_hostname")
    };
    evidence_found
        .extend(target.control.handshakes().filter(shown_to_control).map(|row| control_evidence(row, "failure", "ssl_invalid_hostname")));
    if evidence_found.is_empty() {
        return None;
    }
    evidence_found.push(control_evidence(control_handshake, "failure", "null"));
    Some(Firing::new(evidence_found).how(Mechanism::of("dns.injection")).against_control(target))
}
