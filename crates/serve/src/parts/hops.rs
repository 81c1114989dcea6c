//! What was tried, step by step, hop by hop: beside each step of the probe what the control found for the same name or address.

use askama::Template;
use parallax_model::Operation;
use parallax_model::tables::{Control, Observation};

use super::{bytes, plural};
use crate::rows::clip;

/// How something ended.
pub struct Ending {
    /// How it was done: the type of a query, the resolver, the method.
    pub how: String,
    pub text: String,
    pub is_failure: bool,
    /// Where it stands in the raw record.
    pub pointer: String,
}

/// One thing that was tried, once or several times.
pub struct Step {
    pub layer: &'static str,
    pub what: String,
    pub probe: Vec<Ending>,
    pub control: Vec<Ending>,
}

/// The input, a redirect of it, or a service of an app.
pub struct Hop {
    pub title: String,
    pub steps: Vec<Step>,
}

#[derive(Template)]
#[template(path = "parts/hops.html")]
pub struct Hops {
    /// Apart from those of another record on the page.
    pub id: String,
    pub hops: Vec<Hop>,
    /// What the control did that no step of the probe answers to.
    pub rest: Vec<Step>,
    pub has_control: bool,
    pub is_cut: bool,
}

/// What makes two observations one step: what was done, on which host, to which address.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key<'r> {
    operation: Operation,
    host: Option<&'r str>,
    ip: Option<&'r str>,
    port: Option<u16>,
}

/// Steps that are being gathered, by what makes them one.
type Steps<'r> = Vec<(Key<'r>, Step)>;

impl Hops {
    pub fn new(id: String, observations: &[Observation<'_>], controls: &[Control<'_>], is_cut: bool) -> Self {
        let mut used = vec![false; controls.len()];
        let mut hops: Vec<((u32, &str), Steps<'_>)> = Vec::new();
        for row in observations {
            let hop = (row.depth, row.target.as_deref().or(row.hostname.as_deref()).unwrap_or_default());
            let index = hops.iter().position(|(known, _)| *known == hop).unwrap_or_else(|| {
                hops.push((hop, Vec::new()));
                hops.len() - 1
            });
            add(row, controls, &mut used, &mut hops[index].1);
        }
        hops.sort_by_key(|((depth, _), _)| *depth);
        let hops = hops
            .into_iter()
            .map(|((depth, target), steps)| Hop { title: title(depth, target), steps: steps.into_iter().map(|(_, step)| step).collect() });
        let rest = controls.iter().zip(&used).filter(|(_, used)| !**used).map(|(row, _)| alone(row)).collect();
        Self { id, hops: hops.collect(), rest, has_control: !controls.is_empty(), is_cut }
    }
}

fn title(depth: u32, target: &str) -> String {
    let target = if target.is_empty() { "no target".to_owned() } else { clip(target) };
    match depth {
        0 => target,
        redirects => format!("{target}, after {}", plural(u64::from(redirects), "redirect")),
    }
}

fn add<'r>(row: &'r Observation<'_>, controls: &[Control<'_>], used: &mut [bool], steps: &mut Steps<'r>) {
    let key = key(row);
    let ending = ending_of(row);
    // Answers to one question stand together, and the order of the record is kept.
    if let Some((_, step)) = steps.iter_mut().rev().find(|(known, _)| *known == key) {
        return step.probe.push(ending);
    }
    let mut control = Vec::new();
    for (index, other) in controls.iter().enumerate().filter(|(_, other)| answers(other, &key)) {
        control.push(ending_of_control(other));
        used[index] = true;
    }
    steps.push((key, Step { layer: row.operation.as_str(), what: what(row), probe: vec![ending], control }));
}

fn key<'r>(row: &'r Observation<'_>) -> Key<'r> {
    let host = row.tls_server_name.as_deref().or(row.hostname.as_deref());
    match row.operation {
        Operation::Dns => Key { operation: row.operation, host: row.hostname.as_deref(), ip: None, port: None },
        Operation::Http => Key { operation: row.operation, host: row.http_request_url.as_deref().or(host), ip: None, port: None },
        Operation::Tcp => Key { operation: row.operation, host: None, ip: row.ip.as_deref(), port: row.port },
        _ => Key { operation: row.operation, host, ip: row.ip.as_deref(), port: row.port },
    }
}

