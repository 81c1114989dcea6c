//! Real measurements, read where they lie beside the checkout: each is read or rejected with a reason. Nothing of them is printed.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::source::{RawRecord, Rows};
use parallax_ingest::sources;

/// Nothing where the folder is missing, which is said in one line.
fn files_of(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ooni").join(folder);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: there is no real data beside the checkout");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

struct Read {
    measurements: usize,
    observations: RecordBatch,
    /// Scope and reason.
    rejects: Vec<(String, String)>,
}

/// The whole file as one record.
fn read(file: &Path) -> Read {
    let bytes = fs::read(file).expect("the file can be read");
    let mut rows = Rows::default();
    let fingerprints = FingerprintMatcher::empty();
    let record = RawRecord {
        bytes: &bytes,
        raw_digest: "00112233445566778899aabbccddeeff",
        source_file: "file.json",
        source_digest: "ffeeddccbbaa99887766554433221100",
        line: 1,
        offset: 0,
        fingerprints: &fingerprints,
    };
    sources::ALL[0].read(record, &mut rows);
    let rejects = rows.rejects.finish();
    let text = |name: &str, row: usize| rejects.column_by_name(name).expect("a column").as_string::<i32>().value(row).to_owned();
    Read {
        measurements: rows.measurements.len(),
        observations: rows.observations.finish(),
        rejects: (0..rejects.num_rows()).map(|row| (text("scope", row), text("reason", row))).collect(),
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

#[test]
fn every_file_is_read_or_rejected_with_a_reason() {
    for file in ["qa", "real", "nettests"].iter().flat_map(|folder| files_of(folder)) {
        let read = read(&file);
        let refused = read.rejects.iter().filter(|(scope, _)| scope == "record").count();
        assert_eq!(read.measurements + refused, 1, "{}", name_of(&file));
        assert!(read.rejects.iter().all(|(_, reason)| !reason.is_empty()), "{}", name_of(&file));
    }
}

#[test]
fn what_is_no_measurement_is_known_by_name() {
    for file in files_of("nettests") {
        let name = name_of(&file);
        let expected = match name.as_str() {
            _ if name.ends_with(".yaml") => vec!["yaml_report"],
            // A list of fingerprints, and the output of a detector: arrays of things that are no measurements.
            "fingerprints_dns.json" | "fingerprints_http.json" | "detector_query_ww_BR_2018.json" => vec!["not_an_object"],
            _ => Vec::new(),
        };
        let reasons: Vec<String> = read(&file).rejects.into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, expected, "{name}");
    }
}

#[test]
fn every_operation_of_the_scenarios_has_a_target() {
    for file in ["qa", "real"].iter().flat_map(|folder| files_of(folder)).filter(|file| !file.ends_with("truth.json")) {
        let read = read(&file);
        let targets = read.observations.column_by_name("target").expect("a column");
        assert!(read.observations.num_rows() > 0 && targets.null_count() == 0, "{}", name_of(&file));
    }
}

/// Files whose test did nothing, or says nothing of what it did.
const SILENT: &[&str] = &["http_header_field_manipulation_1.json", "http_header_field_manipulation_2.json", "test_keys_none.json"];

#[test]
fn every_nettest_says_something_about_a_target() {
    for file in files_of("nettests") {
        let read = read(&file);
        let targets = read.observations.column_by_name("target").expect("a column");
        let says_something = targets.null_count() < targets.len();
        let name = name_of(&file);
        assert_eq!(says_something, read.measurements == 1 && !SILENT.contains(&name.as_str()), "{name}");
    }
}
