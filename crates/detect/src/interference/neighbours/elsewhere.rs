//! What the networks of all countries saw of the targets that somebody did not reach, for one week.
//!
//! A site or an app that is lost in other countries at the same time is lost for another reason than this network; one that other
//! networks reach is alive. That a network of the same country loses it too is no sign of the site's: one law may bind them all. And what
//! only one release of the software loses, where others get through, the software lost.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use serde::Serialize;

use super::loss::Kind;
use super::own::{HourCount, Tally};
use crate::interference::target::NETWORKS_THAT_PROVE;

/// Hours on either side that count as "at the same time" in other countries …
pub(super) const HOURS_AROUND: i64 = 3;
/// … and in the same country, where the same outage of a site would be seen by all: closer, so that its edges do not deceive.
const HOURS_AROUND_HERE: i64 = 1;
/// Releases stay with people for weeks.
const HOURS_AROUND_RELEASE: i64 = 24;
/// So many networks, of so many other countries, must have lost a target before it is lost everywhere …
const FEWEST_NETWORKS: u32 = 3;
const FEWEST_COUNTRIES: u32 = 2;
/// … and at least two of three networks of other countries that tried.
const MOST_IN_THREE: u32 = 2;
/// So many other networks show that a target is alive, or that a release is at fault: as many as prove an address.
const FEWEST_WITNESSES: u32 = NETWORKS_THAT_PROVE as u32;
/// Names that are followed, and hours of a network with one: some 100 MB at worst. What is beyond is not known.
const MOST_TARGETS: usize = 200_000;
const MOST_HOURS: usize = 2_000_000;
/// Networks and releases of one target in one hour, of which there are some hundreds for the most popular: every accusation walks through
/// those of several hours. Those beyond are not known.
const MOST_IN_AN_HOUR: usize = 2_000;
/// Releases that are told apart; there are some hundreds. Those beyond count as one that nobody has.
const MOST_RELEASES: usize = 20_000;

/// Who measured: where, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    pub country: &'a str,
    pub asn: u32,
    /// The name of the software and its version, with a space between.
    pub software: &'a str,
}

/// What other networks saw of the targets that somebody did not reach.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    seen: HashMap<Kind, HashMap<String, Vec<Seen>>>,
    releases: HashMap<String, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    hour: i64,
    country: [u8; 2],
    asn: u32,
    release: u32,
    tally: Tally,
}

/// How other networks fared, each counted once by what it mostly saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InOtherNetworks {
    /// Of other countries.
    pub networks_reached: u32,
    pub networks_lost: u32,
    pub countries_lost: u32,
    /// Networks of the same country that reached it within an hour and lost nothing.
    pub compatriots_reached: u32,
    /// Networks of the same country that mostly lost it within an hour.
    pub compatriots_lost: u32,
}

/// How one release of the software fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InOtherHands {
    /// Networks, the own one among them, in which it mostly lost the target while other software mostly reached it.
    pub networks_lost: u32,
    /// Networks in which it reached the target as often as not.
    pub networks_reached: u32,
}

impl InOtherNetworks {
    /// Whether the site or the app is to blame rather than any one network.
    pub fn is_lost_everywhere(self) -> bool {
        let tried = self.networks_reached.saturating_add(self.networks_lost);
        self.networks_lost >= FEWEST_NETWORKS
            && self.countries_lost >= FEWEST_COUNTRIES
            && self.networks_lost.saturating_mul(3) >= tried.saturating_mul(MOST_IN_THREE)
    }

    /// Whether it is alive: other networks reach it, and more than those abroad that lose it.
    pub fn is_alive(self) -> bool {
        self.witnesses() >= FEWEST_WITNESSES && self.witnesses() > self.networks_lost
    }

    /// Networks that show that the target is alive.
    pub fn witnesses(self) -> u32 {
        self.networks_reached.saturating_add(self.compatriots_reached)
    }
}

impl InOtherHands {
    /// Whether the software is to blame rather than any one network.
    pub fn is_its_fault(self) -> bool {
        self.networks_lost >= FEWEST_WITNESSES && self.networks_lost > self.networks_reached
    }
}

impl Elsewhere {
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// What was seen within so many hours, in the order of time.
    fn of(&self, kind: Kind, target: &str, hour: i64, within: i64) -> &[Seen] {
        let seen = self.seen.get(&kind).and_then(|targets| targets.get(target)).map_or(&[][..], Vec::as_slice);
        let begin = seen.partition_point(|one| one.hour < hour - within);
        &seen[begin..begin + seen[begin..].partition_point(|one| one.hour <= hour + within)]
    }

