//! Events as an Atom feed (RFC 4287): an entry for each, which is news again when what is said of it changes.

use std::collections::HashMap;

use askama::Template;
use parallax_engine::events::{Story, said};
use parallax_model::Timestamp;
use parallax_model::tables::Event;

use super::feed::{Entry, Feed};
use crate::countries;
use crate::event_filter::EventFilter;
use crate::observatory::Edition;
use crate::parameter::EVENT_FILTER;
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::clip;
use crate::urls;

pub const ROUTE: Route = Route { path: "/events.atom", load: Load::Page, parameters: &[EVENT_FILTER], answer };

/// Entries of a feed.
const MOST: usize = 50;

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (filter, edition) = (EventFilter::read(&asked.parameters)?, &asked.edition);
    let changes = said::last_changes(&edition.archive)?;
    let mut events: Vec<(Timestamp, &Event<'_>)> =
        filter.events(edition).into_iter().map(|event| (updated(event, &changes), event)).collect();
    // Those that began last stay first among those that were said together.
    events.sort_by_key(|(updated, _)| std::cmp::Reverse(*updated));
    events.truncate(MOST);
    let parameters = urls::query(&filter.parameters());
    let feed = Feed {
        id: format!("urn:parallax:events:{}", parameters.trim_start_matches('?')),
        title: "Parallax: events",
        address: format!("/events.atom{parameters}"),
        updated: written(events.first().map_or(Timestamp::default(), |(updated, _)| *updated)),
        entries: events.into_iter().map(|(updated, event)| entry(edition, event, updated)).collect(),
    };
    let text = feed.render().map_err(|error| Trouble::Bug(error.to_string()))?;
    Ok(Answer::new("application/atom+xml; charset=utf-8", text))
}

/// When it was last said to have changed; where nobody noted that, the last moment that it tells of.
fn updated(event: &Event<'_>, changes: &HashMap<String, Timestamp>) -> Timestamp {
    let told = || event.end_latest.unwrap_or(event.onset_latest);
    changes.get(event.event_id.as_ref()).copied().unwrap_or_else(told)
}

fn written(time: Timestamp) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ")
}

fn entry(edition: &Edition, event: &Event<'_>, updated: Timestamp) -> Entry {
    let story = Story::of(event, &edition.events);
    let verdict = story.verdict.map_or(String::new(), |verdict| format!(" {verdict}"));
    Entry {
        id: format!("urn:parallax:event:{}", clip(&event.event_id)),
        title: format!("{} in {}: {} ({})", clip(&event.event_id), countries::label(&event.probe_cc), event.kind, event.state),
        updated: written(updated),
        link: urls::event(&event.event_id),
        summary: format!("{} {} {}{verdict}", story.what, story.when, story.how_much),
    }
}
