//! Judgements, the newest first: rows of the table `judgements`.

use parallax_model::tables::Judgement;
use serde_json::{Value, json};

use super::{Endpoint, list, object, objects};
use crate::pages;
use crate::parameter;
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route {
        path: "/api/v1/judgements",
        load: Load::Page,
        parameters: &[&[parameter::LIMIT, parameter::PAGE], parameter::FILTER],
        answer,
    },
    name: "judgements",
    links: &[("measurement", "uid", "/rows/0/measurement_uid")],
    about: "Judgements, the newest first. Columns as in the table `judgements`.",
    schema,
};

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let filter = asked.filter()?;
    let (limit, page) = (parameter::LIMIT.number(asked)?, parameter::PAGE.number(asked)?);
    let batches = pages::judgements(&asked.edition, &filter, (page - 1) * limit, limit)?;
    let rows = objects(&Judgement::TABLE_INFO.schema(), batches)?;
    Ok(Answer::json(&json!({ "n": pages::total(&asked.edition, &filter).n(), "rows": rows, "generation": asked.edition.generation() })))
}

fn schema() -> Value {
    let columns = Judgement::TABLE_INFO.columns.iter().map(|column| column.name.to_owned());
    let row = json!({ "type": "object", "required": columns.collect::<Vec<_>>() });
    object(
        json!({ "n": { "type": "integer", "description": "how many there are, shown or not" }, "rows": list(row), "generation": { "type": "integer" } }),
    )
}
