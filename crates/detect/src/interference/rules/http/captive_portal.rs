//! A portal of the place where the probe is.

use crate::interference::page::leads_to_private_address;
use crate::interference::target::{Attempt, evidence};
use parallax_model::{Instrument, Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/captive_portal",
    layer: Layer::Http,
    condition: "A request in the clear was redirected to a private address.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::CaptivePortal),
    lost: None,
    weight: 2.0,
    why: "Hotels, trains and routers send visitors to a page of their own before they let them out; that page has an address of the local network.",
    innocent: "A filter whose block page has a private address: the DNS and HTTP fingerprints know such pages, and their rules fire beside this one.",
    source: "RFC 8952 (captive portal architecture)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let portal = |attempt: &&Attempt<'_>| !target.is_protected(attempt) && leads_to_private_address(attempt.row);
    let evidence: Vec<_> = target
        .user_path(&target.http)
        .filter(portal)
        .map(|attempt| {
            evidence(attempt.row, "http_response_header_location", attempt.row.http_response_header_location.as_deref().unwrap_or_default())
        })
        .collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence))
}
