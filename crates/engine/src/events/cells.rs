//! The view `cells` as the detector takes it, some countries and weeks at a time: an hour lies in one of them, so that no cell is cut in two.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type};
use parallax_archive::Snapshot;
use parallax_detect::interference::events::{self, CellRow, Cells, CellsBuilder, Counts, Event, Hour};
use parallax_model::Timestamp;
use parallax_model::tables::Verdict;

use super::reach;
use crate::{Engine, Error, Limits, Options};

/// Verdicts that are joined and grouped at once; each needs some 300 bytes for it. A week of a country that has more goes alone.
const VERDICTS_AT_ONCE: u64 = 500_000;

/// Memory for that. A join keeps one side in memory and cannot spill it: enough for a million and a half measurements in a week of a country.
/// With ten million cells beside it, half a gigabyte, a run stays within one.
const MEMORY_BYTES: usize = 480 << 20;

const SQL: &str = "SELECT * FROM cells";

/// Which cells.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Of one country only.
    pub country: Option<String>,
}

/// Cells, and how far they can be believed.
#[derive(Debug, Default)]
pub struct Loaded {
    pub cells: Cells,
    /// The hour after the last complete one; none of an archive without measurements.
    pub watermark: Option<Hour>,
    /// Cells whose hour cannot be right.
    pub left_out: u64,
}

impl Loaded {
    /// What the detector makes of them.
    pub fn events(&self) -> Vec<Event<'static>> {
        events::detect(&self.cells, &self.options())
    }

    pub fn options(&self) -> events::Options {
        events::Options { complete_until: self.watermark, ..events::Options::default() }
    }
}

pub fn load(snapshot: &Snapshot, scope: &Scope, options: &Options) -> Result<Loaded, Error> {
    let (builder, reach) = gather(snapshot, scope, options)?;
    let Some(reach) = reach else { return Ok(Loaded::default()) };
    let mut builder = builder;
    let left_out = builder.keep_hours(reach.hours()) as u64;
    Ok(Loaded { cells: builder.finish(), watermark: Some(reach.watermark), left_out })
}

fn gather(snapshot: &Snapshot, scope: &Scope, options: &Options) -> Result<(CellsBuilder, Option<reach::Reach>), Error> {
    let mut builder = CellsBuilder::default();
    let reach = reach::reach(snapshot, options)?;
    let options = &Options { memory_bytes: options.memory_bytes.max(MEMORY_BYTES), ..*options };
    for partitions in batches(snapshot, scope) {
        let engine = Engine::over_partitions(snapshot, &partitions, options)?;
        for batch in engine.query(SQL, &Limits::default())? {
            push(&batch?, &mut builder);
        }
    }
    Ok((builder, reach))
}

/// Partitions that are looked at together.
fn batches(snapshot: &Snapshot, scope: &Scope) -> Vec<BTreeSet<String>> {
    let mut batches: Vec<BTreeSet<String>> = Vec::new();
    let mut rows = u64::MAX;
    let prefix = scope.country.as_ref().map_or(String::new(), |country| format!("{country}/"));
    for partition in snapshot.partitions(Verdict::TABLE_INFO).filter(|partition| partition.starts_with(&prefix)) {
        let more: u64 = snapshot.manifest().files(Verdict::TABLE_INFO, partition).iter().map(|file| file.rows).sum();
        rows = rows.saturating_add(more);
        if rows > VERDICTS_AT_ONCE {
            batches.push(BTreeSet::new());
            rows = more;
        }
        batches.last_mut().expect("one was just begun").insert(partition.to_owned());
    }
    batches
}

/// The columns of a batch, by name.
struct Columns<'b>(&'b RecordBatch);

impl<'b> Columns<'b> {
    fn text(&self, name: &str) -> &'b StringArray {
        self.0.column_by_name(name).expect("the view has the column").as_string::<i32>()
    }

    fn count(&self, name: &str) -> &'b Int64Array {
        self.0.column_by_name(name).expect("the view has the column").as_primitive::<Int64Type>()
    }

    fn network(&self, name: &str) -> &'b UInt32Array {
        self.0.column_by_name(name).expect("the view has the column").as_primitive::<UInt32Type>()
    }

    fn time(&self, name: &str) -> &'b TimestampMicrosecondArray {
        self.0.column_by_name(name).expect("the view has the column").as_primitive::<TimestampMicrosecondType>()
    }
}

fn push(batch: &RecordBatch, builder: &mut CellsBuilder) {
    let columns = Columns(batch);
    let [country, target, layer, mechanism, software, ruleset, probe, witness] =
        ["probe_cc", "target", "layer", "mechanism", "software", "ruleset", "probe_id", "witness"].map(|name| columns.text(name));
    let [network, resolver] = ["probe_asn", "resolver_asn"].map(|name| columns.network(name));
    let hour = columns.time("hour");
    let counts: [&Int64Array; 11] = [
        "measurements",
        "sessions",
        "insufficient",
        "ok",
        "impaired",
        "down",
        "interfered",
        "likely_blocked",
        "blocked",
        "control_failures",
        "ipv6_only",
    ]
    .map(|name| columns.count(name));
    let known = |column: &UInt32Array, row: usize| column.is_valid(row).then(|| column.value(row));
    for row in 0..batch.num_rows() {
        let text = |column: &'_ StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        let (mechanism, probe_id, witness) = (text(mechanism), text(probe), text(witness));
        builder.push(&CellRow {
            probe_cc: country.value(row),
            probe_asn: known(network, row),
            resolver_asn: known(resolver, row),
            target: target.value(row),
            layer: layer.value(row).parse().unwrap_or_default(),
            hour: Hour::of(Timestamp::from_microseconds(hour.value(row))),
            mechanism: mechanism.and_then(|mechanism| mechanism.parse().ok()),
            software: software.value(row),
            ruleset: ruleset.value(row),
            probe_id: probe_id.as_deref(),
            counts: counts_of(counts.map(|column| column.value(row))),
            witness: witness.as_deref(),
        });
    }
}

/// More than 65,535 stays there.
fn counts_of(counts: [i64; 11]) -> Counts {
    let [measurements, sessions, insufficient, ok, impaired, down, interfered, likely_blocked, blocked, control_failures, ipv6_only] =
        counts.map(|count| u16::try_from(count).unwrap_or(u16::MAX));
    Counts { measurements, sessions, insufficient, ok, impaired, down, interfered, likely_blocked, blocked, control_failures, ipv6_only }
}
