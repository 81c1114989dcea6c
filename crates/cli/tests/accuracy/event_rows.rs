//! The rows of the scorecard of events that drawn worlds are too small for: each has a world of its own, written here, that goes through the whole
//! archive like any other. It takes minutes, so it runs when it is asked for:
//!
//! `cargo test -p parallax-engine -p parallax-cli -p parallax-serve --test accuracy rows_of_events -- --ignored --nocapture`
//!
//! `PARALLAX_SEEDS=1011` takes another seed, `PARALLAX_ROWS=hourly` only the rows with this word, `PARALLAX_WRITE=1` writes `docs/tables/events_rows.md` anew.

use serde_json::Value;

use crate::event_worlds::{self, World};
use crate::events_world::{figures_of, in_words};
use crate::table::{hold, markdown, words};

/// Seeds from 1000 on are not used in development.
const SEED: &str = "1010";

/// A row of the scorecard.
struct Row {
    name: &'static str,
    floor: &'static str,
    world: fn(u64) -> World,
}

const ROWS: &[Row] = &[
    Row {
        name: "hourly, 1 % transient failures",
        floor: "onset median <= 3 h, end median <= 6 h",
        world: |seed| event_worlds::hourly(seed, 0.01),
    },
    Row { name: "hourly, 5 % transient failures", floor: "onset median <= 6 h", world: |seed| event_worlds::hourly(seed, 0.05) },
    Row { name: "once a day", floor: "onset median <= 72 h", world: event_worlds::daily },
    Row { name: "every 36 h in each of three networks", floor: "found in <= 96 h", world: event_worlds::sparse },
    Row { name: "20 % of connections, 10 an hour", floor: "found in <= 24 h", world: event_worlds::a_fifth },
    Row { name: "national, 12 networks x 150 targets", floor: "1 event", world: event_worlds::national },
    Row { name: "shutdown of one network", floor: "10 an hour or more before: found in <= 4 h", world: event_worlds::shutdowns },
];

/// What is shown of each row.
const FIGURES: &[&str] = &[
    "found",
    "onset_delay_median",
    "onset_delay_p90",
    "end_delay_median",
    "end_delay_p90",
    "onset_inside_its_interval",
    "mechanism_right",
    "told_as_one_event",
    "false",
];

#[test]
#[ignore = "takes minutes; a release check"]
fn rows_of_events_are_what_the_table_says() {
    let seed = std::env::var("PARALLAX_SEEDS").unwrap_or_else(|_| SEED.to_owned());
    let wanted = std::env::var("PARALLAX_ROWS").unwrap_or_default();
    let mut lines = Vec::new();
    for row in ROWS.iter().filter(|row| row.name.contains(&wanted)) {
        let world = (row.world)(seed.parse().expect("a seed"));
        let figures = figures_of(|folder| event_worlds::write(&world, folder));
        println!("{}: {figures:#?}", row.name);
        lines.extend(lines_of(row, &figures));
    }
    let head = ["world", "floor", "figure", "of", "parallax", "medians"];
    let text = format!("Seed {seed}.\n\n{}", markdown(&head, &lines));
    match wanted.is_empty() {
        true => hold("events_rows.md", &text),
        false => println!("{text}"),
    }
}

fn lines_of(row: &Row, figures: &[Value]) -> Vec<Vec<String>> {
    let of = |detector: &str| figures.iter().filter(|each| each["detector"] == detector).collect::<Vec<_>>();
    let medians = of("medians");
    let is_asked = |each: &&Value| each["n"] != 0 && FIGURES.iter().any(|name| each["figure"] == *name);
    let asked = of("parallax").into_iter().filter(is_asked);
    let line = |each: &Value| {
        let other = medians.iter().find(|other| other["figure"] == each["figure"] && other["of"] == each["of"]);
        vec![
            row.name.to_owned(),
            row.floor.to_owned(),
            words(&each["figure"]).replace('_', " "),
            words(&each["of"]),
            in_words(each),
            other.map_or_else(String::new, |other| in_words(other)),
        ]
    };
    asked.map(line).collect()
}
