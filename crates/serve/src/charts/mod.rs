//! Charts as Vega-Lite, made here and drawn by the script bundle (`web/`) in place of the server's own drawing.
//!
//! A page that has a chart holds three things in one element of class `chart`: the server's drawing in one of class `still`, the chart's
//! table, and the specification as text in a `<template class="spec">`, which acts on nothing. Whoever runs no script, or prints, sees the
//! drawing; the script draws the specification and offers it as SVG, PNG, CSV and JSON. A page with a chart says so
//! ([`crate::parts::Frame::has_charts`], [`crate::route::Answer::with_charts`]): other pages get no script at all.
//!
//! **Invariant:** a specification is whole: its data are in it, as CSV, and it opens in any Vega-Lite editor as it is.
//!
//! **Invariant:** every text in the data has passed through [`parallax_model::visible::visible`].

mod course;
mod hours;
mod map;
mod mechanisms;
mod palette;
mod plot;
mod shares;
mod sheet;
mod spans;
mod strip;
mod time;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

pub use course::{Column as CourseColumn, MEASURED, PARTS, Stretch, course};
pub use hours::{HourLine, Hours, hours};
pub use map::{Land, map};
pub use mechanisms::{Mechanism, mechanisms};
pub use palette::{FEW, level, level_of, share_level};
pub use plot::{Column, Kind, MARKS, Plot, Wanted};
pub use shares::{Share, shares};
pub use sheet::{Sheet, Type};
pub use spans::{Span, spans};
pub use strip::{Cell, Line, strip};

use crate::day::Day;
use crate::parts::plural;

/// What stands above a chart when it has left its page, and the name of its file.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub title: String,
    pub lines: Vec<String>,
    pub file: String,
}

impl About {
    /// The same for one of several charts of a page.
    pub fn of(&self, chart: &str, id: &str) -> Self {
        Self { title: format!("{chart}: {}", self.title), lines: self.lines.clone(), file: format!("{}-{id}", self.file) }
    }

    /// The same with one more thing to know, below the n.
    pub fn with_line(mut self, line: String) -> Self {
        self.lines.insert(self.lines.len().min(1), line);
        self
    }

    /// The same for a chart that rests on some of the page's judgements.
    pub fn resting_on(self, n: u64, first: Option<Day>, last: Option<Day>) -> Self {
        self.with_n(n_line(n, first, last))
    }

    /// The same with another first line.
    pub fn with_n(mut self, n: String) -> Self {
        if let Some(line) = self.lines.first_mut() {
            *line = n;
        }
        self
    }
}

/// `n = 12 judgements, 2024-03-04 to 2024-03-05 (UTC)`.
pub fn n_line(n: u64, first: Option<Day>, last: Option<Day>) -> String {
    let days = match (first, last) {
        (Some(first), Some(last)) => format!("{first} to {last} (UTC)"),
        _ => "no day that is known".to_owned(),
    };
    format!("n = {}, {days}", plural(n, "judgement"))
}

/// Where a click on a mark leads: the value of a field of the mark, and the page for each value. A mark that has a day opens that day, and
/// one with a last day too all days from one to the other.
#[derive(Clone, Debug, Default)]
pub struct Places {
    field: &'static str,
    pages: Vec<(String, String)>,
    /// What a click opens, in words.
    opens: String,
}

impl Places {
    pub fn of(field: &'static str, pages: Vec<(String, String)>) -> Self {
        Self { field, pages, opens: "what is behind it".to_owned() }
    }

    pub fn opening(self, opens: &str) -> Self {
        Self { opens: opens.to_owned(), ..self }
    }
}

/// The version that the bundle draws.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v6.json";

/// A whole specification. `body` is what differs from chart to chart.
pub fn spec(about: &About, sheet: &Sheet, places: &Places, body: Value) -> Value {
    let mut spec = json!({
        "$schema": SCHEMA,
        "title": { "text": about.title, "subtitle": about.lines },
        "background": palette::GROUND,
        "data": { "values": sheet.text(), "format": { "type": "csv", "parse": sheet.parse() } },
        "config": config(),
        "usermeta": { "parallax": { "file": about.file, "colours": palette::colours(), "field": places.field, "pages": pages(places),
            "opens": places.opens } },
    });
    if let (Some(spec), Value::Object(body)) = (spec.as_object_mut(), body) {
        spec.extend(body);
    }
    spec
}

fn pages(places: &Places) -> Value {
    Value::Object(places.pages.iter().map(|(value, page)| (value.clone(), json!(page))).collect::<Map<_, _>>())
}

/// Labels of lines, clipped and made visible; equal ones are told apart, or their marks would lie on each other.
fn distinct<'l>(labels: impl Iterator<Item = &'l str>) -> Vec<String> {
    let mut seen = HashSet::new();
    let label = |label: &str| {
        let plain = parallax_model::visible::visible(&crate::rows::clip(label)).into_owned();
        let numbered = (2..).map(|number| format!("{plain} ({number})"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|label| !seen.contains(label)).unwrap_or_default();
        seen.insert(free.clone());
        free
    };
    labels.map(label).collect()
}

/// The letters of the pages, and their colours.
fn config() -> Value {
    let axis = json!({
        "labelColor": palette::TEXT, "titleColor": palette::SOFT, "gridColor": palette::LINE, "domainColor": palette::LINE,
        "tickColor": palette::LINE, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    });
    json!({
        "font": "system-ui, sans-serif",
        "title": { "anchor": "start", "color": palette::TEXT, "subtitleColor": palette::SOFT, "fontSize": 15, "subtitleFontSize": 12, "offset": 12 },
        "axis": axis,
        "legend": { "labelColor": palette::TEXT, "titleColor": palette::SOFT, "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 320 },
        "view": { "stroke": null },
    })
}

/// A name for a file, of letters, digits and `-` only.
pub fn file_name(parts: &[&str]) -> String {
    let mut name = String::from("parallax");
    for part in parts.iter().filter(|part| !part.is_empty()) {
        name.push('-');
        name.extend(part.chars().take(60).map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }));
    }
    name
}
