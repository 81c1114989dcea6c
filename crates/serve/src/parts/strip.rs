//! A heat strip: one line a layer, network or target, one cell a day. A cell that nobody measured, one with too little evidence and one
//! that was fine look different, by shape and by colour; the table below says the same in numbers.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use askama::Template;
use parallax_model::{Layer, State};

use super::plural;
use crate::counts::{self, Cells, Counts, Place, Tally};
use crate::day::Day;
use crate::filter::Filter;
use crate::observatory::Edition;

/// Days of a strip: what can be told apart on a screen.
const MOST_DAYS: u16 = 92;
/// One in so many judgements may have a date that is odd.
const ODD: u64 = 1000;
/// Lines of a strip.
pub const MOST_LINES: usize = 30;
/// Judgements below which a cell is drawn small.
const FEW: u64 = 3;
/// Size of a cell and its place, in pixels of the drawing.
const CELL: usize = 14;
const LABELS: usize = 230;
const LINE: usize = 18;
const TOP: usize = 22;

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
    pub days: Vec<Day>,
    /// Days that are written above their cell, and where.
    pub marks: Vec<(usize, String)>,
    pub lines: Vec<StripLine>,
    pub width: usize,
    pub height: usize,
    /// What is not shown.
    pub remark: String,
    /// Whether some lines are layers, which are drawn in a way of their own.
    pub has_layers: bool,
}

/// How strongly a cell speaks. The names are classes of the style sheet.
pub fn level(tally: Option<&Tally>) -> &'static str {
    let Some(tally) = tally.filter(|tally| tally.n() > 0) else { return "none" };
    let (telling, accused) = (tally.telling(), tally.accused());
    match () {
        () if telling == 0 => "insufficient",
        () if accused == 0 && tally.troubled() * 2 >= telling => "trouble",
        () => share_level(accused, telling).unwrap_or("ok"),
    }
}

/// How large a share of accusations is; none where there is none.
pub(super) fn share_level(accused: u64, telling: u64) -> Option<&'static str> {
    match accused {
        0 => None,
        _ if accused * 10 < telling => Some("some"),
        _ if accused * 2 < telling => Some("much"),
        _ => Some("most"),
    }
}

impl Strip {
    /// All judgements, and for each layer how many of them found interference on it. A judgement does not say which layers were tested, so
    /// a layer on which nothing was found is not drawn as fine.
    pub fn by_layer(id: &'static str, title: impl Into<String>, counts: &Counts, filter: &Filter) -> Self {
        let days: BTreeMap<Day, Tally> = counts::by_day(counts, filter).into_iter().collect();
        let accused = counts::by_layer_and_day(counts, filter);
        let mut strip = Self::over(id, title, &days.iter().map(|(day, tally)| (*day, tally.n())).collect());
        strip.push("all layers".to_owned(), None, |day| days.get(&day).map(Reading::of));
        for layer in Layer::ALL {
            let accused = |day| accused.get(&(*layer, day)).copied().unwrap_or_default();
            let on_layer = |day| days.get(&day).map(|tally| Reading::on_layer(tally, *layer, accused(day)));
            strip.push(format!("found on {layer}"), None, on_layer);
        }
        strip.has_layers = true;
        strip.done()
    }

    /// One line for each of some keys: the key, the label and the link.
    pub fn of<K: Copy + Eq + Hash>(id: &'static str, title: impl Into<String>, lines: Vec<(K, String, String)>, cells: &Cells<K>) -> Self {
        let left_out = lines.len().saturating_sub(MOST_LINES);
        let drawn: Vec<_> = lines.into_iter().take(MOST_LINES).collect();
        let keys: HashSet<K> = drawn.iter().map(|line| line.0).collect();
        let mut days: BTreeMap<Day, u64> = BTreeMap::new();
        for ((_, day), tally) in cells.iter().filter(|((key, _), _)| keys.contains(key)) {
            *days.entry(*day).or_default() += tally.n();
        }
        let mut strip = Self::over(id, title, &days);
        for (key, label, link) in drawn {
            strip.push(label, Some(link), |day| cells.get(&(key, day)).map(Reading::of));
        }
        if left_out > 0 {
            strip.remark += &format!(" {left_out} more are not drawn; the table has them.");
        }
        strip.done()
    }

    /// An empty strip over days with how much was measured on each.
    fn over(id: &'static str, title: impl Into<String>, measured: &BTreeMap<Day, u64>) -> Self {
        let days = drawn(measured);
        let left_out = || measured.iter().filter(|(day, _)| !days.contains(day));
        let remark = match left_out().count() {
            0 => String::new(),
            outside => format!(
                "{} on {} are not drawn, on {}; choose other days above to see them.",
                plural(left_out().map(|(_, n)| n).sum(), "judgement"),
                plural(outside as u64, "other day"),
                span(left_out().map(|(day, _)| *day))
            ),
        };
        let every = days.len().div_ceil(8).max(7);
        let marks = days.iter().enumerate().step_by(every).map(|(index, day)| (LABELS + index * CELL, day.to_string())).collect();
        Self { id, title: title.into(), marks, width: 0, height: 0, days, lines: Vec::new(), remark, has_layers: false }
    }

