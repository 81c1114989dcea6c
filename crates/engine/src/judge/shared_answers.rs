//! Finds addresses that a network's resolvers gave for unrelated names and that no connection of it proved: facts, before any rule is
//! asked.
//!
//! One walk over the lookups and handshakes of a country and week notes what was answered and what was reached, as small rows of numbers;
//! they are sorted, and each address is looked at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::ops::Range;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type};
use parallax_archive::{Manifest, Snapshot};
use parallax_detect::interference::is_bogon;
use parallax_detect::interference::neighbours::{AnsweredName, Shared, SharedAnswers, domain};
use parallax_model::table::Row;
use parallax_model::tables::{Observation, SharedAnswer, SharedAnswerRows};
use parallax_model::{Operation, Timestamp};

use super::derive::Take;
use super::digest_of;
use super::reachability::is_system;
use crate::Error;

/// Answers, and successful handshakes, that are noted of a country and week, some 20 bytes each. What is beyond is not counted; honest
/// probes of a large country bring half of it.
const MOST_NOTED: usize = 2_000_000;
/// Names and addresses that are told apart.
const MOST_TEXTS: usize = 500_000;
/// Names of one address that are looked at, and other names that are counted.
const MOST_NAMES: usize = 1_000;
const MOST_OTHERS: usize = 100;
/// Addresses that are looked at in a country and week: real ones number some hundreds.
const MOST_ADDRESSES: usize = 10_000;
/// Rows in one batch.
const BATCH_ROWS: usize = 8192;
const HOUR_US: i64 = 3_600_000_000;

const COLUMNS: &[&str] = &[
    "measurement_uid",
    "measurement_start_time",
    "probe_asn",
    "operation",
    "hostname",
    "ip",
    "failure",
    "dns_engine",
    "dns_answer",
    "dns_is_late",
    "tls_no_verify",
];

/// Names everything that the shared answers of a country and week depend on.
pub(super) fn made_from(manifest: &Manifest, partition: &str) -> String {
    let files = manifest.files(Observation::TABLE_INFO, partition).iter().map(|file| file.sha256.as_str());
    digest_of(&["shared answers 1"].into_iter().chain(files).collect::<Vec<_>>())
}

/// Hands on one row for each network, shared address and name of a country and week.
pub(super) fn find(snapshot: &Snapshot, partition: &str, take: &mut Take<'_>) -> Result<(), Error> {
    let mut seen = Seen::default();
    for batch in snapshot.read_columns(Observation::TABLE_INFO, partition, COLUMNS)? {
        seen.add(&batch?);
    }
    let country = partition.split('/').next().unwrap_or_default();
    let mut rows = SharedAnswerRows::default();
    let goes_on = seen.each_shared(country, &mut |row| {
        rows.push(row);
        rows.len() < BATCH_ROWS || take(rows.finish())
    });
    if goes_on && !rows.is_empty() {
        take(rows.finish());
    }
    Ok(())
}

/// The columns of one batch of observations.
struct Rows<'b> {
    uids: &'b StringArray,
    times: &'b TimestampMicrosecondArray,
    asns: &'b UInt32Array,
    operations: &'b StringArray,
    hostnames: &'b StringArray,
    ips: &'b StringArray,
    failures: &'b StringArray,
    engines: &'b StringArray,
    answers: &'b StringArray,
    late: &'b BooleanArray,
    no_verify: &'b BooleanArray,
}

impl<'b> Rows<'b> {
    fn of(batch: &'b RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("the column was asked for").as_ref();
        let text = |name: &str| column(name).as_string::<i32>();
        Self {
            uids: text("measurement_uid"),
            times: column("measurement_start_time").as_primitive::<TimestampMicrosecondType>(),
            asns: column("probe_asn").as_primitive::<UInt32Type>(),
            operations: text("operation"),
            hostnames: text("hostname"),
            ips: text("ip"),
            failures: text("failure"),
            engines: text("dns_engine"),
            answers: text("dns_answer"),
            late: column("dns_is_late").as_boolean(),
            no_verify: column("tls_no_verify").as_boolean(),
        }
    }

    /// The name and the address of an answer of the system's resolver.
    fn answer(&self, row: usize) -> Option<(&'b str, &'b str)> {
        let is_late = self.late.is_valid(row) && self.late.value(row);
        if is_late || !is_system(value(self.engines, row).unwrap_or("system")) {
            return None;
        }
        Some((value(self.hostnames, row)?, value(self.answers, row)?))
    }

