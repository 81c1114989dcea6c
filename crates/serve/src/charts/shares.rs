//! The share of judgements that find interference, day by day, with its interval.

use serde_json::{Value, json};

use super::palette::LEVELS;
use super::strip::{finding, texts};
use super::{About, Places, Sheet, Type, spec};
use crate::day::Day;

/// What is known of one day. A day without a share was measured, and had too little evidence.
#[derive(Clone, Debug)]
pub struct Share {
    pub day: Day,
    pub level: &'static str,
    pub share: Option<crate::counts::Share>,
    pub interference: u64,
    pub telling: u64,
    pub unclear: u64,
}

/// Pixels of the drawing's height, and room for the labels, as in the strip.
const HEIGHT: u64 = 120;
const LABELS: u64 = 230;

/// `step` is the pixels from day to day, `top` the largest share that is drawn. `page` opens on a click, for the day.
pub fn shares(about: &About, days: &[Day], marks: &[Day], step: usize, shares: &[Share], top: f64, page: String) -> Value {
    let mut sheet = Sheet::new([
        ("day", Type::Text),
        ("level", Type::Text),
        ("share", Type::Number),
        ("low", Type::Number),
        ("high", Type::Number),
        ("interference", Type::Number),
        ("telling", Type::Number),
        ("unclear", Type::Number),
    ]);
    for share in shares {
        let part = |of: fn(&crate::counts::Share) -> f64| share.share.as_ref().map_or(String::new(), |share| format!("{:.4}", of(share)));
        let n = [share.interference, share.telling, share.unclear].map(|number| number.to_string());
        let (value, low, high) = (part(|share| share.value), part(|share| share.low), part(|share| share.high));
        sheet.row([&share.day.to_string(), share.level, &value, &low, &high, &n[0], &n[1], &n[2]]);
    }
    let places = Places::of("", vec![(String::new(), page)]);
    spec(about, &sheet, &places, body(&texts(days), &texts(marks), step, top))
}

fn body(days: &[String], marks: &[String], step: usize, top: f64) -> Value {
    // Layers belong to one of the charts of the strip only.
    let levels: Vec<_> = LEVELS.iter().filter(|level| level.name != "quiet").collect();
    let words: Vec<_> = levels.iter().map(|level| level.says).collect();
    let shape = |name: &str, shape: &'static str| if matches!(name, "none" | "insufficient") { shape } else { "circle" };
    let colours: Vec<_> = levels.iter().map(|level| level.colour).collect();
    let shapes: Vec<_> = levels.iter().map(|level| shape(level.name, level.shape)).collect();
    let legend = json!({ "title": null, "orient": "bottom", "columns": 3, "symbolSize": 90 });
    let colour = json!({ "field": "finding", "type": "nominal", "scale": { "domain": words, "range": colours }, "legend": legend });
    let percent = |field: &str, title: &str| json!({ "field": field, "title": title, "format": ".1%" });
    let y = json!({ "field": "shown", "type": "quantitative", "scale": { "domain": [0, top] }, "axis": { "title": null, "format": "%",
        "tickCount": 4, "minExtent": LABELS, "maxExtent": LABELS } });
    json!({
        "transform": [
            { "impute": "level", "key": "day", "keyvals": days, "value": "none" },
            { "calculate": finding(), "as": "finding" },
            { "calculate": "isValid(datum.share) ? datum.share : 0", "as": "shown" },
        ],
        "width": { "step": step },
        "height": HEIGHT,
        "encoding": {
            "x": { "field": "day", "type": "ordinal", "scale": { "domain": days }, "axis": { "title": null, "orient": "top", "values": marks,
                "labelAngle": 0, "labelAlign": "left", "labelOverlap": false, "domain": false, "ticks": false, "grid": false } },
            "y": y,
            "color": colour,
            "tooltip": [
                { "field": "day", "title": "day (UTC)" },
                { "field": "finding", "title": "finding" },
                percent("share", "share"),
                percent("low", "95 % interval, from"),
                percent("high", "95 % interval, to"),
                { "field": "interference", "title": "find interference (n)" },
                { "field": "telling", "title": "say something (n)" },
                { "field": "unclear", "title": "too little evidence (n)" },
            ],
        },
        "layer": [
            { "transform": [{ "filter": "isValid(datum.low)" }], "mark": { "type": "rule", "strokeWidth": 3, "opacity": 0.75 },
                "encoding": { "y": { "field": "low", "type": "quantitative" }, "y2": { "field": "high" } } },
            { "mark": { "type": "point", "filled": true, "opacity": 1, "size": 90 },
                "encoding": { "shape": { "field": "finding", "type": "nominal", "scale": { "domain": words, "range": shapes }, "legend": legend } } },
        ],
    })
}
