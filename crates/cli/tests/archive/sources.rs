//! Raw data lies where it lies; the archive says so when it has moved, changed or gone, and finds damage of its own.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::determinism::{gzip, zstd};
use crate::program::{Place, Run, files_below, told};
use crate::world::WORLD;

/// An archive of one file with every record of the small world.
struct Ingested {
    place: Place,
    file: PathBuf,
    uid: String,
}

fn ingested(options: &[&str]) -> Ingested {
    let place = WORLD.archive();
    let file = place.write("raw/records.jsonl", WORLD.records());
    place.ok_with(&[&["ingest"], options].concat(), std::slice::from_ref(&file));
    judged(place, file)
}

fn judged(place: Place, file: PathBuf) -> Ingested {
    place.ok(&["judge"]);
    let uid = place.rows("SELECT min(measurement_uid) AS uid FROM anomalies")[0]["uid"].as_str().unwrap().to_owned();
    Ingested { place, file, uid }
}

impl Ingested {
    /// What the proof says of the raw record, having checked that there is a proof.
    fn state_of_source(&self) -> String {
        let proofs: Value = serde_json::from_str(&self.place.ok(&["explain", "--format", "json", &self.uid])).unwrap();
        let target = proofs[0]["targets"].as_array().unwrap().iter().find(|target| target["state"] != "ok").unwrap();
        assert!(!target["rules"].as_array().unwrap().is_empty() && target["state"] == target["stored_state"], "{target}");
        proofs[0]["source"]["state"].as_str().unwrap().to_owned()
    }

    fn page(&self) -> String {
        self.place.ok(&["explain", &self.uid])
    }
}

#[test]
fn a_proof_stands_when_the_raw_file_moves_changes_or_goes_and_says_so() {
    let ingested = ingested(&[]);
    assert_eq!(ingested.state_of_source(), "unchanged");
    let moved = ingested.place.path("raw/moved.jsonl");
    fs::rename(&ingested.file, &moved).unwrap();
    assert_eq!(ingested.state_of_source(), "gone");
    assert!(ingested.page().contains("the file is GONE from where it was read"));
    let told = ingested.place.ok(&["verify"]);
    assert!(told.contains("input records.jsonl is gone from") && told.contains("sound"), "{told}");

    // Seen again at its new place, it is known again.
    ingested.place.ok_with(&["ingest"], std::slice::from_ref(&moved));
    ingested.place.ok(&["judge"]);
    assert_eq!(ingested.state_of_source(), "unchanged");

    fs::write(&moved, "something else").unwrap();
    assert_eq!(ingested.state_of_source(), "changed");
    assert!(ingested.page().contains("the file has CHANGED since it was read"));
    assert!(ingested.place.ok(&["verify"]).contains("has changed at"));
    fs::remove_file(&moved).unwrap();
    assert_eq!(ingested.state_of_source(), "gone");
}

#[test]
fn a_change_of_one_byte_that_keeps_the_length_is_seen() {
    let ingested = ingested(&[]);
    let mut bytes = fs::read(&ingested.file).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    fs::write(&ingested.file, bytes).unwrap();
    assert_eq!(ingested.state_of_source(), "changed");
}

#[test]
fn a_kept_copy_needs_no_file_outside() {
    let ingested = ingested(&["--keep-raw"]);
    fs::remove_file(&ingested.file).unwrap();
    assert_eq!(ingested.state_of_source(), "kept");
    assert!(ingested.page().contains("a copy is in the archive"));
    ingested.place.verify_is_sound();
}