    fn push(&mut self, label: String, link: Option<String>, reading: impl Fn(Day) -> Option<Reading>) {
        let y = TOP + self.lines.len() * LINE;
        let readings: Vec<Option<Reading>> = self.days.iter().map(|day| reading(*day)).collect();
        let measured = readings.iter().enumerate().filter_map(|(index, reading)| Some((index, reading.as_ref()?)));
        let cells = measured.map(|(index, reading)| cell(index, y, self.days[index], reading)).collect();
        let texts = readings.iter().map(|reading| reading.as_ref().map_or("–", |reading| &reading.text).to_owned()).collect();
        let short = match label.char_indices().nth(32) {
            Some((end, _)) => format!("{}…", &label[..end]),
            None => label.clone(),
        };
        let label = crate::rows::clip(&label);
        self.lines.push(StripLine { label, short, y, text_y: y + 12, link, cells, texts });
    }

    fn done(mut self) -> Self {
        // Room for the date above a short strip.
        self.width = LABELS + (self.days.len() * CELL).max(90);
        self.height = TOP + self.lines.len() * LINE;
        self
    }
}

/// The days that are drawn: the latest stretch in which much was measured. Records with odd dates would otherwise stretch the strip over
/// years in which there is nothing.
fn drawn(measured: &BTreeMap<Day, u64>) -> Vec<Day> {
    let Some(last) = last_drawn(measured) else { return Vec::new() };
    let window = || measured.range(last.minus(MOST_DAYS - 1)..=last);
    let odd = window().map(|(_, n)| n).sum::<u64>() / ODD;
    let (Some(first), Some(last)) = (beyond(odd, window()), beyond(odd, window().rev())) else { return Vec::new() };
    (first.0..=last.0).map(Day).collect()
}

/// The last day of the latest stretch that has at least half as many judgements as the fullest one.
fn last_drawn(measured: &BTreeMap<Day, u64>) -> Option<Day> {
    let days: Vec<(Day, u64)> = measured.iter().map(|(day, n)| (*day, *n)).collect();
    let (mut begin, mut within) = (0, 0);
    let mut stretches = Vec::with_capacity(days.len());
    for (day, n) in &days {
        within += n;
        while days[begin].0 < day.minus(MOST_DAYS - 1) {
            within -= days[begin].1;
            begin += 1;
        }
        stretches.push((*day, within));
    }
    let fullest = stretches.iter().map(|(_, n)| *n).max()?;
    stretches.iter().rev().find(|(_, n)| *n * 2 >= fullest).map(|(day, _)| *day)
}

/// The first day until which more than so many were measured.
fn beyond<'d>(odd: u64, mut days: impl Iterator<Item = (&'d Day, &'d u64)>) -> Option<Day> {
    let mut n = 0;
    let found = days.find(|(_, of_day)| {
        n += **of_day;
        n > odd
    });
    found.map(|(day, _)| *day)
}

fn span(mut days: impl DoubleEndedIterator<Item = Day>) -> String {
    match (days.next(), days.next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(only), None) => only.to_string(),
        _ => String::new(),
    }
}

/// What a cell says.
struct Reading {
    level: &'static str,
    is_few: bool,
    /// For the table.
    text: String,
    title: String,
}

impl Reading {
    fn of(tally: &Tally) -> Self {
        let (accused, telling, unclear) = (tally.accused(), tally.telling(), tally.of(State::Insufficient));
        Self {
            level: level(Some(tally)),
            is_few: telling > 0 && telling < FEW,
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
                text: format!("{accused}/{telling}"),
                title: format!("{accused} of {telling} find interference on {layer}"),
                ..whole
            },
        }
    }
}

fn cell(index: usize, y: usize, day: Day, reading: &Reading) -> Cell {
    let inset = if reading.is_few { 4 } else { 0 };
    let (top, height) = if reading.level == "quiet" { (y + CELL / 2 - 1, 2) } else { (y + inset, CELL - 2 * inset) };
    Cell {
        x: LABELS + index * CELL + inset,
        y: top,
        width: CELL - 2 - 2 * inset,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn days(measured: &[(u16, u64)]) -> (u16, u16) {
        let drawn = drawn(&measured.iter().map(|(day, n)| (Day(*day), *n)).collect());
        (drawn.first().map_or(0, |day| day.0), drawn.last().map_or(0, |day| day.0))
    }

    #[test]
    fn a_few_odd_dates_stretch_nothing() {
        assert_eq!(days(&[(10, 60), (1000, 700), (1001, 700)]), (1000, 1001));
        assert_eq!(days(&[(1000, 700), (1001, 700), (60_000, 9)]), (1000, 1001));
        assert_eq!(days(&[(1000, 3), (1090, 2)]), (1000, 1090));
    }

    #[test]
    fn of_a_long_time_the_last_days_are_drawn() {
        let year: Vec<_> = (0..365).map(|day| (day, 10)).collect();
        assert_eq!(days(&year), (365 - MOST_DAYS, 364));
        assert_eq!(days(&[]), (0, 0));
    }
}
