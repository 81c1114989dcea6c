//! Rows to fill archives with, and ways to look at an archive from outside.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use parallax_model::Timestamp;
use parallax_model::packed::{PackedRows, Packer};
use parallax_model::tables::{
    Certificate, CertificateRows, Measurement, MeasurementRows, Observation, ObservationRows, Reject, RejectRows,
};

use crate::limits::Limits;
use crate::{Archive, Error, Stage, Writer, disk};

/// A small generator with a seed: the same numbers everywhere.
#[derive(Clone)]
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// One row of each table per number: the same number, the same rows. Every fifth measurement is found a second time in another file.
pub fn pieces(numbers: impl Iterator<Item = u64>) -> Vec<PackedRows> {
    let mut measurements = MeasurementRows::default();
    let mut observations = ObservationRows::default();
    let mut certificates = CertificateRows::default();
    let mut rejects = RejectRows::default();
    for number in numbers {
        measurements.push(&measurement(number, "a.jsonl"));
        if number % 5 == 0 {
            measurements.push(&measurement(number, "b.jsonl"));
        }
        for ordinal in 0..3 {
            observations.push(&observation(number, ordinal));
        }
        certificates.push(&certificate(number % 7));
        rejects.push(&reject(number));
    }
    vec![measurements.take(), observations.take(), certificates.take(), rejects.take()]
}

/// Each row as a piece of its own.
pub fn crumbs(pieces: &[PackedRows]) -> Vec<PackedRows> {
    pieces.iter().flat_map(|piece| (0..piece.len()).map(|row| slice(piece, row..row + 1))).collect()
}

/// Some of the rows.
pub fn slice(rows: &PackedRows, range: Range<usize>) -> PackedRows {
    let batch = rows.to_batch();
    let packer = Packer::of(rows.layout(), &batch);
    let mut some = PackedRows::of(rows.table());
    range.for_each(|row| packer.pack(row, &mut some));
    some
}

fn start_time(number: u64) -> Timestamp {
    // Within three weeks of February 2024.
    Timestamp::from_microseconds(1_707_700_000_000_000 + (Numbers(number).below(3 * 604_800) * 1_000_000) as i64)
}

fn country(number: u64) -> Cow<'static, str> {
    ["XA", "XB", "../x"][(number % 3) as usize].into()
}

fn digest(number: u64) -> Cow<'static, str> {
    let mut numbers = Numbers(number);
    (0..4).map(|_| format!("{:016x}", numbers.next())).collect::<String>().into()
}

pub fn measurement(number: u64, source_file: &'static str) -> Measurement<'static> {
    Measurement {
        measurement_uid: format!("uid-{number}").into(),
        raw_digest: digest(number),
        source_file: source_file.into(),
        source_digest: digest(99),
        source_line: number,
        test_name: "web_connectivity".into(),
        input: Some(format!("https://site-{number}.example/").into()),
        measurement_start_time: start_time(number),
        probe_cc: country(number),
        probe_asn: (!number.is_multiple_of(4)).then_some(number as u32),
        test_runtime: Some(number as f64 / 7.0),
        ..Measurement::default()
    }
}

fn observation(number: u64, ordinal: u32) -> Observation<'static> {
    Observation {
        measurement_uid: format!("uid-{number}").into(),
        raw_digest: digest(number),
        measurement_start_time: start_time(number),
        probe_cc: country(number),
        ordinal,
        tags: vec!["classic".into(), format!("depth={ordinal}").into()],
        hostname: Some(format!("site-{number}.example").into()),
        ..Observation::default()
    }
}

fn certificate(number: u64) -> Certificate<'static> {
    let mut numbers = Numbers(number);
    Certificate {
        fingerprint: digest(number),
        measurement_start_time: "2024-02-12 00:00:00".parse().unwrap(),
        san_list: vec!["site.example".into()],
        der: (0..300).map(|_| numbers.next() as u8).collect::<Vec<u8>>().into(),
        ..Certificate::default()
    }
}

fn reject(number: u64) -> Reject<'static> {
    Reject { source_file: "a.jsonl".into(), source_digest: digest(99), source_line: number, reason: "not_json".into(), ..Reject::default() }
}

/// Commits pieces, spilling after so many bytes.
pub fn commit(writer: &mut Writer, pieces: &[PackedRows], buffer_bytes: usize) -> Result<(), Error> {
    let stage = staged(writer, pieces, buffer_bytes)?;
    writer.commit(stage, |_| {})
}

pub fn staged(writer: &mut Writer, pieces: &[PackedRows], buffer_bytes: usize) -> Result<Stage, Error> {
    let mut stage = writer.stage()?;
    stage.limit(Limits { buffer_bytes, ..Limits::USUAL });
    for piece in pieces {
        stage.push(piece.clone())?;
    }
    Ok(stage)
}

/// A new archive with all the pieces, committed at once.
pub fn archive_of(dir: &Path, pieces: &[PackedRows]) -> Archive {
    let archive = Archive::open_or_create(dir).unwrap();
    commit(&mut archive.write("test").unwrap(), pieces, usize::MAX).unwrap();
    archive
}

/// Every file of the tables with the digest of its bytes: two archives with the same rows are equal here.
pub fn table_files(dir: &Path) -> BTreeMap<String, String> {
    let file = |path: String| {
        let content = fs::read(dir.join(&path)).unwrap();
        let digest = disk::digest(&mut content.as_slice(), &mut |_| {}).unwrap().0;
        (path, digest)
    };
    disk::files_below(dir, "tables").unwrap().into_iter().map(file).collect()
}

/// What a kill at this instant would leave, in another place.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}
