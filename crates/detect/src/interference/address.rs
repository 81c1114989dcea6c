//! Addresses that cannot be a site on the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is reserved for private, local or special use, so that no public name has reason to have it.
///
/// Source: the IANA special-purpose registries (RFC 6890). Left out are the blocks that translators use on the way to a real
/// server (NAT64, 64:ff9b::/96, RFC 6052): there the address inside is looked at.
pub fn is_bogon(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_bogon_v4(address),
        IpAddr::V6(address) => is_bogon_v6(address),
    }
}

/// The address behind a translator (NAT64 with the well-known prefix of RFC 6052, or an IPv4 address written as IPv6): what a site
/// that only has an IPv4 address looks like from a network that only has IPv6.
pub fn without_translation(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => embedded_v4(address).map_or(IpAddr::V6(address), IpAddr::V4),
        address => address,
    }
}

/// Whether an address means this very machine, or none at all: what people write who want a name to lead nowhere.
pub fn is_local(address: IpAddr) -> bool {
    let address = without_translation(address);
    address.is_loopback() || address.is_unspecified()
}

fn is_bogon_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
}

fn is_bogon_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let Some(inner) = embedded_v4(address) {
        return is_bogon_v4(inner);
    }
    address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || segments[0] & 0xfe00 == 0xfc00
        || segments[0] & 0xffc0 == 0xfe80
        || (segments[0] == 0x2001 && segments[1] == 0x0db8)
        || (segments[0] == 0x0100 && segments[1..4] == [0, 0, 0])
}

fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let nat64 = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let octets = address.octets();
    if nat64 { Some(Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15])) } else { address.to_ipv4_mapped() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translated_address_is_the_one_inside() {
        for (written, inside) in
            [("64:ff9b::2d4c:a14", "45.76.10.20"), ("::ffff:45.76.10.20", "45.76.10.20"), ("2a00:1450::1", "2a00:1450::1")]
        {
            assert_eq!(without_translation(written.parse().unwrap()), inside.parse::<IpAddr>().unwrap());
        }
    }

    #[test]
    fn reserved_blocks_are_bogons_and_their_neighbours_are_not() {
        for (bogon, neighbour) in [
            ("10.10.34.35", "11.0.0.1"),
            ("127.0.0.1", "128.0.0.1"),
            ("0.0.0.0", "1.0.0.0"),
            ("100.64.0.1", "100.128.0.1"),
            ("192.168.1.1", "192.169.1.1"),
            ("198.18.0.1", "198.20.0.1"),
            ("::1", "2a00:1450::1"),
            ("fd00::1", "2001:4860:4860::8888"),
            ("64:ff9b::a0a:2223", "64:ff9b::808:808"),
        ] {
            assert!(is_bogon(bogon.parse().unwrap()), "{bogon}");
            assert!(!is_bogon(neighbour.parse().unwrap()), "{neighbour}");
        }
    }
}
