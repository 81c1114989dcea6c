//! The documentation of every table and view.

use parallax_engine::documentation::Entry;
use serde_json::{Value, json};

use super::{Endpoint, list, object};
use crate::pages;
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const ENDPOINT: Endpoint = Endpoint {
    route: Route { path: "/api/v1/tables", load: Load::Page, parameters: &[], answer },
    name: "tables",
    links: &[],
    about: "Every table and view with its columns, as they can be asked in SQL.",
    schema,
};

fn answer(_: &Asked) -> Result<Answer, Trouble> {
    Ok(Answer::json(&json!({ "tables": pages::entries()?.iter().map(described).collect::<Vec<_>>() })))
}

fn described(entry: &Entry) -> Value {
    let columns = entry
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "type": column.data_type, "nullable": column.nullable, "about": column.doc }));
    json!({ "name": entry.name, "kind": entry.kind, "about": entry.doc, "columns": columns.collect::<Vec<_>>() })
}

fn schema() -> Value {
    let text = json!({ "type": "string" });
    let column = object(json!({ "name": text, "type": text, "nullable": { "type": "boolean" }, "about": text }));
    object(json!({ "tables": list(object(json!({ "name": text, "kind": text, "about": text, "columns": list(column) }))) }))
}
