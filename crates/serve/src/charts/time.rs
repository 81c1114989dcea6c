//! Hours along an axis. Data hold them as text, `2024-03-04 05:00` in UTC, and charts read it as such on every machine. Marks with such an axis
//! have no label of their own (`aria`): Vega would write their times in the zone of whoever looks, and the table below has them right.

use serde_json::{Value, json};

/// What is made of `from_utc` and `to_utc`: two moments, and the days that a click on the mark opens.
pub const TIMES: [(&str, &str); 4] = [
    ("begin", "toDate(replace(datum.from_utc, ' ', 'T') + 'Z')"),
    ("end", "toDate(replace(datum.to_utc, ' ', 'T') + 'Z')"),
    ("day", "slice(datum.from_utc, 0, 10)"),
    ("last_day", "utcFormat(max(datum.begin, datum.end - 1), '%Y-%m-%d')"),
];

/// From the first to the last moment that is drawn.
pub fn scale(ends: Option<(&str, &str)>) -> Value {
    let Some((from, to)) = ends else { return json!({ "type": "utc" }) };
    json!({ "type": "utc", "nice": false, "domain": [{ "expr": moment(from) }, { "expr": moment(to) }] })
}

fn moment(text: &str) -> String {
    format!("toDate('{}Z')", text.replacen(' ', "T", 1))
}

pub fn axis(orient: &str) -> Value {
    json!({ "title": "UTC", "orient": orient, "format": "%Y-%m-%d %H:%M", "tickCount": 4, "labelOverlap": "greedy", "labelSeparation": 14, "ticks": true })
}

/// What a mark says of itself, then its hours.
pub fn tooltips(first: &[&str]) -> Vec<Value> {
    let named = first.iter().map(|name| json!({ "field": name, "title": name }));
    let times = [("from_utc", "from (UTC)"), ("to_utc", "to (UTC)")].map(|(field, title)| json!({ "field": field, "title": title }));
    named.chain(times).collect()
}
