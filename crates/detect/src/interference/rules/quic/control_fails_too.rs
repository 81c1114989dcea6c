//! The control's QUIC handshakes fail as well.

use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Target, control_evidence, evidence};

pub const RULE: Rule = Rule {
    id: "quic/control_fails_too",
    layer: Layer::Quic,
    condition: "Every QUIC handshake on the user's path failed, and so did every one of the control's.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A server that answers QUIC nowhere does not speak it. That says nothing about the site, which can be reached in other ways: the target is not called down for it.",
    innocent: "A censor whose reach includes the control; a control in a network that lets no UDP out.",
    source: "RFC 9000 (QUIC); RFC 9114 (HTTP/3), section 3.1",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.user_path(&target.quic).collect();
    let mut control = target.control.quic_handshakes().peekable();
    let row = *control.peek()?;
    if attempts.is_empty() || target.quic.iter().any(Attempt::succeeded) || control.any(|row| row.failure.is_none()) {
        return None;
    }
    let mut found: Vec<_> =
        attempts.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    found.push(control_evidence(row, "failure", row.failure.as_deref().unwrap_or_default()));
    Some(Firing::new(found).against_control(target))
}
