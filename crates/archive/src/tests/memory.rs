//! Memory stays bounded however much is pushed.

use std::time::Instant;

use parallax_model::Timestamp;
use parallax_model::packed::PackedRows;
use parallax_model::tables::{Certificate, CertificateRows, Measurement, MeasurementRows, Observation, ObservationRows};

use super::rows::Numbers;
use crate::Archive;

/// The issue allows 512 MB for a whole ingest; the archive must leave the readers of raw records their part.
const PEAK_BYTES: u64 = 300 << 20;
/// A row of many megabytes is copied a few times on its way through Parquet.
const ENORMOUS_PEAK_BYTES: u64 = 400 << 20;
/// Enough for several passes over the runs of one table, and for row groups that end for their bytes.
const MEGABYTES: u64 = 1500;

#[test]
#[ignore = "takes a minute; a release check: cargo test -p parallax-archive memory -- --ignored --nocapture"]
fn the_peak_does_not_grow_with_the_input() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    for round in 0..2 {
        let began = Instant::now();
        let mut stage = writer.stage().unwrap();
        let (mut pushed, mut numbers) = (0, Numbers(round));
        while pushed < MEGABYTES << 20 {
            let (certificates, observations) = (certificates(&mut numbers), observations(&mut numbers));
            pushed += (certificates.bytes() + observations.bytes()) as u64;
            stage.push(certificates).unwrap();
            stage.push(observations).unwrap();
        }
        println!("pushed {} MB in {:?}, peak {} MB", pushed >> 20, began.elapsed(), peak_bytes() >> 20);
        writer.commit(stage, |_| {}).unwrap();
        println!("committed after {:?}, peak {} MB", began.elapsed(), peak_bytes() >> 20);
    }
    let snapshot = archive.snapshot().unwrap();
    let rows: u64 = snapshot.manifest().data_files().map(|file| file.rows).sum();
    let bytes: u64 = snapshot.manifest().data_files().map(|file| file.bytes).sum();
    println!("{rows} rows in {} MB of files", bytes >> 20);
    assert!(peak_bytes() < PEAK_BYTES, "{} MB", peak_bytes() >> 20);
}

/// Rows of eight megabytes: far beyond what a reader lets through, and still only a few are in memory at once.
#[test]
#[ignore = "a release check, alone in its process: cargo test -p parallax-archive enormous -- --ignored --nocapture"]
fn the_peak_stays_bounded_when_single_rows_are_enormous() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    for round in 0..2 {
        let mut stage = writer.stage().unwrap();
        let mut numbers = Numbers(round);
        for _ in 0..100 {
            let input: String = (0..1 << 19).map(|_| format!("{:016x}", numbers.next())).collect();
            let mut rows = MeasurementRows::default();
            rows.push(&Measurement {
                measurement_uid: format!("{}", numbers.next()).into(),
                input: Some(input.into()),
                ..Measurement::default()
            });
            stage.push(rows.take()).unwrap();
        }
        writer.commit(stage, |_| {}).unwrap();
        println!("round {round}, peak {} MB", peak_bytes() >> 20);
    }
    assert_eq!(archive.snapshot().unwrap().manifest().data_files().map(|file| file.rows).sum::<u64>(), 200);
    assert!(peak_bytes() < ENORMOUS_PEAK_BYTES, "{} MB", peak_bytes() >> 20);
}

/// Certificates of random bytes: nothing to compress, nothing to share, all in one partition.
fn certificates(numbers: &mut Numbers) -> PackedRows {
    let mut rows = CertificateRows::default();
    for _ in 0..300 {
        let der: Vec<u8> = (0..500).flat_map(|_| numbers.next().to_le_bytes()).collect();
        rows.push(&Certificate {
            fingerprint: format!("{:016x}", numbers.next()).into(),
            measurement_start_time: "2024-02-12 00:00:00".parse().unwrap(),
            der: der.into(),
            ..Certificate::default()
        });
    }
    rows.take()
}

fn observations(numbers: &mut Numbers) -> PackedRows {
    let mut rows = ObservationRows::default();
    for _ in 0..2000 {
        let (number, second) = (numbers.next(), numbers.below(604_800));
        rows.push(&Observation {
            measurement_uid: format!("2024021220334{number}").into(),
            raw_digest: format!("{number:064x}").into(),
            measurement_start_time: Timestamp::from_microseconds(1_707_700_000_000_000 + second as i64 * 1_000_000),
            probe_cc: "XA".into(),
            json_pointer: format!("/test_keys/requests/{}", number % 20).into(),
            hostname: Some(format!("www.site-{}.example", number % 1000).into()),
            http_response_headers: vec![format!("Date: {number}").into(), "Content-Type: text/html".into()],
            ..Observation::default()
        });
    }
    rows.take()
}

/// The most memory that this process ever had (Linux).
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kilobytes| kilobytes << 10)
}
