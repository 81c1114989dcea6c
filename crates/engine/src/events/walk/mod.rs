//! The view `cells` of one partition, made by walking its tables in step: all three lie in the order of time, so that memory holds an hour of a country
//! and no join is needed. A test holds it to the view's own SQL.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use arrow::array::{Array, AsArray, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type};
use parallax_archive::{PartitionReader, Snapshot};
use parallax_detect::interference::events::{CellRow, CellsBuilder, Counts, Hour};
use parallax_model::tables::{Measurement, Observation, Verdict};
use parallax_model::{Layer, Mechanism, State, Timestamp};

use crate::Error;

const VERDICT_COLUMNS: &[&str] = &[
    "measurement_uid",
    "raw_digest",
    "measurement_start_time",
    "probe_cc",
    "probe_asn",
    "target",
    "layer",
    "state",
    "mechanism",
    "instrument",
    "ruleset_version",
    "refdata_digest",
];
const MEASUREMENT_COLUMNS: &[&str] = &[
    "measurement_uid",
    "raw_digest",
    "measurement_start_time",
    "resolver_asn",
    "software_name",
    "software_version",
    "probe_id",
    "report_id",
    "control_failure",
];
const OBSERVATION_COLUMNS: &[&str] = &["measurement_uid", "raw_digest", "measurement_start_time", "target", "ip", "failure"];

const DAY_US: i64 = 24 * 3_600_000_000;
/// The same as in the view: a record is handed in not before it was made, but for a clock that is a little wrong, and soon after.
const BEFORE_DAYS: i64 = 1;
const AFTER_DAYS: i64 = 60;
/// Where the point stands in a name that says when the record was received.
const POINT: usize = 14;

/// Adds the cells of a country and week.
pub(super) fn push(snapshot: &Snapshot, partition: &str, builder: &mut CellsBuilder) -> Result<(), Error> {
    let mut measurements = Cursor::new(snapshot.read_columns(Measurement::TABLE_INFO, partition, MEASUREMENT_COLUMNS)?);
    let mut observations = Cursor::new(snapshot.read_columns(Observation::TABLE_INFO, partition, OBSERVATION_COLUMNS)?);
    let (mut hour, mut reports, mut received) = (Group::default(), Names::default(), Received::default());
    // The measurement that the verdicts at hand are about; none where it does not count.
    let (mut key, mut about): (Key, Option<About>) = (Key::default(), None);
    for batch in snapshot.read_columns(Verdict::TABLE_INFO, partition, VERDICT_COLUMNS)? {
        let batch = batch?;
        let verdicts = Verdicts::of(&batch);
        for row in 0..batch.num_rows() {
            if verdicts.key.compare(row, &key).is_ne() {
                key = verdicts.key.at(row);
                let believed = measurements.is_at(&key)? && received.is_believed(&key);
                about = measurements.row().filter(|_| believed).map(|(batch, place)| About::of(batch, place));
                let now = Hour::of(Timestamp::from_microseconds(key.0));
                if now != hour.hour {
                    hour.flush(builder);
                    (hour.hour, reports) = (now, Names::default());
                }
            }
            let Some(about) = about.as_ref().filter(|_| !verdicts.has(row, "clock")) else { continue };
            let verdict = verdicts.row(row);
            let over_ipv6 = verdict.counts_when_broken() && verdicts.has(row, "broken_ipv6");
            let ipv6_only = over_ipv6 && !failed_over_ipv4(&mut observations, &key, verdict.target)?;
            hour.add(&verdict, about, ipv6_only, &key.1, &mut reports);
        }
    }
    hour.flush(builder);
    Ok(())
}

/// Which measurement: its time, its name, the digest of its record. The order of all three tables.
type Key = (i64, String, String);

/// The columns of a key.
struct Keys<'b> {
    times: &'b TimestampMicrosecondArray,
    uids: &'b StringArray,
    digests: &'b StringArray,
}

impl<'b> Keys<'b> {
    fn of(batch: &'b RecordBatch) -> Self {
        Self {
            times: column(batch, "measurement_start_time").as_primitive::<TimestampMicrosecondType>(),
            uids: text(batch, "measurement_uid"),
            digests: text(batch, "raw_digest"),
        }
    }

    fn at(&self, row: usize) -> Key {
        (self.times.value(row), self.uids.value(row).to_owned(), self.digests.value(row).to_owned())
    }

    fn compare(&self, row: usize, key: &Key) -> std::cmp::Ordering {
        (self.times.value(row), self.uids.value(row), self.digests.value(row)).cmp(&(key.0, key.1.as_str(), key.2.as_str()))
    }
}