/// Whether a row of the control is about the same.
fn answers(control: &Control<'_>, key: &Key<'_>) -> bool {
    if control.operation != key.operation {
        return false;
    }
    match key.operation {
        Operation::Dns => control.hostname.as_deref() == key.host,
        Operation::Http => control.hostname.as_deref().is_some_and(|host| key.host.is_some_and(|url| is_of(url, host))),
        _ => control.ip.as_deref() == key.ip && (control.port.is_none() || control.port == key.port),
    }
}

/// Whether a URL, or a bare name, is of this host.
fn is_of(url: &str, host: &str) -> bool {
    match url::Url::parse(url) {
        Ok(parsed) => parsed.host_str() == Some(host),
        Err(_) => url == host,
    }
}

fn what(row: &Observation<'_>) -> String {
    let text = |text: Option<&str>| text.map(clip).unwrap_or_default();
    match row.operation {
        Operation::Dns => text(row.hostname.as_deref()),
        Operation::Http => text(row.http_request_url.as_deref()),
        _ => {
            let address = endpoint(row.ip.as_deref(), row.port).unwrap_or_else(|| text(row.hostname.as_deref()));
            match row.tls_server_name.as_deref() {
                Some(name) => format!("{address} as {}", clip(name)),
                None => address,
            }
        }
    }
}

fn ending_of(row: &Observation<'_>) -> Ending {
    let text = |value: &Option<parallax_model::Text<'_>>| value.as_deref().map(clip);
    let how = match row.operation {
        Operation::Dns => vec![text(&row.dns_query_type), text(&row.dns_engine), text(&row.dns_engine_resolver_address)],
        Operation::Http => vec![text(&row.http_request_method), endpoint(row.ip.as_deref(), row.port), text(&row.http_alpn)],
        _ => vec![text(&row.session_protocol)],
    };
    let found = vec![
        text(&row.dns_answer),
        row.http_response_status_code.map(|status| format!("status {status}")),
        row.http_response_body_length.map(bytes),
        text(&row.http_response_body_title).map(|title| format!("title {title}")),
        (!row.http_response_fingerprints.is_empty()).then(|| format!("fingerprints {}", row.http_response_fingerprints.join(", "))),
        text(&row.http_response_header_location).map(|place| format!("sent on to {place}")),
        text(&row.tls_version),
        (!row.tls_certificate_chain.is_empty()).then(|| plural(row.tls_certificate_chain.len() as u64, "certificate")),
        row.dns_is_late.then(|| "late: another answer was taken before".to_owned()),
    ];
    Ending {
        how: how.into_iter().flatten().collect::<Vec<_>>().join(", "),
        text: ended(row.failure.as_deref(), found),
        is_failure: row.failure.is_some(),
        pointer: row.json_pointer.to_string(),
    }
}

fn ending_of_control(row: &Control<'_>) -> Ending {
    let found = vec![
        (row.operation == Operation::Dns).then(|| row.ip.as_deref().map(clip)).flatten(),
        row.http_response_status_code.map(|status| format!("status {status}")),
        row.http_response_body_length.map(bytes),
        row.http_response_body_title.as_deref().map(|title| format!("title {}", clip(title))),
    ];
    Ending {
        how: String::new(),
        text: ended(row.failure.as_deref(), found),
        is_failure: row.failure.is_some(),
        pointer: row.json_pointer.to_string(),
    }
}

/// A step of the control alone.
fn alone(row: &Control<'_>) -> Step {
    let name = row.hostname.as_deref().map(clip).unwrap_or_default();
    let address = endpoint(row.ip.as_deref(), row.port).filter(|_| row.operation != Operation::Dns);
    let what = [address, Some(name).filter(|name| !name.is_empty())].into_iter().flatten().collect::<Vec<_>>().join(" of ");
    Step { layer: row.operation.as_str(), what, probe: Vec::new(), control: vec![ending_of_control(row)] }
}

fn ended(failure: Option<&str>, found: Vec<Option<String>>) -> String {
    let found = found.into_iter().flatten().collect::<Vec<_>>().join(", ");
    match (failure, found.is_empty()) {
        (Some(failure), true) => clip(failure),
        (Some(failure), false) => format!("{}; {found}", clip(failure)),
        (None, true) => "worked".to_owned(),
        (None, false) => found,
    }
}

fn endpoint(ip: Option<&str>, port: Option<u16>) -> Option<String> {
    match (ip, port) {
        (Some(ip), Some(port)) if ip.contains(':') => Some(format!("[{}]:{port}", clip(ip))),
        (Some(ip), Some(port)) => Some(format!("{}:{port}", clip(ip))),
        (ip, _) => ip.map(clip),
    }
}
