//! The heat strip: one line a layer, network or target, one mark a day.

use serde_json::{Value, json};

use super::palette::{FEW, LEVELS, Level};
use super::{About, Places, Sheet, Type, distinct, spec};
use crate::day::Day;

/// What one mark says.
#[derive(Clone, Debug)]
pub struct Cell {
    pub day: Day,
    pub level: &'static str,
    pub interference: u64,
    /// Judgements that say something.
    pub telling: u64,
    /// Judgements with too little evidence.
    pub unclear: u64,
}

/// One line, with the days that were measured.
#[derive(Clone, Debug)]
pub struct Line {
    pub label: String,
    pub page: Option<String>,
    pub cells: Vec<Cell>,
}

/// Room for the labels, in pixels.
const LABELS: u64 = 230;

/// `marks` are the days that are written above their mark, `step` the pixels from mark to mark.
pub fn strip(about: &About, days: &[Day], marks: &[Day], step: usize, lines: &[Line]) -> Value {
    let labels = distinct(lines.iter().map(|line| line.label.as_str()));
    let mut sheet = Sheet::new([
        ("day", Type::Text),
        ("line", Type::Text),
        ("level", Type::Text),
        ("interference", Type::Number),
        ("telling", Type::Number),
        ("unclear", Type::Number),
    ]);
    for (line, label) in lines.iter().zip(&labels) {
        for cell in &line.cells {
            let numbers = [cell.interference, cell.telling, cell.unclear].map(|number| number.to_string());
            sheet.row([&cell.day.to_string(), label, cell.level, &numbers[0], &numbers[1], &numbers[2]]);
        }
        // A line without any mark is drawn as well.
        if let (Some(first), true) = (days.first(), line.cells.is_empty()) {
            sheet.row([&first.to_string(), label, "none", "", "", ""]);
        }
    }
    let pages = labels.iter().zip(lines).filter_map(|(label, line)| Some((label.clone(), line.page.clone()?))).collect();
    let has_layers = lines.iter().flat_map(|line| &line.cells).any(|cell| cell.level == "quiet");
    let levels: Vec<&Level> = LEVELS.iter().filter(|level| has_layers || level.name != "quiet").collect();
    spec(about, &sheet, &Places::of("line", pages), body(days, marks, step, &labels, &levels))
}

fn body(days: &[Day], marks: &[Day], step: usize, labels: &[String], levels: &[&Level]) -> Value {
    let (days, marks) = (texts(days), texts(marks));
    let side = step - 2;
    // Sizes are areas.
    let (full, small) = (side * side, side * side / 4);
    let words: Vec<_> = levels.iter().map(|level| level.says).collect();
    let by_words = |of: fn(&Level) -> &'static str| {
        json!({ "field": "finding", "type": "nominal", "scale": { "domain": words, "range": levels.iter().map(|level| of(level)).collect::<Vec<_>>() },
            "legend": { "title": null, "orient": "bottom", "columns": 3, "symbolSize": 144 } })
    };
    let is_small = format!("isValid(datum.telling) && datum.telling > 0 && datum.telling < {FEW}");
    json!({
        "transform": [
            { "impute": "level", "key": "day", "keyvals": days, "groupby": ["line"], "value": "none" },
            { "calculate": finding(), "as": "finding" },
        ],
        "width": { "step": step },
        "height": { "step": step + 4 },
        "mark": { "type": "point", "filled": true, "opacity": 1 },
        "encoding": {
            "x": { "field": "day", "type": "ordinal", "scale": { "domain": days }, "axis": { "title": null, "orient": "top", "values": marks,
                "labelAngle": 0, "labelAlign": "left", "labelOverlap": false, "domain": false, "ticks": false, "grid": false } },
            "y": { "field": "line", "type": "nominal", "scale": { "domain": labels }, "axis": { "title": null, "domain": false, "ticks": false,
                "grid": false, "labelAlign": "left", "labelPadding": LABELS, "labelLimit": LABELS - 10 } },
            "color": by_words(|level| level.colour),
            "shape": by_words(|level| level.shape),
            "size": { "condition": { "test": is_small, "value": small }, "value": full },
            "tooltip": [
                { "field": "line", "title": "what" },
                { "field": "day", "title": "day (UTC)" },
                { "field": "finding", "title": "finding" },
                { "field": "interference", "title": "find interference (n)" },
                { "field": "telling", "title": "say something (n)" },
                { "field": "unclear", "title": "too little evidence (n)" },
            ],
        },
    })
}

/// The expression that turns a level into words.
pub(super) fn finding() -> String {
    let words: Vec<String> = LEVELS.iter().map(|level| format!("'{}': '{}'", level.name, level.says)).collect();
    format!("{{{}}}[datum.level]", words.join(", "))
}

pub(super) fn texts(days: &[Day]) -> Vec<String> {
    days.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(label: &str) -> Line {
        let cell = Cell { day: Day(3), level: "most", interference: 2, telling: 4, unclear: 1 };
        Line { label: label.to_owned(), page: Some("/network/1".to_owned()), cells: vec![cell] }
    }

    #[test]
    fn lines_with_one_name_stay_two_lines() {
        let spec = strip(&About::default(), &[Day(3)], &[Day(3)], 14, &[line("a"), line("a")]);
        assert_eq!(spec["encoding"]["y"]["scale"]["domain"], json!(["a", "a (2)"]));
        assert_eq!(spec["data"]["values"].as_str().unwrap().lines().nth(2), Some("1970-01-04,a (2),most,2,4,1"));
        assert_eq!(spec["usermeta"]["parallax"]["pages"]["a (2)"], "/network/1");
    }

    #[test]
    fn every_level_has_words_a_colour_and_a_shape() {
        let spec = strip(&About::default(), &[Day(3)], &[], 14, &[line("a")]);
        for channel in ["color", "shape"] {
            let scale = &spec["encoding"][channel]["scale"];
            // All but the one that only layers have.
            assert_eq!(scale["domain"].as_array().unwrap().len(), LEVELS.len() - 1);
            assert_eq!(scale["range"].as_array().unwrap().len(), LEVELS.len() - 1);
        }
        assert!(LEVELS.iter().all(|level| !level.says.contains('\'') && !level.name.contains('\'')));
    }
}