/// A table that is walked beside the verdicts.
struct Cursor {
    reader: PartitionReader,
    batch: Option<RecordBatch>,
    row: usize,
    is_done: bool,
    /// Of observations: the measurement that was looked at last, and its targets that failed over IPv4.
    failed: Option<(Key, BTreeSet<String>)>,
}

impl Cursor {
    fn new(reader: PartitionReader) -> Self {
        Self { reader, batch: None, row: 0, is_done: false, failed: None }
    }

    /// Goes on to the first row of a measurement; whether it has one. Keys are asked for in order.
    fn is_at(&mut self, key: &Key) -> Result<bool, Error> {
        loop {
            let Some(batch) = &self.batch else {
                if self.is_done {
                    return Ok(false);
                }
                (self.batch, self.row) = (self.reader.next().transpose()?, 0);
                self.is_done = self.batch.is_none();
                continue;
            };
            let keys = Keys::of(batch);
            while self.row < batch.num_rows() {
                match keys.compare(self.row, key) {
                    std::cmp::Ordering::Less => self.row += 1,
                    order => return Ok(order.is_eq()),
                }
            }
            self.batch = None;
        }
    }

    fn row(&self) -> Option<(&RecordBatch, usize)> {
        self.batch.as_ref().map(|batch| (batch, self.row))
    }
}

/// Whether something failed over IPv4 on the way to a target. The observations of a measurement are walked once, for all of its targets.
fn failed_over_ipv4(observations: &mut Cursor, key: &Key, target: &str) -> Result<bool, Error> {
    if observations.failed.as_ref().is_none_or(|(looked, _)| looked != key) {
        let mut failed = BTreeSet::new();
        while observations.is_at(key)? {
            let (batch, row) = observations.row().expect("it is at the measurement");
            let ip = value(text(batch, "ip"), row);
            if value(text(batch, "failure"), row).is_some() && ip.is_some_and(|ip| !ip.contains(':')) {
                failed.extend(value(text(batch, "target"), row).map(str::to_owned));
            }
            observations.row += 1;
        }
        observations.failed = Some((key.clone(), failed));
    }
    Ok(observations.failed.as_ref().is_some_and(|(_, failed)| failed.contains(target)))
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> &'b dyn Array {
    batch.column_by_name(name).expect("the column was asked for").as_ref()
}

fn text<'b>(batch: &'b RecordBatch, name: &str) -> &'b StringArray {
    column(batch, name).as_string::<i32>()
}

fn value(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

fn number(array: &UInt32Array, row: usize) -> Option<u32> {
    array.is_valid(row).then(|| array.value(row))
}

/// The columns of one batch of verdicts.
struct Verdicts<'b> {
    key: Keys<'b>,
    countries: &'b StringArray,
    networks: &'b UInt32Array,
    targets: &'b StringArray,
    layers: &'b StringArray,
    states: &'b StringArray,
    mechanisms: &'b StringArray,
    instruments: &'b ListArray,
    rulesets: &'b StringArray,
    refdata: &'b StringArray,
}

/// One verdict, as far as it is counted.
struct Row<'b> {
    country: &'b str,
    network: Option<u32>,
    target: &'b str,
    layer: Layer,
    state: State,
    mechanism: Option<Mechanism>,
    ruleset: &'b str,
    refdata: &'b str,
}

impl<'b> Verdicts<'b> {
    fn of(batch: &'b RecordBatch) -> Self {
        Self {
            key: Keys::of(batch),
            countries: text(batch, "probe_cc"),
            networks: column(batch, "probe_asn").as_primitive::<UInt32Type>(),
            targets: text(batch, "target"),
            layers: text(batch, "layer"),
            states: text(batch, "state"),
            mechanisms: text(batch, "mechanism"),
            instruments: column(batch, "instrument").as_list::<i32>(),
            rulesets: text(batch, "ruleset_version"),
            refdata: text(batch, "refdata_digest"),
        }
    }

    fn has(&self, row: usize, instrument: &str) -> bool {
        self.instruments.value_length(row) > 0 && self.instruments.value(row).as_string::<i32>().iter().any(|each| each == Some(instrument))
    }

    fn row(&self, row: usize) -> Row<'b> {
        let state: State = self.states.value(row).parse().unwrap_or_default();
        let mechanism = value(self.mechanisms, row).filter(|_| state.accuses());
        Row {
            country: self.countries.value(row),
            network: number(self.networks, row),
            target: self.targets.value(row),
            layer: self.layers.value(row).parse().unwrap_or_default(),
            state,
            mechanism: mechanism.and_then(|mechanism| mechanism.parse().ok()),
            ruleset: self.rulesets.value(row),
            refdata: self.refdata.value(row),
        }
    }
}

impl Row<'_> {
    fn counts_when_broken(&self) -> bool {
        self.state.accuses() || self.state == State::Impaired
    }
}

