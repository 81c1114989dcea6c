//! The release check of events: drawn worlds of raw measurements go through the whole archive, and what `parallax detect` says stands beside what
//! happened and beside what hourly medians would have said. It takes minutes, so it runs when it is asked for:
//!
//! `cargo test -p parallax-engine -p parallax-cli --test accuracy events -- --ignored --nocapture`
//!
//! `PARALLAX_SEEDS=1006,1007` takes other seeds, `PARALLAX_WRITE=1` writes `docs/tables/events.md` anew. `quiet_years` instead of `events` looks at years in which
//! hardly anything happens.

use std::path::Path;

use serde_json::Value;

use crate::program::{Archive, files, shared_data};
use crate::table::{hold, markdown, words};

/// Seeds from 1000 on are not used in development.
const SEEDS: &str = "1006";
const MEASUREMENTS: &str = "100000";

#[test]
#[ignore = "takes minutes; a release check"]
fn events_of_drawn_worlds_are_what_the_table_says() {
    let seeds = std::env::var("PARALLAX_SEEDS").unwrap_or_else(|_| SEEDS.to_owned());
    let text: Vec<String> = seeds.split(',').map(|seed| section(seed.trim())).collect();
    hold("events.md", &text.join("\n"));
}

fn section(seed: &str) -> String {
    format!("## Seed {seed}\n\n{}", side_by_side(&figures(seed)))
}

/// A figure in a row, a detector in a column.
fn side_by_side(rows: &[Value]) -> String {
    let find = |detector: &str, like: &Value| {
        let row = rows.iter().find(|row| row["detector"] == detector && row["figure"] == like["figure"] && row["of"] == like["of"]);
        row.map_or_else(String::new, in_words)
    };
    let lines: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| row["detector"] == "parallax")
        .map(|row| vec![words(&row["figure"]).replace('_', " "), words(&row["of"]), in_words(row), find("medians", row)])
        .collect();
    markdown(&["figure", "of", "parallax", "medians"], &lines)
}

/// More seeds, one after the other: `PARALLAX_SEEDS=1011,1012`.
const QUIET_SEEDS: &str = "1011,1012";

/// Half a year of places in which hardly anything happens, and what is told there all the same. Each seed has a thousand years of series.
#[test]
#[ignore = "takes minutes; a release check"]
fn quiet_years_of_events_are_what_the_table_says() {
    let seeds = std::env::var("PARALLAX_SEEDS").unwrap_or_else(|_| QUIET_SEEDS.to_owned());
    let described = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/accuracy/worlds/quiet.toml");
    let mut sections = Vec::new();
    let mut sums = [(0, 0); 3];
    for seed in seeds.split(',').map(str::trim) {
        let rows = figures_of(|world| {
            Archive::new().run(&["simulate", described, "--seed", seed, "--output", &world.display().to_string()]);
        });
        for (sum, (figure, of)) in sums.iter_mut().zip(SUMS) {
            let is_asked = |row: &&Value| row["detector"] == "parallax" && row["figure"] == *figure && row["of"] == *of;
            let number = |row: &Value, key: &str| row[key].as_u64().unwrap_or_default();
            rows.iter().filter(is_asked).for_each(|row| *sum = (sum.0 + number(row, "count"), sum.1 + number(row, "n")));
        }
        sections.push(format!("## Seed {seed}\n\n{}", side_by_side(&rows)));
    }
    let all = SUMS.iter().zip(sums).map(|((figure, of), (count, n))| {
        vec![figure.replace('_', " "), (*of).to_owned(), format!("{:.4} ({count} of {n})", count as f64 / (n as f64).max(1.0))]
    });
    hold(
        "events_quiet.md",
        &format!("All seeds:\n\n{}\n{}", markdown(&["figure", "of", "parallax"], &all.collect::<Vec<_>>()), sections.join("\n")),
    );
}

