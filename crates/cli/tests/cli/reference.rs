//! The documentation that the program prints, and its reference data.

use crate::program::{Place, demo};

#[test]
fn tables_explain_themselves() {
    let place = Place::new();
    insta::assert_snapshot!("tables", place.ok(&["tables"]));
    insta::assert_snapshot!("tables_judgements", place.ok(&["tables", "judgements"]));
    insta::assert_snapshot!("tables_states_by_network", place.ok(&["tables", "states_by_network"]));
}

#[test]
fn every_rule_explains_itself() {
    let place = Place::new();
    let rules: Vec<serde_json::Value> = serde_json::from_str(&place.ok(&["rules", "--format", "json"])).unwrap();
    assert!(rules.len() > 30);
    for rule in rules {
        let page = place.ok(&["rules", rule["rule"].as_str().unwrap()]);
        assert!(page.contains("Fires when") && page.contains("Why") && page.contains("Source"), "{page}");
    }
    insta::assert_snapshot!("rule", place.ok(&["rules", "dns/bogon_not_in_control"]));
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(place.ok(&["completions", shell]).contains("refdata"), "{shell}");
    }
}

#[test]
fn reference_data_is_recognised_added_and_listed() {
    let place = Place::new();
    let folder = demo().path("parallax-demo/world/refdata");
    let files: Vec<_> = ["fingerprints_dns.csv", "networks.tsv", "roots.pem"].iter().map(|name| folder.join(name)).collect();
    let mut arguments = vec!["refdata", "add", "--format", "csv"];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    let added = place.ok(&arguments);
    assert_eq!(added.lines().count(), 4, "{added}");
    assert_eq!(place.ok(&["refdata", "list", "--format", "csv"]), added);
}

#[test]
fn an_archive_without_reference_data_says_what_to_do() {
    let place = Place::new();
    place.write("broken.jsonl", "x\n");
    place.ok(&["ingest", "broken.jsonl"]);
    assert!(place.ok(&["refdata", "list"]).contains("parallax refdata update"));
}

#[test]
fn simulating_the_same_world_twice_makes_the_same_bytes() {
    let place = Place::new();
    assert!(place.ok(&["simulate", "--list", "--format", "csv"]).contains("demo"));
    place.ok(&["simulate", "demo", "--output", "a", "--seed", "7"]);
    place.ok(&["simulate", "a/world.toml", "--output", "b", "--seed", "7"]);
    let truth = |name: &str| std::fs::read(place.path(name).join("truth.jsonl")).unwrap();
    assert_eq!(truth("a"), truth("b"));
}
