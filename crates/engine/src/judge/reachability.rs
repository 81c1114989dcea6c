//! Counts how often each network got through to each target, hour by hour: facts, before any rule is asked.
//!
//! Rows come in the order of time, so one hour is counted at a time and memory holds one hour of one country. Only the columns that
//! are needed are read.

use std::net::IpAddr;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use foldhash::HashMap;
use parallax_archive::{Manifest, PartitionReader, Snapshot};
use parallax_detect::interference::is_bogon;
use parallax_detect::interference::neighbours::{Kind, Outcome};
use parallax_model::refdata::RefData;
use parallax_model::table::Columns;
use parallax_model::tables::{Measurement, Observation, ObservationColumns, Reachability, ReachabilityRows};
use parallax_model::{Operation, Text, Timestamp, sha256};

use super::derive::Take;
use crate::Error;

/// Occasions, networks and targets of one hour and country that are told apart, with everything some 200 bytes each. More come from
/// nobody but a forger; what is beyond is not counted, and accusations there stand as if they were alone.
const MOST_OCCASIONS: usize = 500_000;
/// Rows in one batch.
const BATCH_ROWS: usize = 8192;
const HOUR_US: i64 = 3_600_000_000;
const MINUTE_US: i64 = 60_000_000;

const MEASUREMENT_COLUMNS: &[&str] = &["measurement_uid", "report_id", "measurement_start_time", "software_name", "software_version"];
const OBSERVATION_COLUMNS: &[&str] = &[
    "measurement_uid",
    "measurement_start_time",
    "probe_asn",
    "operation",
    "target",
    "ip",
    "failure",
    "dns_engine",
    "dns_is_late",
    "http_request_url",
    "http_response_status_code",
    "http_response_fingerprints",
];

/// Names everything that the reachability of a country and week depends on.
pub(super) fn made_from(manifest: &Manifest, partition: &str, refdata_digest: &str) -> String {
    let mut parts = vec!["reachability 3", refdata_digest];
    for table in [Measurement::TABLE_INFO, Observation::TABLE_INFO] {
        parts.extend(manifest.files(table, partition).iter().map(|file| file.sha256.as_str()));
    }
    sha256::of_texts(parts)
}

/// Hands on one row for each target, operation, network, hour and release of a country and week.
pub(super) fn count(snapshot: &Snapshot, partition: &str, refdata: &RefData, take: &mut Take<'_>) -> Result<(), Error> {
    let mut sessions = Sessions::of(snapshot, partition)?;
    let mut hour = Hour::of(partition);
    for batch in snapshot.read_columns(Observation::TABLE_INFO, partition, OBSERVATION_COLUMNS)? {
        let batch = batch?;
        let columns = ObservationColumns::of(&batch);
        for row in 0..batch.num_rows() {
            let time = columns.measurement_start_time(row).microseconds();
            if time.div_euclid(HOUR_US) != hour.number {
                if !hour.finish(take) {
                    return Ok(());
                }
                hour.number = time.div_euclid(HOUR_US);
            }
            let Some((asn, kind, target, outcome)) = fact(&columns, row, refdata) else { continue };
            let session = sessions.of_measurement(time, &columns.measurement_uid(row))?;
            hour.count(asn, kind, &target, &session, time, outcome);
        }
    }
    hour.finish(take);
    Ok(())
}

/// Which network tried what on which target, and how it ended. Nothing for a row that says nothing about the way to the target: a
/// lookup that no user makes, an answer that came late, a connection to an address that leads nowhere or is a known lie.
fn fact<'b>(columns: &ObservationColumns<'b>, row: usize, refdata: &RefData) -> Option<(u32, Kind, Text<'b>, Outcome)> {
    let (asn, target, operation) = (columns.probe_asn(row)?, columns.target(row)?, columns.operation(row));
    let is_dns = operation == Operation::Dns;
    if is_dns && (columns.dns_is_late(row) || !is_system(columns.dns_engine(row).as_deref().unwrap_or("system"))) {
        return None;
    }
    let leads_nowhere = columns.ip(row).and_then(|ip| ip.parse::<IpAddr>().ok()).is_some_and(|ip| is_lie(ip, refdata));
    if !is_dns && leads_nowhere {
        return None;
    }
    let over_tls = operation == Operation::Http && columns.http_request_url(row).is_some_and(|url| url.starts_with("https://"));
    let outcome = match Outcome::of(columns.failure(row).as_deref()) {
        Outcome::Reached if !columns.http_response_fingerprints(row).is_empty() => Outcome::Other,
        Outcome::Reached if leads_nowhere => Outcome::Lost,
        Outcome::Reached => columns.http_response_status_code(row).map_or(Outcome::Reached, Outcome::of_status),
        outcome => outcome,
    };
    Some((asn, Kind { operation, over_tls }, target, outcome))
}

fn value(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// The resolver that a user's programs ask, as in the judgement of lookups.
pub(super) fn is_system(engine: &str) -> bool {
    matches!(engine, "system" | "getaddrinfo" | "golang_net_resolver" | "unknown" | "")
}

fn is_lie(ip: IpAddr, refdata: &RefData) -> bool {
    is_bogon(ip) || refdata.forged_answers.contains_key(&ip)
}

/// The occasion that a row belongs to: its report, or its minute where the record names none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Occasion {
    Report(u32),
    Minute(i64),
}

/// What happened on one occasion.
#[derive(Clone, Copy, Default)]
struct Happened {
    reached: bool,
    lost: bool,
}

/// One hour of one country, being counted. Names and reports are kept once and known by number.
struct Hour {
    number: i64,
    country: String,
    names: Numbered,
    reports: Numbered,
    releases: Numbered,
    occasions: HashMap<(u32, Kind, u32, u32, Occasion), Happened>,
    rows: ReachabilityRows,
}

