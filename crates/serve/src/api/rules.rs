//! The rule book.

use parallax_detect::interference::{RULESET_VERSION, Rule, rules};
use serde_json::{Value, json};

use super::{Endpoint, list, object};
use crate::route::{Answer, Load, Route};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/rules", load: Load::Page, parameters: &[], answer: |_| Ok(Answer::json(&book())) },
    name: "rules",
    links: &[],
    about: "Every rule: when it fires, what it says, why, and what looks the same and is innocent.",
    schema,
};

fn book() -> Value {
    json!({ "ruleset_version": RULESET_VERSION, "rules": rules::ALL.iter().map(|rule| described(rule)).collect::<Vec<_>>() })
}

fn described(rule: &Rule) -> Value {
    json!({
        "rule": rule.id,
        "layer": rule.layer.as_str(),
        "says": rule.says.as_str(),
        "mechanism": rule.mechanism.map(|mechanism| mechanism.as_str()),
        "locus": rule.locus.as_str(),
        "instrument": rule.instrument.map(|instrument| instrument.as_str()),
        "weight": rule.weight,
        "condition": rule.condition,
        "why": rule.why,
        "innocent": rule.innocent,
        "source": rule.source,
    })
}

fn schema() -> Value {
    let (text, perhaps) = (json!({ "type": "string" }), json!({ "type": ["string", "null"] }));
    let rule = object(json!({
        "rule": text, "layer": text, "says": text, "mechanism": perhaps, "locus": text, "instrument": perhaps,
        "weight": { "type": "number" }, "condition": text, "why": text, "innocent": text, "source": text,
    }));
    object(json!({ "ruleset_version": text, "rules": list(rule) }))
}
