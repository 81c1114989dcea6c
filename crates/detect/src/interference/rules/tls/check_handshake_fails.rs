//! A handshake that only checks an address is interfered with.

use crate::interference::control::Site;
use crate::interference::rules::tls::mechanism_of;
use crate::interference::target::{Attempt, control_evidence, evidence};
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/check_handshake_fails",
    layer: Layer::Tls,
    condition: "A handshake that was made only to check an address, off the user's path, was reset, closed or left without an answer, while the control's handshake with the same name succeeded, on the same address where it tried that.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.2,
    why: "The site offers the encrypted way and others can take it. No user took it in this measurement, so it is marked as off the user's path.",
    innocent: "A server that treats this country or this address differently.",
    source: "OONI web_connectivity 0.5 design (fetch_body=false)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_succeeds = |attempt: &Attempt<'_>| target.control.successful_handshake(attempt.row.ip.as_deref());
    let fails_alone = |attempt: &&Attempt<'_>| attempt.is_check && attempt.is_vouched() && control_succeeds(attempt).is_some();
    let checks: Vec<_> = target.usable(&target.tls).filter(fails_alone).collect();
    let control = control_succeeds(checks.first()?)?;
    if target.control.site() == Site::Fails || target.tls.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let how = checks.iter().map(|attempt| mechanism_of(attempt.failure())).reduce(|one, other| one?.common_prefix(other?))??;
    let mut found: Vec<_> = checks
        .iter()
        .map(|attempt| evidence(attempt.row, "failure (off the user's path)", attempt.failure().unwrap_or_default()))
        .collect();
    found.push(control_evidence(control, "failure", "null"));
    Some(Firing::new(found).how(how).against_control(target))
}