#[derive(Default)]
struct Numbered {
    by_text: HashMap<String, u32>,
}

impl Numbered {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.by_text.get(text) {
            return *number;
        }
        let next = u32::try_from(self.by_text.len()).unwrap_or(u32::MAX);
        self.by_text.insert(text.to_owned(), next);
        next
    }

    /// All texts by their numbers; none is known any more.
    fn take(&mut self) -> HashMap<u32, String> {
        self.by_text.drain().map(|(text, number)| (number, text)).collect()
    }
}

impl Hour {
    fn of(partition: &str) -> Self {
        let country = partition.split('/').next().unwrap_or_default().to_owned();
        let (names, reports, releases) = Default::default();
        Self { number: 0, country, names, reports, releases, occasions: HashMap::default(), rows: ReachabilityRows::default() }
    }

    fn count(&mut self, asn: u32, kind: Kind, target: &str, session: &Session<'_>, time: i64, outcome: Outcome) {
        let is_full = self.occasions.len() >= MOST_OCCASIONS;
        if is_full && !self.names.by_text.contains_key(target) {
            return;
        }
        let occasion = match session.report {
            Some(report) => Occasion::Report(self.reports.number(report)),
            None => Occasion::Minute(time.div_euclid(MINUTE_US)),
        };
        let key = (asn, kind, self.names.number(target), self.releases.number(session.software), occasion);
        if is_full && !self.occasions.contains_key(&key) {
            return;
        }
        let happened = self.occasions.entry(key).or_default();
        happened.reached |= outcome == Outcome::Reached;
        happened.lost |= outcome == Outcome::Lost;
    }

    /// Hands on what was counted, and forgets it; false when nobody wants it.
    fn finish(&mut self, take: &mut Take<'_>) -> bool {
        let mut counts: HashMap<(u32, Kind, u32, u32), Reachability<'static>> = HashMap::default();
        for ((asn, kind, name, release, _), happened) in self.occasions.drain() {
            let row = counts.entry((asn, kind, name, release)).or_default();
            row.occasions += 1;
            row.reached += u32::from(happened.reached);
            row.lost += u32::from(happened.lost && !happened.reached);
            row.lost_any += u32::from(happened.lost);
        }
        let (names, releases) = (self.names.take(), self.releases.take());
        self.reports.by_text.clear();
        // In whatever order: the archive sorts.
        for ((asn, kind, name, release), counted) in counts {
            self.rows.push(&Reachability {
                target: names[&name].as_str().into(),
                operation: kind.operation,
                over_tls: kind.over_tls,
                probe_cc: self.country.as_str().into(),
                probe_asn: asn,
                measurement_start_time: Timestamp::from_microseconds(self.number.saturating_mul(HOUR_US)),
                software: releases[&release].as_str().into(),
                ..counted
            });
            if self.rows.len() >= BATCH_ROWS && !take(self.rows.take()) {
                return false;
            }
        }
        self.rows.is_empty() || take(self.rows.take())
    }
}

/// Which session a measurement belongs to, and which software it was made by.
#[derive(Default)]
struct Session<'s> {
    report: Option<&'s str>,
    software: &'s str,
}

/// The session of each measurement, read in step with the observations, which are sorted the same way.
struct Sessions {
    measurements: PartitionReader,
    batch: Option<Measurements>,
    row: usize,
    /// The software of the row at hand, put together once.
    software: (usize, String),
}

/// The columns of one batch of measurements.
struct Measurements {
    uids: StringArray,
    reports: StringArray,
    times: TimestampMicrosecondArray,
    names: StringArray,
    versions: StringArray,
}

impl Measurements {
    fn of(batch: &RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("the column was asked for");
        let text = |name: &str| column(name).as_string::<i32>().clone();
        Self {
            uids: text("measurement_uid"),
            reports: text("report_id"),
            times: column("measurement_start_time").as_primitive::<TimestampMicrosecondType>().clone(),
            names: text("software_name"),
            versions: text("software_version"),
        }
    }
}

impl Sessions {
    fn of(snapshot: &Snapshot, partition: &str) -> Result<Self, Error> {
        let measurements = snapshot.read_columns(Measurement::TABLE_INFO, partition, MEASUREMENT_COLUMNS)?;
        Ok(Self { measurements, batch: None, row: 0, software: (usize::MAX, String::new()) })
    }

    /// Where two records bear one name at one time, the first one's session stands for both.
    fn of_measurement(&mut self, time: i64, uid: &str) -> Result<Session<'_>, Error> {
        loop {
            if self.batch.as_ref().is_none_or(|batch| self.row >= batch.uids.len()) {
                self.batch = self.measurements.next().transpose()?.map(|batch| Measurements::of(&batch));
                (self.row, self.software.0) = (0, usize::MAX);
                if self.batch.is_none() {
                    return Ok(Session::default());
                }
            }
            let batch = self.batch.as_ref().expect("it was just read");
            if (batch.times.value(self.row), batch.uids.value(self.row)) >= (time, uid) {
                break;
            }
            self.row += 1;
        }
        let batch = self.batch.as_ref().expect("the loop ended on a row");
        if batch.uids.value(self.row) != uid {
            return Ok(Session::default());
        }
        if self.software.0 != self.row {
            let part = |column| value(column, self.row).unwrap_or_default();
            self.software = (self.row, format!("{} {}", part(&batch.names), part(&batch.versions)).trim().to_owned());
        }
        let report = value(&batch.reports, self.row).filter(|report| !report.is_empty());
        Ok(Session { report, software: &self.software.1 })
    }
}
