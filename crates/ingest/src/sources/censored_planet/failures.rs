//! What the scanner, a program in Go, says of an error, in OONI's words.

use std::borrow::Cow;

use parallax_model::Text;

use crate::sources::ooni::failures::{UNKNOWN, spelled};
use crate::text::clip;

/// What an error says about where it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble<'a> {
    /// The measurement machine could not even try: this is about nobody else.
    OfScanner,
    /// The connection could not be opened.
    Connect(Text<'a>),
    /// The handshake was refused by the other side, in so many words.
    Handshake(Text<'a>),
    /// Something after the connection had been opened.
    Exchange(Text<'a>),
}

/// A quoted error, in bytes.
const MAX_ERROR_BYTES: usize = 256;

/// Errors that a machine makes for itself when it runs out of something.
const OF_SCANNER: &[&str] = &[
    "address already in use",
    "cannot assign requested address",
    "too many open files",
    "no buffer space available",
    "cannot allocate memory",
    "operation not permitted",
];

/// What an error means; nothing for the many spellings of "none".
pub fn trouble(error: &str) -> Option<Trouble<'static>> {
    if error.is_empty() || error == "null" {
        return None;
    }
    let is = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if is(OF_SCANNER) {
        return Some(Trouble::OfScanner);
    }
    let failure = failure(error);
    Some(match () {
        () if is(&["remote error: tls:", "tls: handshake failure"]) => Trouble::Handshake(failure),
        () if is(&["dial tcp", "connect: "]) => Trouble::Connect(failure),
        () => Trouble::Exchange(failure),
    })
}

/// OONI's word for an error, or the error quoted.
pub fn failure(error: &str) -> Text<'static> {
    if error == "EOF" || error.ends_with(": EOF") || error.ends_with("unexpected EOF") {
        return Cow::Borrowed("eof_error");
    }
    if error.contains("Client.Timeout exceeded") {
        return Cow::Borrowed("generic_timeout_error");
    }
    let quoted = format!("{UNKNOWN}: {}", clip(error, MAX_ERROR_BYTES));
    let found = spelled(&quoted).map(|failure| failure.into_owned());
    Cow::Owned(found.unwrap_or(quoted))
}

/// The failure that a DNS response code tells of (RFC 1035, section 4.1.1; RFC 6895); nothing for success.
pub fn of_rcode(rcode: i64) -> Option<&'static str> {
    match rcode {
        0 => None,
        2 => Some("dns_servfail_error"),
        3 => Some("dns_nxdomain_error"),
        5 => Some("dns_refused_error"),
        _ => Some("dns_server_misbehaving"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_it_happened() {
        let exchange = |failure: &'static str| Some(Trouble::Exchange(failure.into()));
        let connect = |failure: &'static str| Some(Trouble::Connect(failure.into()));
        for (error, expected) in [
            ("null", None),
            ("dial tcp 0.0.0.0:0->192.0.2.1:7: bind: address already in use", Some(Trouble::OfScanner)),
            ("dial tcp 0.0.0.0:0->192.0.2.1:7: connect: connection timed out", connect("generic_timeout_error")),
            ("dial tcp 192.0.2.1:80: connect: connection refused", connect("connection_refused")),
            ("read tcp 192.0.2.9:1->192.0.2.1:9: read: connection reset by peer", exchange("connection_reset")),
            ("read tcp 192.0.2.9:1->192.0.2.1:9: i/o timeout", exchange("generic_timeout_error")),
            ("Get \"https://192.0.2.1:443/\": EOF", exchange("eof_error")),
            ("something of tomorrow", exchange("unknown_failure: something of tomorrow")),
        ] {
            assert_eq!(trouble(error), expected, "{error}");
        }
    }
}
