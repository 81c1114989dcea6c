//! The address that was answered serves a known block page.

use crate::interference::target::{Standing, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_serves_block_page",
    layer: Layer::Dns,
    condition: "The system's resolver gave an address outside the control's networks, and what it served in the clear matches a fingerprint of a block page.",
    says: State::Blocked,
    mechanism: Some(Mechanism::of("dns.injection.blockpage")),
    locus: Locus::Network,
    instrument: None,
    weight: 4.0,
    why: "The page shows what the answer was for; the lookup is where the visitor was led astray.",
    innocent: "The genuine site behind an address that the control was not given, blocked on the way there: the address would then prove its name in a handshake.",
    source: "OONI blocking fingerprints (fingerprints_http.csv)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.control.addresses().next().is_none() {
        return None;
    }
    let evidence: Vec<_> = target
        .user_path(&target.http)
        .filter(|attempt| !target.is_protected(attempt) && attempt.standing <= Standing::Agreed)
        .filter(|attempt| attempt.ip.is_some_and(|ip| target.is_disputed_user_answer(ip, attempt.row)))
        .flat_map(|attempt| {
            target.block_pages(attempt).map(|name| evidence(attempt.row, "http_response_fingerprints", name)).collect::<Vec<_>>()
        })
        .collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).how(Mechanism::of("dns.injection.blockpage")).against_control(target))
}
