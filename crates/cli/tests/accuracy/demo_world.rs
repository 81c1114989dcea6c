//! The simulated demo world: no innocent trouble but a connection lost by chance, or by a release that loses it wherever it runs, is ever taken for
//! interference.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::Archive;
use crate::table::{hold, markdown, words};

/// A lost connection looks like a cut one in a single measurement: `docs/accuracy.md` says what that means. That one release loses it shows only
/// in many measurements: it is what the demo's explained event is about.
const CANNOT_BE_TOLD_APART: &[&str] = &["transient", "buggy_release"];

#[derive(Default)]
struct Tally {
    n: usize,
    accused: usize,
    deeper: usize,
}

#[test]
fn mechanisms_are_found_no_deeper_than_they_are_and_troubles_accuse_nobody() {
    let archive = Archive::new();
    let world = archive.folder().join("world");
    archive.run(&["simulate", "demo", "--output", &world.display().to_string()]);
    let refdata: Vec<_> =
        std::fs::read_dir(world.join("refdata")).expect("reference data").map(|entry| entry.expect("an entry").path()).collect();
    for file in refdata {
        archive.run(&["refdata", "add", &file.display().to_string()]);
    }
    archive.ingest_and_judge(&[world.join("raw")]);
    let said: BTreeMap<(String, String), Value> = archive
        .query("SELECT measurement_uid, target, state, mechanisms FROM judgements")
        .into_iter()
        .map(|row| ((words(&row["measurement_uid"]), words(&row["target"])), row))
        .collect();
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    let mut accused: BTreeMap<String, Tally> = BTreeMap::new();
    for line in std::fs::read_to_string(world.join("truth.jsonl")).expect("the truth").lines() {
        let truth: Value = serde_json::from_str(line).expect("JSON");
        let row = &said[&(words(&truth["measurement_uid"]), words(&truth["target"]))];
        let accuses = matches!(row["state"].as_str(), Some("blocked" | "likely_blocked" | "interfered"));
        let guilty = matches!(truth["state"].as_str(), Some("blocked" | "interfered"));
        let (table, key) = if guilty { (&mut found, words(&truth["mechanisms"])) } else { (&mut accused, trouble(&truth)) };
        let tally = table.entry(key).or_default();
        tally.n += 1;
        tally.accused += usize::from(accuses);
        tally.deeper += usize::from(
            guilty && accuses && trouble(&truth) == "none" && is_deeper(&words(&row["mechanisms"]), &words(&truth["mechanisms"])),
        );
    }
    for (trouble, tally) in &accused {
        assert!(
            tally.accused == 0 || CANNOT_BE_TOLD_APART.iter().any(|word| trouble.contains(word)),
            "{trouble}: {} of {} accused",
            tally.accused,
            tally.n
        );
    }
    assert!(found.values().all(|tally| tally.deeper == 0), "a mechanism is deeper than the truth");
    let rows = |tallies: &BTreeMap<String, Tally>| -> Vec<Vec<String>> {
        tallies.iter().map(|(key, tally)| vec![key.clone(), tally.n.to_string(), tally.accused.to_string()]).collect()
    };
    let text = format!(
        "{}\n{}",
        markdown(&["interference", "n", "found"], &rows(&found)),
        markdown(&["innocent trouble", "n", "accused"], &rows(&accused))
    );
    hold("demo_world.md", &text);
}

fn trouble(truth: &Value) -> String {
    let names = words(&truth["trouble"]);
    if names.is_empty() { "none".to_owned() } else { names }
}

/// Whether one of several named mechanisms says more than the truth does, or something else.
fn is_deeper(said: &str, truth: &str) -> bool {
    said.split(", ").any(|said| !truth.split(", ").any(|truth| truth == said || truth.starts_with(&format!("{said}."))))
}
