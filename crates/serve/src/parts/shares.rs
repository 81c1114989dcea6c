//! The share of judgements that find interference, day by day, with its 95 % interval: a dot in the middle of a line from end to end.

use std::collections::BTreeMap;

use askama::Template;
use parallax_model::State;

use super::figures::{percent, share_text};
use super::window::Window;
use crate::charts::{self, About, level_of};
use crate::counts::Tally;
use crate::day::Day;

/// Places in pixels of the drawing, as in the strip.
const LABELS: usize = 230;
const TOP: usize = 22;
const TALL: f64 = 120.0;
/// Shares that the scale may end at.
const TOPS: &[f64] = &[0.05, 0.1, 0.2, 0.5, 1.0];

/// One day that was measured.
pub struct Dot {
    pub x: usize,
    pub y: f64,
    /// Ends of the interval; none where there is no share.
    pub interval: Option<(f64, f64)>,
    pub level: &'static str,
    pub title: String,
}

#[derive(Template)]
#[template(path = "parts/shares.html")]
pub struct Shares {
    pub id: &'static str,
    pub title: &'static str,
    window: Window,
    pub dots: Vec<Dot>,
    /// Lines across, each with what it stands for.
    pub grid: Vec<(f64, String)>,
    /// Days that were not measured.
    pub gaps: Vec<usize>,
    /// Day, share with its interval and n, and how many have too little evidence; for the table.
    pub rows: Vec<(Day, String, String)>,
    pub width: usize,
    pub spec: Option<String>,
    days: Vec<charts::Share>,
    top: f64,
}

impl Shares {
    /// `total` has those that are of no day as well.
    pub fn of(by_day: &BTreeMap<Day, Tally>, total: &Tally) -> Self {
        let window = Window::of_all(&by_day.iter().map(|(day, tally)| (*day, tally.n())).collect(), total.n());
        let days: Vec<charts::Share> = window.days.iter().filter_map(|day| Some(share(*day, by_day.get(day)?))).collect();
        let highest = days.iter().filter_map(|day| Some(day.share?.high)).fold(0.0, f64::max);
        let top = TOPS.iter().copied().find(|top| *top >= highest).unwrap_or(1.0);
        let step = window.step();
        let x = |index: usize| LABELS + index * step + step / 2 - 1;
        let place = |day: Day| window.days.binary_search(&day).unwrap_or_default();
        let dots = days.iter().map(|day| dot(x(place(day.day)), day, top)).collect();
        let gaps = window.days.iter().enumerate().filter(|(_, day)| !by_day.contains_key(day)).map(|(index, _)| x(index)).collect();
        let rows = days.iter().filter_map(|day| Some((day.day, share_text(by_day.get(&day.day)?), day.unclear.to_string()))).collect();
        let grid = [0.0, 0.5, 1.0].map(|part| (height(part * top, top), percent(part * top))).to_vec();
        let width = LABELS + (window.days.len() * step).max(90);
        Self { id: "shares", title: "How large a share finds interference", window, dots, grid, gaps, rows, width, spec: None, days, top }
    }

    /// Makes the chart that the script draws, and says whether there is one. `page` has the measurements.
    pub fn charted(&mut self, about: &About, page: String) -> bool {
        if !self.days.is_empty() {
            let marks: Vec<Day> = self.window.marks().map(|(_, day)| day).collect();
            let spec = charts::shares(
                &self.window.about(about, self.title, self.id),
                &self.window.days,
                &marks,
                self.window.step(),
                &self.days,
                self.top,
                page,
            );
            self.spec = Some(spec.to_string());
        }
        self.spec.is_some()
    }

    fn marks(&self) -> impl Iterator<Item = (usize, Day)> {
        self.window.marks().map(|(index, day)| (LABELS + index * self.window.step(), day))
    }
}

fn share(day: Day, tally: &Tally) -> charts::Share {
    charts::Share {
        day,
        level: level_of(Some(tally)),
        share: tally.share(),
        interference: tally.accused(),
        telling: tally.telling(),
        unclear: tally.of(State::Insufficient),
    }
}

/// Where a share lies, in tenths of a pixel.
fn height(share: f64, top: f64) -> f64 {
    ((TOP as f64 + TALL * (1.0 - share / top)) * 10.0).round() / 10.0
}

fn dot(x: usize, day: &charts::Share, top: f64) -> Dot {
    let n = format!("{}: {} of {} find interference, {} too little evidence", day.day, day.interference, day.telling, day.unclear);
    Dot {
        x,
        y: height(day.share.map_or(0.0, |share| share.value), top),
        interval: day.share.map(|share| (height(share.high, top), height(share.low, top))),
        level: day.level,
        title: match day.share {
            Some(share) => format!("{n}; {} ({} to {})", percent(share.value), percent(share.low), percent(share.high)),
            None => n,
        },
    }
}
