//! A grid of hours: one line a network or a day of the week, one mark some hours. Marks look as in the heat strip; of a shutdown, the area of
//! each is how much was measured.

use parallax_engine::events::timeline::Counts;
use serde_json::{Value, json};

use super::palette::{FEW, LEVELS, Level};
use super::strip::finding;
use super::{About, Places, Sheet, Type, distinct, spec};

/// One line, with a count for every column.
#[derive(Clone, Debug)]
pub struct HourLine {
    pub label: String,
    /// Where its marks lead.
    pub page: Option<String>,
    pub cells: Vec<(Counts, &'static str)>,
}

/// What columns are.
#[derive(Clone, Debug)]
pub struct Hours<'a> {
    /// The name of the field, and what the reader is told that it is.
    pub field: &'static str,
    pub title: &'static str,
    pub columns: &'a [String],
    /// Those that are written above their marks.
    pub marks: &'a [String],
    /// Hours from column to column, where a column is a time and not an hour of any day.
    pub step_hours: Option<i64>,
    pub is_shutdown: bool,
}

/// Room for the labels, and the pixels from mark to mark.
const LABELS: u64 = 230;
const STEP: usize = 14;
const LINE: usize = 18;

/// `opens` says what a click opens.
pub fn hours(about: &About, hours: &Hours<'_>, lines: &[HourLine], opens: &str) -> Value {
    let labels = distinct(lines.iter().map(|line| line.label.as_str()));
    let sheet = if hours.is_shutdown { measured(hours, lines, &labels) } else { judged(hours, lines, &labels) };
    let pages = labels.iter().zip(lines).filter_map(|(label, line)| Some((label.clone(), line.page.clone()?))).collect();
    spec(about, &sheet, &Places::of("line", pages).opening(opens), body(hours, &labels))
}

fn judged(hours: &Hours<'_>, lines: &[HourLine], labels: &[String]) -> Sheet {
    let numbers = ["interference", "telling", "unclear"].map(|name| (name, Type::Number));
    let mut sheet = Sheet::new([hours.field, "line", "level"].map(|name| (name, Type::Text)).into_iter().chain(numbers));
    for (column, label, (counts, level)) in cells(hours, lines, labels) {
        let n = [counts.hit, counts.telling(), counts.unclear].map(|number| number.to_string());
        sheet.row([column, label, level, &n[0], &n[1], &n[2]]);
    }
    sheet
}

/// With the most of each line, which the areas are parts of.
fn measured(hours: &Hours<'_>, lines: &[HourLine], labels: &[String]) -> Sheet {
    let numbers = ["measurements", "most"].map(|name| (name, Type::Number));
    let mut sheet = Sheet::new([hours.field, "line", "level"].map(|name| (name, Type::Text)).into_iter().chain(numbers));
    let most: Vec<u64> = lines.iter().map(|line| line.cells.iter().map(|(counts, _)| counts.all()).max().unwrap_or_default()).collect();
    for (column, label, (counts, level)) in cells(hours, lines, labels) {
        let of = labels.iter().position(|known| known == label).map_or(0, |index| most[index]);
        sheet.row([column, label, level, &counts.all().to_string(), &of.to_string()]);
    }
    sheet
}

/// Every mark that stands for something, line by line. A line without any has one that stands for nothing, so that it is drawn.
fn cells<'a>(
    hours: &'a Hours<'a>,
    lines: &'a [HourLine],
    labels: &'a [String],
) -> impl Iterator<Item = (&'a String, &'a String, (Counts, &'static str))> {
    lines.iter().zip(labels).flat_map(move |(line, label)| {
        let is_empty = line.cells.iter().all(|(counts, _)| counts.all() == 0);
        let all = hours.columns.iter().zip(&line.cells).enumerate();
        all.filter(move |(index, (_, (counts, _)))| counts.all() > 0 || (is_empty && *index == 0))
            .map(move |(_, (column, (counts, level)))| (column, label, (*counts, if counts.all() > 0 { *level } else { "none" })))
    })
}

fn body(hours: &Hours<'_>, labels: &[String]) -> Value {
    let side = STEP - 2;
    // Sizes are areas.
    let (full, small) = (side * side, side * side / 4);
    let levels: Vec<&Level> = LEVELS.iter().filter(|level| has(hours, level)).collect();
    let words: Vec<_> = levels.iter().map(|level| if hours.is_shutdown && level.name == "ok" { MEASURED } else { level.says }).collect();
    let by_words = |of: fn(&Level) -> &'static str| {
        json!({ "field": "finding", "type": "nominal", "scale": { "domain": words, "range": levels.iter().map(|level| of(level)).collect::<Vec<_>>() },
            "legend": { "title": null, "orient": "bottom", "columns": 3, "symbolSize": 144 } })
    };
    let is_small = format!("isValid(datum.telling) && datum.telling > 0 && datum.telling < {FEW}");
    let size = match hours.is_shutdown {
        true => json!({ "field": "area", "type": "quantitative", "scale": null }),
        false => json!({ "condition": { "test": is_small, "value": small }, "value": full }),
    };
    json!({
        "transform": transforms(hours, full),
        "width": { "step": STEP },
        "height": { "step": LINE },
        "mark": { "type": "point", "filled": true, "opacity": 1 },
        "encoding": {
            "x": { "field": hours.field, "type": "ordinal", "scale": { "domain": hours.columns }, "axis": { "title": null, "orient": "top",
                "values": hours.marks, "labelAngle": 0, "labelAlign": "left", "labelOverlap": false, "domain": false, "ticks": false, "grid": false } },
            "y": { "field": "line", "type": "nominal", "scale": { "domain": labels }, "axis": { "title": null, "domain": false, "ticks": false,
                "grid": false, "labelAlign": "left", "labelPadding": LABELS, "labelLimit": LABELS - 10 } },
            "color": by_words(|level| level.colour),
            "shape": by_words(|level| level.shape),
            "size": size,
            "tooltip": tooltip(hours),
        },
    })
}

