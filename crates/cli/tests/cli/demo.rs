//! The demo: README's first command.

use crate::program::{Place, ask, demo, demo_text};

/// The floors are low, so that they hold while rules change: they tell that the way through the program is whole, not how good it is.
#[test]
fn the_demo_finds_interference_and_accuses_hardly_anybody() {
    let place = Place::new();
    let rows: serde_json::Value = serde_json::from_str(&place.ok(&["demo", "--format", "json"])).unwrap();
    let sum = |interference: bool, column: &str| -> u64 {
        let rows = rows.as_array().unwrap().iter().filter(|row| row["interference"] == interference);
        rows.map(|row| row[column].as_u64().unwrap()).sum()
    };
    let (n, found) = (sum(true, "n"), sum(true, "accused"));
    assert!(n > 100 && found * 100 >= n * 85, "found {found} of {n}");
    let (innocent, wronged) = (sum(false, "n"), sum(false, "accused"));
    assert!(innocent > 1000 && wronged * 100 <= innocent * 2, "accused {wronged} of {innocent}");
}

#[test]
fn every_command_that_the_demo_suggests_works() {
    let text = demo_text();
    let commands: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix(env!("CARGO_BIN_EXE_parallax"))).collect();
    assert!(commands.len() >= 5, "{text}");
    assert!(commands.iter().any(|command| command.ends_with(" serve")), "{text}");
    for command in commands {
        let words = command.split('"').enumerate().flat_map(|(part, text)| match part % 2 {
            0 => text.split_whitespace().collect::<Vec<_>>(),
            _ => vec![text],
        });
        let words: Vec<_> = words.collect();
        match words.last() {
            // It would serve until somebody ends it.
            Some(&"serve") => assert!(demo().serve(&words).get("/").contains("What networks do to connections")),
            _ => drop(demo().ok(&words)),
        }
    }
}

#[test]
fn a_second_demo_starts_afresh_in_the_same_folder() {
    let place = Place::new();
    let first = place.ok(&["demo", "--format", "csv"]);
    assert_eq!(place.ok(&["demo", "--format", "csv"]), first);
}

#[test]
fn a_folder_that_no_demo_made_is_refused() {
    let place = Place::new();
    place.write("thesis.txt", "years of work");
    let run = place.run(&["demo", "--dir", "."]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.stderr);
    assert!(place.path("thesis.txt").exists());
}

#[test]
fn a_verdict_of_the_demo_opens_into_its_proof() {
    let uid = ask(&["query", "--format", "csv", "SELECT measurement_uid FROM anomalies ORDER BY measurement_uid LIMIT 1"]).stdout;
    let uid = uid.lines().nth(1).unwrap();
    let page = ask(&["explain", uid]);
    assert_eq!(page.code, 0, "{}", page.stderr);
    for part in [uid, "and decided", "speaks against", "would have been", "/test_keys/", "sha256", "to repeat it"] {
        assert!(page.stdout.contains(part), "{part} is not in:\n{}", page.stdout);
    }
    let proofs: serde_json::Value = serde_json::from_str(&ask(&["explain", uid, "--format", "json"]).stdout).unwrap();
    assert_eq!(proofs[0]["measurement_uid"], uid);
    assert!(!proofs[0]["targets"][0]["rules"].as_array().unwrap().is_empty());
}

#[test]
fn the_archive_of_the_demo_is_sound() {
    let run = ask(&["verify"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("sound: "), "{}", run.stdout);
}

#[test]
fn judging_again_changes_nothing() {
    assert!(ask(&["judge"]).stdout.starts_with("nothing to judge"));
}
