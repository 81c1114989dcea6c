//! Every rule has three fixtures: it fires, it meets an innocent look-alike, it has too little. They are rows, written in TOML
//! (see CONTRIBUTING.md), and go through Arrow batches as real rows do.

mod fixture;

use std::path::{Path, PathBuf};

use fixture::Fixture;
use parallax_detect::interference::{Rule, judge, rules};

const KINDS: [&str; 3] = ["fires", "innocent", "too_little"];

#[test]
fn every_rule_fires_on_its_fixture_and_on_no_other() {
    let mut complaints = Vec::new();
    for rule in rules::ALL {
        for kind in KINDS {
            if let Err(complaint) = check(rule, kind) {
                complaints.push(format!("{}/{kind}.toml: {complaint}", rule.id));
            }
        }
    }
    assert!(complaints.is_empty(), "{} fixtures do not hold:\n{}", complaints.len(), complaints.join("\n"));
}

fn check(rule: &Rule, kind: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(rule.id).join(format!("{kind}.toml"));
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let fixture = Fixture::parse(&text)?;
    let judgements = fixture.with_case(judge);
    let fired: Vec<_> = judgements.iter().flat_map(|judgement| &judgement.fired).map(|fired| fired.rule.id).collect();
    if fired.contains(&rule.id) != (kind == "fires") {
        return Err(format!("fired: {fired:?}"));
    }
    fixture.expectation_holds(&judgements)?;
    if kind != "fires" && rule.says.accuses() && fixture.expects_nothing() && judgements.iter().any(|judgement| judgement.state.accuses()) {
        return Err(format!("accuses all the same: {fired:?}; say so under [expect] if another rule is right to"));
    }
    Ok(())
}

/// Where the control clears what would settle the verdict alone: it was given the very page.
const CLEARED_BY_CONTROL: &[&str] = &["the_block_page_itself.toml"];

#[test]
fn no_fixture_accuses_more_without_its_control() {
    for path in all_fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")) {
        if CLEARED_BY_CONTROL.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let read = || Fixture::parse(&std::fs::read_to_string(&path).expect("is there")).expect("is a fixture");
        let with = read().with_case(judge);
        let without = read().without_control().with_case(judge);
        for (with, without) in with.iter().zip(&without) {
            assert!(with.state.accuses() || !without.state.accuses(), "{}: {}", path.display(), without.target);
        }
    }
}

fn all_fixtures(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { all_fixtures(&path) } else { vec![path] }).collect()
}

#[test]
fn ids_name_their_layer_and_are_unique() {
    let mut ids: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
    for rule in rules::ALL {
        assert_eq!(rule.id.split('/').next(), Some(rule.layer.as_str()), "{}", rule.id);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interference/rules").join(format!("{}.rs", rule.id));
        assert!(path.exists(), "{} is not in a file of its name", rule.id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules::ALL.len());
}

#[test]
fn every_rule_is_documented() {
    for rule in rules::ALL {
        for text in [rule.condition, rule.why, rule.innocent] {
            assert!(text.ends_with('.') && text.len() > 30, "{}: {text}", rule.id);
        }
        assert!(!rule.source.is_empty(), "{}", rule.id);
        assert!(rule.weight > 0.0, "{}", rule.id);
        assert_eq!(rule.says.accuses(), rule.mechanism.is_some(), "{}: whoever accuses says how, and nobody else does", rule.id);
    }
}

#[test]
fn rules_that_tell_wrong_pages_exist() {
    for id in rules::WRONG_PAGE {
        assert!(rules::find(id).is_some(), "{id}");
    }
}
