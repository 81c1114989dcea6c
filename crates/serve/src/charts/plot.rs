//! A simple chart of whatever a query gives: which column lies along which axis, which one colours, and what is drawn.

use std::collections::BTreeSet;

use parallax_model::State;
use serde_json::{Value, json};

use super::palette::{PLAIN, SOFT, level};
use super::{About, Places, Sheet, Type, spec};

/// A column of a result.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Time,
}

/// What can be drawn; `none` is no chart.
pub const MARKS: &[&str] = &["bar", "line", "point", "area", "heat", "none"];

/// What a reader asked for, as far as anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    pub x: Option<&'a str>,
    pub y: Option<&'a str>,
    pub colour: Option<&'a str>,
    pub mark: Option<&'a str>,
}

/// Columns by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    pub x: usize,
    pub y: usize,
    pub colour: Option<usize>,
    pub mark: &'static str,
}

impl Plot {
    /// What was asked for, or what suits the columns; nothing where nothing does. A heat map is coloured by a number.
    pub fn choose(columns: &[Column], wanted: Wanted<'_>) -> Option<Self> {
        let named = |name: Option<&str>| columns.iter().position(|column| Some(column.name.as_str()) == name);
        let first = |kind: Kind, but: Option<usize>| (0..columns.len()).find(|index| columns[*index].kind == kind && Some(*index) != but);
        let mark = wanted.mark.and_then(|wanted| MARKS.iter().find(|mark| **mark == wanted)).copied();
        if mark == Some("none") {
            return None;
        }
        let (given_y, but) = (named(wanted.y), named(wanted.colour).filter(|_| mark == Some("heat")));
        let x = named(wanted.x)
            .or_else(|| first(Kind::Time, given_y))
            .or_else(|| first(Kind::Text, given_y))
            .or_else(|| first(Kind::Number, given_y))?;
        let y = match mark {
            Some("heat") => given_y
                .or_else(|| (0..columns.len()).find(|index| *index != x && Some(*index) != but && columns[*index].kind != Kind::Number)),
            _ => given_y.or_else(|| last_number(columns, x)),
        }?;
        let mark = mark.unwrap_or(if columns[x].kind == Kind::Time { "line" } else { "bar" });
        let colour = match mark {
            "heat" => Some(but.or_else(|| last_number(columns, x).filter(|found| *found != y))?),
            _ => named(wanted.colour),
        };
        Some(Self { x, y, colour, mark })
    }

    /// The chart of some rows; null is `None`.
    pub fn spec(&self, about: &About, columns: &[Column], rows: &[Vec<Option<String>>]) -> Value {
        let names = names(columns);
        let kind = |kind: Kind| match kind {
            Kind::Text => Type::Text,
            Kind::Number => Type::Number,
            Kind::Time => Type::Time,
        };
        let mut sheet = Sheet::new(names.iter().cloned().zip(columns.iter().map(|column| kind(column.kind))));
        for row in rows {
            sheet.row(row.iter().map(|value| value.as_deref().unwrap_or_default()));
        }
        let mut spec = spec(about, &sheet, &Places::default(), self.body(columns, &names, rows));
        // As wide as there is room.
        spec["usermeta"]["parallax"]["fits"] = json!(true);
        spec
    }

    fn body(&self, columns: &[Column], names: &[String], rows: &[Vec<Option<String>>]) -> Value {
        let is_heat = self.mark == "heat";
        let axis = |index: usize| {
            let mut channel =
                json!({ "field": names[index], "type": kind_of(columns[index].kind, is_heat), "title": shown(&columns[index].name) });
            match columns[index].kind {
                Kind::Time if !is_heat => channel["scale"] = json!({ "type": "utc" }),
                // As the query sorts them.
                Kind::Text => channel["sort"] = Value::Null,
                _ => {}
            }
            channel
        };
        let mut encoding = json!({
            "x": axis(self.x),
            "y": axis(self.y),
            "tooltip": columns.iter().zip(names).map(|(column, name)| tooltip(column, name)).collect::<Vec<_>>(),
        });
        if let Some(colour) = self.colour {
            let scale = if is_heat { json!({ "scheme": "viridis" }) } else { scale_of(rows, colour) };
            let kind = if is_heat { "quantitative" } else { "nominal" };
            encoding["color"] =
                json!({ "field": names[colour], "type": kind, "title": shown(&columns[colour].name), "sort": null, "scale": scale });
        }
        let mark = match self.mark {
            "heat" => json!({ "type": "rect" }),
            "line" => json!({ "type": "line", "point": true, "color": PLAIN[0] }),
            "point" => json!({ "type": "point", "filled": true, "size": 60, "color": PLAIN[0] }),
            other => json!({ "type": other, "color": PLAIN[0] }),
        };
        json!({ "width": 720, "height": 300, "mark": mark, "encoding": encoding })
    }
}

