//! The address that was answered serves a known block page.

use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/answer_serves_block_page",
    layer: Layer::Dns,
    condition: "The system's resolver gave an address outside the control's networks, or one that is reserved or a known forged answer, and what it served in the clear matches a fingerprint of a block page.",
    says: State::Blocked,
    mechanism: Some(Mechanism::of("dns.injection.blockpage")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 4.0,
    why: "The page shows what the answer was for; the lookup is where the visitor was led astray.",
    innocent: "The genuine site behind an address that the control was not given, blocked on the way there: the address would then prove its name in a handshake.",
    source: "OONI blocking fingerprints (fingerprints_http.csv)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let evidence: Vec<_> = target
        .user_path(&target.http)
        .filter(|attempt| !target.is_protected(attempt) && target.came_from_disputed_lookup(attempt))
        .flat_map(|attempt| {
            target.block_pages(attempt).map(|name| evidence(attempt.row, "http_response_fingerprints", name)).collect::<Vec<_>>()
        })
        .collect();
    if evidence.is_empty() {
        return None;
    }
    let firing = Firing::new(evidence).how(Mechanism::of("dns.injection.blockpage"));
    Some(if target.control.exists() { firing.against_control(target) } else { firing })
}
