//! What people see when something cannot be done, and the exit code that scripts see.

use crate::program::{Place, ask};

#[test]
fn every_mistake_has_a_message_a_hint_and_a_code() {
    let place = Place::new();
    place.write("notes.txt", "hello");
    place.write("broken.toml", "version = 1\nname = ");
    std::fs::create_dir(place.path("full")).unwrap();
    place.write("full/letter.txt", "dear");
    let mistakes: &[&[&str]] = &[
        &["query", "SELECT 1"],
        &["ingest", "nowhere.jsonl"],
        &["ingest", "*.nothing"],
        &["ingest", "notes.txt", "--archive", "full"],
        &["refdata", "add", "notes.txt"],
        &["rules", "dns/nosuch"],
        &["tables", "nosuch"],
        &["simulate", "nosuch"],
        &["simulate", "nosuch.toml"],
        &["simulate", "broken.toml"],
        &["tables", "--format", "parquet"],
        &["judge", "--archive", "nowhere"],
        &["verify", "--archive", "full"],
    ];
    let told = mistakes.iter().map(|arguments| {
        let run = place.run(arguments);
        assert_ne!(run.code, 0, "{arguments:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        format!("$ parallax {}\n{}[exit code {}]\n", arguments.join(" "), run.stderr, run.code)
    });
    let told = told.collect::<Vec<_>>().join("\n").replace(place.path("").canonicalize().unwrap().to_str().unwrap(), "/folder");
    insta::assert_snapshot!(told);
}

#[test]
fn a_mistake_in_the_arguments_is_code_2() {
    let place = Place::new();
    for arguments in [&["nosuch"][..], &["query"], &["query", "SELECT 1", "--threads", "0"], &["tables", "--format", "xml"], &[]] {
        let run = place.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(place.run(&["--help"]).code, 0);
    assert_eq!(place.run(&["--version"]).code, 0);
}

#[test]
fn a_measurement_that_is_not_there_is_code_1() {
    let run = ask(&["explain", "nosuch"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_mistake_in_a_query_is_told_in_its_own_words() {
    let run = ask(&["query", "SELECT nothing FROM judgement"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn somebody_else_at_work_is_code_3() {
    let place = Place::new();
    place.write("broken.jsonl", "x\n");
    place.ok(&["ingest", "broken.jsonl"]);
    let archive = parallax_archive::Archive::open(place.path("parallax-archive")).unwrap();
    let _writer = archive.write("another program").unwrap();
    let run = place.run(&["judge"]);
    assert_eq!(run.code, 3);
    assert!(
        run.stderr.contains("is being written by `another program`") && run.stderr.contains("\nhint: wait until it is done"),
        "{}",
        run.stderr
    );
    // Who only reads is not disturbed.
    place.ok(&["query", "SELECT count(*) FROM rejects"]);
}
