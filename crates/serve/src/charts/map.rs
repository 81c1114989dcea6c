//! The map as a chart: outlines are shapes of marks in pixels of the drawing, dots are lands too small to see, and what lies on no map
//! stands in a row below.

use serde_json::{Value, json};

use super::palette::{FEW, GROUND, LEVELS, SOFT, TEXT};
use super::strip::finding;
use super::{About, Places, Sheet, Type, spec};
use crate::world::{self, WORLD};

/// A country that was measured.
#[derive(Clone, Debug)]
pub struct Land {
    pub code: String,
    pub label: String,
    pub level: &'static str,
    pub interference: u64,
    pub telling: u64,
    pub unclear: u64,
    /// Events that go on.
    pub events: u64,
    pub land: Option<&'static world::Land>,
}

/// Pixels between tiles.
const TILE: usize = 34;

/// `blank` are the outlines of lands that were never measured.
pub fn map(about: &About, lands: &[Land], blank: &[&str]) -> Value {
    let names = ["country", "code", "level", "interference", "telling", "unclear", "events", "x", "y", "outline", "drawn"];
    let kind =
        |name: &str| if matches!(name, "interference" | "telling" | "unclear" | "events" | "x" | "y") { Type::Number } else { Type::Text };
    let mut sheet = Sheet::new(names.map(|name| (name, kind(name))));
    for outline in blank {
        sheet.row(["", "", "none", "", "", "", "", "0", "0", outline, "land"]);
    }
    let mut tiles = 0;
    for land in lands {
        let n = [land.interference, land.telling, land.unclear, land.events].map(|number| number.to_string());
        let (x, y, outline, drawn) = match land.land {
            Some(world::Land { outline: Some(outline), .. }) => (0.0, 0.0, *outline, "land"),
            Some(world::Land { x, y, .. }) => (*x, *y, "", "dot"),
            None => {
                tiles += 1;
                let (column, row) = ((tiles - 1) % 27, (tiles - 1) / 27);
                ((20 + column * TILE) as f64, f64::from(WORLD.height) + (24 + row * TILE) as f64, "", "tile")
            }
        };
        sheet.row([&land.label, &land.code, land.level, &n[0], &n[1], &n[2], &n[3], &x.to_string(), &y.to_string(), outline, drawn]);
    }
    let height = WORLD.height as usize + if tiles > 0 { 10 + tiles.div_ceil(27) * TILE } else { 0 };
    spec(about, &sheet, &Places::default(), body(height))
}

fn body(height: usize) -> Value {
    let levels: Vec<_> = LEVELS.iter().filter(|level| level.name != "quiet").collect();
    let words: Vec<_> = levels.iter().map(|level| level.says).collect();
    let colours: Vec<_> = levels.iter().map(|level| if level.name == "none" { "#e2e2de" } else { level.colour }).collect();
    let only = |drawn: &str| json!([{ "filter": format!("datum.drawn === '{drawn}'") }]);
    let at = |field: &str| json!({ "field": field, "type": "quantitative", "scale": null, "axis": null });
    let layer = |drawn: &str, mark: Value, more: Value| json!({ "transform": only(drawn), "mark": mark, "encoding": more });
    let is_few = format!("datum.telling > 0 && datum.telling < {FEW}");
    let dashed =
        json!({ "condition": { "test": "datum.level === 'insufficient' || datum.level === 'none'", "value": [2, 1] }, "value": [] });
    json!({
        "transform": [{ "calculate": finding(), "as": "finding" }],
        "width": WORLD.width,
        "height": height,
        "encoding": {
            "x": at("x"),
            "y": at("y"),
            "opacity": { "condition": { "test": is_few, "value": 0.45 }, "value": 1 },
            "color": { "field": "finding", "type": "nominal", "scale": { "domain": words, "range": colours },
                "legend": { "title": null, "orient": "bottom", "columns": 4, "symbolType": "square", "symbolSize": 140 } },
            "tooltip": [
                { "field": "country", "title": "country" },
                { "field": "finding", "title": "finding" },
                { "field": "interference", "title": "find interference (n)" },
                { "field": "telling", "title": "say something (n)" },
                { "field": "unclear", "title": "too little evidence (n)" },
                { "field": "events", "title": "events that go on (n)" },
            ],
        },
        "layer": [
            layer("land", json!({ "type": "point", "filled": true, "size": 4, "stroke": SOFT, "strokeWidth": 0.4 }),
                json!({ "shape": { "field": "outline", "type": "nominal", "scale": null, "legend": null }, "strokeDash": dashed })),
            layer("dot", json!({ "type": "point", "shape": "circle", "filled": true, "size": 90, "stroke": TEXT, "strokeWidth": 0.8 }), json!({})),
            layer("tile", json!({ "type": "point", "shape": "square", "filled": true, "size": 780, "stroke": TEXT, "strokeWidth": 0.8 }), json!({})),
            layer("tile", json!({ "type": "text", "fontSize": 12, "fontWeight": "bold", "color": TEXT, "stroke": GROUND, "strokeWidth": 0 }),
                json!({ "text": { "field": "code" }, "color": { "value": TEXT }, "opacity": { "value": 1 } })),
        ],
    })
}
