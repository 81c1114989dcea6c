//! A heat strip: one line a layer, network or target, one cell a day. A cell that nobody measured, one with too little evidence and one
//! that was fine look different, by shape and by colour; the table below says the same in numbers.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use askama::Template;
use parallax_model::{Layer, State};

use super::window::Window;
use crate::charts::{self, About, FEW, level_of, share_level};
use crate::counts::{self, Cells, Counts, Place, Tally};
use crate::day::Day;
use crate::filter::{Filter, States};
use crate::observatory::Edition;
use crate::urls;

/// Lines of a strip.
pub const MOST_LINES: usize = 30;
/// Places in pixels of the drawing.
const LABELS: usize = 230;
const TOP: usize = 22;
/// What a line is higher than a cell is wide.
const BETWEEN: usize = 4;

pub struct Cell {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    pub level: &'static str,
    pub title: String,
}

pub struct StripLine {
    pub label: String,
    pub short: String,
    pub y: usize,
    pub text_y: usize,
    pub link: Option<String>,
    /// The days that were measured.
    pub cells: Vec<Cell>,
    /// Every day, for the table.
    pub texts: Vec<String>,
}

impl StripLine {
    fn text(&self, index: &usize) -> &str {
        &self.texts[*index]
    }
}

#[derive(Template)]
#[template(path = "parts/strip.html")]
pub struct Strip {
    pub id: &'static str,
    pub title: String,
    pub window: Window,
    pub lines: Vec<StripLine>,
    pub width: usize,
    pub height: usize,
    /// What is not shown.
    pub remark: String,
    /// Whether some lines are layers, which are drawn in a way of their own.
    pub has_layers: bool,
    /// The same for the script.
    pub chart: Vec<charts::Line>,
    pub spec: Option<String>,
}

impl Strip {
    /// All judgements, as they are counted by day, and for each layer how many of them found interference on it. A judgement does not say which layers were tested, so
    /// a layer on which nothing was found is not drawn as fine.
    pub fn by_layer(counts: &Counts, filter: &Filter, days: &BTreeMap<Day, Tally>, total: &Tally) -> Self {
        let accused = counts::by_layer_and_day(counts, filter);
        let mut strip = Self::over("days", "Day by day", &days.iter().map(|(day, tally)| (*day, tally.n())).collect(), total.n());
        strip.push("all layers".to_owned(), Some(urls::measurements(filter)), |day| days.get(&day).map(Reading::of));
        for layer in Layer::ALL {
            let here = Filter { layer: Some(*layer), state: Some(States::Interference), ..filter.clone() };
            let accused = |day| accused.get(&(*layer, day)).copied().unwrap_or_default();
            let on_layer = |day| days.get(&day).map(|tally| Reading::on_layer(tally, *layer, accused(day)));
            strip.push(format!("found on {layer}"), Some(urls::measurements(&here)), on_layer);
        }
        strip.has_layers = true;
        strip.done()
    }

    /// One line for each of some keys: the key, how many judgements it has on whatever day, the label and the link.
    pub fn of<K: Copy + Eq + Hash>(
        id: &'static str,
        title: impl Into<String>,
        lines: Vec<(K, u64, String, String)>,
        cells: &Cells<K>,
    ) -> Self {
        let left_out = lines.len().saturating_sub(MOST_LINES);
        let drawn: Vec<_> = lines.into_iter().take(MOST_LINES).collect();
        let keys: HashSet<K> = drawn.iter().map(|line| line.0).collect();
        let mut days: BTreeMap<Day, u64> = BTreeMap::new();
        for ((_, day), tally) in cells.iter().filter(|((key, _), _)| keys.contains(key)) {
            *days.entry(*day).or_default() += tally.n();
        }
        let mut strip = Self::over(id, title, &days, drawn.iter().map(|line| line.1).sum());
        for (key, _, label, link) in drawn {
            strip.push(label, Some(link), |day| cells.get(&(key, day)).map(Reading::of));
        }
        if left_out > 0 {
            strip.remark += &format!(" {left_out} more are not drawn; the table has them.");
        }
        strip.done()
    }

    /// An empty strip over days with how much was measured on each, and of all judgements.
    fn over(id: &'static str, title: impl Into<String>, measured: &BTreeMap<Day, u64>, all: u64) -> Self {
        let window = Window::of_all(measured, all);
        let remark = window.remark.clone();
        let (lines, chart) = (Vec::new(), Vec::new());
        Self { id, title: title.into(), window, lines, width: 0, height: 0, remark, has_layers: false, chart, spec: None }
    }

