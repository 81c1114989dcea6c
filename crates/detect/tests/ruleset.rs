//! The rule book has a version that nobody can forget to change: this test compares it with the one that was last written down.

use std::path::Path;

use parallax_detect::interference::{RULESET_VERSION, digest_of_rule, rules};

const SNAPSHOT: &str = "tests/ruleset.txt";

#[test]
fn whoever_changes_the_rule_book_knows_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    let lines: Vec<_> = rules::ALL.iter().map(|rule| format!("{} {:016x}\n", rule.id, digest_of_rule(rule))).collect();
    let now = format!("ruleset {RULESET_VERSION}\n{}", lines.concat());
    if std::env::var_os("PARALLAX_WRITE").is_some() {
        std::fs::write(&path, &now).expect("can be written");
        return;
    }
    let known = std::fs::read_to_string(&path).expect("is there").replace("\r\n", "\n");
    let changed: Vec<_> =
        lines.iter().filter(|line| !known.contains(*line)).map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert!(
        known == now,
        "the rule book changed (rules added or changed: {changed:?}), so every archive will be judged again under ruleset {RULESET_VERSION}. \
         If that is meant, say in CHANGELOG.md what changes, and write the new version down: \
         PARALLAX_WRITE=1 cargo test -p parallax-detect --test ruleset"
    );
}
