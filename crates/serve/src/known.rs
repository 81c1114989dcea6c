//! Which parameters an address knows. What it does not know is refused: a filter with a slip in its name would otherwise show everything,
//! and look as if it had been applied.

use crate::api;
use crate::event_filter::EventFilter;
use crate::filter::Filter;
use crate::route::{Asked, Trouble};

/// Refuses the first parameter that the path does not know.
pub fn check(path: &str, asked: &Asked) -> Result<(), Trouble> {
    let known = api::parameters(path).unwrap_or_else(|| of_page(path));
    match asked.parameters.names().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => Err(Trouble::UnknownParameter { name: crate::rows::clip(name), hint: hint(name, &known) }),
    }
}

fn of_page(path: &str) -> Vec<&'static str> {
    let names = |parameters: &[(&'static str, &'static str)]| parameters.iter().map(|(name, _)| *name).chain(["page"]).collect();
    match path {
        "/events" | "/events.atom" | "/download/events/{ending}" => names(EventFilter::PARAMETERS),
        "/query" | "/download/query/{ending}" => vec!["sql", "mark", "x", "y", "colour"],
        "/search" => vec!["q"],
        "/data" => vec!["page"],
        "/" | "/country/{cc}" | "/network/{asn}" | "/target/{name}" | "/measurements" | "/feed.atom" => names(Filter::PARAMETERS),
        "/download/counts/{ending}" | "/download/judgements/{ending}" => names(Filter::PARAMETERS),
        _ => Vec::new(),
    }
}

fn hint(name: &str, known: &[&str]) -> String {
    let other = match name {
        "since" => "from",
        "until" => "to",
        "from" => "since",
        "to" => "until",
        "country" => "cc",
        _ => "",
    };
    match (known.contains(&other), known.is_empty()) {
        (true, _) => format!("use `{other}`"),
        (false, true) => "it takes none".to_owned(),
        (false, false) => format!("it knows {}", known.join(", ")),
    }
}
