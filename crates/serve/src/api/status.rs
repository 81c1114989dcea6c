//! What stands behind every answer: the state of the archive, the rules, and how much there is.

use parallax_detect::interference::RULESET_VERSION;
use parallax_model::State;
use serde_json::{Map, Value, json};

use super::{Endpoint, object};
use crate::counts::Tally;
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/status", load: Load::Page, parameters: &[], answer },
    name: "status",
    links: &[],
    about: "The state of the archive, the rules, and how much there is.",
    schema,
};

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let overview = asked.edition.overview();
    Ok(Answer::json(&json!({
        "parallax_version": env!("CARGO_PKG_VERSION"),
        "ruleset_version": RULESET_VERSION,
        "generation": asked.edition.generation(),
        "countries": overview.by_country.len(),
        "networks": overview.networks,
        "judgements": tally(&overview.total),
    })))
}

fn schema() -> Value {
    object(json!({
        "parallax_version": { "type": "string" },
        "ruleset_version": { "type": "string" },
        "generation": { "type": "integer" },
        "countries": { "type": "integer" },
        "networks": { "type": "integer" },
        "judgements": tally_schema(),
    }))
}

/// Counts as an object: every state, their sum, and the share of accusations with its interval.
pub fn tally(tally: &Tally) -> Value {
    let day = |day: Option<crate::day::Day>| day.map_or(Value::Null, |day| Value::String(day.to_string()));
    let mut object = Map::new();
    object.insert("n".to_owned(), json!(tally.n()));
    for state in State::ALL {
        object.insert(state.as_str().to_owned(), json!(tally.of(*state)));
    }
    let share = tally.share().map_or(Value::Null, |share| json!({ "value": share.value, "low": share.low, "high": share.high }));
    object.insert("interference".to_owned(), json!(tally.accused()));
    object.insert("share".to_owned(), share);
    for (name, value) in [
        ("first", tally.first),
        ("last", tally.last),
        ("first_interference", tally.first_accused),
        ("last_interference", tally.last_accused),
    ] {
        object.insert(name.to_owned(), day(value));
    }
    Value::Object(object)
}

pub fn tally_schema() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    let day = json!({ "type": ["string", "null"], "format": "date" });
    let share = object(json!({ "value": { "type": "number" }, "low": { "type": "number" }, "high": { "type": "number" } }));
    let mut properties = Map::new();
    let counts = ["n", "interference"].into_iter().chain(State::ALL.iter().map(|state| state.as_str()));
    counts.for_each(|name| drop(properties.insert(name.to_owned(), number.clone())));
    let days = ["first", "last", "first_interference", "last_interference"];
    days.into_iter().for_each(|name| drop(properties.insert(name.to_owned(), day.clone())));
    properties.insert("share".to_owned(), json!({ "anyOf": [share, { "type": "null" }] }));
    object(Value::Object(properties))
}
