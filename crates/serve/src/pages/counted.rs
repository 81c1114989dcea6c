//! The page that overview, country, network and target share: a sentence, what was found where, how, and day by day.

use askama::Template;
use parallax_engine::events::States;
use parallax_model::EventState;

use crate::charts::{self, About};
use crate::counts::Tally;
use crate::download::Form as FileForm;
use crate::event_filter::EventFilter;
use crate::filter::Filter;
use crate::observatory::Edition;
use crate::parts::{EventTable, Form, Frame, Map, MechanismTable, Shares, Strip, TallyTable, plural, sentence};
use crate::route::{Answer, Asked, Trouble};
use crate::urls;

#[derive(Template)]
#[template(path = "counted.html")]
pub struct Counted {
    frame: Frame,
    /// The kind of thing that the page is about, and its name.
    pub kind: &'static str,
    pub name: String,
    pub note: String,
    pub sentence: String,
    /// More sentences.
    pub remarks: Vec<String>,
    form: Form,
    /// How many events here have an innocent explanation, and where they are.
    explained: Option<(String, String)>,
    events: EventTable,
    pub map: Option<Map>,
    pub shares: Option<Shares>,
    pub tables: Vec<TallyTable>,
    pub strips: Vec<Strip>,
    pub mechanisms: Option<MechanismTable>,
    files: Files,
    /// What stands above each chart when it has left the page.
    about: About,
}

/// Links to what the page is made of.
pub struct Files {
    pub counts: Vec<(&'static str, String)>,
    pub judgements: Vec<(&'static str, String)>,
    pub api: String,
    pub feed: String,
    pub event_feed: String,
    pub measurements: String,
    /// The query that gives the same counts, to run here, where that is allowed.
    pub query: Option<String>,
    pub sql: String,
}

impl Files {
    pub fn of(filter: &Filter, asked: &Asked) -> Self {
        let parameters = urls::query(&filter.parameters());
        let links = |name: &str| {
            FileForm::ALL.iter().map(|form| (form.name(), format!("/download/{name}/{}{parameters}", form.ending()))).collect()
        };
        let sql = format!(
            "SELECT probe_cc, probe_asn, target, date_trunc('day', measurement_start_time) AS day, state, count(*) AS n FROM judgements \
             WHERE {} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
            filter.condition()
        );
        Self {
            counts: links("counts"),
            judgements: links("judgements"),
            api: format!("/api/v1/counts{parameters}"),
            feed: format!("/feed.atom{parameters}"),
            event_feed: format!("/events.atom{}", urls::query(&EventFilter::of(filter).parameters())),
            measurements: urls::measurements(filter),
            query: asked.access.allows_sql().then(|| urls::sql(&sql)),
            sql,
        }
    }
}

impl Counted {
    /// A page about what a filter lets through. `plain` is its address without any filter.
    pub fn new(asked: &Asked, kind: &'static str, name: impl Into<String>, filter: &Filter, total: &Tally, plain: String) -> Self {
        let name = name.into();
        let files = Files::of(filter, asked);
        let title = if kind.is_empty() { name.clone() } else { format!("{name} ({kind})") };
        let frame = Frame::new(asked, title).with_feed(files.feed.clone());
        let about = about(&frame, kind, &name, total);
        Self {
            frame,
            kind,
            name,
            note: String::new(),
            sentence: sentence(total),
            remarks: Vec::new(),
            form: Form::of_days(filter, plain),
            explained: explained(&asked.edition, EventFilter::of(filter)),
            events: EventTable::of_page(&asked.edition, &EventFilter::of(filter)),
            map: None,
            shares: None,
            tables: Vec::new(),
            strips: Vec::new(),
            mechanisms: None,
            files,
            about,
        }
    }

    /// Makes the charts, now that all is there.
    pub fn answer(mut self) -> Result<Answer, Trouble> {
        let about = &self.about;
        let mut has_charts = false;
        let mut charted = |has_chart: bool| has_charts |= has_chart;
        charted(self.events.charted(about));
        self.map.iter_mut().for_each(|map| charted(map.charted(about)));
        self.shares.iter_mut().for_each(|shares| charted(shares.charted(about, self.files.measurements.clone())));
        self.strips.iter_mut().for_each(|strip| charted(strip.charted(about)));
        self.mechanisms.iter_mut().for_each(|mechanisms| charted(mechanisms.charted(about)));
        self.frame.has_charts = has_charts;
        Ok(Answer::html(&self)?.with_charts(has_charts))
    }
}

/// A share counts what an innocent explanation covers like everything else, so the page says so before it gives any.
fn explained(edition: &Edition, filter: EventFilter) -> Option<(String, String)> {
    let filter = EventFilter { states: States::Only(EventState::Explained), ..filter };
    let verb = |n| if n == 1 { "has" } else { "have" };
    match filter.events(edition).len() {
        0 => None,
        n => Some((format!("{} here {} an innocent explanation", plural(n as u64, "event"), verb(n)), urls::events(&filter))),
    }
}

/// What a chart of the page says of itself elsewhere: what it is about, on how much data it rests, and which state of the archive it shows.
fn about(frame: &Frame, kind: &str, name: &str, total: &Tally) -> About {
    let title = parallax_model::visible::visible(&crate::rows::clip(name)).into_owned();
    let n = charts::n_line(total.n(), total.first, total.last);
    About { title, lines: vec![n, frame.source()], file: charts::file_name(&[kind, if kind.is_empty() { "overview" } else { name }]) }
}

/// The filter of a page that has some of it in its path. What only measurements can be asked by is left out, so that every share keeps
/// its whole denominator.
pub fn days_of(filter: &Filter) -> Filter {
    Filter { from: filter.from, to: filter.to, ..Filter::default() }
}