/// States have the colours that they have elsewhere; other words have plain ones.
fn scale_of(rows: &[Vec<Option<String>>], column: usize) -> Value {
    let values: BTreeSet<&str> = rows.iter().filter_map(|row| row[column].as_deref()).collect();
    let states: Vec<State> = State::ALL.iter().copied().filter(|state| values.contains(state.as_str())).collect();
    if states.len() < values.len() {
        return json!({ "range": PLAIN });
    }
    let (names, colours): (Vec<_>, Vec<_>) = states.iter().rev().map(|state| (state.as_str(), colour_of(*state))).unzip();
    json!({ "domain": names, "range": colours })
}

fn colour_of(state: State) -> &'static str {
    match state {
        State::Blocked => level("most").colour,
        State::LikelyBlocked => level("much").colour,
        State::Interfered => level("some").colour,
        State::Impaired => level("trouble").colour,
        State::Down => SOFT,
        State::Ok => level("ok").colour,
        State::Insufficient => level("none").colour,
    }
}

/// The last number is what a query counts, by habit.
fn last_number(columns: &[Column], but: usize) -> Option<usize> {
    (0..columns.len()).rev().find(|index| columns[*index].kind == Kind::Number && *index != but)
}

fn kind_of(kind: Kind, is_heat: bool) -> &'static str {
    match kind {
        Kind::Text => "nominal",
        _ if is_heat => "ordinal",
        Kind::Number => "quantitative",
        Kind::Time => "temporal",
    }
}

fn tooltip(column: &Column, name: &str) -> Value {
    json!({ "field": name, "title": shown(&column.name) })
}

fn shown(name: &str) -> String {
    parallax_model::visible::visible(&crate::rows::clip(name)).into_owned()
}

/// Names of fields. A dot or a bracket in one would be a path into it, so whatever is no plain word is called by its number.
fn names(columns: &[Column]) -> Vec<String> {
    let is_plain = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let name = |(index, column): (usize, &Column)| match is_plain(&column.name) && column.name.len() <= 60 {
        true => column.name.clone(),
        false => format!("column_{}", index + 1),
    };
    columns.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(all: &[(&str, Kind)]) -> Vec<Column> {
        all.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind }).collect()
    }

    #[test]
    fn what_is_not_asked_for_suits_the_columns() {
        let state = columns(&[("state", Kind::Text), ("n", Kind::Number)]);
        let plot = |columns: &[Column], wanted| Plot::choose(columns, wanted).map(|plot| (plot.x, plot.y, plot.colour, plot.mark));
        assert_eq!(plot(&state, Wanted::default()), Some((0, 1, None, "bar")));
        let days = columns(&[("n", Kind::Number), ("day", Kind::Time), ("state", Kind::Text)]);
        assert_eq!(plot(&days, Wanted::default()), Some((1, 0, None, "line")));
        assert_eq!(plot(&days, Wanted { colour: Some("state"), ..Wanted::default() }), Some((1, 0, Some(2), "line")));
        assert_eq!(plot(&days, Wanted { mark: Some("heat"), ..Wanted::default() }), Some((1, 2, Some(0), "heat")));
        assert_eq!(plot(&columns(&[("a", Kind::Text)]), Wanted::default()), None);
        assert_eq!(plot(&state, Wanted { mark: Some("none"), ..Wanted::default() }), None);
        assert_eq!(plot(&[], Wanted::default()), None);
    }

    #[test]
    fn a_name_is_no_path() {
        let all = columns(&[("a.b[c]", Kind::Text), ("n", Kind::Number), ("\u{202e}", Kind::Text)]);
        let spec =
            Plot::choose(&all, Wanted::default()).unwrap().spec(&About::default(), &all, &[vec![Some("x".into()), Some("1".into()), None]]);
        assert_eq!(spec["encoding"]["x"]["field"], "column_1");
        assert_eq!(spec["encoding"]["x"]["title"], "a.b[c]");
        assert_eq!(spec["data"]["values"], "column_1,n,column_3\nx,1,\n");
    }
}
