//! Simulated records with damage of every kind, through the whole pipeline: each is read or rejected, and none is lost.
//!
//! The everyday test takes 2,000. Before a release 100,000 are taken, by a command in `docs/fuzzing.md`.

use std::fs::File;
use std::io::{BufWriter, Write};

use parallax_archive::Archive;
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::input::Input;
use parallax_ingest::pipeline::{Options, Silent, ingest};
use parallax_simulate::{Error, World, simulate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 20240304;
/// Sound records that are damaged again and again.
const RECORDS: usize = 150;
/// Lines of one file and one run.
const LINES_PER_RUN: usize = 10_000;
/// What stands in the place of a value.
const VALUES: &[&str] = &["null", "[]", "{}", "7", "-1e400", "18446744073709551616", "\"x\"", "true", "[[{}]]", "\"\\ud800\"", "NaN", ""];

#[test]
fn two_thousand_damaged_records_are_read_or_rejected() {
    check(2_000);
}

#[test]
#[ignore = "a check before a release: takes minutes"]
fn a_hundred_thousand_damaged_records_are_read_or_rejected() {
    check(100_000);
}

fn check(given: usize) {
    let records = sound_records();
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let (mut read, mut rejected) = (0, 0);
    for begun in (0..given).step_by(LINES_PER_RUN) {
        let lines = LINES_PER_RUN.min(given - begun);
        let (run_read, run_rejected) = run(&records, lines, &mut rng);
        assert_eq!(run_read + run_rejected, lines as u64, "{run_read} read and {run_rejected} rejected of {lines}, seed {SEED}");
        (read, rejected) = (read + run_read, rejected + run_rejected);
    }
    println!("{given} damaged records with seed {SEED}: {read} read, {rejected} rejected");
    assert!(read > given as u64 / 10 && rejected > given as u64 / 10, "the damage is neither harmless nor total");
}

/// Damages records, ingests them as one file of lines, and gives how many were read and rejected.
fn run(records: &[String], lines: usize, rng: &mut ChaCha8Rng) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.jsonl");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    // A sound first line says that these are lines; what damage does to that is for the tests of the framer.
    writeln!(file, "{}", records[0]).unwrap();
    for _ in 1..lines {
        let line = damaged(records, rng);
        file.write_all(&line).unwrap();
        file.write_all(b"\n").unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    let archive = Archive::open_or_create(folder.path().join("archive")).unwrap();
    let options = Options { threads: 2.try_into().unwrap(), keep_raw: false, fingerprints: FingerprintMatcher::empty().into() };
    let summary = ingest(&archive, &[Input::File(path)], &options, &Silent).unwrap();
    (summary.measurements, summary.rejected)
}

/// The first records of the demo.
fn sound_records() -> Vec<String> {
    let mut records = Vec::new();
    let enough = simulate(&World::builtin("demo", None).unwrap(), |done| {
        records.push(done.json.clone());
        if records.len() < RECORDS { Ok(()) } else { Err(Error::Record(std::io::ErrorKind::Interrupted.into())) }
    });
    assert!(enough.is_err() && records.len() == RECORDS);
    records
}

/// One record with one to four kinds of damage, on one line that is not blank.
fn damaged(records: &[String], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut line = records[rng.random_range(0..records.len())].clone().into_bytes();
    for _ in 0..rng.random_range(1..=4) {
        match rng.random_range(0..8) {
            0 => flip(&mut line, rng),
            1 => line.truncate(rng.random_range(1..=line.len())),
            2 => splice(&mut line, records, rng),
            3 => repeat(&mut line, rng),
            _ => exchange_value(&mut line, rng),
        }
    }
    line.iter_mut().filter(|byte| matches!(**byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    if line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
        line.push(b'x');
    }
    line
}

fn flip(line: &mut [u8], rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..8) {
        let place = rng.random_range(0..line.len());
        line[place] = rng.random();
    }
}

/// Replaces the rest of a line by a piece of another record.
fn splice(line: &mut Vec<u8>, records: &[String], rng: &mut ChaCha8Rng) {
    let other = records[rng.random_range(0..records.len())].as_bytes();
    line.truncate(rng.random_range(1..=line.len()));
    line.extend_from_slice(&other[rng.random_range(0..other.len())..]);
}

fn repeat(line: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let start = rng.random_range(0..line.len());
    let end = (start + rng.random_range(1..200)).min(line.len());
    let piece = line[start..end].to_vec();
    line.splice(start..start, piece);
}

/// Puts another value behind some colon, so that the record stays JSON more often than not.
fn exchange_value(line: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    let colons: Vec<usize> = (0..line.len().saturating_sub(1)).filter(|place| line[*place..].starts_with(b"\":")).collect();
    if colons.is_empty() {
        return;
    }
    let start = colons[rng.random_range(0..colons.len())] + 2;
    let length = line[start..].iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b'{' | b'[')).unwrap_or(line.len() - start);
    line.splice(start..start + length, VALUES[rng.random_range(0..VALUES.len())].bytes());
}
