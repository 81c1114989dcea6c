//! IP addresses and endpoints as records write them, brought to one spelling each.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The one spelling of an address (RFC 5952 for IPv6, without a zone); nothing for what is no address.
pub fn canonical_ip(text: &str) -> Option<Cow<'_, str>> {
    let bare = text.trim_matches(['[', ']']);
    let bare = bare.split('%').next().unwrap_or_default();
    match bare.parse().ok()? {
        IpAddr::V4(_) => Some(Cow::Borrowed(bare)),
        IpAddr::V6(address) => Some(spelled(bare, address)),
    }
}

fn spelled(text: &str, address: Ipv6Addr) -> Cow<'_, str> {
    let canonical = address.to_string();
    if canonical == text { Cow::Borrowed(text) } else { Cow::Owned(canonical) }
}

/// Splits `192.0.2.1:443` and `[2001:db8::1]:443`.
pub fn split_endpoint(endpoint: &str) -> Option<(Cow<'_, str>, u16)> {
    let (ip, port) = endpoint.rsplit_once(':')?;
    Some((canonical_ip(ip)?, port.parse().ok()?))
}

/// Whether an address can be reached over the internet, so that it names a server and not a corner of somebody's home. Addresses
/// kept for documentation count as public: they name nobody.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => is_public_v4(inner),
            None => (address.segments()[0] & 0xe000) == 0x2000,
        },
    }
}

/// The registry of special-purpose addresses (RFC 6890), apart from the documentation networks.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let protocol_assignments = (first, second, third) == (192, 0, 0);
    let benchmarking = first == 198 && (18..20).contains(&second);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || first == 0
        || first >= 224
        || shared
        || protocol_assignments
        || benchmarking)
}

/// Whether text is an address that may be stored although it is close to the volunteer.
pub fn is_public_text(text: &str) -> bool {
    canonical_ip(text).and_then(|ip| ip.parse().ok()).is_some_and(is_public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(canonical_ip("2001:DB8:0::1").as_deref(), Some("2001:db8::1"));
        assert_eq!(canonical_ip("fe80::1%wlan0").as_deref(), Some("fe80::1"));
        assert_eq!(canonical_ip("[2001:db8::1]").as_deref(), Some("2001:db8::1"));
        assert_eq!(canonical_ip("192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(canonical_ip("192.0.2.256"), None);
        assert_eq!(canonical_ip("example.org"), None);
    }

    #[test]
    fn endpoints_are_split_at_the_last_colon() {
        assert_eq!(split_endpoint("[2001:db8::1]:443"), Some((Cow::Borrowed("2001:db8::1"), 443)));
        assert_eq!(split_endpoint("192.0.2.1:80"), Some((Cow::Borrowed("192.0.2.1"), 80)));
        assert_eq!(split_endpoint("192.0.2.1"), None);
        assert_eq!(split_endpoint("example.org:443"), None);
    }

    #[test]
    fn private_corners_are_not_public() {
        for text in
            ["127.0.0.1", "192.168.1.1", "10.0.0.1", "100.64.0.1", "169.254.1.1", "0.0.0.0", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert!(!is_public_text(text), "{text}");
        }
        for text in ["8.8.8.8", "192.0.2.1", "2001:db8::1"] {
            assert!(is_public_text(text), "{text}");
        }
    }
}