#[test]
fn what_comes_from_a_pipe_is_always_kept() {
    let place = WORLD.archive();
    let mut child = place.start(&["ingest", "-"]);
    child.stdin.take().unwrap().write_all(WORLD.records().as_bytes()).unwrap();
    let run = told(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ingested = judged(place, PathBuf::new());
    assert_eq!(ingested.state_of_source(), "kept");
    ingested.place.verify_is_sound();
}

/// Every record, opened by the place that `measurements` gives, is the line that it was read from.
#[test]
fn a_record_is_found_again_in_a_file_that_was_compressed_twice() {
    let place = WORLD.archive();
    let records = WORLD.records();
    let lines: Vec<&str> = records.lines().collect();
    place.write("raw/records", zstd(&gzip(records.as_bytes())));
    place.ok(&["ingest", "raw"]);
    let snapshot = parallax_archive::Archive::open(place.archive()).unwrap().snapshot().unwrap();
    let rows = place.rows("SELECT source_digest, source_offset, source_length, source_line FROM measurements");
    assert_eq!(rows.len(), lines.len());
    for row in rows.iter().step_by(20) {
        let number = |name: &str| row[name].as_u64().unwrap();
        let record = snapshot.record(row["source_digest"].as_str().unwrap(), number("source_offset"), number("source_length")).unwrap();
        assert_eq!(String::from_utf8(record).unwrap(), lines[number("source_line") as usize - 1]);
    }
}

/// `parallax verify` after something was done to the first Parquet file.
fn verify_after(damage: impl FnOnce(&Place, &str)) -> (String, Run) {
    let ingested = ingested(&[]);
    let file = files_below(&ingested.place.archive(), "tables").into_keys().next().unwrap();
    damage(&ingested.place, &file);
    let run = ingested.place.run(&["verify"]);
    (file, run)
}

#[test]
fn a_flipped_byte_is_found_wherever_it_lies() {
    for part in [0.0, 0.5, 0.999] {
        let (file, run) = verify_after(|place, file| {
            let path = place.archive().join(file);
            let mut bytes = fs::read(&path).unwrap();
            let at = (bytes.len() as f64 * part) as usize;
            bytes[at] ^= 0x10;
            fs::write(&path, bytes).unwrap();
        });
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stdout.contains(&format!("{file} has changed since it was written")), "{}", run.stdout);
    }
}

#[test]
fn a_missing_file_is_found_and_a_query_names_it() {
    let (file, run) = verify_after(|place, file| {
        fs::remove_file(place.archive().join(file)).unwrap();
        let table = file.split('/').nth(1).unwrap();
        let asked = place.run(&["query", &format!("SELECT * FROM {table}")]);
        assert_eq!(asked.code, 3, "{asked:?}");
        assert!(asked.stderr.contains("parallax verify"), "{}", asked.stderr);
    });
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains(&format!("{file} is missing")), "{}", run.stdout);
}

/// Strays are what a kill leaves: they are named, and no damage.
#[test]
fn a_stray_is_named_and_never_read() {
    let (_, run) = verify_after(|place, file| {
        let before = place.rows("SELECT count(*) AS n FROM judgements");
        fs::copy(place.archive().join(file), place.archive().join("tables/judgements/stray.parquet")).unwrap();
        fs::write(place.archive().join("notes.txt"), "mine").unwrap();
        assert_eq!(place.rows("SELECT count(*) AS n FROM judgements"), before);
    });
    assert_eq!(run.code, 0, "{run:?}");
    for stray in ["tables/judgements/stray.parquet", "notes.txt"] {
        assert!(run.stdout.contains(&format!("{stray} belongs to nothing")), "{}", run.stdout);
    }
}

#[test]
fn the_second_writer_is_told_who_the_first_one_is() {
    let place = WORLD.archive();
    // It holds the archive until its input ends.
    let mut first = place.start(&["ingest", "-"]);
    let pid = format!("\"pid\":{}", first.id());
    let lock = place.archive().join("writer.lock");
    while !fs::read_to_string(&lock).unwrap_or_default().contains(&pid) {
        assert!(first.try_wait().unwrap().is_none(), "the first writer ended");
        std::thread::yield_now();
    }
    for second in [&["judge"][..], &["ingest", WORLD.inputs[0].to_str().unwrap()], &["refdata", "add", WORLD.refdata[0].to_str().unwrap()]]
    {
        let run = place.run(second);
        assert_eq!(run.code, 3, "{second:?}: {run:?}");
        assert!(run.stderr.contains(&format!("`parallax ingest` (process {}", first.id())), "{}", run.stderr);
        assert!(run.stderr.contains("hint: wait until it is done"), "{}", run.stderr);
    }
    place.ok(&["query", "SELECT count(*) FROM measurements"]);
    first.stdin.take().unwrap().write_all(WORLD.records().as_bytes()).unwrap();
    assert_eq!(told(first.wait_with_output().unwrap()).code, 0);
    place.ok(&["judge"]);
}

