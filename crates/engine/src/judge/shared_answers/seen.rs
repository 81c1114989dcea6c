//! What a country's networks were answered and what they reached in one week, and which addresses were given for names of different domains.

use std::collections::BTreeSet;
use std::net::IpAddr;

use arrow::array::RecordBatch;
use foldhash::{HashMap, HashSet};
use parallax_detect::interference::is_bogon;
use parallax_detect::interference::neighbours::domain;
use parallax_model::table::Columns;
use parallax_model::tables::{ObservationColumns, SharedAnswer};
use parallax_model::{Operation, Timestamp};

use super::reached::Reached;
use super::rows::{answer, handshake};

/// Answers, and successful handshakes, that are noted of a country and week, some 20 bytes each. What is beyond is not counted; honest
/// probes of a large country bring half of it.
const MOST_NOTED: usize = 2_000_000;
/// Names and addresses that are told apart.
const MOST_TEXTS: usize = 500_000;
/// Names of one address that are looked at.
const MOST_NAMES: usize = 1_000;
/// Addresses that are looked at in a country and week: real ones number some hundreds.
const MOST_ADDRESSES: usize = 10_000;
const HOUR_US: i64 = 3_600_000_000;

/// A name at an address in one measurement of a network. The order is the one in which addresses are looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Noted {
    pub(super) asn: u32,
    pub(super) ip: u32,
    pub(super) name: u32,
    pub(super) hour: u32,
}

/// What a country's networks were answered and what they reached, in one week. Names and addresses are kept once and known by number.
#[derive(Default)]
pub(super) struct Seen {
    names: Numbered<String>,
    ips: Numbered<IpAddr>,
    answered: Vec<Noted>,
    reached: Vec<Noted>,
    /// The measurement at hand, and what was found in it.
    uid: String,
    answers: BTreeSet<(u32, u32)>,
    handshakes: BTreeSet<(u32, u32)>,
    asn: u32,
    hour: u32,
}

