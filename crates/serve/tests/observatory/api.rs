//! The interface for programs keeps to its own document.

use serde_json::Value;

use crate::world::demo;

#[test]
fn every_endpoint_answers_as_its_schema_says() {
    let site = demo();
    let document = site.at("/api/v1/openapi.json").json();
    let uid = site.at("/api/v1/judgements?limit=1").json()["rows"][0]["measurement_uid"].as_str().unwrap().to_owned();
    let event = site.at("/api/v1/events?limit=1").json()["rows"][0]["event_id"].as_str().unwrap().to_owned();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 10);
    for (path, item) in paths {
        let address = match path.as_str() {
            "/api/v1/query" => "/api/v1/query?sql=SELECT%201%20AS%20one".to_owned(),
            path => path.replace("{uid}", &uid).replace("{id}", &event),
        };
        let reply = site.at(&address);
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"), "{address}");
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        check(schema, &reply.json(), path);
    }
}

/// As much of JSON Schema as the document uses.
fn check(schema: &Value, value: &Value, at: &str) {
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &Value| std::panic::catch_unwind(|| check(choice, value, at)).is_ok();
        assert!(choices.iter().any(fits), "{at}: {value}");
        return;
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{at}: {other}"),
    };
    match &schema["type"] {
        Value::String(name) => assert!(is(name), "{at}: {value} is no {name}"),
        Value::Array(names) => assert!(names.iter().any(|name| is(name.as_str().unwrap())), "{at}: {value}"),
        _ => panic!("{at}: a schema without a type"),
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: {name} is missing");
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        check(schema, &value[name], &format!("{at}.{name}"));
    }
    if let Some(items) = schema.get("items") {
        value.as_array().unwrap().iter().for_each(|item| check(items, item, &format!("{at}[]")));
    }
}

#[test]
fn what_cannot_be_used_is_refused_in_json() {
    let site = demo();
    for (address, status) in [
        ("/api/v1/judgements?limit=0", 400),
        ("/api/v1/judgements?limit=1001", 400),
        ("/api/v1/judgements?page=x", 400),
        ("/api/v1/counts?by=colour", 400),
        ("/api/v1/counts?from=2024-02-30", 400),
        ("/api/v1/query", 400),
        ("/api/v1/query?sql=DROP%20TABLE%20judgements", 400),
        ("/api/v1/measurements/none", 404),
        ("/api/v1/events?state=blocked", 400),
        ("/api/v1/events?since=2024-02-30", 400),
        ("/api/v1/events?since=", 400),
        ("/api/v1/judgements?limit=", 400),
        ("/api/v1/counts?layer=", 400),
        ("/api/v1/events/none", 404),
        ("/api/v1/nothing", 404),
    ] {
        let reply = site.at(address);
        assert_eq!(reply.status.as_u16(), status, "{address}");
        assert!(reply.json()["error"].as_str().unwrap().ends_with('.'), "{address}");
    }
}

#[test]
fn the_rule_book_and_the_tables_are_whole() {
    let site = demo();
    let rules = site.at("/api/v1/rules").json()["rules"].as_array().unwrap().len();
    assert_eq!(rules, parallax_detect::interference::rules::ALL.len());
    let tables = site.at("/api/v1/tables").json()["tables"].as_array().unwrap().len();
    assert_eq!(tables, parallax_engine::documentation::entries().unwrap().len());
}
