//! Rules about the encrypted connection.

pub mod check_handshake_fails;
pub mod close_for_probe_only;
pub mod control_fails_too;
pub mod ech_handshake_fails;
pub mod foreign_certificate;
pub mod foreign_certificate_trusted_elsewhere;
pub mod lost_by_chance;
pub mod lost_by_release;
pub mod lost_everywhere;
pub mod lost_here_reached_elsewhere;
pub mod name_fails_where_another_works;
pub mod old_trust_store;
pub mod reset_for_probe_only;
pub mod resolver_cut_off;
pub mod stalled_download;
pub mod timeout_for_probe_only;
pub mod wrong_clock;

use parallax_model::Mechanism;
use parallax_model::evidence::Evidence;

use crate::interference::certificate::Chain;
use crate::interference::control::Site;
use crate::interference::target::{Attempt, Target, evidence};

pub(super) fn mechanism_of(failure: Option<&str>) -> Option<Mechanism> {
    match failure? {
        "connection_reset" => Some(Mechanism::of("tls.reset")),
        "generic_timeout_error" => Some(Mechanism::of("tls.timeout")),
        "eof_error" => Some(Mechanism::of("tls.close")),
        _ => None,
    }
}

/// The deepest mechanism that all of these certificates have in common.
pub(super) fn mitm_by(chains: impl Iterator<Item = Chain>) -> Option<Mechanism> {
    let mitm = Mechanism::of("tls.mitm");
    let by = |chain| match chain {
        Chain::SelfSigned => Mechanism::of("tls.mitm.self_signed"),
        Chain::UnknownIssuer => Mechanism::of("tls.mitm.ca_signed"),
        _ => mitm,
    };
    chains.map(by).reduce(|one, other| one.common_prefix(other).unwrap_or(mitm))
}

/// Handshakes on the user's path that failed in one way, on addresses that are the site's, when none succeeded there and the
/// control got through.
pub(super) fn failing_handshakes(target: &Target<'_>, failure: &str) -> Option<Vec<Evidence>> {
    let attempts: Vec<_> = target.usable(&target.tls).filter(|attempt| attempt.on_user_path).collect();
    if attempts.iter().any(|attempt| attempt.succeeded()) || !control_gets_through(target) {
        return None;
    }
    let control_fails_here = |attempt: &Attempt<'_>| {
        attempt.row.ip.as_deref().and_then(|ip| target.control.handshake(ip)).is_some_and(|row| row.failure.is_some())
    };
    // No answer to one handshake, where another with the same name got through in the same measurement, is a handshake that was lost.
    if failure == "generic_timeout_error" && target.tls.iter().any(Attempt::succeeded) {
        return None;
    }
    let evidence: Vec<_> = attempts
        .iter()
        .filter(|attempt| attempt.is_vouched() && attempt.failure() == Some(failure) && !control_fails_here(attempt))
        .map(|attempt| evidence(attempt.row, "failure", failure))
        .collect();
    (!evidence.is_empty()).then_some(evidence)
}

/// A control that tried handshakes is taken at its word about them; one that did not is taken at its page's. One that was given no
/// page found the site in trouble.
fn control_gets_through(target: &Target<'_>) -> bool {
    if target.control.site() == Site::Fails {
        return false;
    }
    let mut handshakes = target.control.handshakes().peekable();
    if handshakes.peek().is_some() {
        return handshakes.any(|row| row.failure.is_none());
    }
    target.control.good_page().is_some()
}