    /// How other networks fared with a target around an hour.
    pub fn around(&self, who: Who<'_>, kind: Kind, target: &str, hour: i64) -> InOtherNetworks {
        let mut networks: BTreeMap<(u32, [u8; 2]), Tally> = BTreeMap::new();
        for one in self.of(kind, target, hour, HOURS_AROUND).iter().filter(|one| one.asn != who.asn) {
            let is_here = one.country == *who.country.as_bytes();
            if !is_here || (one.hour - hour).abs() <= HOURS_AROUND_HERE {
                networks.entry((one.asn, one.country)).or_default().add(one.tally.reached, one.tally.lost);
            }
        }
        let mut found = InOtherNetworks::default();
        let mut countries = HashSet::default();
        let mut last = None;
        for ((asn, country), tally) in networks {
            // A network that claims to be in several countries is one network: the first speaks for it.
            if tally.occasions() == 0 || last.replace(asn) == Some(asn) {
                continue;
            }
            if country == *who.country.as_bytes() {
                found.compatriots_reached += u32::from(tally.lost == 0);
                found.compatriots_lost += u32::from(tally.lost > tally.reached);
            } else if tally.lost > tally.reached {
                found.networks_lost += 1;
                countries.insert(country);
            } else {
                found.networks_reached += 1;
            }
        }
        found.countries_lost = u32::try_from(countries.len()).unwrap_or(u32::MAX);
        found
    }

    /// How the same release of the software fared with a target in each network, beside other releases in the very same one. The asker's own
    /// network counts like any other where other releases get through in it.
    pub fn same_release(&self, who: Who<'_>, kind: Kind, target: &str, hour: i64) -> InOtherHands {
        let Some(release) = self.releases.get(who.software).copied() else { return InOtherHands::default() };
        let mut networks: BTreeMap<u32, [Tally; 2]> = BTreeMap::new();
        for one in self.of(kind, target, hour, HOURS_AROUND_RELEASE) {
            let tallies = networks.entry(one.asn).or_default();
            tallies[usize::from(one.release == release)].add(one.tally.reached, one.tally.lost);
        }
        let mut found = InOtherHands::default();
        for [others, own] in networks.into_values().filter(|[_, own]| own.occasions() > 0) {
            match own.lost > own.reached {
                true => found.networks_lost += u32::from(others.reached > others.lost),
                false => found.networks_reached += 1,
            }
        }
        found
    }
}

/// Puts an [`Elsewhere`] together in two walks over the same rows: which targets somebody did not reach, then what everybody saw of them.
#[derive(Default)]
pub struct ElsewhereBuilder {
    in_trouble: HashMap<Kind, HashSet<String>>,
    targets: usize,
    found: Elsewhere,
    hours: usize,
}

impl ElsewhereBuilder {
    /// The first walk.
    pub fn note_trouble(&mut self, kind: Kind, target: &str) {
        let in_trouble = self.in_trouble.entry(kind).or_default();
        if self.targets < MOST_TARGETS && !in_trouble.contains(target) {
            in_trouble.insert(target.to_owned());
            self.targets += 1;
        }
    }

    /// The second.
    pub fn push(&mut self, who: Who<'_>, kind: Kind, target: &str, count: HourCount) {
        let Ok(country) = <[u8; 2]>::try_from(who.country.as_bytes()) else { return };
        let is_wanted = self.in_trouble.get(&kind).is_some_and(|targets| targets.contains(target));
        if !is_wanted || self.hours >= MOST_HOURS || (count.reached, count.lost) == (0, 0) {
            return;
        }
        self.hours += 1;
        let release = self.release(who.software);
        let targets = self.found.seen.entry(kind).or_default();
        if !targets.contains_key(target) {
            targets.insert(target.to_owned(), Vec::new());
        }
        let tally = Tally { reached: count.reached, lost: count.lost };
        let seen = Seen { hour: count.hour, country, asn: who.asn, release, tally };
        targets.get_mut(target).expect("it was just put there").push(seen);
    }

    fn release(&mut self, software: &str) -> u32 {
        let known = self.found.releases.len();
        match self.found.releases.get(software) {
            Some(release) => *release,
            None if known >= MOST_RELEASES => u32::MAX,
            None => {
                let next = u32::try_from(known).unwrap_or(u32::MAX);
                *self.found.releases.entry(software.to_owned()).or_insert(next)
            }
        }
    }

