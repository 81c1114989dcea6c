//! What it means that a connection was lost, and what it means that one got through.

use parallax_model::Operation;

/// What was tried. Requests in the clear and requests over TLS are two kinds, because a censor that reads the one cannot read the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    pub operation: Operation,
    pub over_tls: bool,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Reached,
    /// Nothing came back, or the connection was torn down: chance does that as well as a censor. Of a lookup, also that the resolver knew
    /// no address or would not tell: the name was lost to whoever asked. Of a request, also that a server error came in the page's place.
    Lost,
    /// Something answered, with something else than what was asked for. It says nothing about lost connections.
    Other,
}

/// Failures of a connection or of a lookup.
const LOST: &[&str] = &[
    "generic_timeout_error",
    "tcp_timed_out_error",
    "connection_reset",
    "connection_refused",
    "connection_aborted",
    "eof_error",
    "broken_pipe",
    "host_unreachable",
    "network_unreachable",
    "android_dns_cache_no_data",
    "dns_no_answer",
    "dns_nxdomain_error",
    "dns_refused_error",
    "dns_servfail_error",
    "dns_server_misbehaving",
    "dns_temporary_failure",
];

/// Statuses of a server that cannot answer now (RFC 9110, section 15.6), Cloudflare's own among them. Others of their hundred say what a
/// server never does: apps' servers answer a test's request with 501.
pub(crate) fn is_server_in_trouble(status: u16) -> bool {
    matches!(status, 500 | 502..=504 | 520..=529)
}

impl Outcome {
    pub fn of(failure: Option<&str>) -> Self {
        match failure {
            None => Outcome::Reached,
            Some(failure) if LOST.contains(&failure) => Outcome::Lost,
            Some(_) => Outcome::Other,
        }
    }

    /// Of a request that was answered.
    pub fn of_status(status: u16) -> Self {
        if is_server_in_trouble(status) { Outcome::Lost } else { Outcome::Reached }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_answers_wrongly_did_not_lose_the_connection() {
        assert_eq!(Outcome::of(None), Outcome::Reached);
        assert_eq!(Outcome::of(Some("connection_reset")), Outcome::Lost);
        assert_eq!(Outcome::of(Some("ssl_invalid_hostname")), Outcome::Other);
        assert_eq!(Outcome::of(Some("dns_nxdomain_error")), Outcome::Lost);
    }
}
