//! The control cannot connect either.

use crate::interference::control::Site;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tcp/control_fails_too",
    layer: Layer::Tcp,
    condition: "Every connect on the user's path failed, and the control could not reach the site either.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A server that refuses both sides is down.",
    innocent: "A censor whose reach includes the control; a server that refuses data centres as well as this network.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tcp).filter(|attempt| attempt.on_user_path).collect();
    if attempts.is_empty() || attempts.iter().any(|attempt| attempt.succeeded()) || target.control.site() != Site::Fails {
        return None;
    }
    let evidence = attempts.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    Some(Firing::new(evidence).against_control(target))
}
