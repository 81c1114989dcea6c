//! A scorecard as tables.

use parallax_detect::evaluation::weights::Weight;
use parallax_detect::evaluation::{Figure, Scorecard, Section, interval};
use parallax_model::State;

use crate::output::Listing;

/// The tables that a person reads, each with its title.
pub fn tables(scorecard: &Scorecard) -> Vec<(&'static str, Listing)> {
    let figures = scorecard.figures();
    let of = |sections: &[Section]| figures.iter().filter(|figure| sections.contains(&figure.section)).collect::<Vec<_>>();
    vec![
        ("How often somebody is accused, rightly and falsely:", shares(&of(&[Section::Overall, Section::Layer, Section::Nettest]))),
        ("Innocent troubles, alone or beside interference:", shares(&of(&[Section::Trouble]))),
        ("What is true, and the state that was said:", confusion(&of(&[Section::Confusion]))),
        ("Mechanisms that were named, beside the true ones (deeper must be 0):", shares(&of(&[Section::Depth]))),
        (
            "What rules are worth, as log10 of how much likelier they fire on what they name than on innocents:",
            rules(&scorecard.rules().weights()),
        ),
    ]
}

/// Everything in one table, for programs.
pub fn every_row(scorecard: &Scorecard) -> Listing {
    let weights = scorecard.rules().weights();
    let mut rows: Vec<Row> = scorecard.figures().iter().map(Row::of_figure).collect();
    rows.extend(weights.iter().flat_map(Row::of_weight));
    Listing::new()
        .text("section", rows.iter().map(|row| row.section))
        .text("of", rows.iter().map(|row| row.of.as_str()))
        .text("figure", rows.iter().map(|row| row.figure))
        .fraction("value", rows.iter().map(|row| row.value))
        .fraction("low", rows.iter().map(|row| Some(row.low)))
        .fraction("high", rows.iter().map(|row| Some(row.high)))
        .number("count", rows.iter().map(|row| row.count))
        .number("n", rows.iter().map(|row| row.n))
}

/// A row for programs.
struct Row {
    section: &'static str,
    of: String,
    figure: &'static str,
    value: Option<f64>,
    low: f64,
    high: f64,
    count: u64,
    n: u64,
}

impl Row {
    fn of_figure(figure: &Figure) -> Self {
        let (low, high) = figure.interval();
        let (section, of) = (figure.section.as_str(), figure.of.clone());
        Self { section, of, figure: figure.figure, value: figure.share(), low, high, count: figure.count, n: figure.n }
    }

    /// What a rule is worth, with how often it fired on what it names; and how often it fired on innocents.
    fn of_weight(weight: &Weight) -> [Self; 2] {
        let (fired, n) = (weight.fired_on_innocent, weight.innocent);
        let share = (n > 0).then(|| fired as f64 / n as f64);
        let row =
            |figure, value, (low, high), count, n| Self { section: "rule", of: weight.rule.to_owned(), figure, value, low, high, count, n };
        [
            row("log10_ratio", Some(weight.log10_ratio), (weight.low, weight.high), weight.fired_on_interference, weight.interference),
            row("fired_on_innocents", share, interval::wilson(fired, n), fired, n),
        ]
    }
}

fn shares(figures: &[&Figure]) -> Listing {
    Listing::new()
        .text("of", figures.iter().map(|figure| figure.of.as_str()))
        .text("figure", figures.iter().map(|figure| figure.figure))
        .text("share", figures.iter().map(|figure| share(figure)))
        .text("interval", figures.iter().map(|figure| interval(figure)))
        .number("count", figures.iter().map(|figure| figure.count))
        .number("n", figures.iter().map(|figure| figure.n))
}

fn share(figure: &Figure) -> String {
    figure.share().map_or_else(|| "-".to_owned(), |share| format!("{:.2}%", 100.0 * share))
}

fn interval(figure: &Figure) -> String {
    let (low, high) = figure.interval();
    if figure.n == 0 { "-".to_owned() } else { format!("{:.2}% to {:.2}%", 100.0 * low, 100.0 * high) }
}

/// One row per cause, one column per state. Figures of a cause lie together and are in the order of the states.
fn confusion(figures: &[&Figure]) -> Listing {
    let rows: Vec<&[&Figure]> = figures.chunk_by(|one, other| one.of == other.of).collect();
    let listing = Listing::new().text("truth", rows.iter().map(|row| row[0].of.as_str())).number("n", rows.iter().map(|row| row[0].n));
    State::ALL.iter().rev().fold(listing, |listing, state| {
        let count = |row: &&[&Figure]| row.iter().filter(|figure| figure.figure == state.as_str()).map(|figure| figure.count).sum::<u64>();
        listing.number(state.as_str(), rows.iter().map(count))
    })
}

fn rules(weights: &[Weight]) -> Listing {
    let of = |count: u64, n: u64| format!("{count} of {n}");
    Listing::new()
        .text("rule", weights.iter().map(|weight| weight.rule))
        .text("declared", weights.iter().map(|weight| format!("{:.1}", weight.declared)))
        .text("measured", weights.iter().map(|weight| format!("{:.2}", weight.log10_ratio)))
        .text("interval", weights.iter().map(|weight| format!("{:.2} to {:.2}", weight.low, weight.high)))
        .text("on_interference", weights.iter().map(|weight| of(weight.fired_on_interference, weight.interference)))
        .text("on_innocents", weights.iter().map(|weight| of(weight.fired_on_innocent, weight.innocent)))
}
