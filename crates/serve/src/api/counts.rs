//! Counts of judgements by country, network, target or day: what the pages are made of.

use serde_json::{Value, json};

use super::status::{tally, tally_schema};
use super::{Endpoint, list, object};
use crate::counts::{self, Counts, Tally};
use crate::filter::Filter;
use crate::pages;
use crate::parameter::{self, Kind, Parameter};
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/counts", load: Load::Page, parameters: &[&[BY, parameter::LIMIT], parameter::FILTER], answer },
    name: "counts",
    links: &[],
    about: "Judgements by state, for each country, network, target or day. Those of probes whose clock is known to be wrong are left out of days.",
    schema,
};

const BY: Parameter =
    Parameter { name: "by", about: "what is counted together", kind: Kind::Word(|| vec!["country", "network", "target", "day"]) };

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let filter = asked.filter()?;
    let by = asked.parameters.text("by").unwrap_or("country");
    let limit = parameter::LIMIT.number(asked)?;
    let groups = groups(&asked.edition.counts, &filter, by)?;
    let shown = |sum: &Tally| if filter.chooses_outcomes() { without_share(tally(sum)) } else { tally(sum) };
    let rows: Vec<Value> = groups.iter().take(limit).map(|(key, sum)| json!({ "key": key, "judgements": shown(sum) })).collect();
    let total = shown(&pages::total(&asked.edition, &filter));
    Ok(Answer::json(&json!({ "by": by, "groups": groups.len(), "rows": rows, "total": total, "generation": asked.edition.generation() })))
}

/// Where a filter chooses judgements by what they say, a share among them would say nothing.
fn without_share(mut tally: Value) -> Value {
    tally["share"] = Value::Null;
    tally
}

/// The most accused first; days in their order.
fn groups(counts: &Counts, filter: &Filter, by: &str) -> Result<Vec<(Value, Tally)>, Trouble> {
    let texts = |groups: Vec<(&str, Tally)>| groups.into_iter().map(|(name, tally)| (json!(name), tally)).collect();
    Ok(match by {
        "country" => texts(counts::by_country(&counts::by_network(counts, filter))),
        "target" => texts(counts::by_target(counts, filter)),
        "day" => counts::by_day(counts, filter).into_iter().map(|(day, tally)| (json!(day.to_string()), tally)).collect(),
        "network" => {
            let key = |place: &counts::Place| json!({ "probe_cc": &*place.country, "probe_asn": place.asn });
            counts::by_network(counts, filter).into_iter().map(|(place, tally)| (key(place), tally)).collect()
        }
        other => return Err(Trouble::BadParameter { name: "by", value: other.to_owned(), wanted: "country, network, target or day" }),
    })
}

fn schema() -> Value {
    let network = object(json!({ "probe_cc": { "type": "string" }, "probe_asn": { "type": ["integer", "null"] } }));
    let row = object(json!({ "key": { "anyOf": [{ "type": "string" }, network] }, "judgements": tally_schema() }));
    object(json!({
        "by": { "type": "string" },
        "groups": { "type": "integer", "description": "how many there are, shown or not" },
        "rows": list(row),
        "total": tally_schema(),
        "generation": { "type": "integer" },
    }))
}
