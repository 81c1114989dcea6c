//! What the observatory serves is what the commands print.

use serde_json::Value;

use crate::program::{ask, demo};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Words alone: a terminal breaks lines where a page does not.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn by_id(rows: &Value) -> Vec<Value> {
    let mut rows = rows.as_array().unwrap().clone();
    rows.sort_by_key(|row| row["event_id"].to_string());
    rows
}

#[test]
fn events_are_the_same_in_the_terminal_for_programs_and_in_sql() {
    let served = demo().serve(&["--archive", "parallax-demo/archive", "serve"]);
    let listed = json(&ask(&["events", "--all", "--format", "json"]).stdout);
    let sql = json(&ask(&["query", "--format", "json", "SELECT * FROM events"]).stdout);
    let served_rows = json(&served.get("/api/v1/events?state=all&limit=1000"));
    assert!(!by_id(&listed).is_empty());
    assert_eq!(by_id(&listed), by_id(&sql));
    assert_eq!(by_id(&listed), by_id(&served_rows["rows"]));
    for event in by_id(&listed) {
        let id = event["event_id"].as_str().unwrap();
        let told = words(&ask(&["event", id]).stdout);
        let story = &json(&served.get(&format!("/api/v1/events/{id}")))["story"];
        let sentences = ["what", "when", "how_much", "verdict"].into_iter().filter_map(|part| story[part].as_str());
        let tried = story["explanations"].as_array().unwrap().iter().map(|tried| tried["found"].as_str().unwrap());
        for sentence in sentences.chain(tried) {
            assert!(told.contains(&words(sentence)), "{sentence} is not in {told}");
        }
    }
}

#[test]
fn a_proof_is_the_same_in_the_terminal_and_for_programs() {
    let served = demo().serve(&["--archive", "parallax-demo/archive", "serve"]);
    let uids = ask(&["query", "--format", "csv", "SELECT measurement_uid FROM anomalies ORDER BY measurement_uid LIMIT 3"]).stdout;
    for uid in uids.lines().skip(1) {
        let mut printed = json(&ask(&["explain", uid, "--format", "json"]).stdout);
        // A folder of this machine is nobody else's business.
        printed[0]["source"]["path"] = Value::Null;
        assert_eq!(printed, json(&served.get(&format!("/api/v1/measurements/{uid}"))), "{uid}");
    }
}
