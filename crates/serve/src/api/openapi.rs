//! The OpenAPI document (3.1), made from the list of endpoints.

use serde_json::{Map, Value, json};

use super::{ALL, Endpoint, object};
use crate::route::{Answer, Load, Route};

pub const ROUTE: Route =
    Route { path: "/api/v1/openapi.json", load: Load::Page, parameters: &[], answer: |_| Ok(Answer::json(&document())) };

fn document() -> Value {
    let paths: Map<String, Value> =
        ALL.iter().map(|endpoint| (endpoint.route.path.to_owned(), json!({ "get": operation(endpoint) }))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Parallax",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The observatory for programs: the same data as the pages. All times are in UTC. Every figure comes with its n.",
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "paths": paths,
        "components": {
            "schemas": { "Trouble": object(json!({ "error": { "type": "string" } })) },
            "securitySchemes": { "basic": { "type": "http", "scheme": "basic" }, "bearer": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{}, { "basic": [] }, { "bearer": [] }],
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let parameters: Vec<Value> =
        endpoint.route.parameters.iter().flat_map(|list| list.iter()).map(|parameter| parameter.document()).collect();
    json!({ "operationId": endpoint.name, "summary": endpoint.about, "parameters": parameters, "responses": responses(endpoint) })
}

fn responses(endpoint: &Endpoint) -> Value {
    let trouble = |about: &str| json!({ "description": about, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Trouble" } } } });
    let text = |about: &str| json!({ "description": about, "content": { "text/plain": { "schema": { "type": "string" } } } });
    let link = |(name, parameter, place): &(&str, &str, &str)| {
        ((*name).to_owned(), json!({ "operationId": name, "parameters": { (*parameter): format!("$response.body#{place}") } }))
    };
    let links: Map<String, Value> = endpoint.links.iter().map(link).collect();
    let mut responses = json!({
        "200": { "description": endpoint.about, "content": { "application/json": { "schema": (endpoint.schema)() } }, "links": links },
        "400": trouble("a parameter cannot be used"),
        "401": text("a token is needed"),
        "403": text("asked under another name than this machine's, from another site's page, or for SQL in public"),
        "404": trouble("there is no such thing in the archive"),
        "503": text("too much is being asked; Retry-After says when to try again"),
    });
    if endpoint.route.load == Load::Sql {
        responses["422"] = trouble("the query takes too much time or memory");
    }
    responses
}
