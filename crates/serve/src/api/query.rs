//! SQL, read-only and with limits.

use parallax_engine::Limits;
use serde_json::{Value, json};

use super::{Endpoint, list, object, objects};
use crate::parameter::SQL;
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/query", load: Load::Sql, parameters: &[&[SQL]], answer },
    name: "query",
    links: &[],
    about: "The rows of a query that only reads. Not in public. More rows than the limit are cut off, and `is_truncated` says so.",
    schema,
};

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let sql = asked.parameters.text("sql").unwrap_or_default();
    let limits = Limits { rows: Some(asked.options.query_rows), time: Some(asked.options.query_time) };
    let mut result = asked.edition.engine.query(sql, &limits)?;
    let batches = result.by_ref().collect::<Result<Vec<_>, _>>()?;
    let rows = objects(&result.schema(), batches)?;
    Ok(Answer::json(&json!({ "rows": rows, "is_truncated": result.is_truncated(), "generation": asked.edition.generation() })))
}

fn schema() -> Value {
    object(json!({ "rows": list(json!({ "type": "object" })), "is_truncated": { "type": "boolean" }, "generation": { "type": "integer" } }))
}
