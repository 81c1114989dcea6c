//! The request arrives with other headers than it was sent with.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "http/request_changed_on_the_way",
    layer: Layer::Http,
    condition: "A server that sends back the request as it arrived shows another method than the one that was sent, or a header that had lost its value or been given another; only the spelling of names, headers that were added, and headers that every proxy may rewrite do not count.",
    says: State::Interfered,
    mechanism: Some(Mechanism::of("http.tampering.header")),
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 3.0,
    why: "The server's own echo is the proof: what it was sent is not what the probe sent, so something on the way took the request apart and put another together.",
    innocent: "A load balancer in front of the helper, which spells names its own way, adds where a request came from and rewrites Host, Connection and Accept-Encoding: none of that counts here. A proxy or an antivirus program of the volunteer's own: therefore nobody is named as the one who acts.",
    source: "OONI nettest specification ts-006; Tyson et al.: Exploring HTTP Header Manipulation In-The-Wild (WWW 2017)",
    fires,
};

/// What any proxy in front of a server may rewrite (RFC 9110, section 7.6; RFC 9112, section 9), the helper's own among them.
const ANY_PROXY_REWRITES: &[&str] =
    &["accept-encoding", "connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

fn fires(target: &Target<'_>) -> Option<Firing> {
    let mut found = Vec::new();
    for attempt in target.http.iter().filter(|attempt| attempt.succeeded()) {
        let changes = attempt.row.http_request_changes.iter().filter(|change| is_tampering(change));
        found.extend(changes.map(|change| evidence(attempt.row, "http_request_changes", change)));
    }
    (!found.is_empty()).then(|| Firing::new(found).how(Mechanism::of("http.tampering.header")).within_measurement())
}

fn is_tampering(change: &str) -> bool {
    let rewritten = change.strip_prefix("header value: ").or_else(|| change.strip_prefix("header removed: "));
    change == "method" || rewritten.is_some_and(|header| !ANY_PROXY_REWRITES.contains(&header))
}
