//! The walk gives what the view's own SQL gives.

use std::borrow::Cow;

use arrow::array::Int64Array;
use arrow::datatypes::Int64Type;
use parallax_archive::Archive;
use parallax_detect::interference::events::Cells;
use parallax_model::tables::{MeasurementRows, ObservationRows, VerdictRows};
use parallax_model::{Instrument, Operation};
use tempfile::TempDir;

use super::*;
use crate::{Engine, Limits, Options};

/// What the view counts, in its order.
const COUNTS: [&str; 11] = [
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
];

#[test]
fn the_walk_counts_what_the_view_counts() {
    let dir = TempDir::new().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    fill(&archive);
    let snapshot = archive.snapshot().unwrap();
    let mut walked = CellsBuilder::default();
    for partition in snapshot.partitions(Verdict::TABLE_INFO) {
        push(&snapshot, partition, &mut walked).unwrap();
    }
    let (walked, viewed) = (walked.finish(), viewed(&archive));
    assert!(walked.len() > 500 && walked.last_hour() == viewed.last_hour());
    assert_eq!(format!("{walked:?}"), format!("{viewed:?}"));
}

fn viewed(archive: &Archive) -> Cells {
    let engine = Engine::open(archive, &Options { threads: 2, ..Options::default() }).unwrap();
    let mut builder = CellsBuilder::default();
    for batch in engine.query("SELECT * FROM cells", &Limits::default()).unwrap() {
        let batch = batch.unwrap();
        let [country, target, layer, mechanism, software, ruleset, probe, witness] =
            ["probe_cc", "target", "layer", "mechanism", "software", "ruleset", "probe_id", "witness"].map(|name| text(&batch, name));
        let [network, resolver] = ["probe_asn", "resolver_asn"].map(|name| column(&batch, name).as_primitive::<UInt32Type>());
        let hours = column(&batch, "hour").as_primitive::<TimestampMicrosecondType>();
        let counts: [&Int64Array; 11] = COUNTS.map(|name| column(&batch, name).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let [
                measurements,
                sessions,
                insufficient,
                ok,
                impaired,
                down,
                interfered,
                likely_blocked,
                blocked,
                control_failures,
                ipv6_only,
            ] = counts.map(|count| u16::try_from(count.value(row)).unwrap());
            let counts = Counts {
                measurements,
                sessions,
                insufficient,
                ok,
                impaired,
                down,
                interfered,
                likely_blocked,
                blocked,
                control_failures,
                ipv6_only,
            };
            builder.push(&CellRow {
                probe_cc: country.value(row),
                probe_asn: number(network, row),
                resolver_asn: number(resolver, row),
                target: target.value(row),
                layer: layer.value(row).parse().unwrap(),
                hour: Hour::of(Timestamp::from_microseconds(hours.value(row))),
                mechanism: value(mechanism, row).map(|mechanism| mechanism.parse().unwrap()),
                software: software.value(row),
                ruleset: ruleset.value(row),
                probe_id: value(probe, row),
                counts,
                witness: value(witness, row),
            });
        }
    }
    builder.finish()
}

/// Rows in which everything occurs that the view looks at.
fn fill(archive: &Archive) {
    let (mut measurements, mut verdicts, mut observations) =
        (MeasurementRows::default(), VerdictRows::default(), ObservationRows::default());
    let mut chance = 7_u64;
    for index in 0..600_u64 {
        let mut below = |limit: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % limit
        };
        let time = Timestamp::from_microseconds(1_709_500_000_000_000 + below(20 * 24) as i64 * 1_800_000_000);
        let cc = Cow::Borrowed(["XA", "XB"][below(2) as usize]);
        // Handed in at once, too late, long before, and without a date in the name.
        let received = match below(8) {
            0 => Some(90),
            1 => Some(-5),
            2 => None,
            _ => Some(0),
        };
        let uid = received.map_or_else(
            || format!("made-{index}"),
            |days: i64| {
                let time = Timestamp::from_microseconds(time.microseconds() + days * DAY_US);
                format!("{}.{index:06}_{cc}_webconnectivity_0", time.format("%Y%m%d%H%M%S"))
            },
        );
        let (uid, digest): (Cow<'static, str>, Cow<'static, str>) = (uid.into(), format!("{index:064x}").into());
        let some = |word: &'static str, of: u64| (of > 0).then_some(Cow::Borrowed(word));
        if below(20) > 0 {
            measurements.push(&Measurement {
                measurement_uid: uid.clone(),
                raw_digest: digest.clone(),
                measurement_start_time: time,
                probe_cc: cc.clone(),
                resolver_asn: (below(3) > 0).then_some(64_510),
                software_name: some("probe", below(3)),
                software_version: some("3.18.0", below(5)),
                probe_id: some("a probe", below(2)),
                report_id: some(["r1", "r2", "r3"][below(3) as usize], below(4)),
                control_failure: some("unknown_failure", u64::from(below(5) == 0)),
                ..Measurement::default()
            });
        }
        for target in ["a.example", "b.example"] {
            let failed = below(3) == 0;
            observations.push(&Observation {
                measurement_uid: uid.clone(),
                raw_digest: digest.clone(),
                measurement_start_time: time,
                probe_cc: cc.clone(),
                ordinal: u32::from(target == "b.example"),
                operation: Operation::Tcp,
                target: Some(target.into()),
                ip: some(["192.0.2.1", "2001:db8::1"][below(2) as usize], below(4)),
                failure: failed.then_some("generic_timeout_error".into()),
                ..Observation::default()
            });
            for layer in [Layer::Dns, Layer::Tcp] {
                let state = State::ALL[below(State::ALL.len() as u64) as usize];
                let mut instrument = Vec::new();
                instrument.extend((below(3) == 0).then_some(Instrument::BrokenIpv6));
                instrument.extend((below(9) == 0).then_some(Instrument::Clock));
                verdicts.push(&Verdict {
                    measurement_uid: uid.clone(),
                    raw_digest: digest.clone(),
                    measurement_start_time: time,
                    probe_cc: cc.clone(),
                    probe_asn: (below(5) > 0).then(|| 64_500 + below(2) as u32),
                    target: target.into(),
                    layer,
                    state,
                    mechanism: (below(4) > 0).then(|| Mechanism::of(if layer == Layer::Dns { "dns.nxdomain" } else { "tcp.timeout" })),
                    instrument,
                    ruleset_version: "1".into(),
                    refdata_digest: "d".into(),
                    ..Verdict::default()
                });
            }
        }
    }
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    stage.push(measurements.take()).unwrap();
    stage.push(verdicts.take()).unwrap();
    stage.push(observations.take()).unwrap();
    writer.commit(stage, |_| {}).unwrap();
}