/// What a mark of a shutdown says.
const MEASURED: &str = "measured: the larger, the more";

fn has(hours: &Hours<'_>, level: &Level) -> bool {
    if hours.is_shutdown { matches!(level.name, "ok" | "none") } else { level.name != "quiet" }
}

fn transforms(hours: &Hours<'_>, full: usize) -> Vec<Value> {
    let calculate = |name: &str, expression: String| json!({ "calculate": expression, "as": name });
    let mut transforms =
        vec![json!({ "impute": "level", "key": hours.field, "keyvals": hours.columns, "groupby": ["line"], "value": "none" })];
    match hours.is_shutdown {
        true => transforms.extend([
            calculate("finding", format!("datum.level === 'ok' ? '{MEASURED}' : 'not measured'")),
            calculate("area", format!("datum.level === 'ok' ? max(4, {full} * datum.measurements / datum.most) : {full}")),
        ]),
        false => transforms.push(calculate("finding", finding())),
    }
    if let Some(step) = hours.step_hours {
        let last = step * 3_600_000 - 1;
        transforms.push(calculate("day", "slice(datum.from_utc, 0, 10)".to_owned()));
        transforms.push(calculate("last_day", format!("utcFormat(toDate(replace(datum.from_utc, ' ', 'T') + 'Z') + {last}, '%Y-%m-%d')")));
    }
    transforms
}

fn tooltip(hours: &Hours<'_>) -> Vec<Value> {
    let counts: &[(&str, &str)] = match hours.is_shutdown {
        true => &[("measurements", "measurements (n)"), ("most", "the most in one column (n)")],
        false => &[("interference", "find interference (n)"), ("telling", "say something (n)"), ("unclear", "too little evidence (n)")],
    };
    let all = [("line", "what"), (hours.field, hours.title), ("finding", "finding")].into_iter().chain(counts.iter().copied());
    all.map(|(field, title)| json!({ "field": field, "title": title })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(label: &str, hit: u64) -> HourLine {
        let counts = Counts { hit, ..Counts::default() };
        HourLine { label: label.to_owned(), page: None, cells: vec![(Counts::default(), "none"), (counts, "most")] }
    }

    fn grid(is_shutdown: bool) -> Value {
        let columns = ["2024-03-04 00:00".to_owned(), "2024-03-04 06:00".to_owned()];
        let over =
            Hours { field: "from_utc", title: "from (UTC)", columns: &columns, marks: &columns[..1], step_hours: Some(6), is_shutdown };
        hours(&About::default(), &over, &[line("a", 2), line("a", 0)], "it")
    }

    #[test]
    fn what_was_not_measured_is_no_row_and_a_line_without_any_is_drawn() {
        assert_eq!(
            grid(false)["data"]["values"],
            "from_utc,line,level,interference,telling,unclear\n2024-03-04 06:00,a,most,2,2,0\n2024-03-04 00:00,a (2),none,0,0,0\n"
        );
    }

    #[test]
    fn of_a_shutdown_nothing_is_judged() {
        let spec = grid(true);
        assert_eq!(spec["data"]["values"].as_str().unwrap().lines().nth(1), Some("2024-03-04 06:00,a,most,2,2"));
        assert_eq!(spec["encoding"]["color"]["scale"]["domain"], json!([MEASURED, "not measured"]));
    }
}
