//! How interference was done: a bar for each mechanism.

use serde_json::{Value, json};

use super::palette::{TEXT, level};
use super::{About, Places, Sheet, Type, spec};

#[derive(Clone, Debug)]
pub struct Mechanism {
    pub path: &'static str,
    pub meaning: &'static str,
    pub n: u64,
    pub networks: u64,
    pub targets: u64,
    pub page: String,
}

pub fn mechanisms(about: &About, mechanisms: &[Mechanism]) -> Value {
    let mut sheet = Sheet::new([
        ("mechanism", Type::Text),
        ("meaning", Type::Text),
        ("judgements", Type::Number),
        ("networks", Type::Number),
        ("targets", Type::Number),
    ]);
    for line in mechanisms {
        let n = [line.n, line.networks, line.targets].map(|number| number.to_string());
        sheet.row([line.path, line.meaning, &n[0], &n[1], &n[2]]);
    }
    let pages = mechanisms.iter().map(|line| (line.path.to_owned(), line.page.clone())).collect();
    spec(about, &sheet, &Places::of("mechanism", pages), body())
}

fn body() -> Value {
    json!({
        "width": 420,
        "height": { "step": 24 },
        "encoding": {
            "y": { "field": "mechanism", "type": "nominal", "sort": null, "axis": { "title": null, "domain": false, "ticks": false,
                "labelAlign": "left", "labelPadding": 230, "labelLimit": 220 } },
            "x": { "field": "judgements", "type": "quantitative", "axis": { "title": "judgements (n)", "tickMinStep": 1, "tickCount": 5 } },
            "tooltip": [
                { "field": "mechanism", "title": "mechanism" },
                { "field": "meaning", "title": "what it is" },
                { "field": "judgements", "title": "judgements (n)" },
                { "field": "networks", "title": "networks" },
                { "field": "targets", "title": "targets" },
            ],
        },
        "layer": [
            { "mark": { "type": "bar", "color": level("much").colour } },
            { "mark": { "type": "text", "align": "left", "dx": 4, "color": TEXT },
                "encoding": { "text": { "field": "judgements", "type": "quantitative", "format": ",d" } } },
        ],
    })
}
