//! The bytes of a table are a function of the set of its rows: threads, order, repetition and the split into runs leave no trace.

use std::io::Write;
use std::path::PathBuf;

use crate::program::{Numbers, Place, assert_same};
use crate::world::{REFERENCE, WORLD};

/// Judges and looks for events, and compares every table with the reference.
#[track_caller]
fn judge_and_compare(place: &Place, threads: &str, what: &str) {
    place.ok(&["judge", "--threads", threads]);
    place.ok(&["detect", "--threads", threads]);
    assert_same(&place.tables(), &REFERENCE.judged, what);
    place.verify_is_sound();
}

#[test]
fn every_table_has_rows_to_compare() {
    for (table, rows) in REFERENCE.place.all_rows() {
        assert!(!rows.is_empty(), "{table}");
    }
}

#[test]
fn threads_and_the_order_of_files_leave_no_trace() {
    for threads in ["1", "2", "4"] {
        let place = WORLD.archive();
        let mut inputs = WORLD.inputs.clone();
        Numbers(threads.parse().unwrap()).shuffle(&mut inputs);
        place.ok_with(&["ingest", "--threads", threads], &inputs);
        judge_and_compare(&place, threads, &format!("{threads} threads"));
    }
}

#[test]
fn a_file_twice_under_another_name_or_in_another_folder_leaves_no_trace() {
    let place = WORLD.archive();
    let mut inputs = [WORLD.inputs.clone(), WORLD.inputs.clone()].concat();
    for (number, input) in WORLD.inputs.iter().enumerate().step_by(3) {
        let name = input.file_name().unwrap().to_str().unwrap();
        // Rows carry the first of a file's names: this one comes after all others.
        let copy = if number % 2 == 0 { format!("elsewhere/{name}") } else { format!("zz-{name}") };
        inputs.push(place.write(&copy, std::fs::read(input).unwrap()));
    }
    place.ok_with(&["ingest"], &inputs);
    place.ok_with(&["ingest"], &inputs);
    judge_and_compare(&place, "2", "files twice");
}

#[test]
fn a_name_that_comes_first_is_the_name_whenever_it_is_seen() {
    let (copied, rest) = WORLD.inputs.split_at(5);
    let copies = |place: &Place| -> Vec<PathBuf> {
        copied.iter().enumerate().map(|(number, input)| place.write(&format!("0-{number}"), std::fs::read(input).unwrap())).collect()
    };
    let together = WORLD.archive();
    together.ok_with(&["ingest"], &[copies(&together), WORLD.inputs.clone()].concat());
    together.ok(&["judge"]);
    assert!(together.rows("SELECT 1 AS x FROM measurements WHERE source_file LIKE '0-%'").len() >= 5);
    for first_named_first in [true, false] {
        let place = WORLD.archive();
        let mut runs = vec![copies(&place), [copied, rest].concat()];
        if !first_named_first {
            runs.reverse();
        }
        for run in runs {
            place.ok_with(&["ingest"], &run);
            place.ok(&["judge"]);
        }
        assert_same(&place.tables(), &together.tables(), "first names");
    }
}

#[test]
fn records_that_lie_in_several_files_are_there_once_whichever_came_first() {
    let lines = WORLD.records();
    let half: String = lines.lines().step_by(2).map(|line| format!("{line}\n")).collect();
    let inputs = |place: &Place| [place.write("a.jsonl", &half), place.write("b.jsonl", &lines)];
    let together = WORLD.archive();
    together.ok_with(&["ingest"], &inputs(&together));
    for turned in [false, true] {
        let place = WORLD.archive();
        let mut inputs = inputs(&place);
        if turned {
            inputs.reverse();
        }
        for input in inputs {
            place.ok_with(&["ingest"], &[input]);
        }
        assert_same(&place.tables(), &together.tables(), "overlapping files");
    }
    let count = |place: &Place| place.rows("SELECT count(*) AS n FROM measurements")[0]["n"].clone();
    assert_eq!(count(&together), count(&REFERENCE.place));
}

#[test]
fn a_second_judge_changes_nothing() {
    let place = WORLD.archive();
    place.ok_with(&["ingest"], &WORLD.inputs);
    place.ok(&["judge"]);
    let manifest = || std::fs::read(place.archive().join("manifest.json")).unwrap();
    let (tables, before) = (place.tables(), manifest());
    assert!(place.ok(&["judge", "--threads", "3"]).starts_with("nothing to judge"));
    assert_same(&place.tables(), &tables, "a second judge");
    assert!(manifest() == before, "not even a commit");
}

#[test]
fn a_second_detect_changes_nothing() {
    let place = WORLD.archive();
    place.ok_with(&["ingest"], &WORLD.inputs);
    place.ok(&["judge"]);
    place.ok(&["detect"]);
    let manifest = || std::fs::read(place.archive().join("manifest.json")).unwrap();
    let said = || std::fs::read(place.archive().join("said.jsonl")).unwrap();
    let (tables, before) = (place.tables(), (manifest(), said()));
    assert!(place.ok(&["detect", "--threads", "3"]).starts_with("nothing to look at"));
    assert_same(&place.tables(), &tables, "a second detect");
    assert!((manifest(), said()) == before, "not even a commit, nor a line of the log");
    place.verify_is_sound();
}

#[test]
fn late_data_are_absorbed_and_names_stay() {
    let place = WORLD.archive();
    let (late, early) = WORLD.inputs.split_at(WORLD.inputs.len() / 3);
    for part in [early, late] {
        place.ok_with(&["ingest"], part);
        place.ok(&["judge"]);
        place.ok(&["detect"]);
    }
    // What is told is what the data show, whatever was said on the way there.
    let told = "SELECT probe_cc, kind, targets, networks, onset_latest, n_interfered, n_measurements FROM events
                WHERE state IN ('ongoing', 'ended', 'explained') ORDER BY 1, 5, 6";
    assert_eq!(place.rows(told), REFERENCE.place.rows(told));
    assert!(!place.rows(told).is_empty());
    place.verify_is_sound();
}

#[test]
fn any_split_into_runs_gives_the_same_tables() {
    let expected = REFERENCE.place.all_rows();
    for runs in [2, 3] {
        for judge_between in [false, true] {
            let place = WORLD.archive();
            let mut inputs = WORLD.inputs.clone();
            Numbers(runs as u64).shuffle(&mut inputs);
            for part in inputs.chunks(inputs.len().div_ceil(runs)) {
                place.ok_with(&["ingest"], part);
                if judge_between {
                    place.ok(&["judge"]);
                }
            }
            judge_and_compare(&place, "2", &format!("{runs} runs, judged between: {judge_between}"));
            for (table, rows) in place.all_rows() {
                assert!(rows == expected[table], "{table} of {runs} runs, judged between: {judge_between}");
            }
        }
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_container_leaves_no_trace_in_observations_and_verdicts() {
    let records = WORLD.records();
    let plain = records.as_bytes();
    let forms = [plain.to_vec(), gzip(plain), zstd(plain), lz4(plain), zstd(&gzip(plain)), gzip(&lz4(plain))];
    let tables = forms.map(|form| {
        let place = WORLD.archive();
        let input = place.write("records", form);
        place.ok_with(&["ingest"], &[input]);
        place.ok(&["judge"]);
        let mut tables = place.tables();
        // The digest of the file as it lies stands in these two alone.
        tables.retain(|name, _| !name.starts_with("tables/measurements") && !name.starts_with("tables/rejects"));
        tables
    });
    for other in &tables[1..] {
        assert_same(other, &tables[0], "another container");
    }
}
