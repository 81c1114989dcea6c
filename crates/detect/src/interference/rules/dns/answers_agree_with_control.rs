//! The lookup gave what the control was given.

use crate::interference::is_bogon;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answers_agree_with_control",
    layer: Layer::Dns,
    condition: "The system's resolver gave an address that the control was given too, or one in the same network.",
    says: State::Ok,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "The same answer inside and outside is the genuine one.",
    innocent: "A forged answer with an address in the site's own network.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let answers = target.user_lookups().flat_map(|lookup| &lookup.answers);
    let agreeing = answers.filter(|(ip, _)| !is_bogon(*ip) && target.agrees_with_control(*ip));
    let evidence: Vec<_> = agreeing.map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).against_control(target))
}
