//! Events in time: a bar for each from its first to its last sight, with the times in which it may have begun and ended.

use serde_json::{Value, json};

use super::palette::{GROUND, SOFT, level};
use super::time::{axis, scale};
use super::{About, Places, Sheet, Type, distinct, spec};

/// One event. Times are in UTC; what is not known is empty.
#[derive(Clone, Debug, Default)]
pub struct Span {
    pub event: String,
    pub page: String,
    pub label: String,
    /// One of [`LOOKS`], by its first name.
    pub look: &'static str,
    pub state: String,
    pub began_earliest: String,
    pub began_latest: String,
    pub last_seen: String,
    pub ended_by: String,
    /// Told, and not ended: of what has an innocent explanation nobody waits for an end.
    pub goes_on: bool,
    /// How much of what was hit, with its n.
    pub hit: String,
    pub measurements: u64,
    pub networks: u64,
}

/// How events look: name, words, fill, line and dashes.
const LOOKS: [(&str, &str, &str, &str, [u8; 2]); 4] = [
    ("blocking", "blocking", "most", "most", [1, 0]),
    ("shutdown", "shutdown", "trouble", "trouble", [1, 0]),
    ("explained", "has an innocent explanation", "", "", [1, 0]),
    ("withdrawn", "superseded or retracted", "", "insufficient", [2, 2]),
];

/// Room for the labels, the width of all bars, and the pixels from bar to bar.
const LABELS: u64 = 230;
const WIDTH: u64 = 640;
const LINE: u64 = 20;

/// `from` and `to` are the first and the last moment that are drawn.
pub fn spans(about: &About, spans: &[Span], from: &str, to: &str) -> Value {
    let labels = distinct(spans.iter().map(|span| span.label.as_str()));
    let texts =
        ["event", "line", "look", "state", "began_earliest_utc", "began_latest_utc", "last_seen_utc", "ended_by_utc", "goes_on", "hit"];
    let numbers = ["measurements", "networks"].map(|name| (name, Type::Number));
    let mut sheet = Sheet::new(texts.map(|name| (name, Type::Text)).into_iter().chain(numbers));
    for (span, label) in spans.iter().zip(&labels) {
        let goes_on = if span.goes_on { "yes" } else { "" };
        let n = [span.measurements, span.networks].map(|n| n.to_string());
        let times = [&span.began_earliest, &span.began_latest, &span.last_seen, &span.ended_by].map(String::as_str);
        let names = [span.event.as_str(), label, span.look, &span.state];
        sheet.row(names.into_iter().chain(times).chain([goes_on, &span.hit, &n[0], &n[1]]));
    }
    // As a row of the sheet has it, so that a mark finds its page.
    let pages = spans.iter().map(|span| (parallax_model::visible::visible(&span.event).into_owned(), span.page.clone())).collect();
    spec(about, &sheet, &Places::of("event", pages).opening("the event"), body(&labels, from, to))
}

fn body(labels: &[String], from: &str, to: &str) -> Value {
    let words = LOOKS.map(|look| look.1);
    let by_look = |range: Value| {
        json!({ "field": "shown_as", "type": "nominal", "scale": { "domain": words, "range": range },
            "legend": { "title": null, "orient": "bottom", "columns": 4, "symbolType": "square", "symbolSize": 120 } })
    };
    let fills = LOOKS.map(|look| if look.2.is_empty() { GROUND } else { level(look.2).colour });
    let strokes = LOOKS.map(|look| if look.3.is_empty() { SOFT } else { level(look.3).colour });
    let x = |field: &str| json!({ "field": field, "type": "temporal", "scale": scale(Some((from, to))), "axis": axis("top") });
    let thin = |test: &str, from: &str, to: &str| {
        json!({ "transform": [{ "filter": test }], "mark": { "type": "rule", "aria": false, "color": SOFT, "strokeWidth": 2 },
            "encoding": { "x": x(from), "x2": { "field": to } } })
    };
    let mut transforms: Vec<Value> =
        [("earliest", "began_earliest_utc"), ("latest", "began_latest_utc"), ("seen", "last_seen_utc"), ("by", "ended_by_utc")]
            .map(|(name, field)| json!({ "calculate": moment(field), "as": name }))
            .into();
    let says = LOOKS.map(|look| format!("'{}': '{}'", look.0, look.1)).join(", ");
    transforms.push(json!({ "calculate": format!("{{{says}}}[datum.look]"), "as": "shown_as" }));
    transforms.push(json!({ "calculate": format!("datum.seen ? max(datum.seen, datum.latest) : toDate('{}Z')", to.replacen(' ', "T", 1)), "as": "until" }));
    json!({
        "transform": transforms,
        "width": WIDTH,
        "height": { "step": LINE },
        "encoding": {
            "y": { "field": "line", "type": "nominal", "scale": { "domain": labels }, "axis": { "title": null, "domain": false, "ticks": false,
                "labelAlign": "left", "labelPadding": LABELS, "labelLimit": LABELS - 10 } },
            "tooltip": tooltip(),
        },
        "layer": [
            thin("datum.earliest", "earliest", "latest"),
            thin("datum.by", "until", "by"),
            { "mark": { "type": "bar", "aria": false, "height": 12, "strokeWidth": 2 }, "encoding": { "x": x("latest"), "x2": { "field": "until" },
                "fill": by_look(json!(fills)), "stroke": by_look(json!(strokes)), "strokeDash": by_look(json!(LOOKS.map(|look| look.4))) } },
            { "transform": [{ "filter": "datum.goes_on === 'yes'" }],
                "mark": { "type": "point", "aria": false, "shape": "triangle-right", "filled": true, "size": 130, "opacity": 1, "dx": 6 },
                "encoding": { "x": x("until"), "xOffset": { "value": 4 }, "fill": by_look(json!(fills)) } },
        ],
    })
}

fn moment(field: &str) -> String {
    format!("datum.{field} ? toDate(replace(datum.{field}, ' ', 'T') + 'Z') : null")
}

fn tooltip() -> Vec<Value> {
    [
        ("event", "event"),
        ("line", "what"),
        ("shown_as", "shown as"),
        ("state", "state"),
        ("began_earliest_utc", "began after (UTC)"),
        ("began_latest_utc", "began by (UTC)"),
        ("last_seen_utc", "last seen (UTC)"),
        ("ended_by_utc", "ended by (UTC)"),
        ("hit", "hit (n)"),
        ("networks", "networks (n)"),
    ]
    .map(|(field, title)| json!({ "field": field, "title": title }))
    .into()
}
