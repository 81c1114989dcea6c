//! Who owns which address in the world, and what stands behind it.
//!
//! Every owner (a volunteer's network, a hosting company, a CDN) has one /16 of 28.0.0.0/8 to 30.0.0.0/8 and one /48 of IPv6. Those IPv4
//! blocks are global unicast space that has never been announced on the internet: an address of them is no bogon, so that bogon
//! rules do not fire on it, and it belongs to nobody who could be taken for a part of the simulation.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const FIRST_V4_OCTET: usize = 28;
const BLOCKS_PER_OCTET: usize = 256;
/// Three /8 blocks of 256 owners each.
pub(crate) const MAX_OWNERS: usize = 3 * BLOCKS_PER_OCTET;
/// Skips the addresses that look like a router's.
const FIRST_HOST: u32 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnerId(pub usize);

#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub asn: u32,
    pub name: String,
    pub cc: String,
    next_host: u32,
}

/// What answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    Site(usize),
    /// The box of a censor, with its block page.
    BlockPage(usize),
    /// A box that passes everything on to the genuine site.
    Proxy,
    /// Some server that has nothing to do with the site.
    Stray,
    /// Nothing at all, or nothing that a packet could get to.
    Nothing,
}

#[derive(Default)]
pub(crate) struct AddressBook {
    owners: Vec<Owner>,
    behind: HashMap<IpAddr, Behind>,
    /// Ranges outside the owners' blocks, for services whose addresses are fixed in the apps.
    ranges: Vec<(Ipv4Addr, Ipv4Addr, OwnerId)>,
}

impl AddressBook {
    /// The owner with this AS number, made when it is new.
    pub fn owner(&mut self, asn: u32, name: &str, cc: &str) -> OwnerId {
        if let Some(known) = self.owners.iter().position(|owner| owner.asn == asn) {
            return OwnerId(known);
        }
        self.owners.push(Owner { asn, name: name.into(), cc: cc.into(), next_host: FIRST_HOST });
        OwnerId(self.owners.len() - 1)
    }

    pub fn owner_count(&self) -> usize {
        self.owners.len()
    }

    pub fn new_v4(&mut self, owner: OwnerId, behind: Behind) -> IpAddr {
        let host = self.next_host(owner);
        let [high, low] = (host as u16).to_be_bytes();
        let octet = (FIRST_V4_OCTET + owner.0 / BLOCKS_PER_OCTET) as u8;
        self.note(IpAddr::V4(Ipv4Addr::new(octet, (owner.0 % BLOCKS_PER_OCTET) as u8, high, low)), behind)
    }

    pub fn new_v6(&mut self, owner: OwnerId, behind: Behind) -> IpAddr {
        let host = self.next_host(owner);
        self.note(IpAddr::V6(Ipv6Addr::new(0x2a10, 0xfade, owner.0 as u16, 0, 0, 0, 0, host as u16)), behind)
    }

    pub fn note(&mut self, address: IpAddr, behind: Behind) -> IpAddr {
        self.behind.insert(address, behind);
        address
    }

    pub fn claim_range(&mut self, first: Ipv4Addr, last: Ipv4Addr, owner: OwnerId) {
        self.ranges.push((first, last, owner));
    }

    pub fn behind(&self, address: IpAddr) -> Behind {
        self.behind.get(&address).copied().unwrap_or(Behind::Nothing)
    }

    /// The network of an address; nothing for bogons and strangers.
    pub fn network_of(&self, address: IpAddr) -> Option<&Owner> {
        match address {
            IpAddr::V4(v4) => self.network_of_v4(v4),
            IpAddr::V6(v6) => match v6.segments() {
                [0x2a10, 0xfade, owner, ..] => self.owners.get(owner as usize),
                _ => None,
            },
        }
    }

    fn network_of_v4(&self, address: Ipv4Addr) -> Option<&Owner> {
        let [first, second, ..] = address.octets();
        if let Some((_, _, owner)) = self.ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&address)) {
            return self.owners.get(owner.0);
        }
        let block = (first as usize).checked_sub(FIRST_V4_OCTET)? * BLOCKS_PER_OCTET + second as usize;
        self.owners.get(block)
    }

    /// `first, last, owner` of every range, in the order of the addresses.
    pub fn all_ranges(&self) -> Vec<(IpAddr, IpAddr, &Owner)> {
        let mut ranges: Vec<(IpAddr, IpAddr, &Owner)> = Vec::new();
        for (index, owner) in self.owners.iter().enumerate() {
            let (octet, block) = ((FIRST_V4_OCTET + index / BLOCKS_PER_OCTET) as u8, (index % BLOCKS_PER_OCTET) as u8);
            ranges.push((Ipv4Addr::new(octet, block, 0, 0).into(), Ipv4Addr::new(octet, block, 255, 255).into(), owner));
            let network = Ipv6Addr::new(0x2a10, 0xfade, index as u16, 0, 0, 0, 0, 0);
            let last = Ipv6Addr::new(0x2a10, 0xfade, index as u16, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff);
            ranges.push((network.into(), last.into(), owner));
        }
        ranges.extend(self.ranges.iter().map(|(first, last, owner)| ((*first).into(), (*last).into(), &self.owners[owner.0])));
        ranges.sort_by_key(|(first, ..)| *first);
        ranges
    }

    fn next_host(&mut self, owner: OwnerId) -> u32 {
        let owner = &mut self.owners[owner.0];
        owner.next_host += 1;
        // .0 and .255 look like a network's and a broadcast address.
        while matches!(owner.next_host & 0xff, 0 | 255) {
            owner.next_host += 1;
        }
        owner.next_host
    }
}

/// Where no packet on the internet goes: the special-purpose ranges of RFC 6890 that censors like to answer with.
pub(crate) fn is_bogon(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_unspecified() || v4.is_link_local() || v4.is_multicast(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_owner_and_is_no_bogon() {
        let mut book = AddressBook::default();
        book.owner(64500, "First", "XA");
        let second = book.owner(64501, "Second", "XB");
        for address in [book.new_v4(second, Behind::Stray), book.new_v6(second, Behind::Stray)] {
            assert_eq!(book.network_of(address).map(|owner| owner.asn), Some(64501));
            assert_eq!(book.behind(address), Behind::Stray);
            assert!(!is_bogon(address));
        }
    }

    #[test]
    fn a_bogon_belongs_to_nobody() {
        let bogon: IpAddr = "10.7.7.7".parse().unwrap();
        assert!(is_bogon(bogon));
        assert!(AddressBook::default().network_of(bogon).is_none());
    }
}
