//! A table of counts: one line a country, network or target, each with what stands behind it.

use askama::Template;
use parallax_model::State;

use super::count;
use super::figures::share_text;
use crate::counts::Tally;
use crate::rows::clip;

/// Lines of a table before the rest is left to the download.
pub const MOST_LINES: usize = 100;

pub struct Line {
    pub name: String,
    /// The name of a network, beside its number.
    pub note: String,
    pub link: String,
    /// The measurements behind the line.
    pub measurements: String,
    pub share: String,
    pub level: &'static str,
    pub states: Vec<String>,
    pub n: String,
    pub others: String,
    /// The first and the last day with an accusation; nothing where there is none.
    pub seen: Vec<String>,
}

#[derive(Template)]
#[template(path = "parts/tallies.html")]
pub struct TallyTable {
    pub id: &'static str,
    pub title: String,
    pub about: String,
    /// What a line is: `Country`, `Network`, `Target`.
    pub what: &'static str,
    /// What stands behind a line: `Networks`, `Targets`.
    pub others: &'static str,
    pub states: Vec<&'static State>,
    pub lines: Vec<Line>,
    pub left_out: usize,
}

impl TallyTable {
    pub fn new(id: &'static str, title: impl Into<String>, about: impl Into<String>, what: &'static str, others: &'static str) -> Self {
        let states = State::ALL.iter().rev().collect();
        Self { id, title: title.into(), about: about.into(), what, others, states, lines: Vec::new(), left_out: 0 }
    }

    /// Takes lines until the table is long enough, and counts the rest.
    pub fn with(mut self, lines: impl Iterator<Item = Line>) -> Self {
        for line in lines {
            match self.lines.len() < MOST_LINES {
                true => self.lines.push(line),
                false => self.left_out += 1,
            }
        }
        self
    }
}

impl Line {
    pub fn new(name: impl Into<String>, note: impl Into<String>, link: String, measurements: String, tally: &Tally) -> Self {
        Self {
            name: clip(&name.into()),
            note: clip(&note.into()),
            link,
            measurements,
            share: share_text(tally),
            level: crate::charts::level_of(Some(tally)),
            states: State::ALL.iter().rev().map(|state| count(tally.of(*state))).collect(),
            n: count(tally.n()),
            others: format!("{} of {}", count(tally.others_accused), count(tally.others)),
            seen: match (tally.first_accused, tally.last_accused) {
                (Some(first), Some(last)) if first == last => vec![first.to_string()],
                (Some(first), Some(last)) => vec![first.to_string(), format!("to {last}")],
                _ => Vec::new(),
            },
        }
    }
}
