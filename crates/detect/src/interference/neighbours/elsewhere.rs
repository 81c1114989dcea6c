//! What the networks of all countries saw of the targets that somebody lost, for one week.
//!
//! A site or an app that is lost in other countries at the same time is lost for another reason than this network; one that other
//! countries reach is alive. The networks of the own country are no witnesses of this kind: one law may bind them all.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::loss::Kind;
use super::own::{HourCount, Tally};
use crate::interference::target::NETWORKS_THAT_PROVE;

/// Hours on either side that count as "at the same time".
pub(super) const HOURS_AROUND: i64 = 3;
/// So many networks, of so many other countries, must have lost a target before it is lost everywhere …
const FEWEST_NETWORKS: u32 = 3;
const FEWEST_COUNTRIES: u32 = 2;
/// … and at least two of three networks of other countries that tried.
const MOST_IN_THREE: u32 = 2;
/// So many networks of other countries show that a target is alive: as many as prove an address.
const FEWEST_TO_BE_ALIVE: u32 = NETWORKS_THAT_PROVE as u32;
/// Names that are followed, and hours of a network with one: some 100 MB at worst. What is beyond is not known.
const MOST_TARGETS: usize = 200_000;
const MOST_HOURS: usize = 2_000_000;

/// What other networks saw, as far as anybody lost anything.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    seen: HashMap<Kind, HashMap<String, Vec<Seen>>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    hour: i64,
    country: [u8; 2],
    asn: u32,
    tally: Tally,
}

/// How the networks of other countries fared, each counted once by what it mostly saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InOtherCountries {
    pub networks_reached: u32,
    pub networks_lost: u32,
    pub countries_lost: u32,
}

impl InOtherCountries {
    /// Whether the site or the app is to blame rather than any one network.
    pub fn is_lost_everywhere(self) -> bool {
        let tried = self.networks_reached.saturating_add(self.networks_lost);
        self.networks_lost >= FEWEST_NETWORKS
            && self.countries_lost >= FEWEST_COUNTRIES
            && self.networks_lost.saturating_mul(3) >= tried.saturating_mul(MOST_IN_THREE)
    }

    /// Whether it is alive: networks of other countries reach it, and more than lose it.
    pub fn is_alive(self) -> bool {
        self.networks_reached >= FEWEST_TO_BE_ALIVE && self.networks_reached > self.networks_lost
    }
}

impl Elsewhere {
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// How networks of other countries fared with a target around an hour.
    pub fn around(&self, country: &str, kind: Kind, target: &str, hour: i64) -> InOtherCountries {
        let seen = self.seen.get(&kind).and_then(|targets| targets.get(target)).map_or(&[][..], Vec::as_slice);
        let mut networks: BTreeMap<(u32, [u8; 2]), Tally> = BTreeMap::new();
        for one in seen.iter().filter(|one| (one.hour - hour).abs() <= HOURS_AROUND && one.country != *country.as_bytes()) {
            networks.entry((one.asn, one.country)).or_default().add(one.tally.reached, one.tally.lost);
        }
        let mut found = InOtherCountries::default();
        let mut countries = HashSet::new();
        let mut last = None;
        for ((asn, country), tally) in networks {
            // A network that claims to be in several countries is one network: the first speaks for it.
            if tally.occasions() == 0 || last.replace(asn) == Some(asn) {
                continue;
            }
            if tally.lost > tally.reached {
                found.networks_lost += 1;
                countries.insert(country);
            } else {
                found.networks_reached += 1;
            }
        }
        found.countries_lost = u32::try_from(countries.len()).unwrap_or(u32::MAX);
        found
    }
}

/// Puts an [`Elsewhere`] together in two walks over the same rows: which targets anybody lost, then what everybody saw of them.
#[derive(Default)]
pub struct ElsewhereBuilder {
    lost: HashMap<Kind, HashSet<String>>,
    targets: usize,
    seen: HashMap<Kind, HashMap<String, Vec<Seen>>>,
    hours: usize,
}

impl ElsewhereBuilder {
    /// The first walk.
    pub fn note_loss(&mut self, kind: Kind, target: &str) {
        let lost = self.lost.entry(kind).or_default();
        if self.targets < MOST_TARGETS && !lost.contains(target) {
            lost.insert(target.to_owned());
            self.targets += 1;
        }
    }

    /// The second.
    pub fn push(&mut self, country: &str, asn: u32, kind: Kind, target: &str, count: HourCount) {
        let Ok(country) = <[u8; 2]>::try_from(country.as_bytes()) else { return };
        let is_wanted = self.lost.get(&kind).is_some_and(|targets| targets.contains(target));
        if !is_wanted || self.hours >= MOST_HOURS || (count.reached, count.lost) == (0, 0) {
            return;
        }
        self.hours += 1;
        let targets = self.seen.entry(kind).or_default();
        if !targets.contains_key(target) {
            targets.insert(target.to_owned(), Vec::new());
        }
        let tally = Tally { reached: count.reached, lost: count.lost };
        targets.get_mut(target).expect("it was just put there").push(Seen { hour: count.hour, country, asn, tally });
    }

    pub fn finish(self) -> Elsewhere {
        Elsewhere { seen: self.seen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere(networks: &[(&str, u32, i64, u32, u32)]) -> Elsewhere {
        let mut builder = ElsewhereBuilder::default();
        builder.note_loss(Kind::default(), "app");
        for (country, asn, hour, reached, lost) in networks {
            let count = HourCount { hour: *hour, reached: *reached, lost: *lost };
            builder.push(country, *asn, Kind::default(), "app", count);
        }
        builder.finish()
    }

    #[test]
    fn three_networks_of_two_other_countries_lose_what_is_lost_everywhere() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XB", 2, 6, 0, 1), ("XC", 3, 8, 0, 1), ("XC", 4, 7, 1, 0), ("XA", 5, 7, 0, 1)]);
        let found = all.around("XA", Kind::default(), "app", 7);
        assert_eq!(found, InOtherCountries { networks_reached: 1, networks_lost: 3, countries_lost: 2 });
        assert!(found.is_lost_everywhere());
        assert!(!all.around("XB", Kind::default(), "app", 7).is_lost_everywhere(), "two networks are too few");
        assert!(!all.around("XA", Kind::default(), "app", 20).is_lost_everywhere(), "other hours do not count");
    }

    #[test]
    fn one_country_alone_never_speaks_for_the_world() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XB", 2, 6, 0, 1), ("XB", 3, 8, 0, 1), ("XB", 4, 8, 0, 1)]);
        assert!(!all.around("XA", Kind::default(), "app", 7).is_lost_everywhere());
    }

    #[test]
    fn one_network_in_many_countries_is_one() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XC", 1, 6, 0, 1), ("XD", 1, 7, 0, 1)]);
        assert_eq!(all.around("XA", Kind::default(), "app", 7).networks_lost, 1);
    }
}