/// What `parallax rejects` lists.
fn rejects(place: &Place) -> Vec<Value> {
    serde_json::from_str(&place.ok(&["rejects", "--format", "json"])).unwrap()
}

#[test]
fn a_cut_download_keeps_the_records_before_the_cut() {
    let records = WORLD.records();
    let whole = gzip(records.as_bytes());
    let place = WORLD.archive();
    place.write("cut.jsonl.gz", &whole[..whole.len() / 2]);
    place.ok(&["ingest", "cut.jsonl.gz"]);
    let rejects = rejects(&place);
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    let (scope, reason) = (&rejects[0]["scope"], &rejects[0]["reason"]);
    assert!(scope == "file" && reason == "damaged_stream", "{rejects:?}");
    let kept = place.rows("SELECT max(source_line) AS last, count(*) AS n FROM measurements");
    assert!(kept[0]["n"].as_u64().unwrap() > 20 && kept[0]["n"] == kept[0]["last"], "{kept:?}");
    assert_eq!(rejects[0]["line"].as_u64().unwrap(), kept[0]["last"].as_u64().unwrap() + 1);

    // The whole download later: nothing twice, and the verdicts are those of a world without a cut.
    place.write("whole.jsonl.gz", &whole);
    place.ok(&["ingest", "whole.jsonl.gz"]);
    assert_eq!(place.rows("SELECT count(*) AS n FROM measurements")[0]["n"].as_u64().unwrap() as usize, records.lines().count());
}

#[test]
fn a_bad_record_in_the_middle_costs_one_reject() {
    let records = WORLD.records();
    let mut lines: Vec<&str> = records.lines().collect();
    let sound = lines.len();
    lines.insert(7, "{\"test_name\": \"web_connectivity\", \"test_keys\": {\"queries\": [");
    let place = WORLD.archive();
    let file = place.write("records.jsonl", lines.join("\n"));
    place.ok(&["ingest", "records.jsonl"]);
    let rejects = rejects(&place);
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    assert_eq!(rejects[0]["file"], fs::canonicalize(file).unwrap().to_str().unwrap());
    assert_eq!(rejects[0]["line"], 8);
    assert!(rejects[0]["scope"] == "record" && !rejects[0]["reason"].as_str().unwrap().is_empty(), "{rejects:?}");
    assert_eq!(place.rows("SELECT count(*) AS n FROM measurements")[0]["n"].as_u64().unwrap() as usize, sound);
}

#[test]
fn a_part_of_a_record_that_was_read_is_told_with_its_file() {
    let place = WORLD.archive();
    let record = r#"{"measurement_uid":"m","test_name":"web_connectivity","measurement_start_time":"2024-02-12 00:00:00","probe_cc":"XA",
        "probe_asn":"AS64500","input":"http://www.example.org/","test_keys":{"queries":["no query"]}}"#;
    let file = place.write("records.jsonl", record.replace('\n', " "));
    place.ok(&["ingest", "records.jsonl"]);
    let rejects = rejects(&place);
    assert!(matches!(&rejects[..], [reject] if reject["scope"] == "part"), "{rejects:?}");
    assert_eq!(rejects[0]["file"], fs::canonicalize(file).unwrap().to_str().unwrap());
    assert_eq!(place.rows("SELECT count(*) AS n FROM measurements")[0]["n"], 1);
}
