//! The connection is closed during the request.

use crate::interference::rules::http::failing_requests;
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/close_for_probe_only",
    layer: Layer::Http,
    condition: "No request on the user's path brought a page; at least one, to an address that something independent vouches for and that had been connected to, was closed by the other side before a response began, and the control was given the page.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http.close")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.8,
    why: "The server was connected to and answers others; the request, which names the site in the clear, was not let through.",
    innocent: "A server that is overloaded or refuses this country in this way; a connection that was lost by chance.",
    source: "Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets (NDSS 2009); OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let evidence = failing_requests(target, "eof_error")?;
    Some(Firing::new(evidence).how(Mechanism::of("http.close")).against_control(target))
}
