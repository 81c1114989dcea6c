//! One name is cut where another passes, on the very same server.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/name_fails_where_another_works",
    layer: Layer::Tls,
    condition: "In a test of names, every handshake with a helper under the tested name was reset, or every one was left without an answer, and in the same measurement the same address and port answered a handshake under another name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 2.5,
    why: "The two handshakes differ in the name and in nothing else: the same probe, the same way, the same server, which answers whatever name it is asked for.",
    innocent: "A helper that itself cuts connections under names that it does not hold; servers close such connections or send an alert, and both keep the rule silent. One connection that was lost by chance.",
    source: "OONI nettest specification ts-024 (SNI blocking)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let first = target.tls.first().filter(|_| target.tls.iter().all(|attempt| attempt.answer_is_enough && !attempt.succeeded()))?;
    let how = match first.failure()? {
        "connection_reset" => Mechanism::of("tls.reset.sni"),
        "generic_timeout_error" => Mechanism::of("tls.timeout.sni"),
        _ => return None,
    };
    if target.tls.iter().any(|attempt| attempt.failure() != first.failure()) {
        return None;
    }
    let others: Vec<_> = target.tls.iter().map(|attempt| target.answered_under_another_name(attempt)).collect::<Option<_>>()?;
    let mut found: Vec<_> =
        target.tls.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    found.extend(others.first().map(|row| evidence(row, "tls_server_name (answered)", row.tls_server_name.as_deref().unwrap_or_default())));
    Some(Firing::new(found).how(how).within_measurement())
}
