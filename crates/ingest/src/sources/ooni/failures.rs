//! Failure strings: one spelling for one thing, whichever probe of whichever year wrote it.
//!
//! Only what truly means the same is renamed. `response_never_received` (the connection ended somehow before an answer),
//! `connection_lost_error`, `connect_error`, `dns_lookup_error`, `socks_error` and OpenSSL's `ssl_error: …` stay as they are, because
//! no current string means just that.

use std::borrow::Cow;

use parallax_model::Text;

use crate::json::Value;
use crate::text::clip;

/// What stands for "it failed, and the record does not say how".
pub const UNKNOWN: &str = "unknown_failure";

/// A failure string, in bytes. Unknown ones quote whole error messages.
const MAX_FAILURE_BYTES: usize = 512;

/// Old spelling, current one. The old ones are those of the probe in Python (until 2020), which named Twisted's exceptions, and of
/// the measurement_kit apps (until 2019).
const RENAMED: &[(&str, &str)] = &[
    ("connection_refused_error", "connection_refused"),
    ("connection_reset_error", "connection_reset"),
    // Twisted's ConnectionDone: the other side closed in good order.
    ("connection_done", "eof_error"),
    ("host_unreachable_error", "host_unreachable"),
    ("network_unreachable_error", "network_unreachable"),
    ("tcp_timed_out_error", "generic_timeout_error"),
    ("deferred_timeout_error", "generic_timeout_error"),
    ("task_timed_out", "generic_timeout_error"),
    ("timeout_error", "generic_timeout_error"),
    // What tests of Tor write when the bootstrap did not end in time.
    ("timeout-reached", "generic_timeout_error"),
    // Twisted's DNSNameError, DNSServerError and DNSQueryRefusedError are the response codes 3, 2 and 5.
    ("dns_name_error", "dns_nxdomain_error"),
    ("dns_server_error", "dns_servfail_error"),
    ("dns_query_refused_error", "dns_refused_error"),
];

/// What the operating system said where the probe did not know it: words in an `unknown_failure`, and what they mean.
const RECOGNISED: &[(&str, &str)] = &[
    ("connection refused", "connection_refused"),
    ("No connection could be made because the target machine actively refused it", "connection_refused"),
    ("connection reset by peer", "connection_reset"),
    ("An existing connection was forcibly closed by the remote host", "connection_reset"),
    ("no route to host", "host_unreachable"),
    ("A socket operation was attempted to an unreachable host", "host_unreachable"),
    ("network is unreachable", "network_unreachable"),
    ("A socket operation was attempted to an unreachable network", "network_unreachable"),
    ("operation timed out", "generic_timeout_error"),
    ("connection timed out", "generic_timeout_error"),
    ("i/o timeout", "generic_timeout_error"),
    ("context deadline exceeded", "generic_timeout_error"),
    ("did not properly respond after a period of time", "generic_timeout_error"),
    ("no such host", "dns_nxdomain_error"),
    // A TLS alert of the other side (RFC 8446, section 6), in the words of Go.
    ("remote error: tls: ", "ssl_failed_handshake"),
];

/// The failure that a value tells of: none for null, false and an empty text.
pub fn failure(value: Value<'_>) -> Option<Text<'_>> {
    match (value.text(), value.boolean()) {
        (Some(text), _) => spelled(text),
        (None, Some(true)) => Some(Cow::Borrowed(UNKNOWN)),
        _ => None,
    }
}

pub fn spelled(text: &str) -> Option<Text<'_>> {
    if text.is_empty() || text == "false" {
        return None;
    }
    let renamed = RENAMED.iter().find(|(old, _)| *old == text).map(|(_, current)| *current);
    Some(Cow::Borrowed(renamed.or_else(|| recognised(text)).unwrap_or(clip(text, MAX_FAILURE_BYTES))))
}

fn recognised(text: &str) -> Option<&'static str> {
    let quote = clip(text.strip_prefix(UNKNOWN)?, MAX_FAILURE_BYTES);
    RECOGNISED.iter().find(|(words, _)| quote.contains(words)).map(|(_, current)| *current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_spellings_become_current_ones() {
        assert_eq!(spelled("connection_refused_error").as_deref(), Some("connection_refused"));
        assert_eq!(spelled("dns_name_error").as_deref(), Some("dns_nxdomain_error"));
        let quoted = "unknown_failure: dial tcp 192.0.2.1:443: connect: no route to host";
        assert_eq!(spelled(quoted).as_deref(), Some("host_unreachable"));
    }

    #[test]
    fn what_means_something_else_stays() {
        for text in
            ["response_never_received", "dns_lookup_error", "generic_timeout_error", "a failure of tomorrow", "ssl_error: no route to host"]
        {
            assert_eq!(spelled(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_current_spelling_is_never_renamed() {
        for (_, current) in RENAMED.iter().chain(RECOGNISED) {
            assert_eq!(spelled(current).as_deref(), Some(*current));
        }
    }

    #[test]
    fn no_failure_has_many_spellings() {
        assert_eq!((spelled(""), spelled("false")), (None, None));
        assert_eq!(spelled(&"x".repeat(1 << 20)).unwrap().len(), MAX_FAILURE_BYTES);
    }
}
