//! Events in the terminal and for programs, on the archive of the demo.

use serde_json::Value;

use crate::program::{ask, demo_text};

fn events(arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&ask(&[&["events", "--format", "json"], arguments].concat()).stdout).unwrap()
}

#[test]
fn the_list_fits_80_columns_and_hides_what_is_explained() {
    let page = ask(&["events"]).stdout;
    assert!(page.lines().filter(|line| !line.contains("event ID")).all(|line| line.chars().count() <= 80), "{page}");
    let told = events(&[]);
    assert!(!told.is_empty() && told.iter().all(|event| event["state"] == "ongoing" || event["state"] == "ended"));
    let all = events(&["--all"]);
    assert!(all.iter().any(|event| event["state"] == "explained"));
    assert!(page.contains(&format!("not shown: {} explained", all.len() - told.len())), "{page}");
}

#[test]
fn filters_leave_what_is_asked_for() {
    let count = |arguments: &[&str]| events(arguments).len();
    assert_eq!(count(&["--cc", "XA"]) + count(&["--cc", "xb"]), count(&[]));
    assert!(events(&["--asn", "AS64502"]).iter().all(|event| event["networks"].as_array().unwrap().contains(&64502.into())));
    assert_eq!(count(&["--target", "poets.example"]), 1);
    assert_eq!(count(&["--target", "*.example"]) + count(&["--target", "telegram/web"]), count(&[]));
    assert_eq!((count(&["--kind", "shutdown"]), count(&["--since", "2031-01-01"])), (0, count(&["--state", "ongoing"])));
}

#[test]
fn what_finds_nothing_for_a_plain_reason_says_the_reason() {
    let run = ask(&["events", "--since", "2024-03-05", "--until", "2024-03-04"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: could not list events: `--since` is not before `--until`\n"), "{}", run.stderr);
    assert!(ask(&["events", "--cc", "ZZ"]).stdout.contains("nothing was measured in ZZ"));
    assert!(!ask(&["events", "--cc", "XA", "--kind", "shutdown"]).stdout.contains("nothing was measured"));
}

#[test]
fn the_story_of_every_event_can_be_told() {
    for event in events(&["--all"]) {
        let id = event["event_id"].as_str().unwrap();
        let run = ask(&["event", id]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let fits = |line: &&str| line.chars().count() <= 80 || line.contains(" explain ");
        assert!(run.stdout.lines().all(|line| fits(&line)), "{}", run.stdout);
        for part in [id, " of ", "Innocent explanations", "Witnesses", "Strength"] {
            assert!(run.stdout.contains(part), "{part} is not in\n{}", run.stdout);
        }
        for witness in event["witnesses"].as_array().unwrap().iter().take(1) {
            assert_eq!(ask(&["explain", witness.as_str().unwrap()]).code, 0);
        }
    }
}

#[test]
fn the_demo_tells_one_event_and_one_that_is_explained() {
    let text = demo_text();
    assert!(text.contains("The story of one:") && text.contains("has an innocent explanation"), "{text}");
}

#[test]
fn what_is_not_there_is_told_in_a_sentence() {
    let run = ask(&["event", "XA-19700101-000000"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("the archive has no event XA-19700101-000000"), "{}", run.stderr);
    for arguments in
        [["events", "--cc", "Kenya"], ["events", "--since", "yesterday"], ["events", "--kind", "war"], ["coverage", "--asn", "x"]]
    {
        assert_eq!(ask(&arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn coverage_says_how_much_was_measured_and_what_would_have_been_seen() {
    let rows: Vec<Value> = serde_json::from_str(&ask(&["coverage", "--cc", "XB", "--format", "json"]).stdout).unwrap();
    assert!(rows.iter().all(|row| row["probe_cc"] == "XB" && row["hours"].as_u64().unwrap() <= 60));
    assert!(rows.iter().any(|row| row["smallest_share"].is_f64()));
    assert!(ask(&["coverage", "--cc", "XX"]).stdout.contains("nothing was measured"));
}

#[test]
fn events_are_compared_with_the_truth_beside_a_simpler_detector() {
    let truth = "parallax-demo/world/truth-events.jsonl";
    let rows: Vec<Value> = serde_json::from_str(&ask(&["evaluate", "--truth", truth, "--format", "json"]).stdout).unwrap();
    let find = |detector: &str, figure: &str| {
        rows.iter().filter(|row| row["detector"] == detector && row["figure"] == figure).cloned().collect::<Vec<_>>()
    };
    let found: u64 = find("parallax", "found").iter().map(|row| row["count"].as_u64().unwrap()).sum();
    assert!(found >= 5, "{rows:?}");
    assert!(!find("medians", "found").is_empty());
    assert_eq!(find("parallax", "false")[0]["count"], 0);
    assert!(ask(&["evaluate", "--truth", truth]).stdout.contains("incidents with a known truth"));
}