    pub fn finish(mut self) -> Elsewhere {
        for seen in self.found.seen.values_mut().flat_map(HashMap::values_mut) {
            seen.sort_by_key(|one| one.hour);
            let (mut hour, mut in_it) = (i64::MIN, 0);
            seen.retain(|one| {
                in_it = if one.hour == hour { in_it + 1 } else { 1 };
                hour = one.hour;
                in_it <= MOST_IN_AN_HOUR
            });
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who<'a>(country: &'a str, asn: u32, software: &'a str) -> Who<'a> {
        Who { country, asn, software }
    }

    fn elsewhere(networks: &[(&str, u32, i64, u32, u32)]) -> Elsewhere {
        of_releases(
            &networks
                .iter()
                .map(|(country, asn, hour, reached, lost)| (*country, *asn, "probe 1", *hour, *reached, *lost))
                .collect::<Vec<_>>(),
        )
    }

    fn of_releases(networks: &[(&str, u32, &str, i64, u32, u32)]) -> Elsewhere {
        let mut builder = ElsewhereBuilder::default();
        builder.note_trouble(Kind::default(), "app");
        for (country, asn, software, hour, reached, lost) in networks {
            let count = HourCount { hour: *hour, reached: *reached, lost: *lost };
            builder.push(who(country, *asn, software), Kind::default(), "app", count);
        }
        builder.finish()
    }

    #[test]
    fn three_networks_of_two_other_countries_lose_what_is_lost_everywhere() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XB", 2, 6, 0, 1), ("XC", 3, 8, 0, 1), ("XC", 4, 7, 1, 0), ("XA", 5, 7, 0, 1)]);
        let around = |country, hour| all.around(who(country, 9, "probe 1"), Kind::default(), "app", hour);
        let expected =
            InOtherNetworks { networks_reached: 1, networks_lost: 3, countries_lost: 2, compatriots_reached: 0, compatriots_lost: 1 };
        assert_eq!(around("XA", 7), expected);
        assert!(around("XA", 7).is_lost_everywhere());
        assert!(!around("XB", 7).is_lost_everywhere(), "two networks are too few");
        assert!(!around("XA", 20).is_lost_everywhere(), "other hours do not count");
    }

    #[test]
    fn one_country_alone_never_speaks_for_the_world() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XB", 2, 6, 0, 1), ("XB", 3, 8, 0, 1), ("XB", 4, 8, 0, 1)]);
        assert!(!all.around(who("XA", 9, ""), Kind::default(), "app", 7).is_lost_everywhere());
    }

    #[test]
    fn of_one_hour_only_so_much_is_known() {
        let crowd: Vec<_> = (0..10_000).map(|asn| ("XB", asn, 7, 1, 0)).chain([("XB", 20_000, 8, 1, 0)]).collect();
        let all = elsewhere(&crowd);
        assert_eq!(all.around(who("XA", 30_000, ""), Kind::default(), "app", 7).networks_reached as usize, MOST_IN_AN_HOUR + 1);
    }

    #[test]
    fn one_network_in_many_countries_is_one() {
        let all = elsewhere(&[("XB", 1, 5, 0, 2), ("XC", 1, 6, 0, 1), ("XD", 1, 7, 0, 1)]);
        assert_eq!(all.around(who("XA", 9, ""), Kind::default(), "app", 7).networks_lost, 1);
    }

    #[test]
    fn compatriots_show_that_a_target_is_alive_and_never_that_it_is_down() {
        let all = elsewhere(&[
            ("XA", 1, 7, 3, 0),
            ("XA", 2, 8, 1, 0),
            ("XA", 3, 7, 5, 1),
            ("XA", 4, 9, 5, 0),
            ("XA", 5, 7, 0, 9),
            ("XA", 9, 7, 0, 4),
        ]);
        let found = all.around(who("XA", 9, ""), Kind::default(), "app", 7);
        assert_eq!((found.compatriots_reached, found.compatriots_lost, found.networks_lost), (2, 1, 0));
        assert!(found.is_alive() && !found.is_lost_everywhere());
    }

    #[test]
    fn what_one_release_loses_where_another_gets_through_is_the_release_s_fault() {
        let bug = [("XB", 1, "new", 5, 0, 2), ("XB", 1, "old", 5, 4, 0), ("XC", 2, "new", 29, 0, 1), ("XC", 2, "old", 9, 3, 0)];
        let of = |all: &Elsewhere, software| all.same_release(who("XA", 9, software), Kind::default(), "app", 7);
        assert!(of(&of_releases(&bug), "new").is_its_fault());
        assert!(!of(&of_releases(&bug), "old").is_its_fault());
        assert!(!of(&of_releases(&bug[..2]), "new").is_its_fault(), "one network is too few");
        let here = [("XA", 9, "new", 7, 0, 1), ("XA", 9, "old", 6, 2, 0)];
        assert!(of(&of_releases(&[&bug[..2], &here].concat()), "new").is_its_fault(), "the own network is one");
        let block = [("XB", 1, "new", 5, 0, 2), ("XB", 1, "old", 5, 0, 4), ("XC", 2, "new", 29, 0, 1), ("XC", 2, "old", 9, 0, 3)];
        assert!(!of(&of_releases(&block), "new").is_its_fault(), "where all software loses it, it is no bug");
    }
}
