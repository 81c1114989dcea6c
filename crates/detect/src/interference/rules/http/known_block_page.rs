//! A page that is on a list of block pages.

use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/known_block_page",
    layer: Layer::Http,
    condition: "A response in the clear, on the user's path and from an address that is not itself a forged answer, matches a fingerprint of a block page that is expected in this country or in no country in particular.",
    says: State::Blocked,
    mechanism: Some(Mechanism::of("http")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 4.0,
    why: "The page says itself that the site is blocked; the fingerprints are kept by hand.",
    innocent: "A page that quotes a block page. Over a verified encrypted connection the page is the server's own, and the rule stays silent.",
    source: "OONI blocking fingerprints (fingerprints_http.csv)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let pages: Vec<_> = target
        .user_path(&target.http)
        .filter(|attempt| !target.is_protected(attempt) && !target.came_from_disputed_lookup(attempt))
        .flat_map(|attempt| target.block_pages(attempt).map(|name| (attempt, name)).collect::<Vec<_>>())
        .collect();
    let is_redirect = |attempt: &Attempt<'_>| attempt.row.http_response_status_code.is_some_and(|status| (300..400).contains(&status));
    let redirects = pages.iter().filter(|(attempt, _)| is_redirect(attempt)).count();
    let how = match redirects {
        0 => Mechanism::of("http.blockpage"),
        all if all == pages.len() => Mechanism::of("http.redirect"),
        _ => Mechanism::of("http"),
    };
    let evidence: Vec<_> = pages.iter().map(|(attempt, name)| evidence(attempt.row, "http_response_fingerprints", name)).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).how(how))
}
