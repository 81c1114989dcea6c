//! From a raw file to a proof, and what becomes of a file that cannot be read.

use crate::program::{Place, demo};

/// The world of the demo, read into an archive of its own.
fn ingested() -> Place {
    let place = Place::new();
    let hour = demo().path("parallax-demo/world/raw/20240304/00/XA/webconnectivity/2024030400_XA_webconnectivity.n0.0.jsonl.gz");
    let text = place.ok(&["ingest", hour.to_str().unwrap()]);
    assert!(text.starts_with("read 1 file: "), "{text}");
    place
}

#[test]
fn a_file_becomes_measurements_verdicts_and_a_proof() {
    let place = ingested();
    place.ok(&["judge"]);
    let uid = place.ok(&["query", "--format", "jsonl", "SELECT min(measurement_uid) AS uid FROM judgements"]);
    let uid = serde_json::from_str::<serde_json::Value>(&uid).unwrap()["uid"].as_str().unwrap().to_owned();
    assert!(place.ok(&["explain", &uid]).contains("it lies where it was read, unchanged"));
    assert!(place.ok(&["verify"]).starts_with("sound"));
}

#[test]
fn what_cannot_be_read_is_listed_with_its_place() {
    let place = Place::new();
    place.write("broken.jsonl", "{\"test_name\": \n\u{1b}[31mnot json\u{1b}[0m\n");
    let summary: serde_json::Value = serde_json::from_str(&place.ok(&["ingest", "broken.jsonl", "--format", "jsonl"])).unwrap();
    assert!(summary["rejected"].as_u64().unwrap() > 0 && summary["measurements"] == 0);
    let rejects: Vec<serde_json::Value> = serde_json::from_str(&place.ok(&["rejects", "--format", "json"])).unwrap();
    assert_eq!(rejects[0]["file"], place.path("broken.jsonl").canonicalize().unwrap().to_str().unwrap());
    assert!(rejects[0]["line"].as_u64().unwrap() > 0 && !rejects[0]["reason"].as_str().unwrap().is_empty());
    assert!(!place.ok(&["rejects"]).contains('\u{1b}'));
    assert!(place.ok(&["rejects", "--by-reason"]).contains('1'));
}

#[test]
fn the_same_file_twice_adds_nothing() {
    let place = ingested();
    let world = demo().path("parallax-demo/world");
    let count = || place.ok(&["query", "--format", "csv", "SELECT count(*) FROM measurements"]);
    place.ok(&["ingest", world.to_str().unwrap()]);
    let before = count();
    let again = place.ok(&["ingest", world.to_str().unwrap()]);
    assert!(again.starts_with("read 0 files"), "{again}");
    assert_eq!(count(), before);
}

#[test]
fn standard_input_is_an_input() {
    let place = Place::new();
    let run = place.run_with_input(&["ingest", "-"], "not json\n");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("1 rejected"), "{}", run.stdout);
}

#[test]
fn a_damaged_archive_is_found_out() {
    let place = ingested();
    let file = find(&place.path("parallax-archive"), "parquet");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&file, bytes).unwrap();
    let run = place.run(&["verify"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("damage") && run.stdout.contains("has changed since it was written"), "{}", run.stdout);
}

fn find(dir: &std::path::Path, ending: &str) -> std::path::PathBuf {
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if entry.extension().is_some_and(|extension| extension == ending) => return entry,
                false => {}
            }
        }
    }
    panic!("no {ending} in {}", dir.display())
}