struct Numbered<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::default(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn number<Q: ?Sized + ToOwned<Owned = T> + Eq + std::hash::Hash>(&mut self, value: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
    {
        if let Some(number) = self.numbers.get(value) {
            return Some(*number);
        }
        let number = u32::try_from(self.values.len()).ok().filter(|_| self.values.len() < MOST_TEXTS)?;
        self.values.push(value.to_owned());
        self.numbers.insert(value.to_owned(), number);
        Some(number)
    }
}

impl Seen {
    pub(super) fn add(&mut self, batch: &RecordBatch) {
        let columns = ObservationColumns::of(batch);
        for row in 0..batch.num_rows() {
            let Some(asn) = columns.probe_asn(row) else { continue };
            let operation = columns.operation(row);
            let pair = match operation {
                Operation::Dns => answer(&columns, row),
                Operation::Tls => handshake(&columns, row),
                _ => None,
            };
            let Some((name, ip)) = pair else { continue };
            let uid = columns.measurement_uid(row);
            if uid != self.uid {
                self.end_measurement();
                (*uid).clone_into(&mut self.uid);
            }
            self.asn = asn;
            let hour = columns.measurement_start_time(row).microseconds().div_euclid(HOUR_US);
            self.hour = u32::try_from(hour).unwrap_or_default();
            let Some(pair) = self.numbered(&name, &ip) else { continue };
            match operation {
                Operation::Dns => self.answers.insert(pair),
                _ => self.handshakes.insert(pair),
            };
        }
    }

    fn numbered(&mut self, name: &str, ip: &str) -> Option<(u32, u32)> {
        let ip = ip.parse().ok().filter(|ip| !is_bogon(*ip))?;
        Some((self.ips.number::<IpAddr>(&ip)?, self.names.number(name)?))
    }

    /// A name counts as reached only where the system's resolver led to it: a portal's probe may get through to an address that it was
    /// told over an encrypted connection.
    fn end_measurement(&mut self) {
        let noted = |(ip, name): &(u32, u32)| Noted { asn: self.asn, ip: *ip, name: *name, hour: self.hour };
        let is_reached = |pair: &&(u32, u32)| self.handshakes.contains(pair);
        if self.answered.len() + self.answers.len() <= MOST_NOTED && self.reached.len() + self.answers.len() <= MOST_NOTED {
            self.reached.extend(self.answers.iter().filter(is_reached).map(noted));
            self.answered.extend(self.answers.iter().filter(|pair| !is_reached(pair)).map(noted));
        }
        self.answers.clear();
        self.handshakes.clear();
    }

    /// Hands on a row for each network, shared address and name; false when they are not wanted any more.
    pub(super) fn each_shared(&mut self, country: &str, take: &mut dyn FnMut(&SharedAnswer<'_>) -> bool) -> bool {
        self.end_measurement();
        let proved: HashSet<(u32, u32, u32)> = self.reached.iter().map(|noted| (noted.asn, noted.ip, noted.name)).collect();
        self.answered.retain(|noted| !proved.contains(&(noted.asn, noted.ip, noted.name)));
        self.answered.sort_unstable();
        let reached = Reached::of(std::mem::take(&mut self.reached));
        let addresses = self.answered.chunk_by(|a, b| (a.asn, a.ip) == (b.asn, b.ip));
        let mut shared = addresses.filter(|address| self.is_shared(address)).take(MOST_ADDRESSES);
        shared.all(|address| self.each_name(address, country, &reached, take))
    }

    fn name(&self, noted: &Noted) -> &str {
        &self.names.values[noted.name as usize]
    }

    /// Whether names of different domains were answered with one address.
    fn is_shared(&self, address: &[Noted]) -> bool {
        let first = domain(self.name(&address[0]));
        address.iter().any(|noted| domain(self.name(noted)) != first)
    }

    /// All that was answered with one address in one network, in the order of names and hours.
    fn each_name(&self, answered: &[Noted], country: &str, reached: &Reached, take: &mut dyn FnMut(&SharedAnswer<'_>) -> bool) -> bool {
        let by_name: Vec<&[Noted]> = answered.chunk_by(|a, b| a.name == b.name).take(MOST_NAMES).collect();
        let asn = answered[0].asn;
        let names: HashSet<u32> = by_name.iter().map(|of_name| of_name[0].name).collect();
        let hours: BTreeSet<u32> = answered.iter().map(|noted| noted.hour).collect();
        let (first, last) = (*hours.first().expect("some row"), *hours.last().expect("some row"));
        let hours_others_reached = hours.iter().filter(|hour| reached.has_other(asn, **hour, &names)).count();
        let address = SharedAnswer {
            probe_cc: country.into(),
            probe_asn: asn,
            ip: self.ips.values[answered[0].ip as usize].to_string().into(),
            measurement_start_time: time(first),
            last_seen: time(last),
            hours_of_address: counted(hours.len()),
            hours_others_reached: counted(hours_others_reached),
            other_names_reached: counted(reached.other_names(asn, first..last + 1, &names)),
            ..SharedAnswer::default()
        };
        by_name.into_iter().all(|of_name| {
            let hours: BTreeSet<u32> = of_name.iter().map(|noted| noted.hour).collect();
            let days: BTreeSet<u32> = hours.iter().map(|hour| hour / 24).collect();
            take(&SharedAnswer {
                hostname: self.name(&of_name[0]).into(),
                hours: counted(hours.len()),
                days: counted(days.len()),
                answers: counted(of_name.len()),
                reached: counted(reached.of_name(asn, of_name[0].name, first..last + 1)),
                ..address.clone()
            })
        })
    }
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn time(hour: u32) -> Timestamp {
    Timestamp::from_microseconds(i64::from(hour) * HOUR_US)
}

#[cfg(test)]
mod tests {
    use parallax_model::tables::{Observation, ObservationRows};

    use super::*;

    const FORGED: &str = "185.60.40.7";

    /// Measurements of one network: the hour, and what the system's resolver said of each name. A name that has an address of its own was
    /// reached there.
    fn shared(measurements: &[(i64, &[(&'static str, &'static str)])]) -> Vec<(String, [u32; 7])> {
        let mut rows = ObservationRows::default();
        for (number, (hour, answers)) in measurements.iter().enumerate() {
            for (name, ip) in *answers {
                let row = Observation {
                    measurement_uid: format!("m{number}").into(),
                    measurement_start_time: Timestamp::from_microseconds(hour * HOUR_US),
                    probe_asn: Some(64500),
                    hostname: Some((*name).into()),
                    ..Observation::default()
                };
                rows.push(&Observation {
                    operation: Operation::Dns,
                    dns_engine: Some("system".into()),
                    dns_answer: Some((*ip).into()),
                    ..row.clone()
                });
                // The probe was told a genuine address over an encrypted connection, too.
                let reached = if *ip == FORGED { "45.76.10.99" } else { ip };
                rows.push(&Observation { operation: Operation::Tls, ip: Some(reached.into()), ..row });
            }
        }
        let (mut seen, mut found) = (Seen::default(), Vec::new());
        seen.add(&rows.finish());
        let mut take = |row: &SharedAnswer<'_>| {
            let of_name = [row.hours, row.days, row.answers, row.reached];
            let of_address = [row.hours_of_address, row.hours_others_reached, row.other_names_reached];
            let figures = [&of_name[..], &of_address].concat().try_into().expect("seven");
            found.push((row.hostname.to_string(), figures));
            true
        };
        assert!(seen.each_shared("XA", &mut take));
        found
    }

    #[test]
    fn a_forged_address_is_found_with_what_was_reached_meanwhile() {
        let blocked: &[_] = &[("a.example.org", FORGED), ("b.example.net", FORGED), ("fine.example.com", "45.76.10.20")];
        let only_fine: &[_] = &[("also.example.com", "45.76.10.21")];
        let found = shared(&[(10, blocked), (11, only_fine), (34, blocked), (35, only_fine), (60, &blocked[..2])]);
        // Hours, days, answers and times reached of the name; hours of the address, and of others meanwhile; other names.
        let figures = [3, 3, 3, 0, 3, 2, 2];
        assert_eq!(found, [("a.example.org".to_owned(), figures), ("b.example.net".to_owned(), figures)]);
    }

    #[test]
    fn a_portal_of_one_of_two_probes_shows_in_what_the_other_reached() {
        let portal: &[_] = &[("a.example.org", FORGED), ("b.example.net", FORGED)];
        let home: &[_] = &[("a.example.org", "45.76.10.20"), ("b.example.net", "45.76.10.21")];
        let found = shared(&[(10, portal), (11, home), (12, portal), (13, home), (14, portal)]);
        let figures = [3, 1, 3, 2, 3, 0, 0];
        assert_eq!(found, [("a.example.org".to_owned(), figures), ("b.example.net".to_owned(), figures)]);
    }

    #[test]
    fn an_address_of_one_domain_or_one_that_was_proved_is_not_shared() {
        assert_eq!(shared(&[(1, &[("a.example.org", FORGED), ("b.example.org", FORGED)])]), []);
        assert_eq!(shared(&[(1, &[("a.example.org", "45.76.10.20"), ("b.example.net", "45.76.10.20")])]), []);
        assert_eq!(shared(&[(1, &[("a.example.org", "10.0.0.1"), ("b.example.net", "10.0.0.1")])]), []);
    }
}
