//! The control's handshake fails as well.

use crate::interference::control::Site;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/control_fails_too",
    layer: Layer::Tls,
    condition: "Every handshake on the user's path failed, and so did the control's, or the control could not reach the site at all.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A server with a broken certificate or none at all is broken for everybody.",
    innocent: "A censor whose reach includes the control.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tls).filter(|attempt| attempt.on_user_path).collect();
    if attempts.is_empty() || attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let mut handshakes = target.control.handshakes().peekable();
    let control_fails =
        if handshakes.peek().is_some() { handshakes.all(|row| row.failure.is_some()) } else { target.control.site() == Site::Fails };
    let evidence = attempts.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    control_fails.then(|| Firing::new(evidence).against_control(target))
}
