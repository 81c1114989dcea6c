//! One event: its story, its course, who sees it, how it is done, what was tried against it, what was said before, and how to cite it.

use askama::Template;
use parallax_engine::events::timeline::{Counts, MOST_TARGETS, Part, Timeline, by_mechanism, by_target};
use parallax_engine::events::{self, Said, Story, said, story, words};
use parallax_engine::explain::quoted;
use parallax_engine::literal;
use parallax_model::tables::Event;
use parallax_model::{EventKind, Mechanism};

use crate::day::Day;
use crate::filter::{Filter, States};
use crate::observatory::Edition;
use crate::parts::behind::{self, Behind};
use crate::parts::{Course, Frame, Grid, commands, count, event_networks, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::clip;
use crate::{countries, urls};

pub const ROUTE: Route = Route { path: "/event/{id}", load: Load::Page, parameters: &[], answer };

/// Marks of the drawings: what can be told apart on a screen.
const MARKS: usize = 60;

/// A target or a mechanism with what stands behind it.
struct PartLine {
    name: String,
    meaning: &'static str,
    link: Option<String>,
    hit: String,
    telling: String,
    networks: String,
    measurements: Option<String>,
}

/// What was said when.
struct SaidLine {
    said: String,
    state: &'static str,
    meaning: &'static str,
    watermark: String,
    hit: String,
    n: String,
}

#[derive(Template)]
#[template(path = "event.html")]
struct Page {
    frame: Frame,
    id: String,
    event: Event<'static>,
    story: Story,
    /// Whether it is told as interference or as a shutdown; what is not, is not called so.
    is_told: bool,
    is_shutdown: bool,
    country: String,
    networks: Vec<(String, String)>,
    probes: String,
    hit: String,
    began: String,
    ended: String,
    strength: String,
    drawings: Drawings,
    targets: Vec<PartLine>,
    /// How many more targets there are than are counted.
    more_targets: String,
    mechanisms: Vec<PartLine>,
    witnesses: Vec<(String, String)>,
    n_witnesses: String,
    parts: Vec<(String, String)>,
    successor: Option<(String, String)>,
    said: Vec<SaidLine>,
    address: String,
    command: String,
    /// What to say of the folder in the command.
    folder: &'static str,
    api: String,
    watermark: String,
    is_old: bool,
    queries: Vec<(&'static str, String, Option<String>)>,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let (id, edition) = (asked.segment("id"), &asked.edition);
    let Some(event) = edition.event(id) else {
        return Err(Trouble::NotFound { what: "event", name: id.to_owned() });
    };
    let timeline = Timeline::of(event, &edition.engine, edition.watermark, MARKS)?;
    let is_blocking = event.kind == EventKind::Blocking;
    // Of a shutdown there is no target and no mechanism.
    let (targets, mechanisms) = match is_blocking {
        true => (by_target(event, &edition.engine, edition.watermark)?, by_mechanism(event, &edition.engine, edition.watermark)?),
        false => (Vec::new(), Vec::new()),
    };
    let lines = said::of(&edition.archive, &event.event_id)?;
    let mut frame = Frame::new(asked, format!("Event {}", clip(id)));
    let drawings = Drawings::of(event, &timeline, edition, &frame);
    frame.has_charts = drawings.has_charts;
    let page = Page {
        frame,
        id: clip(id),
        story: Story::of(event, &edition.events),
        is_shutdown: !is_blocking,
        is_told: events::States::Told.has(event.state),
        country: countries::label(&event.probe_cc),
        networks: event_networks(event, edition),
        probes: event.n_probes.map_or("not known: few are named".to_owned(), |n| plural(n, "probe")),
        hit: words::hit(event),
        began: began(event),
        ended: ended(event, edition),
        strength: format!("{:.1}", event.strength),
        drawings,
        targets: targets.iter().map(|part| target_line(event, part, edition)).collect(),
        more_targets: more_targets(event),
        mechanisms: mechanisms.iter().map(mechanism_line).collect(),
        witnesses: event.witnesses.iter().map(|uid| (clip(uid), urls::measurement(uid))).collect(),
        n_witnesses: count(event.n_interfered.max(event.witnesses.len() as u64)),
        parts: story::parts(event, &edition.events).map(|id| (clip(id), urls::event(id))).collect(),
        successor: event.superseded_by.as_deref().map(|id| (clip(id), urls::event(id))),
        said: lines.iter().map(said_line).collect(),
        address: urls::event(id),
        command: format!("{} event {}", commands::program(asked), quoted(&event.event_id)),
        folder: commands::about_folder(asked),
        api: format!("/api/v1/events/{}", urls::segment(id)),
        watermark: edition.watermark.map_or("an unknown hour".to_owned(), |time| format!("{} UTC", words::time(time))),
        is_old: edition.events_are_old,
        queries: queries(asked, event, timeline.sql),
        event: event.clone(),
    };
    let has_charts = page.frame.has_charts;
    Ok(Answer::html(&page)?.with_charts(has_charts))
}

/// The event in time, with the charts that the script draws.
struct Drawings {
    course: Course,
    grid: Grid,
    week: Option<Grid>,
    has_charts: bool,
}

impl Drawings {
    fn of(event: &Event<'_>, timeline: &Timeline, edition: &Edition, frame: &Frame) -> Self {
        let (behind, about) = (Behind::of(event, timeline, edition.watermark), behind::about(event, frame));
        let mut course = Course::new(event, timeline);
        let mut grid = Grid::of_networks(event, timeline, edition, &behind);
        let mut week = event.schedule.is_some().then(|| Grid::of_week(event, timeline, &behind));
        let mut has_charts = course.charted(&about, timeline, &behind) | grid.charted(&about, timeline, &behind);
        week.iter_mut().for_each(|week| has_charts |= week.charted(&about, timeline, &behind));
        Self { course, grid, week, has_charts }
    }
}

fn began(event: &Event<'_>) -> String {
    match event.onset_earliest {
        Some(earliest) => format!("between {} and {} UTC", words::time(earliest), words::time(event.onset_latest)),
        None => format!("by {} UTC; nothing shows it working before", words::time(event.onset_latest)),
    }
}

fn ended(event: &Event<'_>, edition: &Edition) -> String {
    match (event.end_earliest, event.end_latest, edition.watermark) {
        (Some(earliest), Some(latest), _) => format!("between {} and {} UTC", words::time(earliest), words::time(latest)),
        (_, _, Some(watermark)) => format!("{}; the data are complete up to {} UTC", words::no_end(event), words::time(watermark)),
        _ => words::no_end(event).to_owned(),
    }
}

fn target_line(event: &Event<'_>, part: &Part, edition: &Edition) -> PartLine {
    let day = |time: parallax_model::Timestamp| Day::of_microseconds(time.microseconds());
    let here = Filter {
        country: Some(event.probe_cc.to_string()),
        target: Some(part.name.clone()),
        from: Some(day(event.onset_latest)),
        to: event.end_earliest.or(edition.watermark).map(day),
        state: Some(States::Interference),
        ..Filter::default()
    };
    PartLine { measurements: Some(urls::measurements(&here)), link: Some(urls::target(&part.name)), ..part_line(part) }
}

fn mechanism_line(part: &Part) -> PartLine {
    let meaning = part.name.parse::<Mechanism>().map_or("", Mechanism::meaning);
    PartLine { meaning, ..part_line(part) }
}

fn part_line(part: &Part) -> PartLine {
    let Counts { hit, .. } = part.counts;
    PartLine {
        name: clip(&part.name),
        meaning: "",
        link: None,
        hit: count(hit),
        telling: count(part.counts.telling()),
        networks: plural(part.networks, "network"),
        measurements: None,
    }
}

fn more_targets(event: &Event<'_>) -> String {
    let more = event.targets.len().saturating_sub(MOST_TARGETS);
    if more == 0 { String::new() } else { plural(more as u64, "target") }
}

fn said_line(line: &Said) -> SaidLine {
    SaidLine {
        said: line.said.to_string(),
        state: line.state.as_str(),
        meaning: line.state.meaning(),
        watermark: line.watermark.map_or("–".to_owned(), words::time),
        hit: count(line.n_interfered),
        n: count(line.n_measurements),
    }
}

/// What gives the same again: each with what it is and, where that is allowed, a link that runs it.
fn queries(asked: &Asked, event: &Event<'_>, timeline: String) -> Vec<(&'static str, String, Option<String>)> {
    let row = format!("SELECT * FROM events WHERE event_id = {}", literal(&event.event_id));
    let run = |sql: &str| asked.access.allows_sql().then(|| urls::sql(sql));
    [("The event", row), ("The counts behind the drawings, hour by hour", timeline)]
        .into_iter()
        .map(|(what, sql)| {
            let link = run(&sql);
            (what, sql, link)
        })
        .collect()
}
