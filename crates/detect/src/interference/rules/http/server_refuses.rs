//! The server itself refuses.

use crate::interference::page::refuses;
use crate::interference::target::{Attempt, Standing, evidence};
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/server_refuses",
    layer: Layer::Http,
    condition: "The page was refused (401, 403, 429, 451, or a challenge of a CDN with 503) over a verified encrypted connection, or in the clear, without a block page's fingerprint, from an address that something independent vouches for.",
    says: State::Ok,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "The connection reached a server that speaks for the site; that the server refuses a country, a data centre or a robot is the server's choice.",
    innocent: "In the clear, a filter can imitate such a refusal; fingerprints tell the known ones apart.",
    source: "RFC 7725 (451); McDonald et al.: 403 Forbidden: A Global View of CDN Geoblocking (IMC 2018)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let by_the_site = |attempt: &Attempt<'_>| {
        let in_clear = || attempt.standing >= Standing::ControlNetwork && target.block_pages(attempt).next().is_none();
        target.is_protected(attempt) || in_clear()
    };
    let attempts = target.user_path(&target.http).filter(|attempt| refuses(attempt.row) && by_the_site(attempt));
    let evidence: Vec<_> = attempts
        .filter_map(|attempt| Some(evidence(attempt.row, "http_response_status_code", attempt.row.http_response_status_code?)))
        .collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence))
}
