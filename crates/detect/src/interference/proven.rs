//! Addresses that distinct networks have proved to speak for a name.
//!
//! One network that says so is one witness, and a witness may lie; see `docs/trust.md` for how many it takes.

use std::collections::BTreeMap;
use std::net::IpAddr;

use foldhash::{HashMap, HashSet};

/// How many networks are remembered for each address. More would change no verdict: one of them may be the judged network itself.
const REMEMBERED: usize = super::target::NETWORKS_THAT_PROVE + 1;

/// Addresses of one name whose networks are looked at: the largest CDNs give a name some hundreds in a week.
const MOST_ASKED: usize = 1_000;

/// Which networks completed a valid handshake with a name on an address.
#[derive(Clone, Debug, Default)]
pub struct ProvenAddresses {
    by_name: HashMap<String, BTreeMap<IpAddr, Vec<u32>>>,
    /// Addresses that enough networks proved for one name or another.
    servers: HashSet<IpAddr>,
}

impl ProvenAddresses {
    pub fn insert(&mut self, hostname: &str, ip: IpAddr, network: u32) {
        if !self.by_name.contains_key(hostname) {
            self.by_name.insert(hostname.to_owned(), BTreeMap::new());
        }
        let addresses = self.by_name.get_mut(hostname).expect("it was just put there");
        let networks = addresses.entry(ip).or_default();
        if networks.len() < REMEMBERED && !networks.contains(&network) {
            networks.push(network);
        }
        if networks.len() >= super::target::NETWORKS_THAT_PROVE {
            self.servers.insert(ip);
        }
    }

    /// How many networks, beside the judged one, proved the address; at least as far as it matters.
    pub fn networks_beside(&self, judged: Option<u32>, hostname: &str, ip: IpAddr) -> usize {
        let networks = self.by_name.get(hostname).and_then(|addresses| addresses.get(&ip)).map_or(&[][..], Vec::as_slice);
        networks.iter().filter(|network| Some(**network) != judged).count()
    }

    /// Addresses of a name that enough networks beside the judged one proved, some of them when there are very many.
    pub fn addresses_beside(&self, judged: Option<u32>, hostname: &str) -> impl Iterator<Item = IpAddr> {
        let addresses = self.by_name.get(hostname).into_iter().flatten().take(MOST_ASKED);
        let is_enough = move |networks: &[u32]| networks.iter().filter(|network| Some(**network) != judged).count() >= REMEMBERED - 1;
        addresses.filter(move |(_, networks)| is_enough(networks)).map(|(ip, _)| *ip)
    }

    /// Whether enough networks proved an address for any name at all: then it is a server, whatever it was given for.
    pub fn is_server(&self, ip: IpAddr) -> bool {
        self.servers.contains(&ip)
    }

    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_judged_network_does_not_vouch_for_itself() {
        let mut proven = ProvenAddresses::default();
        let ip = "45.76.10.20".parse().unwrap();
        for network in [64500, 64501, 64501, 64502, 64503] {
            proven.insert("www.example.org", ip, network);
        }
        assert_eq!(proven.networks_beside(Some(64500), "www.example.org", ip), 2);
        assert_eq!(proven.networks_beside(None, "www.example.net", ip), 0);
        assert!(proven.is_server(ip) && !proven.is_server("45.76.10.21".parse().unwrap()));
    }
}
