//! Whatever has a text in its name.

use serde_json::{Value, json};

use super::{Endpoint, list, object};
use crate::parameter::SEARCHED;
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::search;

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/search", load: Load::Page, parameters: &[&[SEARCHED]], answer },
    name: "search",
    links: &[],
    about: "Countries, networks, targets, events and rules that have a text in their name. `page` is where to read about them.",
    schema,
};

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (found, has_more) = search::search(&asked.edition, asked.parameters.text("q").unwrap_or_default());
    let found: Vec<Value> = found.iter().map(|found| json!({ "kind": found.kind, "name": found.name, "page": found.link })).collect();
    Ok(Answer::json(&json!({ "found": found, "has_more": has_more })))
}

fn schema() -> Value {
    let text = json!({ "type": "string" });
    object(json!({ "found": list(object(json!({ "kind": text, "name": text, "page": text }))), "has_more": { "type": "boolean" } }))
}
