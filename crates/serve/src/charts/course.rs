//! The course of an event: columns of hours, each a stack of what was found, with the stretches in which the event began and ended.

use parallax_engine::events::timeline::Counts;
use serde_json::{Value, json};

use super::palette::{BAND, GROUND, SOFT, level};
use super::time::{TIMES, axis, scale, tooltips};
use super::{About, Places, Sheet, Type, spec};

/// One column: from when to when, in UTC, and what was found.
#[derive(Clone, Debug)]
pub struct Column {
    pub from: String,
    pub to: String,
    pub counts: Counts,
}

/// The stretch of time in which an event began, or ended.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub label: &'static str,
    pub from: String,
    pub to: String,
}

/// A part of a column: the name of its field, what it says, and the level whose colour it has.
type Part = (&'static str, &'static str, &'static str);

/// From the bottom up.
pub const PARTS: [Part; 4] = [
    ("interference", "interference", "most"),
    ("fine", "fine", "ok"),
    ("not_working", "not working, nobody accused", "trouble"),
    ("unclear", "too little evidence", "insufficient"),
];
/// Of a shutdown nothing is judged.
pub const MEASURED: [Part; 1] = [("measurements", "measured", "ok")];

/// `step` is the pixels from column to column. `places` are by the name of a part.
pub fn course(about: &About, columns: &[Column], stretches: &[Stretch], is_shutdown: bool, step: f64, places: &Places) -> Value {
    let sheet = if is_shutdown { measured(columns) } else { judged(columns) };
    let parts: &[Part] = if is_shutdown { &MEASURED } else { &PARTS };
    spec(about, &sheet, places, body(columns, stretches, parts, step))
}

fn judged(columns: &[Column]) -> Sheet {
    let numbers = ["interference", "fine", "not_working", "unclear", "telling", "n"];
    let mut sheet =
        Sheet::new([("from_utc", Type::Text), ("to_utc", Type::Text)].into_iter().chain(numbers.map(|name| (name, Type::Number))));
    for Column { from, to, counts } in columns {
        let numbers = [counts.hit, counts.ok, counts.troubled, counts.unclear, counts.telling(), counts.all()].map(|n| n.to_string());
        sheet.row([from.clone(), to.clone()].into_iter().chain(numbers));
    }
    sheet
}

fn measured(columns: &[Column]) -> Sheet {
    let mut sheet = Sheet::new([("from_utc", Type::Text), ("to_utc", Type::Text), ("measurements", Type::Number)]);
    columns.iter().for_each(|column| sheet.row([&column.from, &column.to, &column.counts.all().to_string()]));
    sheet
}

fn body(columns: &[Column], stretches: &[Stretch], parts: &[Part], step: f64) -> Value {
    let ends = columns.first().map(|column| column.from.as_str()).zip(columns.last().map(|column| column.to.as_str()));
    let mut x = json!({ "field": "begin", "type": "temporal", "scale": scale(ends), "axis": axis("bottom") });
    x["axis"]["grid"] = json!(false);
    let stretch: Vec<Value> =
        stretches.iter().map(|stretch| json!({ "what": stretch.label, "from_utc": stretch.from, "to_utc": stretch.to })).collect();
    let of_stretch = |mark: Value, more: Value| {
        let mut encoding = json!({ "x": x, "tooltip": tooltips(&["what"]) });
        if let (Some(encoding), Value::Object(more)) = (encoding.as_object_mut(), more) {
            encoding.extend(more);
        }
        json!({ "data": { "values": stretch }, "transform": TIMES.map(calculated), "mark": mark, "encoding": encoding })
    };
    json!({
        "width": (columns.len() as f64 * step).max(200.0),
        "height": 150,
        "layer": [
            of_stretch(json!({ "type": "rect", "aria": false, "fill": BAND, "stroke": SOFT, "strokeDash": [3, 3] }), json!({ "x2": { "field": "end" } })),
            of_stretch(json!({ "type": "text", "aria": false, "align": "left", "baseline": "bottom", "dy": -3, "fontSize": 11, "color": SOFT }),
                json!({ "y": { "value": 0 }, "text": { "field": "what" } })),
            columns_of(&x, parts),
        ],
    })
}

/// The columns, a rectangle for each part that is there.
fn columns_of(x: &Value, parts: &[Part]) -> Value {
    let names: Vec<_> = parts.iter().map(|(name, ..)| *name).collect();
    let words: Vec<_> = parts.iter().map(|(_, says, _)| *says).collect();
    let colours: Vec<_> = parts.iter().map(|(.., of)| level(of).colour).collect();
    let says: Vec<String> = parts.iter().map(|(name, says, _)| format!("'{name}': '{says}'")).collect();
    // What cannot be told is hollow.
    let hollow = |of: &str| of == "insufficient";
    let fills: Vec<_> = parts.iter().map(|(.., of)| if hollow(of) { GROUND } else { level(of).colour }).collect();
    let by_finding = |range: Value| {
        json!({ "field": "finding", "type": "nominal", "scale": { "domain": words, "range": range },
            "legend": { "title": null, "orient": "bottom", "columns": 4, "symbolType": "square", "symbolSize": 120 } })
    };
    let mut tooltip = tooltips(&["finding"]);
    tooltip.push(json!({ "field": "count", "title": if parts.len() > 1 { "of them (n)" } else { "measurements (n)" } }));
    if parts.len() > 1 {
        tooltip.push(json!({ "field": "telling", "title": "say something (n)" }));
        tooltip.push(json!({ "field": "n", "title": "judgements (n)" }));
    }
    let transforms = TIMES.map(calculated).into_iter().chain([
        json!({ "fold": names, "as": ["part", "count"] }),
        json!({ "filter": "datum.count > 0" }),
        json!({ "calculate": format!("{{{}}}[datum.part]", says.join(", ")), "as": "finding" }),
        json!({ "calculate": format!("indexof('{}', datum.part)", names.join(" ")), "as": "order" }),
        json!({ "stack": "count", "groupby": ["from_utc"], "sort": [{ "field": "order" }], "as": ["low", "high"] }),
    ]);
    json!({
        "transform": transforms.collect::<Vec<_>>(),
        "mark": { "type": "rect", "aria": false, "strokeWidth": 1, "x2Offset": -2 },
        "encoding": {
            "x": x,
            "x2": { "field": "end" },
            "y": { "field": "low", "type": "quantitative", "axis": { "title": if parts.len() > 1 { "judgements (n)" } else { "measurements (n)" },
                "tickMinStep": 1, "tickCount": 4, "format": "d" } },
            "y2": { "field": "high" },
            "fill": by_finding(json!(fills)),
            "stroke": by_finding(json!(colours)),
            "tooltip": tooltip,
        },
    })
}

fn calculated((name, expression): (&str, &str)) -> Value {
    json!({ "calculate": expression, "as": name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |from: &str, to: &str, hit, ok| Column {
            from: from.to_owned(),
            to: to.to_owned(),
            counts: Counts { hit, ok, troubled: 0, unclear: 1 },
        };
        vec![column("2024-03-04 00:00", "2024-03-04 06:00", 2, 3), column("2024-03-04 06:00", "2024-03-04 12:00", 0, 0)]
    }

    #[test]
    fn a_column_has_every_count_and_its_n() {
        let spec = course(&About::default(), &columns(), &[], false, 12.0, &Places::default());
        assert_eq!(
            spec["data"]["values"],
            "from_utc,to_utc,interference,fine,not_working,unclear,telling,n\n2024-03-04 00:00,2024-03-04 06:00,2,3,0,1,5,6\n2024-03-04 06:00,2024-03-04 12:00,0,0,0,1,0,1\n"
        );
    }

    #[test]
    fn of_a_shutdown_nothing_is_judged() {
        let spec = course(&About::default(), &columns(), &[], true, 12.0, &Places::default());
        assert!(
            spec["data"]["values"].as_str().unwrap().starts_with("from_utc,to_utc,measurements\n2024-03-04 00:00,2024-03-04 06:00,6\n")
        );
        assert!(!spec.to_string().contains("interference"));
    }

    #[test]
    fn parts_lie_in_the_order_of_the_legend() {
        let names = PARTS.map(|(name, ..)| name).join(" ");
        let places = PARTS.map(|(name, ..)| names.find(name).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }
}