/// What a measurement says beside its verdicts.
struct About {
    resolver: Option<u32>,
    software: String,
    probe: Option<String>,
    report: Option<String>,
    control_failed: bool,
}

impl About {
    fn of(batch: &RecordBatch, row: usize) -> Self {
        let words = ["software_name", "software_version"].map(|name| value(text(batch, name), row));
        Self {
            resolver: number(column(batch, "resolver_asn").as_primitive::<UInt32Type>(), row),
            software: words.into_iter().flatten().collect::<Vec<_>>().join(" "),
            probe: value(text(batch, "probe_id"), row).map(str::to_owned),
            report: value(text(batch, "report_id"), row).map(str::to_owned),
            control_failed: column(batch, "control_failure").is_valid(row),
        }
    }
}

/// Whether records were handed in when they should have been. Days of names are compared as text, each day's bounds made once.
#[derive(Default)]
struct Received {
    day: Option<i64>,
    bounds: (String, String),
}

impl Received {
    fn is_believed(&mut self, (time, uid, _): &Key) -> bool {
        // A name such as 20240304101500.123456_XA_… says when the record was received.
        if uid.chars().nth(POINT) != Some('.') {
            return true;
        }
        let day = time.div_euclid(DAY_US);
        if self.day != Some(day) {
            let format = |day: i64| Timestamp::from_microseconds(day.saturating_mul(DAY_US)).format("%Y%m%d");
            (self.day, self.bounds) = (Some(day), (format(day - BEFORE_DAYS), format(day + AFTER_DAYS)));
        }
        let received: String = uid.chars().take(8).collect();
        (self.bounds.0.as_str()..=self.bounds.1.as_str()).contains(&received.as_str())
    }
}

/// Numbers for names.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

/// What tells the cells of an hour apart.
#[derive(PartialEq, Eq, Hash)]
struct CellKey {
    country: String,
    network: Option<u32>,
    resolver: Option<u32>,
    target: String,
    layer: Layer,
    mechanism: Option<Mechanism>,
    software: String,
    ruleset: String,
    probe: Option<String>,
}

/// What is counted of one.
#[derive(Default)]
struct Tally {
    counts: Counts,
    sessions: HashSet<u32>,
    witness: Option<String>,
}

/// The cells of one hour.
#[derive(Default)]
struct Group {
    hour: Hour,
    cells: HashMap<CellKey, Tally>,
}

impl Group {
    fn add(&mut self, verdict: &Row<'_>, about: &About, ipv6_only: bool, uid: &str, reports: &mut Names) {
        let key = CellKey {
            country: verdict.country.to_owned(),
            network: verdict.network,
            resolver: about.resolver.filter(|_| verdict.layer == Layer::Dns),
            target: verdict.target.to_owned(),
            layer: verdict.layer,
            mechanism: verdict.mechanism,
            software: about.software.clone(),
            ruleset: [verdict.ruleset, verdict.refdata].join(" "),
            probe: about.probe.clone(),
        };
        let tally = self.cells.entry(key).or_default();
        let counts = &mut tally.counts;
        let state = match verdict.state {
            State::Insufficient => &mut counts.insufficient,
            State::Ok => &mut counts.ok,
            State::Impaired => &mut counts.impaired,
            State::Down => &mut counts.down,
            State::Interfered => &mut counts.interfered,
            State::LikelyBlocked => &mut counts.likely_blocked,
            State::Blocked => &mut counts.blocked,
        };
        // More than 65,535 stays there.
        *state = state.saturating_add(1);
        counts.measurements = counts.measurements.saturating_add(1);
        counts.control_failures = counts.control_failures.saturating_add(u16::from(about.control_failed));
        counts.ipv6_only = counts.ipv6_only.saturating_add(u16::from(ipv6_only));
        tally.sessions.extend(about.report.as_ref().map(|report| reports.number(report)));
        if verdict.state.accuses() && tally.witness.as_deref().is_none_or(|witness| uid < witness) {
            tally.witness = Some(uid.to_owned());
        }
    }

    fn flush(&mut self, builder: &mut CellsBuilder) {
        // The order leaves no trace in the cells.
        for (key, tally) in self.cells.drain() {
            let sessions = u16::try_from(tally.sessions.len()).unwrap_or(u16::MAX);
            builder.push(&CellRow {
                probe_cc: &key.country,
                probe_asn: key.network,
                resolver_asn: key.resolver,
                target: &key.target,
                layer: key.layer,
                hour: self.hour,
                mechanism: key.mechanism,
                software: &key.software,
                ruleset: &key.ruleset,
                probe_id: key.probe.as_deref(),
                counts: Counts { sessions, ..tally.counts },
                witness: tally.witness.as_deref(),
            });
        }
    }
}
