//! The course of an event: for each stretch of hours a column of what was found, with the times in which it may have begun and ended.

use askama::Template;
use parallax_engine::events::timeline::{Counts, Timeline};
use parallax_engine::events::words;
use parallax_model::tables::Event;
use parallax_model::{EventKind, Timestamp};

use super::behind::Behind;
use super::count;
use crate::charts::{self, About, CourseColumn, Places, Stretch};

/// Size of the drawing and of a column, in pixels.
const HEIGHT: f64 = 150.0;
const TOP: f64 = 34.0;
const COLUMN: f64 = 12.0;
const LEFT: f64 = 46.0;

/// A part of a column.
pub struct Block {
    pub look: &'static str,
    pub x: String,
    pub y: String,
    pub height: String,
    pub title: String,
}

/// The time in which it may have begun or ended.
pub struct Band {
    pub x: String,
    pub width: String,
    pub label: &'static str,
    pub title: String,
    /// As far as it is drawn.
    drawn: (Timestamp, Timestamp),
}

/// A row of the table.
pub struct Row {
    pub from: String,
    pub hit: String,
    pub ok: String,
    pub troubled: String,
    pub unclear: String,
    pub n: String,
}

#[derive(Template)]
#[template(path = "parts/course.html")]
pub struct Course {
    pub is_shutdown: bool,
    pub step: String,
    pub blocks: Vec<Block>,
    pub bands: Vec<Band>,
    pub marks: Vec<(String, String)>,
    pub most: String,
    pub width: String,
    pub rows: Vec<Row>,
    pub spec: Option<String>,
    sums: Vec<Counts>,
}

impl Course {
    /// Of the networks in which the event was seen.
    pub fn new(event: &Event<'_>, timeline: &Timeline) -> Self {
        let mut sums = vec![Counts::default(); timeline.marks];
        for line in timeline.lines.iter().filter(|line| line.is_in) {
            sums.iter_mut().zip(&line.counts).for_each(|(sum, counts)| *sum += *counts);
        }
        let most = sums.iter().map(Counts::all).max().unwrap_or_default();
        let is_shutdown = event.kind == EventKind::Shutdown;
        let blocks = sums.iter().enumerate().flat_map(|(mark, counts)| column(timeline, mark, counts, most, is_shutdown)).collect();
        Self {
            is_shutdown,
            step: hours(timeline.step_hours),
            blocks,
            bands: bands(event, timeline),
            marks: marks(timeline),
            most: count(most),
            width: pixel(LEFT + (timeline.marks as f64 * COLUMN).max(200.0) + 60.0),
            rows: sums.iter().enumerate().map(|(mark, counts)| row(timeline, mark, counts)).collect(),
            spec: None,
            sums,
        }
    }

    /// Makes the chart that the script draws, and says whether there is one.
    pub fn charted(&mut self, about: &About, timeline: &Timeline, behind: &Behind) -> bool {
        let n = self.sums.iter().map(Counts::all).sum();
        if n > 0 {
            let time = |mark| words::time(timeline.time(mark));
            let column = |(mark, counts): (usize, &Counts)| CourseColumn { from: time(mark), to: time(mark + 1), counts: *counts };
            let columns: Vec<CourseColumn> = self.sums.iter().enumerate().map(column).collect();
            let stretch = |band: &Band| Stretch { label: band.label, from: words::time(band.drawn.0), to: words::time(band.drawn.1) };
            let stretches: Vec<Stretch> = self.bands.iter().map(stretch).collect();
            let about = about.of("In time", "course").with_n(behind.n(n, timeline, &format!(", {} a column", self.step)));
            let places = Places::of("part", behind.parts()).opening(&behind.opens("its days", false));
            self.spec = Some(charts::course(&about, &columns, &stretches, self.is_shutdown, COLUMN, &places).to_string());
        }
        self.spec.is_some()
    }
}

/// `1 hour`, `3 days`.
pub fn hours(hours: i64) -> String {
    match hours {
        hours if hours % 24 == 0 => super::plural(hours.unsigned_abs() / 24, "day"),
        hours => super::plural(hours.unsigned_abs(), "hour"),
    }
}

/// Times to write above, where columns begin, and how many columns lie between two.
pub fn every(marks: usize) -> usize {
    marks.div_ceil(6).max(11)
}

fn marks(timeline: &Timeline) -> Vec<(String, String)> {
    let mark = |mark: usize| (pixel(LEFT + mark as f64 * COLUMN), words::time(timeline.time(mark)));
    (0..timeline.marks).step_by(every(timeline.marks)).map(mark).collect()
}

fn pixel(x: f64) -> String {
    format!("{x:.1}")
}

/// From the bottom up: what was hit, what worked, what did not and accuses nobody, and what cannot be told.
fn column(timeline: &Timeline, mark: usize, counts: &Counts, most: u64, is_shutdown: bool) -> Vec<Block> {
    let title = match is_shutdown {
        true => format!("{}: {} measurements", words::time(timeline.time(mark)), counts.all()),
        false => format!(
            "{}: {} of {} find interference, {} too little evidence",
            words::time(timeline.time(mark)),
            counts.hit,
            counts.telling(),
            counts.unclear
        ),
    };
    let mut bottom = TOP + HEIGHT;
    let parts = [("most", counts.hit), ("ok", counts.ok), ("trouble", counts.troubled), ("insufficient", counts.unclear)];
    let drawn = parts.into_iter().filter(|(_, n)| *n > 0).map(|(look, n)| {
        let height = n as f64 / most.max(1) as f64 * HEIGHT;
        bottom -= height;
        Block { look, x: pixel(LEFT + mark as f64 * COLUMN), y: pixel(bottom), height: pixel(height), title: title.clone() }
    });
    drawn.collect()
}

fn bands(event: &Event<'_>, timeline: &Timeline) -> Vec<Band> {
    let band = |label, from: Timestamp, to: Timestamp| {
        let (from_x, to_x) = (LEFT + timeline.place(from) * COLUMN, LEFT + timeline.place(to) * COLUMN);
        Band {
            x: pixel(from_x),
            width: pixel((to_x - from_x).max(1.0)),
            label,
            title: format!("{label} between {} and {}", words::time(from), words::time(to)),
            drawn: (within(timeline, from), within(timeline, to)),
        }
    };
    let onset = band("began", event.onset_earliest.unwrap_or(timeline.from), event.onset_latest);
    let end = event.end_earliest.zip(event.end_latest).map(|(from, to)| band("ended", from, to));
    [onset].into_iter().chain(end).collect()
}

/// The moment of the drawing that is nearest.
fn within(timeline: &Timeline, moment: Timestamp) -> Timestamp {
    moment.clamp(timeline.time(0), timeline.time(timeline.marks))
}

fn row(timeline: &Timeline, mark: usize, counts: &Counts) -> Row {
    Row {
        from: words::time(timeline.time(mark)),
        hit: count(counts.hit),
        ok: count(counts.ok),
        troubled: count(counts.troubled),
        unclear: count(counts.unclear),
        n: count(counts.all()),
    }
}
