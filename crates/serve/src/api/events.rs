//! Events: rows of the table `events`, those that began last first; and one with its story, its timeline and what was said of it.

use parallax_engine::events::timeline::{Timeline, by_mechanism, by_target};
use parallax_engine::events::{self, Story, said, story};
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState};
use serde_json::{Map, Value, json};

use super::{Endpoint, list, object, objects};
use crate::event_filter::EventFilter;
use crate::parameter::{self, EVENT_FILTER, Kind, Parameter};
use crate::route::{Answer, Asked, Load, Route, Trouble};

pub const LIST: Endpoint = Endpoint {
    route: Route {
        path: "/api/v1/events",
        load: Load::Page,
        parameters: &[&[parameter::LIMIT, parameter::PAGE], EVENT_FILTER],
        answer: all,
    },
    name: "events",
    links: &[("event", "id", "/rows/0/event_id")],
    about: "Events, those that began last first. Columns as in the table `events`.",
    schema: list_schema,
};

pub const ONE: Endpoint = Endpoint {
    route: Route {
        path: "/api/v1/events/{id}",
        load: Load::Page,
        parameters: &[&[Parameter { name: "id", about: "name of the event", kind: Kind::Path }]],
        answer: one,
    },
    name: "event",
    links: &[("measurement", "uid", "/event/witnesses/0")],
    about: "One event: its row, its story in sentences, what was measured around it, and what was said of it when.",
    schema: one_schema,
};

/// Marks of a timeline.
const MARKS: usize = 60;

fn all(asked: &Asked) -> Result<Answer, Trouble> {
    let (filter, edition) = (EventFilter::read(&asked.parameters)?, &asked.edition);
    let (limit, page) = (parameter::LIMIT.number(asked)?, parameter::PAGE.number(asked)?);
    let found = filter.events(edition);
    let rows = found.iter().skip((page - 1) * limit).take(limit).copied();
    let wanted = filter.wanted();
    let mut by_state = vec![0_u64; EventState::ALL.len()];
    let of_any_state = edition.events.iter().filter(|event| wanted.has_of_any_state(event));
    of_any_state.for_each(|event| by_state[event.state as usize] += 1);
    let by_state: Map<String, Value> = EventState::ALL.iter().map(|state| (state.to_string(), json!(by_state[*state as usize]))).collect();
    Ok(Answer::json(&json!({
        "n": found.len(),
        "by_state": by_state,
        "rows": objects(&Event::TABLE_INFO.schema(), vec![events::rows(rows)])?,
        "watermark": edition.watermark,
        "is_out_of_date": edition.events_are_old,
        "generation": edition.generation(),
    })))
}

fn one(asked: &Asked) -> Result<Answer, Trouble> {
    let (id, edition) = (asked.segment("id"), &asked.edition);
    let Some(event) = edition.event(id) else {
        return Err(Trouble::NotFound { what: "event", name: id.to_owned() });
    };
    let mut row = objects(&Event::TABLE_INFO.schema(), vec![events::rows([event])])?;
    let timeline = Timeline::of(event, &edition.engine, edition.watermark, MARKS)?;
    let (targets, mechanisms) = match event.kind {
        EventKind::Blocking => {
            (by_target(event, &edition.engine, edition.watermark)?, by_mechanism(event, &edition.engine, edition.watermark)?)
        }
        EventKind::Shutdown => (Vec::new(), Vec::new()),
    };
    Ok(Answer::json(&json!({
        "event": row[0].take(),
        "story": Story::of(event, &edition.events),
        "parts": story::parts(event, &edition.events).collect::<Vec<_>>(),
        "said": said::of(&edition.archive, &event.event_id)?,
        "timeline": timeline,
        "targets": targets,
        "mechanisms": mechanisms,
        "watermark": edition.watermark,
        "is_out_of_date": edition.events_are_old,
        "generation": edition.generation(),
    })))
}

fn row_schema() -> Value {
    let columns = Event::TABLE_INFO.columns.iter().map(|column| column.name.to_owned());
    json!({ "type": "object", "required": columns.collect::<Vec<_>>() })
}

/// What every answer about events says of the archive.
fn with_archive(mut properties: Value) -> Value {
    properties["watermark"] =
        json!({ "type": ["string", "null"], "description": "how far the measurements reached when events were looked for" });
    properties["is_out_of_date"] = json!({ "type": "boolean", "description": "whether verdicts have changed since" });
    properties["generation"] = json!({ "type": "integer" });
    object(properties)
}

fn list_schema() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    let by_state: Map<String, Value> = EventState::ALL.iter().map(|state| (state.to_string(), number.clone())).collect();
    with_archive(json!({
        "n": { "type": "integer", "description": "how many there are, shown or not" },
        "by_state": object(Value::Object(by_state)),
        "rows": list(row_schema()),
    }))
}

fn one_schema() -> Value {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 0 }));
    let maybe = json!({ "type": ["string", "null"] });
    let counts = object(json!({ "hit": number, "ok": number, "troubled": number, "unclear": number }));
    let part = object(json!({ "name": text, "counts": counts, "networks": number }));
    let line =
        object(json!({ "network": { "type": ["integer", "null"] }, "is_in": { "type": "boolean" }, "counts": list(counts.clone()) }));
    let tried = object(json!({ "name": text, "meaning": text, "found": text }));
    let said = object(json!({
        "event_id": text, "state": text, "watermark": maybe, "said": text, "onset_latest": text, "end_latest": maybe,
        "n_interfered": number, "n_measurements": number,
    }));
    let story = object(json!({
        "what": text, "when": text, "how_much": text, "verdict": maybe, "explanations": list(tried), "corrections": maybe,
    }));
    let timeline = object(json!({
        "from": text, "step_hours": number, "marks": number, "lines": list(line), "week": list(counts), "sql": text,
    }));
    with_archive(json!({
        "event": row_schema(),
        "story": story,
        "parts": list(text),
        "said": list(said),
        "timeline": timeline,
        "targets": list(part.clone()),
        "mechanisms": list(part),
    }))
}
