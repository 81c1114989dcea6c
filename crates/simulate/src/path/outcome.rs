//! What comes of a lookup, a connect, a handshake and a request, in OONI's words and in seconds.

use std::net::IpAddr;

use crate::certificates::Chain;
use crate::web_address::WebAddress;

/// Failures as OONI writes them.
pub(crate) const TIMEOUT: &str = "generic_timeout_error";
pub(crate) const RESET: &str = "connection_reset";
pub(crate) const REFUSED: &str = "connection_refused";
pub(crate) const CLOSED: &str = "eof_error";
pub(crate) const NXDOMAIN: &str = "dns_nxdomain_error";
pub(crate) const NO_ANSWER: &str = "dns_no_answer";
pub(super) const HOST_UNREACHABLE: &str = "host_unreachable";
pub(super) const UNKNOWN_AUTHORITY: &str = "ssl_unknown_authority";
pub(super) const INVALID_HOSTNAME: &str = "ssl_invalid_hostname";
pub(super) const INVALID_CERTIFICATE: &str = "ssl_invalid_certificate";

/// How long the probe waits for a connection, and for a page, in seconds.
pub(super) const PATIENCE: f64 = 10.0;
/// How long it waits for an answer to a query.
pub(super) const LOOKUP_PATIENCE: f64 = 5.0;

#[derive(Default)]
pub(crate) struct Lookup {
    pub v4: Vec<IpAddr>,
    pub v6: Vec<IpAddr>,
    pub failure: Option<&'static str>,
    /// What came after the first answer to the same query.
    pub late: Vec<IpAddr>,
    pub seconds: f64,
}

impl Lookup {
    pub(super) fn failed(failure: &'static str, seconds: f64) -> Self {
        Self { failure: Some(failure), seconds, ..Self::default() }
    }

    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.v4.iter().chain(&self.v6).copied()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Dial {
    pub failure: Option<&'static str>,
    pub seconds: f64,
}

pub(crate) struct Handshake {
    pub failure: Option<&'static str>,
    pub chain: Option<Chain>,
    pub seconds: f64,
}

pub(crate) struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub truncated: bool,
}

/// What came of a request.
pub(crate) struct Transaction {
    pub failure: Option<&'static str>,
    pub response: Option<Response>,
    /// What came over the wire, and how long it took.
    pub bytes: u64,
    pub seconds: f64,
    /// Whether it is what the site itself says.
    pub genuine: bool,
    pub redirect: Option<WebAddress>,
}

impl Transaction {
    /// A request that got nothing back.
    pub fn failed(failure: &'static str) -> Self {
        Self { failure: Some(failure), response: None, bytes: 0, seconds: 0.0, genuine: false, redirect: None }
    }
}
