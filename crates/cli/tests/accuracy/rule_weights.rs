//! What rules are worth, as likelihood ratios: fitted on some worlds and checked on others. It takes minutes, so it runs when it is asked for:
//!
//! `cargo test -p parallax-engine -p parallax-cli --test accuracy rule_weights -- --ignored --nocapture`
//!
//! `PARALLAX_FIT=2,3` and `PARALLAX_CHECK=1011,1012` take other seeds, `PARALLAX_WRITE=1` writes `docs/tables/rule_weights.md` anew.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::field_world::figures;
use crate::table::{hold, markdown, words};

/// Half the width of a 95 % interval, in standard deviations.
const Z: f64 = 1.96;

#[test]
#[ignore = "takes minutes; a release check"]
fn rule_weights_hold_on_worlds_that_they_were_not_fitted_on() {
    let seeds = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    let (fit, check) = (seeds("PARALLAX_FIT", "2,3,4"), seeds("PARALLAX_CHECK", "1011,1012,1013"));
    let (fitted, checked) = (Counts::of(&fit), Counts::of(&check));
    let rules: Vec<&String> = fitted.0.keys().filter(|rule| checked.0.contains_key(*rule)).collect();
    let lines: Vec<Vec<String>> = rules.iter().map(|rule| line(rule, &fitted.0[*rule], &checked.0[*rule])).collect();
    let held = lines.iter().filter(|line| line[5] == "yes").count();
    let head = [
        "rule",
        "fitted",
        "95 % interval",
        "checked",
        "95 % interval",
        "agree",
        "fired, of what it names (fit; check)",
        "on innocents (fit; check)",
    ];
    let text = format!(
        "Fitted on seeds {fit}, checked on seeds {check}: {held} of {} intervals meet.\n\n{}",
        lines.len(),
        markdown(&head, &lines)
    );
    hold("rule_weights.md", &text);
}

/// Of each rule, how often it fired on what it names and on innocents, in all worlds together.
struct Counts(BTreeMap<String, [(u64, u64); 2]>);

impl Counts {
    fn of(seeds: &str) -> Self {
        let mut counts: BTreeMap<String, [(u64, u64); 2]> = BTreeMap::new();
        for row in seeds.split(',').flat_map(|seed| figures(seed.trim())).filter(|row| row["section"] == "rule") {
            let of = counts.entry(words(&row["of"])).or_default();
            let (count, n) = &mut of[usize::from(row["figure"] == "fired_on_innocents")];
            *count += number(&row, "count");
            *n += number(&row, "n");
        }
        counts.retain(|_, [named, _]| named.0 > 0);
        Self(counts)
    }
}

fn number(row: &Value, key: &str) -> u64 {
    row[key].as_u64().expect("a number")
}

fn line(rule: &str, fitted: &[(u64, u64); 2], checked: &[(u64, u64); 2]) -> Vec<String> {
    let ((one, one_half), (other, other_half)) = (log10_ratio(fitted), log10_ratio(checked));
    let agree = if (one - other).abs() <= one_half + other_half { "yes" } else { "no" };
    let interval = |middle: f64, half: f64| format!("{:.2} to {:.2}", middle - half, middle + half);
    let of = |part: usize| format!("{} of {}; {} of {}", fitted[part].0, fitted[part].1, checked[part].0, checked[part].1);
    vec![
        rule.to_owned(),
        format!("{one:.2}"),
        interval(one, one_half),
        format!("{other:.2}"),
        interval(other, other_half),
        agree.to_owned(),
        of(0),
        of(1),
    ]
}

/// log10 of the ratio of the two shares, with half a count added to each, and half the width of its interval.
fn log10_ratio(counts: &[(u64, u64); 2]) -> (f64, f64) {
    let share = |(count, n): (u64, u64)| (count as f64 + 0.5) / (n as f64 + 1.0);
    let variance = |(count, n): (u64, u64)| 1.0 / (count as f64 + 0.5) - 1.0 / (n as f64 + 1.0);
    let half = Z * (variance(counts[0]) + variance(counts[1])).sqrt() / std::f64::consts::LN_10;
    ((share(counts[0]) / share(counts[1])).log10(), half)
}
