//! The page that overview, country, network and target share: a sentence, what was found where, how, and day by day.

use askama::Template;

use crate::counts::Tally;
use crate::download::Form as FileForm;
use crate::event_filter::EventFilter;
use crate::filter::Filter;
use crate::parts::{EventTable, Form, Frame, MechanismTable, Strip, TallyTable, sentence};
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
    events: EventTable,
    pub tables: Vec<TallyTable>,
    pub strips: Vec<Strip>,
    pub mechanisms: Option<MechanismTable>,
    files: Files,
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
        Self {
            frame: Frame::new(asked, format!("{name} ({kind})")).with_feed(files.feed.clone()),
            kind,
            name,
            note: String::new(),
            sentence: sentence(total),
            remarks: Vec::new(),
            form: Form::of_days(filter, plain),
            events: EventTable::of_page(&asked.edition, &EventFilter::of(filter)),
            tables: Vec::new(),
            strips: Vec::new(),
            mechanisms: None,
            files,
        }
    }

    pub fn answer(&self) -> Result<Answer, Trouble> {
        Answer::html(self)
    }
}

/// The filter of a page that has some of it in its path. What only measurements can be asked by is left out, so that every share keeps
/// its whole denominator.
pub fn days_of(filter: &Filter) -> Filter {
    Filter { from: filter.from, to: filter.to, ..Filter::default() }
}
