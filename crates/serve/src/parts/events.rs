//! Events as a list: a bar in time for each, and below it the same in a table.

use askama::Template;
use parallax_engine::events::{States, words};
use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState, Timestamp};

use super::{count, plural};
use crate::charts::{self, About, Span};
use crate::event_filter::EventFilter;
use crate::observatory::Edition;
use crate::rows::clip;
use crate::{countries, urls};

/// Targets and networks that are named in a line.
const NAMED: usize = 3;
/// Where the bars begin, and how wide all of them are, in pixels of the drawing.
const LABELS: usize = 230;
const WIDTH: f64 = 640.0;
const LINE: usize = 20;
const TOP: usize = 22;
/// Times that are written above the bars.
const MARKS: i64 = 4;
/// The least width of a bar that can be seen.
const LEAST: f64 = 3.0;

pub struct Bar {
    pub y: usize,
    pub text_y: usize,
    pub label: String,
    /// Class of the style sheet: the kind of the event, or its state where it is not told.
    pub look: &'static str,
    /// From the first to the last sight.
    pub x: String,
    pub width: String,
    /// Where it may have begun before, and ended after.
    pub onset: Option<(String, String)>,
    pub end: Option<(String, String)>,
    /// Where an event that goes on leaves the picture.
    pub goes_on: Option<String>,
    pub title: String,
}

pub struct EventLine {
    pub id: String,
    pub link: String,
    pub state: &'static str,
    pub meaning: &'static str,
    /// What it is told as; nothing where it is not told.
    pub kind: &'static str,
    pub country: String,
    pub country_link: String,
    pub what: String,
    pub how: String,
    pub began: String,
    pub last: String,
    pub hit: String,
    pub networks: String,
    pub strength: String,
    pub note: String,
}

#[derive(Template)]
#[template(path = "parts/events.html")]
pub struct EventTable {
    pub title: String,
    pub about: String,
    pub bars: Vec<Bar>,
    pub marks: Vec<(String, String)>,
    pub height: usize,
    pub lines: Vec<EventLine>,
    /// Where all of them are.
    pub more: String,
    pub left_out: String,
    /// How many of other states there are, and where.
    pub hidden: Option<(String, String)>,
    pub is_old: bool,
    /// Whether anybody has looked for events at all.
    pub is_known: bool,
    pub spec: Option<String>,
    /// The same for the script, and the first and last moment that are drawn.
    chart: Vec<Span>,
    drawn: (Timestamp, Timestamp),
}

