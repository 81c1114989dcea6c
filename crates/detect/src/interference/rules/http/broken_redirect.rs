//! The site sends its visitors nowhere.

use crate::interference::page::leads_to_private_address;
use crate::interference::target::{Attempt, evidence};
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/broken_redirect",
    layer: Layer::Http,
    condition: "The response redirects to something that is no public host, or goes round in circles, and it came from an address that something independent vouches for.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "The server answered; what it answered cannot be followed by anybody.",
    innocent: "A filter that answers in the clear with a broken redirect; the fingerprints know some.",
    source: "RFC 9110, section 15.4",
    fires,
};

const BROKEN: &[&str] = &["http_invalid_redirect_location_host", "http_invalid_redirect_url", "http_invalid_redirect_location_url"];
const TOO_MANY: &str = "too many redirects";

fn fires(target: &Target<'_>) -> Option<Firing> {
    let broken = |attempt: &&Attempt<'_>| {
        let failure = attempt.failure().unwrap_or_default();
        (BROKEN.contains(&failure) || failure.contains(TOO_MANY)) && attempt.is_vouched() && !leads_to_private_address(attempt.row)
    };
    let evidence: Vec<_> = target
        .user_path(&target.http)
        .filter(broken)
        .map(|attempt| {
            evidence(attempt.row, "http_response_header_location", attempt.row.http_response_header_location.as_deref().unwrap_or_default())
        })
        .collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence))
}
