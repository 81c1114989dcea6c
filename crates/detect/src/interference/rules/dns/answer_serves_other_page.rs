//! The address that was answered serves another page than the site.

use crate::interference::page::{Likeness, compare, difference};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_serves_other_page",
    layer: Layer::Dns,
    condition: "The system's resolver gave addresses outside the control's networks, and outside those that a resolver asked over an encrypted connection was given; what they served in the clear differs from the control's page in title, length and headers.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "A disputed answer alone means nothing, and a page that differs alone means little; a disputed answer that leads to a different page means that visitors are sent elsewhere.",
    innocent: "A site that serves each region from other networks and in other words.",
    source: "Jones et al.: Automated Detection and Fingerprinting of Censorship Block Pages (IMC 2014)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page()?;
    let encrypted = target.encrypted_addresses();
    if encrypted.is_empty() {
        return None;
    }
    let transaction = target
        .user_path(&target.http)
        .filter(|attempt| !target.is_protected(attempt) && attempt.ip.is_some_and(|ip| target.is_disputed_user_answer(ip)))
        .find(|attempt| compare(attempt.row, page) == Likeness::Different)?;
    let evidence = difference(transaction.row, page);
    Some(Firing::new(evidence).how(Mechanism::of("dns.injection")).against_control(target))
}
