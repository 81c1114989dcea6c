//! The release check on drawn worlds: 100,000 measurements of a world from a seed that nobody looked at while the rules were written, all
//! troubles on. It takes minutes, so it runs when it is asked for:
//!
//! `cargo test -p parallax-engine -p parallax-cli --test accuracy field -- --ignored --nocapture`
//!
//! `PARALLAX_SEEDS=1001,1002` takes other seeds, `PARALLAX_WRITE=1` writes `docs/tables/field_world.md` anew.

use parallax_detect::evaluation::interval::wilson;
use serde_json::Value;

use crate::program::Archive;
use crate::table::{hold, markdown, words};

/// Seeds from 1000 on are not used in development.
const SEEDS: &str = "1001";
const MEASUREMENTS: &str = "100000";

#[test]
#[ignore = "takes minutes; a release check"]
fn the_field_world_is_judged_as_the_table_says() {
    let seeds = std::env::var("PARALLAX_SEEDS").unwrap_or_else(|_| SEEDS.to_owned());
    let worlds: Vec<(&str, Vec<Value>)> = seeds.split(',').map(|seed| (seed.trim(), figures(seed.trim()))).collect();
    let sections: Vec<String> = worlds.iter().map(|(seed, rows)| section(seed, rows)).collect();
    hold("field_world.md", &format!("{}\n{}", together(&worlds), sections.join("\n")));
}

/// How often somebody is accused, rightly and falsely, world by world and in all of them.
fn together(worlds: &[(&str, Vec<Value>)]) -> String {
    let mut lines = Vec::new();
    for (of, figure) in [("all", "precision"), ("all", "falsely_accused"), ("fully_blocked", "recall")] {
        let (mut count, mut n) = (0, 0);
        for (seed, rows) in worlds {
            let row = rows.iter().find(|row| row["of"] == of && row["figure"] == figure).expect("a figure");
            count += row["count"].as_u64().expect("a count");
            n += row["n"].as_u64().expect("an n");
            lines.push(vec![
                format!("seed {seed}"),
                words(&row["of"]),
                words(&row["figure"]),
                share(row),
                interval(row),
                words(&row["count"]),
                words(&row["n"]),
            ]);
        }
        let (low, high) = wilson(count, n);
        let all = serde_json::json!({ "value": count as f64 / n.max(1) as f64, "low": low, "high": high });
        lines.push(vec!["together".into(), of.into(), figure.into(), share(&all), interval(&all), count.to_string(), n.to_string()]);
    }
    format!("## All worlds\n\n{}", markdown(&["world", "of", "figure", "share", "95 % interval", "count", "n"], &lines))
}

fn section(seed: &str, rows: &[Value]) -> String {
    let deeper = rows.iter().find(|row| row["section"] == "depth" && row["figure"] == "deeper").expect("a figure of depth");
    assert_eq!(deeper["count"], 0, "seed {seed}: a mechanism is deeper than the truth");
    let of = |sections: &[&str]| -> Vec<Vec<String>> {
        let wanted = rows.iter().filter(|row| sections.contains(&row["section"].as_str().unwrap_or_default()) && row["n"] != 0);
        wanted
            .map(|row| vec![words(&row["of"]), words(&row["figure"]), share(row), interval(row), words(&row["count"]), words(&row["n"])])
            .collect()
    };
    let head = ["of", "figure", "share", "95 % interval", "count", "n"];
    format!(
        "## Seed {seed}\n\nBy everything, layer and nettest:\n\n{}\nBy innocent trouble:\n\n{}\nDepth of the mechanisms that were named:\n\n{}\nWhat is true, and the state that was said:\n\n{}\nRules, as log10 of the likelihood ratio:\n\n{}",
        markdown(&head, &of(&["overall", "layer", "nettest"])),
        markdown(&head, &of(&["trouble"])),
        markdown(&head, &of(&["depth"])),
        confusion(rows),
        weights(rows),
    )
}

/// Simulates, reads, judges and compares one world.
pub fn figures(seed: &str) -> Vec<Value> {
    let archive = Archive::new();
    let world = archive.folder().join("world");
    archive.run(&["simulate", "field", "--seed", seed, "--measurements", MEASUREMENTS, "--output", &world.display().to_string()]);
    for file in crate::program::files(&world.join("refdata")) {
        archive.run(&["refdata", "add", &file.display().to_string()]);
    }
    archive.ingest_and_judge(&[world.join("raw")]);
    let truth = world.join("truth.jsonl").display().to_string();
    serde_json::from_str(&archive.run(&["evaluate", "--truth", &truth, "--format", "json"])).expect("JSON")
}

fn confusion(rows: &[Value]) -> String {
    let cells: Vec<&Value> = rows.iter().filter(|row| row["section"] == "confusion").collect();
    let causes: Vec<&[&Value]> = cells.chunk_by(|one, other| one["of"] == other["of"]).collect();
    let mut head = vec!["truth".to_owned(), "n".to_owned()];
    head.extend(causes.first().into_iter().flat_map(|cause| cause.iter().map(|cell| words(&cell["figure"]))));
    let lines: Vec<Vec<String>> = causes
        .iter()
        .map(|cause| {
            let counts = cause.iter().map(|cell| words(&cell["count"]));
            [words(&cause[0]["of"]), words(&cause[0]["n"])].into_iter().chain(counts).collect()
        })
        .collect();
    markdown(&head.iter().map(String::as_str).collect::<Vec<_>>(), &lines)
}

fn weights(rows: &[Value]) -> String {
    let rules: Vec<Vec<String>> = rows
        .iter()
        .filter(|row| row["section"] == "rule" && row["figure"] == "log10_ratio")
        .map(|row| {
            let number = |key: &str| format!("{:.2}", row[key].as_f64().unwrap_or_default());
            let interval = format!("{} to {}", number("low"), number("high"));
            vec![words(&row["of"]), number("value"), interval, words(&row["count"]), words(&row["n"])]
        })
        .collect();
    markdown(&["rule", "log10 ratio", "95 % interval", "fired on what it names", "n"], &rules)
}

fn share(row: &Value) -> String {
    row["value"].as_f64().map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", 100.0 * share))
}

fn interval(row: &Value) -> String {
    let bound = |key: &str| 100.0 * row[key].as_f64().unwrap_or_default();
    format!("{:.2} to {:.2} %", bound("low"), bound("high"))
}