/// Figures that the floors are about, over all seeds.
const SUMS: &[(&str, &str)] = &[
    ("false_per_quiet_series_year", "series without interference"),
    ("false", "events that are told"),
    ("told_as_interference", "all troubles"),
];

/// Simulates, reads, judges, looks for events and compares one world.
fn figures(seed: &str) -> Vec<Value> {
    figures_of(|world| {
        Archive::new().run(&[
            "simulate",
            "field",
            "--seed",
            seed,
            "--measurements",
            MEASUREMENTS,
            "--output",
            &world.display().to_string(),
        ]);
    })
}

/// The same of a world that somebody writes to a folder.
pub fn figures_of(write: impl FnOnce(&Path)) -> Vec<Value> {
    let archive = Archive::new();
    let world = archive.folder().join("world");
    write(&world);
    for file in files(&world.join("refdata")) {
        archive.run(&["refdata", "add", &file.display().to_string()]);
    }
    archive.ingest_and_judge(&[world.join("raw")]);
    archive.run(&["detect"]);
    let truth = world.join("truth-events.jsonl").display().to_string();
    serde_json::from_str(&archive.run(&["evaluate", "--truth", &truth, "--format", "json"])).expect("JSON")
}

pub fn in_words(row: &Value) -> String {
    let (count, n) = (words(&row["count"]), words(&row["n"]));
    let Some(value) = row["value"].as_f64() else {
        return if n == "0" { "-".to_owned() } else { format!("never ({count} of {n} found)") };
    };
    let interval = |scale: f64, digits: usize| match (row["low"].as_f64(), row["high"].as_f64()) {
        (Some(low), Some(high)) => format!("; {:.digits$} to {:.digits$}", scale * low, scale * high),
        _ => String::new(),
    };
    match words(&row["figure"]).as_str() {
        figure if figure.contains("delay") => format!("{value} h ({count} of {n} found)"),
        "false_per_quiet_series_year" => format!("{value:.4} ({count} in {n}{})", interval(1.0, 4)),
        _ => format!("{:.1} % ({count} of {n}{})", 100.0 * value, interval(100.0, 1)),
    }
}

/// The exams of November 2023 in Kenya, from OONI's tables, through the whole archive; what the events must be stands beside the data.
#[test]
fn the_exams_in_kenya_are_events_as_they_were() {
    let Some(tables) = shared_data("ooni/kenya-2023") else { return };
    let archive = Archive::new();
    archive.ingest_and_judge(&[tables]);
    archive.run(&["detect"]);
    let events: Vec<Value> = serde_json::from_str(&archive.run(&["events", "--cc", "KE", "--format", "json"])).expect("JSON");
    let of = |network: u64| -> Vec<&Value> {
        events.iter().filter(|event| event["networks"].as_array().is_some_and(|all| all.iter().any(|each| *each == network))).collect()
    };
    assert!((1..=4).contains(&events.len()), "{} events", events.len());
    for network in [37061, 33771] {
        let [event] = of(network)[..] else { panic!("one event for AS{network}") };
        assert_eq!(event["schedule"], "Mon-Fri 07:00-11:00, 13:00-17:00 (UTC+03:00)", "AS{network}");
        let onset = words(&event["onset_latest"]);
        assert!(("2023-11-07T12".."2023-11-09T13").contains(&onset.as_str()), "AS{network}: {onset}");
    }
    let [gone] = of(12455)[..] else { panic!("one event for AS12455") };
    assert!(gone["schedule"].is_null());
    assert!(
        words(&gone["onset_latest"]).as_str() <= "2023-11-09T20:00:00Z" && words(&gone["end_latest"]).as_str() <= "2023-11-26T13:00:00Z"
    );
    for network in [30844, 36866, 15399, 15808] {
        assert!(of(network).is_empty(), "AS{network} was not touched");
    }
    assert!(events.iter().all(|event| words(&event["onset_latest"]).as_str() >= "2023-11-08"));
}
