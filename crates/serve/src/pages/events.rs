//! The list of events, with every filter in its address; as files and as a feed too.

use askama::Template;
use parallax_engine::events::{self, States};
use parallax_model::tables::Event;

use crate::charts::{About, file_name};
use crate::download::{Download, Form as FileForm};
use crate::event_filter::EventFilter;
use crate::parameter::{self, EVENT_FILTER};
use crate::parts::{EventTable, Form, Frame, Pager, count, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::clip;
use crate::urls;

pub const ROUTE: Route = Route { path: "/events", load: Load::Page, parameters: &[EVENT_FILTER, &[parameter::PAGE]], answer };
pub const DOWNLOAD: Route = Route { path: "/download/events/{ending}", load: Load::Heavy, parameters: &[EVENT_FILTER], answer: download };

/// Events of a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "events.html")]
struct Page {
    frame: Frame,
    sentence: String,
    form: Form,
    table: EventTable,
    pager: Pager,
    files: Vec<(&'static str, String)>,
    feed: String,
    api: String,
    sql: String,
    query: Option<String>,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (filter, edition) = (EventFilter::read(&asked.parameters)?, &asked.edition);
    let found = filter.events(edition);
    let pages = found.len().div_ceil(PAGE).max(1);
    let number = asked.parameters.number("page", 1, pages);
    let shown = &found[(number - 1) * PAGE..found.len().min(number * PAGE)];
    let parameters = urls::query(&filter.parameters());
    let link = |page: usize| {
        let mut parameters = filter.parameters();
        parameters.push(("page", page.to_string()));
        format!("/events{}", urls::query(&parameters))
    };
    let feed = format!("/events.atom{parameters}");
    let sql = format!("SELECT * FROM events WHERE {} ORDER BY onset_latest DESC, event_id", filter.wanted().condition());
    let mut frame = Frame::new(asked, "Events").with_feed(feed.clone());
    let mut table = EventTable::new("The list", edition, &filter, shown, PAGE);
    frame.has_charts = table.charted(&about(&frame, &filter));
    let has_charts = frame.has_charts;
    let page = Page {
        frame,
        sentence: sentence(&found),
        form: Form::of_events(&filter),
        table,
        pager: Pager::new(number, number < pages, link),
        files: FileForm::ALL.iter().map(|form| (form.name(), format!("/download/events/{}{parameters}", form.ending()))).collect(),
        feed,
        api: format!("/api/v1/events{parameters}"),
        query: asked.access.allows_sql().then(|| urls::sql(&sql)),
        sql,
    };
    Ok(Answer::html(&page)?.with_charts(has_charts))
}

/// What the drawing says of itself elsewhere: what chose the events, too.
fn about(frame: &Frame, filter: &EventFilter) -> About {
    let visible = |text: &str| parallax_model::visible::visible(&clip(text)).into_owned();
    let chosen: Vec<String> = filter.parameters().iter().map(|(name, value)| format!("{name} {}", visible(value))).collect();
    let title = if chosen.is_empty() { "all that are told".to_owned() } else { format!("those of {}", chosen.join(", ")) };
    About { title, lines: vec![String::new(), frame.source()], file: file_name(&["list"]) }
}

fn sentence(found: &[&Event<'_>]) -> String {
    let countries: std::collections::BTreeSet<&str> = found.iter().map(|event| event.probe_cc.as_ref()).collect();
    let (told, others): (Vec<&Event<'_>>, Vec<&Event<'_>>) = found.iter().copied().partition(|event| States::Told.has(event.state));
    let on = told.iter().filter(|event| event.end_earliest.is_none()).count();
    let end = if told.is_empty() { String::new() } else { format!("; no end has been seen of {}", count(on as u64)) };
    let not_told = match others.len() {
        0 => String::new(),
        n => format!(
            "; {} not told as interference or as a shutdown",
            if n == 1 { "1 is".to_owned() } else { format!("{} are", count(n as u64)) }
        ),
    };
    match found.len() {
        0 => "No event is told here.".to_owned(),
        n => format!("{} in {}{end}{not_told}.", plural(n as u64, "event"), plural(countries.len() as u64, "country")),
    }
}

/// In the order of the table, as `parallax events` gives them.
fn download(asked: &Asked) -> Result<Answer, Trouble> {
    let wanted = EventFilter::read(&asked.parameters)?.wanted();
    let ending = asked.segment("ending");
    let form = FileForm::of_ending(ending).ok_or_else(|| Trouble::NotFound { what: "file that ends in", name: ending.to_owned() })?;
    let rows = events::rows(asked.edition.events.iter().filter(|event| wanted.has(event)));
    Ok(Answer::rows(Download::of_batches("events", form, Event::TABLE_INFO.schema(), std::iter::once(Ok(rows)))))
}
