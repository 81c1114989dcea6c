//! What the web test itself concludes. Parallax does not rely on it; it is here because real measurements carry it.

use std::net::IpAddr;

use serde::{Serialize, Serializer};

use crate::control::Control;
use crate::path::{Response, is_false_answer};
use crate::world::World;

/// OONI writes `null`, `false` or the name of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Blocking {
    Unknown,
    No,
    By(&'static str),
}

impl Serialize for Blocking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Blocking::Unknown => serializer.serialize_none(),
            Blocking::No => serializer.serialize_bool(false),
            Blocking::By(layer) => serializer.serialize_str(layer),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Analysis {
    pub dns_experiment_failure: Option<&'static str>,
    pub dns_consistency: Option<&'static str>,
    pub http_experiment_failure: Option<&'static str>,
    pub body_proportion: f64,
    pub body_length_match: Option<bool>,
    pub headers_match: Option<bool>,
    pub status_code_match: Option<bool>,
    pub title_match: Option<bool>,
    pub blocking: Blocking,
    pub accessible: Option<bool>,
}

/// What the analysis looks at.
pub(crate) struct Evidence<'a> {
    pub world: &'a World,
    pub control: Option<&'a Control>,
    pub addresses: &'a [IpAddr],
    pub dns_failure: Option<&'static str>,
    pub tcp_failed: bool,
    pub http_failure: Option<&'static str>,
    pub response: Option<&'a Response>,
}

impl Analysis {
    pub fn of(evidence: &Evidence) -> Self {
        let consistency = evidence.control.map(|control| consistency(evidence, control));
        let page = evidence.response.filter(|_| evidence.http_failure.is_none());
        let compared = page.zip(evidence.control.filter(|control| control.http_request.failure.is_none()));
        let proportion = compared.map_or(0.0, |(page, control)| proportion(page.body.len(), control.http_request.body_length));
        let title_match = compared.map(|(page, control)| title(&page.body) == control.http_request.title);
        let status_match = compared.map(|(page, control)| i32::from(page.status) == control.http_request.status_code);
        let same_page = compared.map(|_| proportion > 0.7 || title_match == Some(true));
        let (blocking, accessible) = conclude(evidence, consistency, same_page);
        Self {
            dns_experiment_failure: evidence.dns_failure,
            dns_consistency: consistency,
            http_experiment_failure: evidence.http_failure,
            body_proportion: proportion,
            body_length_match: compared.map(|_| proportion > 0.7),
            headers_match: compared.map(|_| same_page == Some(true)),
            status_code_match: status_match,
            title_match,
            blocking,
            accessible,
        }
    }
}

fn consistency(evidence: &Evidence, control: &Control) -> &'static str {
    let network = |address: &IpAddr| evidence.world.addresses.network_of(*address).map(|owner| owner.asn);
    let alike = |address: &IpAddr| {
        control.dns.addrs.iter().any(|other| other == address || network(other).is_some_and(|asn| network(address) == Some(asn)))
    };
    let false_answer = evidence.addresses.iter().any(|address| is_false_answer(evidence.world, *address));
    match (evidence.dns_failure.is_some(), control.dns.failure.is_some()) {
        (true, true) => "consistent",
        (true, false) | (false, true) => "inconsistent",
        _ if !false_answer && evidence.addresses.iter().any(alike) => "consistent",
        _ => "inconsistent",
    }
}

fn conclude(evidence: &Evidence, consistency: Option<&'static str>, same_page: Option<bool>) -> (Blocking, Option<bool>) {
    let Some(control) = evidence.control else {
        return if evidence.http_failure.is_none() { (Blocking::No, Some(true)) } else { (Blocking::Unknown, None) };
    };
    let failed = evidence.http_failure.is_some();
    match (failed, same_page) {
        (true, _) if control.http_request.failure.is_some() => (Blocking::No, Some(false)),
        (true, _) if consistency == Some("inconsistent") => (Blocking::By("dns"), Some(false)),
        (true, _) if evidence.tcp_failed => (Blocking::By("tcp_ip"), Some(false)),
        (true, _) => (Blocking::By("http-failure"), Some(false)),
        (false, Some(false)) if consistency == Some("inconsistent") => (Blocking::By("dns"), Some(false)),
        (false, Some(false)) => (Blocking::By("http-diff"), Some(false)),
        (false, _) => (Blocking::No, Some(true)),
    }
}

fn proportion(length: usize, control: i64) -> f64 {
    let (left, right) = (length as f64, control.max(0) as f64);
    if left.max(right) == 0.0 { 0.0 } else { left.min(right) / left.max(right) }
}

fn title(body: &str) -> &str {
    let after = body.split_once("<title>").map_or("", |(_, after)| after);
    after.split_once("</title>").map_or("", |(title, _)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_what_stands_between_the_tags() {
        assert_eq!(title("<html><title>A page</title>"), "A page");
        assert_eq!(title("<html>"), "");
    }

    #[test]
    fn an_empty_page_has_no_proportion() {
        assert_eq!(proportion(0, -1), 0.0);
        assert_eq!(proportion(50, 100), 0.5);
    }
}
