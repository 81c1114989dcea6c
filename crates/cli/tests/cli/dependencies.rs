//! The crates know each other as the design says, and not otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Every crate with the crates of ours that it may use. A new edge here is a decision about the architecture.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("archive", &["model"]),
    ("simulate", &["model"]),
    ("detect", &["model"]),
    ("ingest", &["archive", "model"]),
    ("engine", &["archive", "detect", "ingest", "model"]),
    ("serve", &["archive", "detect", "engine", "model"]),
    ("cli", &["archive", "detect", "engine", "ingest", "model", "serve", "simulate"]),
];

#[test]
fn every_crate_uses_only_what_the_design_allows() {
    let used = dependencies(Kind::Normal);
    for (name, uses) in &used {
        let allowed = ALLOWED.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("crate {name} is not in the design"));
        let allowed: BTreeSet<_> = allowed.1.iter().map(|name| (*name).to_owned()).collect();
        assert!(uses.is_subset(&allowed), "crate {name} uses {uses:?}, the design allows {allowed:?}");
    }
    assert_eq!(used.len(), ALLOWED.len());
}

#[test]
fn only_the_engine_names_datafusion() {
    for (name, package) in packages() {
        let names = package["dependencies"].as_array().unwrap().iter().map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        let uses = names.filter(|dependency| dependency.starts_with("datafusion")).count();
        assert_eq!(uses > 0, name == "engine", "{name}");
    }
}

#[test]
fn detect_reads_no_files_and_model_knows_nobody() {
    let used = dependencies(Kind::Any);
    assert!(!used["detect"].contains("archive") && !used["detect"].contains("engine"));
    assert!(used["model"].is_empty());
}

#[derive(PartialEq)]
enum Kind {
    Normal,
    Any,
}

fn dependencies(kind: Kind) -> BTreeMap<String, BTreeSet<String>> {
    let ours = |dependency: &serde_json::Value| {
        let wanted = kind == Kind::Any || dependency["kind"].is_null();
        dependency["name"].as_str().unwrap().strip_prefix("parallax-").filter(|_| wanted).map(str::to_owned)
    };
    let uses = |package: &serde_json::Value| package["dependencies"].as_array().unwrap().iter().filter_map(ours).collect();
    packages().iter().map(|(name, package)| (name.clone(), uses(package))).collect()
}

fn packages() -> BTreeMap<String, serde_json::Value> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path", manifest])
        .output();
    let metadata: serde_json::Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let name = |package: &serde_json::Value| package["name"].as_str().unwrap().trim_start_matches("parallax-").to_owned();
    metadata["packages"].as_array().unwrap().iter().map(|package| (name(package), package.clone())).collect()
}
