//! Every table and view with its columns, from the code that makes them.

use std::sync::OnceLock;

use askama::Template;
use parallax_engine::documentation::{self, Entry};

use crate::parts::Frame;
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::urls;

pub const ROUTE: Route = Route { path: "/tables", load: Load::Page, parameters: &[], answer: all };
pub const ONE: Route = Route { path: "/tables/{name}", load: Load::Page, parameters: &[], answer: one };

#[derive(Template)]
#[template(path = "tables.html")]
struct All {
    frame: Frame,
    entries: &'static [Entry],
}

#[derive(Template)]
#[template(path = "table.html")]
struct One {
    frame: Frame,
    entry: &'static Entry,
    query: Option<String>,
}

/// Made once: it is the same for every archive.
pub fn entries() -> Result<&'static [Entry], Trouble> {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    if let Some(entries) = ENTRIES.get() {
        return Ok(entries);
    }
    let entries = documentation::entries()?;
    Ok(ENTRIES.get_or_init(|| entries))
}

fn all(asked: &Asked) -> Result<Answer, Trouble> {
    Answer::html(&All { frame: Frame::new(asked, "Tables"), entries: entries()? })
}

fn one(asked: &Asked) -> Result<Answer, Trouble> {
    let name = asked.segment("name");
    let found = entries()?.iter().find(|entry| entry.name == name);
    let entry = found.ok_or_else(|| Trouble::NotFound { what: "table or view", name: name.to_owned() })?;
    let query = asked.access.allows_sql().then(|| urls::sql(&format!("SELECT * FROM {name} LIMIT 20")));
    Answer::html(&One { frame: Frame::new(asked, name), entry, query })
}
