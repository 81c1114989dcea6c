//! Addresses that one network's resolvers gave for unrelated names: a censor's, or a captive portal's.
//!
//! A portal answers every name with its own address, so what it answers is as often reached as anything else that the network's other
//! probes try at that time, and while it answers its own probe reaches nothing. A censor answers the names that it blocks, day after
//! day, and no other; those are hardly ever reached, and the others are.

use std::net::IpAddr;

use foldhash::HashMap;

/// Addresses and names that are kept of one country and week; what is beyond is not known.
const MOST_ROWS: usize = 500_000;
/// Names of one address that are looked at.
const MOST_NAMES: usize = 1_000;

/// A name must have been answered with the address in so many hours …
const FEWEST_HOURS: u32 = 3;
/// … of so many days: a portal of an evening is over the next day.
const FEWEST_DAYS: u32 = 2;
/// In at least so many of ten hours with the address, the network must have reached other names.
const OTHERS_IN_TEN: u32 = 7;
/// On at most one of so many occasions its names may have been reached: probes that ask another resolver, and a liar or two.
const ANSWERS_PER_REACHED: u32 = 20;

/// What a country's networks were answered in one week, where one address stands for several names.
#[derive(Clone, Debug, Default)]
pub struct SharedAnswers {
    of: HashMap<(u32, IpAddr), Shared>,
    /// In how many networks each address was given for each name, where it was in several: see [`Self::networks_given`].
    networks: HashMap<IpAddr, HashMap<String, u32>>,
    rows: usize,
}

/// One address that a network's resolvers gave for unrelated names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    pub names: Vec<AnsweredName>,
    /// Hours in which any name was answered with it, and those of them in which the network reached other names.
    pub hours: u32,
    pub hours_others_reached: u32,
    /// Names that the network reached meanwhile and that were never answered with it.
    pub other_names_reached: u32,
}

/// A name and how it fared while the address was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredName {
    pub hostname: String,
    pub hours: u32,
    pub days: u32,
    pub answers: u32,
    pub reached: u32,
}

impl SharedAnswers {
    pub fn insert(&mut self, asn: u32, ip: IpAddr, address: Shared, name: AnsweredName) {
        if self.rows >= MOST_ROWS {
            return;
        }
        self.rows += 1;
        let shared = self.of.entry((asn, ip)).or_insert(address);
        if shared.names.len() < MOST_NAMES {
            shared.names.push(name);
        }
    }

    /// Keeps the addresses that are no portal's: asked once for each here, and not again by every measurement.
    pub fn finish(mut self) -> Self {
        self.of.retain(|_, shared| shared.is_no_portal());
        self.networks = self.count_networks();
        self
    }

    /// Counted once, because one record can ask twenty thousand times.
    fn count_networks(&self) -> HashMap<IpAddr, HashMap<String, u32>> {
        let mut counts: HashMap<(IpAddr, &str), u32> = HashMap::default();
        for ((_, ip), shared) in &self.of {
            let lasting = || shared.names.iter().filter(|name| name.is_lasting());
            let domain_of_first = lasting().next().map(|name| domain(&name.hostname));
            if lasting().any(|name| Some(domain(&name.hostname)) != domain_of_first) {
                lasting().for_each(|name| *counts.entry((*ip, &name.hostname)).or_default() += 1);
            }
        }
        let mut networks: HashMap<IpAddr, HashMap<String, u32>> = HashMap::default();
        for ((ip, hostname), count) in counts.into_iter().filter(|(_, count)| *count > 1) {
            networks.entry(ip).or_default().insert(hostname.to_owned(), count);
        }
        networks
    }

    /// What is known of an address that a network gave, if it is no portal's.
    pub fn of(&self, asn: u32, ip: IpAddr) -> Option<&Shared> {
        self.of.get(&(asn, ip))
    }

    /// In how many networks an address that is no portal's was given for a name, and for one of another domain, for long enough. Nothing is
    /// known of a single one.
    pub fn networks_given(&self, ip: IpAddr, hostname: &str) -> u32 {
        self.networks.get(&ip).and_then(|names| names.get(hostname)).copied().unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

impl Shared {
    /// Whether a portal would have been seen otherwise: the network reached other names in most of the hours in which the address was
    /// given, at least as many as it was given for, and the names themselves next to never.
    pub fn is_no_portal(&self) -> bool {
        let sum = |of: fn(&AnsweredName) -> u32| self.names.iter().map(of).fold(0, u32::saturating_add);
        let (answers, reached) = (sum(|name| name.answers), sum(|name| name.reached));
        self.hours_others_reached.saturating_mul(10) >= self.hours.saturating_mul(OTHERS_IN_TEN)
            && self.other_names_reached as usize >= domains(&self.names).min(100)
            && reached.saturating_mul(ANSWERS_PER_REACHED) <= answers
    }

    /// What is known of a name that was answered with the address for long enough.
    pub fn lasting(&self, hostname: &str) -> Option<&AnsweredName> {
        self.names.iter().find(|name| name.hostname == hostname).filter(|name| name.is_lasting())
    }

    /// Names of other domains that were answered with it for long enough.
    pub fn others(&self, name: &AnsweredName) -> impl Iterator<Item = &AnsweredName> {
        self.names.iter().filter(|other| other.is_lasting() && domain(&other.hostname) != domain(&name.hostname))
    }
}

impl AnsweredName {
    pub fn is_lasting(&self) -> bool {
        self.hours >= FEWEST_HOURS && self.days >= FEWEST_DAYS
    }
}

fn domains(names: &[AnsweredName]) -> usize {
    let mut domains: Vec<&str> = names.iter().map(|name| domain(&name.hostname)).collect();
    domains.sort_unstable();
    domains.dedup();
    domains.len()
}

/// The last two labels of a name. Names under `co.uk` pass for one domain by this, so that fewer are unrelated and never more.
pub fn domain(hostname: &str) -> &str {
    let mut dots = hostname.rmatch_indices('.').map(|(at, _)| at + 1);
    dots.nth(1).map_or(hostname, |begin| &hostname[begin..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(hostname: &str, answers: u32, reached: u32) -> AnsweredName {
        AnsweredName { hostname: hostname.into(), hours: answers, days: answers, answers, reached }
    }

    #[test]
    fn a_domain_is_the_last_two_labels() {
        for (hostname, expected) in [("www.example.org", "example.org"), ("example.org", "example.org"), ("org", "org"), ("", "")] {
            assert_eq!(domain(hostname), expected);
        }
    }

    #[test]
    fn a_portal_is_told_by_what_the_network_reaches_meanwhile() {
        let censor = Shared {
            names: vec![name("a.example", 30, 0), name("b.example", 30, 3)],
            hours: 40,
            hours_others_reached: 39,
            other_names_reached: 60,
        };
        assert!(censor.is_no_portal());
        let of_the_only_probe = Shared { hours_others_reached: 3, ..censor.clone() };
        let of_one_of_two = Shared { names: vec![name("a.example", 30, 20), name("b.example", 30, 25)], ..censor.clone() };
        let nothing_else_is_tried = Shared { other_names_reached: 1, ..censor.clone() };
        assert!(![of_the_only_probe, of_one_of_two, nothing_else_is_tried].iter().any(Shared::is_no_portal));
    }
}