    fn push(&mut self, label: String, link: Option<String>, reading: impl Fn(Day) -> Option<Reading>) {
        let step = self.window.step();
        let y = TOP + self.lines.len() * (step + BETWEEN);
        let days = &self.window.days;
        let readings: Vec<Option<Reading>> = days.iter().map(|day| reading(*day)).collect();
        let measured = || readings.iter().enumerate().filter_map(|(index, reading)| Some((index, reading.as_ref()?)));
        let cells = measured().map(|(index, reading)| cell(index, y, step, days[index], reading)).collect();
        let texts = readings.iter().map(|reading| reading.as_ref().map_or("–", |reading| &reading.text).to_owned()).collect();
        let short = match label.char_indices().nth(32) {
            Some((end, _)) => format!("{}…", &label[..end]),
            None => label.clone(),
        };
        let label = crate::rows::clip(&label);
        let marks = measured().map(|(index, reading)| reading.mark(days[index])).collect();
        self.chart.push(charts::Line { label: label.clone(), page: link.clone(), cells: marks });
        self.lines.push(StripLine { label, short, y, text_y: y + step / 2 + 4, link, cells, texts });
    }

    fn done(mut self) -> Self {
        // Room for the date above a short strip.
        self.width = LABELS + (self.window.days.len() * self.window.step()).max(90);
        self.height = TOP + self.lines.len() * (self.window.step() + BETWEEN);
        self
    }

    /// Makes the chart that the script draws, and says whether there is one.
    pub fn charted(&mut self, about: &About) -> bool {
        if !self.window.days.is_empty() {
            let marks: Vec<Day> = self.window.marks().map(|(_, day)| day).collect();
            let spec = charts::strip(
                &self.window.about(about, &self.title, self.id),
                &self.window.days,
                &marks,
                self.window.step(),
                &std::mem::take(&mut self.chart),
            );
            self.spec = Some(spec.to_string());
        }
        self.spec.is_some()
    }

    fn marks(&self) -> impl Iterator<Item = (usize, Day)> {
        self.window.marks().map(|(index, day)| (LABELS + index * self.window.step(), day))
    }
}

/// What a cell says.
struct Reading {
    level: &'static str,
    interference: u64,
    telling: u64,
    unclear: u64,
    /// For the table.
    text: String,
    title: String,
}

impl Reading {
    fn of(tally: &Tally) -> Self {
        let (accused, telling, unclear) = (tally.accused(), tally.telling(), tally.of(State::Insufficient));
        Self {
            level: level_of(Some(tally)),
            interference: accused,
            telling,
            unclear,
            text: if telling == 0 { format!("? ({unclear})") } else { format!("{accused}/{telling}") },
            title: format!("{accused} of {telling} find interference, {unclear} too little evidence"),
        }
    }

    /// Judgements that found interference on one layer, of all that say something.
    fn on_layer(tally: &Tally, layer: Layer, accused: u64) -> Self {
        let (telling, whole) = (tally.telling(), Self::of(tally));
        match telling {
            0 => whole,
            _ => Self {
                level: share_level(accused, telling).unwrap_or("quiet"),
                interference: accused,
                text: format!("{accused}/{telling}"),
                title: format!("{accused} of {telling} find interference on {layer}"),
                ..whole
            },
        }
    }

    fn is_few(&self) -> bool {
        self.telling > 0 && self.telling < FEW
    }

    fn mark(&self, day: Day) -> charts::Cell {
        charts::Cell { day, level: self.level, interference: self.interference, telling: self.telling, unclear: self.unclear }
    }
}

fn cell(index: usize, y: usize, step: usize, day: Day, reading: &Reading) -> Cell {
    let side = step - 2;
    let inset = if reading.is_few() { side / 4 } else { 0 };
    let (top, height) = if reading.level == "quiet" { (y + side / 2 - 1, 2) } else { (y + inset, side - 2 * inset) };
    Cell {
        x: LABELS + index * step + inset,
        y: top,
        width: side - 2 * inset,
        height,
        level: reading.level,
        title: format!("{day}: {}", reading.title),
    }
}

/// `AS64500 Alandia Telecom`.
pub fn network_label(edition: &Edition, place: &Place) -> String {
    match place.asn {
        None => "unknown network".to_owned(),
        Some(asn) => format!("AS{asn} {}", edition.network_name(asn).unwrap_or_default()).trim_end().to_owned(),
    }
}
