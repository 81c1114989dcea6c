//! Mechanisms: how interference was done, as a path that is as deep as the evidence reaches and no deeper.

use std::fmt;
use std::str::FromStr;

use crate::Layer;

/// A path such as `dns.injection.bogon`; every prefix of a path is a valid, weaker answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mechanism(&'static str);

/// The text is not one of the paths in [`Mechanism::ALL`].
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownMechanism;

/// Every path with its meaning. **Invariant:** append-only, since archives and publications name them.
const PATHS: &[(&str, &str)] = &[
    ("dns", "interference with the lookup of the name, by unknown means"),
    ("dns.injection", "a forged answer to a DNS query"),
    ("dns.injection.blockpage", "a forged answer with the address of a known block page or sinkhole"),
    ("dns.injection.bogon", "a forged answer with an address that cannot be reached on the internet"),
    ("dns.injection.other", "a forged answer with some other address"),
    ("dns.nxdomain", "the answer that the name does not exist, when it does"),
    ("dns.refused", "the resolver refused to answer"),
    ("dns.timeout", "no answer to the query"),
    ("tcp", "interference with the connection, by unknown means"),
    ("tcp.reset", "the connection was reset while it was opened"),
    ("tcp.timeout", "no answer to the attempt to connect"),
    ("tcp.refused", "the connection was refused"),
    ("tls", "interference with the encrypted connection, by unknown means"),
    ("tls.reset", "the connection was reset during the handshake"),
    ("tls.reset.sni", "the connection was reset because of the name in the handshake"),
    ("tls.reset.other", "the connection was reset in the handshake for another reason"),
    ("tls.timeout", "the handshake got no answer"),
    ("tls.close", "the connection was closed during the handshake"),
    ("tls.mitm", "a certificate that is not the site's"),
    ("tls.mitm.self_signed", "a certificate that nobody but its maker vouches for"),
    ("tls.mitm.ca_signed", "a certificate from an authority that the probe does not trust"),
    ("tls.throttle", "an encrypted connection that was slowed down"),
    ("tls.throttle.sni", "an encrypted connection that was slowed down because of its name"),
    ("quic", "interference with a QUIC connection, by unknown means"),
    ("quic.timeout", "the QUIC handshake got no answer"),
    ("http", "interference with the page, by unknown means"),
    ("http.blockpage", "a block page instead of the page"),
    ("http.redirect", "a redirect to somewhere that the site does not redirect to"),
    ("http.error", "an HTTP error that the site does not give"),
    ("http.timeout", "the request got no answer"),
    ("http.close", "the connection was closed during the request"),
    ("http.reset", "the connection was reset during the request"),
    ("http.reset.host", "the connection was reset because of the Host header"),
    ("http.throttle", "a download that was slowed down"),
    ("http.throttle.host", "a download that was slowed down because of the Host header"),
    ("ip", "interference with every packet to an address"),
    ("ip.unreachable", "the address was made unreachable"),
    ("dns.servfail", "the answer that the lookup failed, when it works elsewhere"),
    ("tls.reset.ech", "the connection was reset because the name in the handshake was encrypted"),
    ("tls.timeout.sni", "the handshake got no answer because of its name"),
    ("tls.timeout.ech", "the handshake got no answer because its name was encrypted"),
    ("http.tampering", "the request was changed, or answered, on the way"),
    ("http.tampering.header", "headers of the request were changed on the way"),
    ("http.tampering.request_line", "something on the way answered the request instead of the server"),
];

impl Mechanism {
    /// Looks a path up at compile time: `const RESET: Mechanism = Mechanism::of("tcp.reset");`
    ///
    /// # Panics
    /// When the path is not in the list; in a `const` that is an error of the build.
    pub const fn of(path: &'static str) -> Self {
        let mut index = 0;
        while index < PATHS.len() {
            if same(PATHS[index].0.as_bytes(), path.as_bytes()) {
                return Self(PATHS[index].0);
            }
            index += 1;
        }
        panic!("not a mechanism")
    }

    pub fn all() -> impl Iterator<Item = Mechanism> {
        PATHS.iter().map(|(path, _)| Mechanism(path))
    }

    pub const fn as_str(self) -> &'static str {
        self.0
    }

    pub fn meaning(self) -> &'static str {
        PATHS.iter().find(|(path, _)| *path == self.0).map_or("", |(_, meaning)| meaning)
    }

    /// The layer that the path begins with; none for `ip`, which is below them all.
    pub fn layer(self) -> Option<Layer> {
        self.0.split('.').next().and_then(|layer| layer.parse().ok())
    }

    /// Whether `self` says the same as `other` or less: `dns.injection` is a prefix of `dns.injection.bogon`.
    pub fn is_prefix_of(self, other: Mechanism) -> bool {
        other.0.strip_prefix(self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The deepest path that both agree on, or `None` when they share nothing.
    pub fn common_prefix(self, other: Mechanism) -> Option<Mechanism> {
        Self::all().filter(|path| path.is_prefix_of(self) && path.is_prefix_of(other)).max_by_key(|path| path.0.len())
    }
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl FromStr for Mechanism {
    type Err = UnknownMechanism;
    fn from_str(text: &str) -> Result<Self, UnknownMechanism> {
        PATHS.iter().find(|(path, _)| *path == text).map(|(path, _)| Self(path)).ok_or(UnknownMechanism)
    }
}

impl serde::Serialize for Mechanism {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Mechanism {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(|UnknownMechanism| serde::de::Error::custom(format!("{text:?} is not a mechanism")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_of_a_path_is_a_path() {
        for mechanism in Mechanism::all() {
            let mut path = mechanism.as_str();
            while let Some((prefix, _)) = path.rsplit_once('.') {
                assert!(prefix.parse::<Mechanism>().is_ok(), "{prefix}");
                path = prefix;
            }
        }
    }

    #[test]
    fn two_accounts_agree_on_their_common_prefix() {
        let (bogon, other) = (Mechanism::of("dns.injection.bogon"), Mechanism::of("dns.injection.other"));
        assert_eq!(bogon.common_prefix(other), Some(Mechanism::of("dns.injection")));
        assert_eq!(bogon.common_prefix(Mechanism::of("tcp.reset")), None);
        assert!(!Mechanism::of("dns.re".strip_suffix(".re").unwrap()).is_prefix_of(Mechanism::of("tcp")));
    }
}