impl EventTable {
    /// The first of some events; the rest is where all of them are.
    pub fn new(title: impl Into<String>, edition: &Edition, filter: &EventFilter, events: &[&Event<'static>], most: usize) -> Self {
        let shown = &events[..events.len().min(most)];
        let axis = Axis::of(shown, edition.watermark);
        Self {
            title: title.into(),
            about: "Times are in UTC. A thin line is the time in which it may have begun or ended.".to_owned(),
            bars: shown.iter().enumerate().map(|(index, event)| bar(event, index, &axis)).collect(),
            marks: axis.marks(),
            height: TOP + shown.len() * LINE,
            lines: shown.iter().map(|event| line(event)).collect(),
            more: urls::events(filter),
            left_out: if events.len() > shown.len() { count((events.len() - shown.len()) as u64) } else { String::new() },
            hidden: hidden(edition, filter),
            is_old: edition.events_are_old,
            is_known: edition.watermark.is_some(),
            spec: None,
            chart: shown.iter().map(|event| spanned(event)).collect(),
            drawn: axis.ends(),
        }
    }

    /// Makes the chart that the script draws, and says whether there is one.
    pub fn charted(&mut self, about: &About) -> bool {
        if !self.chart.is_empty() {
            let (from, to) = (words::time(self.drawn.0), words::time(self.drawn.1));
            let rest = if self.left_out.is_empty() { String::new() } else { format!("; {} more are not drawn", self.left_out) };
            let n = format!("n = {}, {from} to {to} (UTC){rest}", plural(self.chart.len() as u64, "event"));
            self.spec = Some(charts::spans(&about.of("Events", "events").with_n(n), &self.chart, &from, &to).to_string());
        }
        self.spec.is_some()
    }

    /// What a page about judgements says of events.
    pub fn of_page(edition: &Edition, filter: &EventFilter) -> Self {
        Self::new("Events", edition, filter, &filter.events(edition), ON_A_PAGE)
    }
}

/// Events on a page that is about something else.
const ON_A_PAGE: usize = 20;

/// Events of other states than those that are shown.
fn hidden(edition: &Edition, filter: &EventFilter) -> Option<(String, String)> {
    let wanted = filter.wanted();
    let there = edition.events.iter().filter(|event| wanted.has_of_any_state(event) && !wanted.states.has(event.state));
    let mut by_state = vec![0_u64; EventState::ALL.len()];
    there.for_each(|event| by_state[event.state as usize] += 1);
    let counts = EventState::ALL.iter().map(|state| (state, by_state[*state as usize])).filter(|(_, n)| *n > 0);
    let text: Vec<String> = counts.map(|(state, n)| format!("{} {state}", count(n))).collect();
    let all = EventFilter { states: States::All, ..filter.clone() };
    (!text.is_empty()).then(|| (text.join(", "), urls::events(&all)))
}

/// Which time is drawn where.
struct Axis {
    from: i64,
    to: i64,
}

impl Axis {
    fn of(events: &[&Event<'_>], watermark: Option<Timestamp>) -> Self {
        let begin = |event: &&Event<'_>| event.onset_earliest.unwrap_or(event.onset_latest).microseconds();
        let end = |event: &&Event<'_>| event.end_latest.or(watermark).unwrap_or(event.onset_latest).max(event.onset_latest).microseconds();
        let from = events.iter().map(begin).min().unwrap_or_default();
        let to = events.iter().map(end).max().unwrap_or(from);
        Self { from, to: to.max(from + 1) }
    }

    /// Whole minutes, as they are written.
    fn ends(&self) -> (Timestamp, Timestamp) {
        const MINUTE: i64 = 60_000_000;
        let whole = |time: i64| Timestamp::from_microseconds(time.div_euclid(MINUTE) * MINUTE);
        (whole(self.from), whole(self.to + MINUTE - 1))
    }

    fn x(&self, time: Timestamp) -> f64 {
        let share = (time.microseconds() - self.from) as f64 / (self.to - self.from) as f64;
        LABELS as f64 + share.clamp(0.0, 1.0) * WIDTH
    }

    fn marks(&self) -> Vec<(String, String)> {
        let mark = |index: i64| {
            let time = Timestamp::from_microseconds(self.from + (self.to - self.from) / MARKS * index);
            (pixel(self.x(time)), words::time(time))
        };
        (0..MARKS).map(mark).collect()
    }
}

fn pixel(x: f64) -> String {
    format!("{x:.1}")
}

fn bar(event: &Event<'_>, index: usize, axis: &Axis) -> Bar {
    let y = TOP + index * LINE;
    let begin = axis.x(event.onset_latest);
    let end = event.end_earliest.map_or(LABELS as f64 + WIDTH, |end| axis.x(end)).max(begin + LEAST);
    let label = format!("{} {}", clip(&event.probe_cc), what(event));
    let short = match label.char_indices().nth(32) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label,
    };
    Bar {
        y,
        text_y: y + 12,
        label: short,
        look: look(event),
        x: pixel(begin),
        width: pixel(end - begin),
        onset: event.onset_earliest.map(|earliest| (pixel(axis.x(earliest)), pixel(begin - axis.x(earliest)))),
        end: event.end_latest.map(|latest| (pixel(end), pixel((axis.x(latest) - end).max(0.0)))),
        goes_on: goes_on(event).map(|_| pixel(end)),
        title: format!("{}: {}, {}", clip(&event.event_id), words::hit(event), span(event)),
    }
}

/// The same for the script.
fn spanned(event: &Event<'_>) -> Span {
    let time = |time: Option<Timestamp>| time.map_or(String::new(), words::time);
    Span {
        event: event.event_id.to_string(),
        page: urls::event(&event.event_id),
        label: format!("{} {}", clip(&event.probe_cc), what(event)),
        look: look(event),
        state: event.state.to_string(),
        began_earliest: time(event.onset_earliest),
        began_latest: words::time(event.onset_latest),
        last_seen: time(event.end_earliest),
        ended_by: time(event.end_latest),
        goes_on: goes_on(event).is_some(),
        hit: words::hit(event),
        measurements: event.n_measurements,
        networks: event.n_networks,
    }
}

/// `www.example.org` or `3 targets`.
fn what(event: &Event<'_>) -> String {
    match event.targets.len() {
        0 | 1 => words::targets(event, 1),
        several => plural(several as u64, "target"),
    }
}

fn look(event: &Event<'_>) -> &'static str {
    match (event.state, event.kind) {
        (EventState::Explained, _) => "explained",
        (EventState::Superseded | EventState::Retracted, _) => "withdrawn",
        (_, EventKind::Shutdown) => "shutdown",
        (_, EventKind::Blocking) => "blocking",
    }
}

fn span(event: &Event<'_>) -> String {
    let last = match event.end_earliest {
        Some(end) => format!(", last seen {}", words::time(end)),
        None => goes_on(event).map_or(String::new(), |goes_on| format!(", {goes_on}")),
    };
    format!("begun by {}{last}", words::time(event.onset_latest))
}

/// Only what is told goes on: of what has an innocent explanation nobody waits for an end.
fn goes_on(event: &Event<'_>) -> Option<&'static str> {
    (event.end_earliest.is_none() && States::Told.has(event.state)).then_some("goes on")
}

fn line(event: &Event<'_>) -> EventLine {
    let targets = words::targets(event, NAMED);
    EventLine {
        id: event.event_id.to_string(),
        link: urls::event(&event.event_id),
        state: event.state.as_str(),
        meaning: event.state.meaning(),
        kind: if States::Told.has(event.state) { event.kind.as_str() } else { "" },
        country: countries::label(&event.probe_cc),
        country_link: urls::country(&event.probe_cc),
        what: clip(&targets),
        how: words::mechanisms(event),
        began: words::time(event.onset_latest),
        last: event.end_earliest.map_or_else(|| goes_on(event).unwrap_or("–").to_owned(), words::time),
        hit: words::hit(event),
        networks: words::networks(event, NAMED),
        strength: format!("{:.1}", event.strength),
        note: note(event),
    }
}

/// What a reader must know before they follow the link.
fn note(event: &Event<'_>) -> String {
    let schedule = event.schedule.as_deref().map(|schedule| format!("recurs {schedule}"));
    let reason = event.reason.as_deref().map(clip);
    let claim = event.superseded_by.as_deref().map(|id| format!("now part of {}", clip(id)));
    [schedule, reason, claim].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The networks of an event, each with its name and its page.
pub fn event_networks(event: &Event<'_>, edition: &Edition) -> Vec<(String, String)> {
    let unknown = (event.n_networks > event.networks.len() as u64).then_some(None);
    let named = |asn: Option<u32>| match asn {
        Some(asn) => format!("AS{asn} {}", clip(edition.network_name(asn).unwrap_or_default())).trim_end().to_owned(),
        None => "a network that is not known".to_owned(),
    };
    event.networks.iter().map(|asn| Some(*asn)).chain(unknown).map(|asn| (named(asn), urls::network(asn))).collect()
}
