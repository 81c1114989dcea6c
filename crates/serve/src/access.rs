//! Who may ask what.
//!
//! On loopback anybody on this machine may ask anything, and the `Host` header must name this machine: a page of somebody else whose
//! name was pointed at 127.0.0.1 would otherwise read the archive through a visitor's browser (DNS rebinding). Elsewhere a token must be
//! known, or everybody may see pages and nobody may run SQL. There is no cookie, so no other site can borrow a reader's rights.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parallax_model::sha256::Sha256;

use crate::error::Error;

/// Characters of the shortest token: what nobody guesses over a network.
pub const SHORTEST_TOKEN: usize = 16;

/// How the observatory is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody on this machine.
    Loopback,
    /// Whoever knows the token, as the password of HTTP Basic (with any name) or as bearer. Its SHA-256 is kept.
    Token([u8; 32]),
    /// Everybody, but no SQL.
    Public,
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    WrongHost,
    NoToken,
    NoSql,
    OtherSite,
}

impl Access {
    /// Chooses the protection of an address, and refuses to leave it without.
    pub fn of(address: SocketAddr, token: Option<&str>, is_public: bool) -> Result<Self, Error> {
        match (token, is_public) {
            (Some(token), _) => Self::with_token(token),
            (None, true) => Ok(Self::Public),
            (None, false) if address.ip().is_loopback() => Ok(Self::Loopback),
            (None, false) => Err(Error::Unprotected { address }),
        }
    }

    fn with_token(token: &str) -> Result<Self, Error> {
        let token = token.trim();
        match token.chars().count() {
            length if length < SHORTEST_TOKEN => Err(Error::ShortToken(length)),
            _ => Ok(Self::Token(digest_of(token))),
        }
    }

    pub fn allows_sql(&self) -> bool {
        *self != Self::Public
    }

    /// Looks at the headers of a request.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self {
            Self::Loopback if !names_this_machine(headers) => Err(Refusal::WrongHost),
            Self::Token(digest) if !knows(headers, digest) => Err(Refusal::NoToken),
            _ => Ok(()),
        }
    }
}

/// Whether a page of another site makes the browser ask, without the reader following a link: nothing here is meant to be embedded, and
/// a query costs time.
pub fn is_embedded_elsewhere(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    is("sec-fetch-site", "cross-site") && !is("sec-fetch-mode", "navigate")
}

/// `localhost` or an address of loopback, with any port.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = without_port(host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => host,
    }
}

/// Compares digests, so that how long it takes says nothing about the token.
fn knows(headers: &HeaderMap, digest: &[u8; 32]) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(token);
    given.is_some_and(|token| digest_of(&token) == *digest)
}

fn digest_of(token: &str) -> [u8; 32] {
    let mut digest = Sha256::default();
    digest.update(token.as_bytes());
    digest.finish()
}

fn token(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().to_owned()),
        "basic" => {
            let pair = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
            pair.split_once(':').map(|(_, password)| password.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn only_names_of_this_machine_are_answered_on_loopback() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.8.9.1", "[::1]:80", "[::1]"] {
            assert_eq!(Access::Loopback.check(&headers("host", host)), Ok(()), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "", "localhost:80:80", "[::2]"] {
            assert_eq!(Access::Loopback.check(&headers("host", host)), Err(Refusal::WrongHost), "{host}");
        }
        assert_eq!(Access::Loopback.check(&HeaderMap::new()), Err(Refusal::WrongHost));
    }

    #[test]
    fn a_token_is_a_password_or_a_bearer() {
        let access = Access::with_token(" 0123456789abcdef\n").unwrap();
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for good in ["Bearer 0123456789abcdef".to_owned(), "bearer  0123456789abcdef".to_owned(), basic("anyone:0123456789abcdef")] {
            assert_eq!(access.check(&headers("authorization", &good)), Ok(()), "{good}");
        }
        for bad in ["Bearer 0123456789abcdeF".to_owned(), "0123456789abcdef".to_owned(), basic("0123456789abcdef"), "Basic ***".to_owned()]
        {
            assert_eq!(access.check(&headers("authorization", &bad)), Err(Refusal::NoToken), "{bad}");
        }
        assert_eq!(access.check(&HeaderMap::new()), Err(Refusal::NoToken));
    }

    #[test]
    fn nothing_is_open_to_others_by_accident() {
        let (here, there) = ("127.0.0.1:80".parse().unwrap(), "0.0.0.0:80".parse().unwrap());
        assert_eq!(Access::of(here, None, false).unwrap(), Access::Loopback);
        assert!(matches!(Access::of(there, None, false), Err(Error::Unprotected { .. })));
        assert_eq!(Access::of(there, None, true).unwrap(), Access::Public);
        assert!(!Access::Public.allows_sql());
        assert!(matches!(Access::of(there, Some("short"), false), Err(Error::ShortToken(5))));
    }
}
