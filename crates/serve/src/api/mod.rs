//! The interface for programs: the same data as the pages, as JSON. Every endpoint is one file and one line in the list below; the
//! OpenAPI document is made from the list.

mod counts;
mod events;
mod judgements;
mod measurement;
mod openapi;
mod query;
mod rules;
mod search;
mod status;
mod tables;

use serde_json::{Value, json};

use crate::route::{Answer, Route, Trouble};

/// Where all of it lies.
pub const BASE: &str = "/api/";

/// One endpoint: its route, and what its documentation says.
pub struct Endpoint {
    pub route: Route,
    pub name: &'static str,
    /// Other endpoints that an answer leads to: their names, the parameter, and where in the answer (RFC 6901) its value stands.
    pub links: &'static [(&'static str, &'static str, &'static str)],
    pub about: &'static str,
    /// JSON Schema of what is answered.
    pub schema: fn() -> Value,
}

pub const ALL: &[&Endpoint] = &[
    &status::ENDPOINT,
    &counts::ENDPOINT,
    &judgements::ENDPOINT,
    &measurement::ENDPOINT,
    &events::LIST,
    &events::ONE,
    &search::ENDPOINT,
    &rules::ENDPOINT,
    &tables::ENDPOINT,
    &query::ENDPOINT,
];

pub fn routes() -> impl Iterator<Item = &'static Route> {
    ALL.iter().map(|endpoint| &endpoint.route).chain([&openapi::ROUTE])
}

/// Trouble as a program can read it.
pub fn trouble(trouble: &Trouble) -> Answer {
    Answer::json(&json!({ "error": trouble.to_string() })).with_status(trouble.status())
}

/// Rows of a query as JSON objects.
fn objects(schema: &arrow::datatypes::SchemaRef, batches: Vec<arrow::array::RecordBatch>) -> Result<Value, Trouble> {
    let mut text = Vec::new();
    let mut batches = batches.into_iter().map(Ok);
    parallax_engine::write::write(&mut batches, schema, parallax_engine::write::Format::Json, &mut text)?;
    serde_json::from_slice(&text).map_err(|error| Trouble::Bug(error.to_string()))
}

/// Schema of an object whose properties are all there.
fn object(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}
