//! Something on the way answers what the server would only have sent back.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::rules::http::is_own_filter;
use crate::interference::target::{Attempt, Target, evidence};

pub const RULE: Rule = Rule {
    id: "http/answered_on_the_way",
    layer: Layer::Http,
    condition: "A server that sends back every byte was sent lines that are no proper HTTP requests; at least one was answered with an HTTP response or a page, and either another came back unharmed in the same measurement, or the answer names itself as a proxy's.",
    says: State::Interfered,
    mechanism: Some(Mechanism::of("http.tampering.request_line")),
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 3.0,
    why: "A server that only echoes does not speak HTTP: an HTTP answer comes from something between that reads what passes on port 80. The line that came back unharmed shows that the server was there and echoed.",
    innocent: "The helper has been replaced by a web server: then no line comes back and no answer names a proxy, and the rule stays silent. Bytes that came back garbled are the helper's own fault, which has been seen. A filter on the volunteer's own machine: one that the fingerprints know by its page keeps the rule silent. A proxy of a home or a company: therefore nobody is named as the one who acts.",
    source: "OONI nettest specification ts-007 (HTTP invalid request line)",
    fires,
};

/// How proxies that people are made to pass without asking call themselves. Names that content networks use as well are left out.
const PROXIES: &[&str] = &["squid", "mikrotik httpproxy", "bluecoat", "blue coat", "proxysg"];

fn fires(target: &Target<'_>) -> Option<Firing> {
    let answered: Vec<_> = target.http.iter().filter(|attempt| is_answered(attempt)).collect();
    let echo = target.http.iter().find(|attempt| attempt.row.http_request_changes.is_empty() && attempt.succeeded());
    let speaks_of_echoes = !answered.is_empty() && (echo.is_some() || answered.iter().any(|attempt| proxy_of(attempt).is_some()));
    if !speaks_of_echoes || answered.iter().any(|attempt| is_own_filter(target, attempt)) {
        return None;
    }
    let told = |attempt: &&Attempt<'_>| {
        let by = proxy_of(attempt).map(|proxy| format!(" by {proxy}")).unwrap_or_default();
        evidence(attempt.row, "http_request_changes", format!("answered instead of echoed{by}"))
    };
    let mut found: Vec<_> = answered.iter().map(told).collect();
    found.extend(echo.map(|attempt| evidence(attempt.row, "failure", "null (came back unharmed)")));
    Some(Firing::new(found).how(Mechanism::of("http.tampering.request_line")).within_measurement())
}

fn is_answered(attempt: &Attempt<'_>) -> bool {
    attempt.row.http_request_changes.iter().any(|change| change == "answered instead of echoed")
}

/// The proxy that an answer says it comes from.
fn proxy_of(attempt: &Attempt<'_>) -> Option<&'static str> {
    let says = |text: &str, proxy: &str| text.to_ascii_lowercase().contains(proxy);
    let headers = || attempt.row.http_response_headers.iter().map(AsRef::as_ref).chain(attempt.row.http_response_header_server.as_deref());
    PROXIES.iter().copied().find(|proxy| headers().any(|header| says(header, proxy)))
}
