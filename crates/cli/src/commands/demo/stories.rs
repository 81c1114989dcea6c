//! The demo's events, one told as interference and one that has an innocent explanation.

use parallax_archive::Archive;
use parallax_engine::{Engine, events};
use parallax_model::EventState;
use parallax_model::tables::Event;

use crate::commands::{event, events as list};
use crate::failure::{Failure, OrFail};

pub fn tell(archive: &Archive, engine: &Engine, program: &str) -> Result<String, Failure> {
    let snapshot = archive.snapshot().or_fail("read the demo archive")?;
    let all = events::load(&snapshot).or_fail("read the events")?;
    let mut text = format!("Events in this world:\n\n{}", list::page(&all, program));
    // The one with a known onset has the most to tell.
    let told = all.iter().filter(|event| matches!(event.state, EventState::Ongoing | EventState::Ended));
    let told = told.max_by_key(|event| (event.onset_earliest.is_some(), event.n_interfered));
    let explained = all.iter().filter(|event| event.state == EventState::Explained).max_by_key(|event| event.n_interfered);
    let one = |event: &Event<'_>| event::page(event, &all, engine, events::watermark(&snapshot), program);
    if let Some(event) = told {
        text += &format!("\nThe story of one:\n\n{}", one(event)?);
    }
    if let Some(event) = explained {
        text += &format!("\nAnd of one that is not shown as interference, because it has an innocent explanation:\n\n{}", one(event)?);
    }
    Ok(text)
}
