//! The connection is torn down in the middle of the page.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::rules::http::has_begun;
use crate::interference::target::{Attempt, Target, control_evidence, evidence};

pub const RULE: Rule = Rule {
    id: "http/reset_after_response_began",
    layer: Layer::Http,
    condition: "No request on the user's path brought a whole page; at least one in the clear, to an address that something independent vouches for, was reset after a response had begun, none ended in another way, and the control had the page.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http.reset")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.5,
    why: "Filters that look for words in pages can only cut once the words pass. The server had begun to answer, and others have the page whole.",
    innocent: "A server that resets a connection which it should close; a mobile network or a home router that forgot the connection. One connection that was lost by chance.",
    source: "Clayton, Murdoch, Watson: Ignoring the Great Firewall of China (PET 2006)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page()?;
    let in_clear: Vec<_> = target.ends_of_redirects().filter(|attempt| !target.is_encrypted(attempt)).collect();
    let is_cut =
        |attempt: &Attempt<'_>| attempt.failure() == Some("connection_reset") && has_begun(target, attempt) && attempt.is_vouched();
    if in_clear.is_empty() || !in_clear.iter().all(|attempt| is_cut(attempt)) || target.reached_with_page() {
        return None;
    }
    let mut found: Vec<_> =
        in_clear.iter().map(|attempt| evidence(attempt.row, "failure", "connection_reset, after the response had begun")).collect();
    found.push(control_evidence(page, "http_response_body_length", page.http_response_body_length.unwrap_or_default()));
    Some(Firing::new(found).how(Mechanism::of("http.reset")).against_control(target))
}