    /// The name and the address of a handshake that succeeded.
    fn handshake(&self, row: usize) -> Option<(&'b str, &'b str)> {
        let is_unverified = self.no_verify.is_valid(row) && self.no_verify.value(row);
        if is_unverified || self.failures.is_valid(row) {
            return None;
        }
        Some((value(self.hostnames, row)?, value(self.ips, row)?))
    }
}

fn value(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// A name at an address in one measurement of a network. The order is the one in which addresses are looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Noted {
    asn: u32,
    ip: u32,
    name: u32,
    hour: u32,
}

/// What a country's networks were answered and what they reached, in one week. Names and addresses are kept once and known by number.
#[derive(Default)]
struct Seen {
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
        Self { numbers: HashMap::new(), values: Vec::new() }
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
    fn add(&mut self, batch: &RecordBatch) {
        let rows = Rows::of(batch);
        for row in 0..batch.num_rows() {
            if !rows.asns.is_valid(row) {
                continue;
            }
            let pair = match rows.operations.value(row).parse() {
                Ok(Operation::Dns) => rows.answer(row),
                Ok(Operation::Tls) => rows.handshake(row),
                _ => None,
            };
            let Some((name, ip)) = pair else { continue };
            if rows.uids.value(row) != self.uid {
                self.end_measurement();
                rows.uids.value(row).clone_into(&mut self.uid);
            }
            self.asn = rows.asns.value(row);
            self.hour = u32::try_from(rows.times.value(row).div_euclid(HOUR_US)).unwrap_or_default();
            let Some(pair) = self.numbered(name, ip) else { continue };
            let is_answer = rows.operations.value(row) == Operation::Dns.as_str();
            if is_answer {
                self.answers.insert(pair)
            } else {
                self.handshakes.insert(pair)
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
    fn each_shared(&mut self, country: &str, take: &mut dyn FnMut(&SharedAnswer<'_>) -> bool) -> bool {
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

/// What networks reached, in two orders.
struct Reached {
    /// Network, hour, name, each once.
    by_hour: Vec<(u32, u32, u32)>,
    /// Network, name, hour, once for each measurement.
    by_name: Vec<(u32, u32, u32)>,
}

impl Reached {
    fn of(noted: Vec<Noted>) -> Self {
        let mut by_hour: Vec<_> = noted.iter().map(|noted| (noted.asn, noted.hour, noted.name)).collect();
        by_hour.sort_unstable();
        by_hour.dedup();
        let mut by_name: Vec<_> = noted.iter().map(|noted| (noted.asn, noted.name, noted.hour)).collect();
        drop(noted);
        by_name.sort_unstable();
        Self { by_hour, by_name }
    }

    /// Whether a network reached any name but these in an hour. At most one more than these are looked at.
    fn has_other(&self, asn: u32, hour: u32, names: &HashSet<u32>) -> bool {
        let begin = self.by_hour.partition_point(|row| *row < (asn, hour, 0));
        self.by_hour[begin..].iter().take_while(|row| (row.0, row.1) == (asn, hour)).any(|row| !names.contains(&row.2))
    }

    /// Names but these that a network reached in some hours, as far as they are counted.
    fn other_names(&self, asn: u32, hours: Range<u32>, names: &HashSet<u32>) -> usize {
        let begin = self.by_hour.partition_point(|row| *row < (asn, hours.start, 0));
        let rows = self.by_hour[begin..].iter().take_while(|row| row.0 == asn && row.1 < hours.end);
        let mut others = HashSet::new();
        for (_, _, name) in rows.filter(|row| !names.contains(&row.2)) {
            others.insert(*name);
            if others.len() >= MOST_OTHERS {
                break;
            }
        }
        others.len()
    }

    fn of_name(&self, asn: u32, name: u32, hours: Range<u32>) -> usize {
        let at = |hour| self.by_name.partition_point(|row| *row < (asn, name, hour));
        at(hours.end) - at(hours.start)
    }
}

/// Loads what a country's networks were answered in one week.
pub(super) fn load(snapshot: &Snapshot, partition: &str) -> Result<SharedAnswers, Error> {
    let mut answers = SharedAnswers::default();
    for batch in snapshot.read(SharedAnswer::TABLE_INFO, partition)? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let row = SharedAnswer::read(&batch, row);
            let Ok(ip) = row.ip.parse() else { continue };
            let address = Shared {
                names: Vec::new(),
                hours: row.hours_of_address,
                hours_others_reached: row.hours_others_reached,
                other_names_reached: row.other_names_reached,
            };
            let name = AnsweredName {
                hostname: row.hostname.into_owned(),
                hours: row.hours,
                days: row.days,
                answers: row.answers,
                reached: row.reached,
            };
            answers.insert(row.probe_asn, ip, address, name);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use parallax_model::tables::ObservationRows;

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
