//! The control is not given the page either.

use crate::interference::control::Site;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/control_fails_too",
    layer: Layer::Http,
    condition: "Every request on the user's path failed, and so did the control's.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A site that answers nobody is down.",
    innocent: "A censor whose reach includes the control; a site that refuses data centres.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.user_path(&target.http).collect();
    let failed: Vec<_> = attempts.iter().filter(|attempt| !attempt.succeeded()).collect();
    if failed.is_empty() || target.reached_with_page() || target.control.site() != Site::Fails {
        return None;
    }
    let evidence = failed.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    Some(Firing::new(evidence).against_control(target))
}
