//! An event in time: one line a network, one mark for some hours.

use parallax_engine::Engine;
use parallax_engine::events::timeline::{Counts, Line, MOST_TARGETS, Timeline};
use parallax_engine::events::words;
use parallax_model::tables::Event;
use parallax_model::{EventKind, Timestamp};

use crate::failure::{Failure, OrFail};
use crate::output::{count, plural};

/// Marks in a line.
const MARKS: usize = 56;
/// Lines; networks with fewer measurements are counted.
const NETWORKS: usize = 12;

pub fn of(event: &Event<'_>, engine: &Engine, watermark: Option<Timestamp>) -> Result<String, Failure> {
    Ok(draw(event, &Timeline::of(event, engine, watermark, MARKS).or_fail("draw the timeline")?))
}

fn draw(event: &Event<'_>, timeline: &Timeline) -> String {
    let left = timeline.lines.len().saturating_sub(NETWORKS);
    let mut text = format!("{}\n", axis(timeline));
    for line in timeline.lines.iter().take(NETWORKS) {
        text += drawn(event.kind, line).trim_end();
        text.push('\n');
    }
    if left > 0 {
        text += &format!(" and {} that measured less\n", plural(left as u64, "network"));
    }
    text + &legend(event, timeline)
}

fn drawn(kind: EventKind, line: &Line) -> String {
    let name = line.network.map_or("unknown".to_owned(), |network| format!("AS{network}"));
    let most = line.counts.iter().map(Counts::all).max().unwrap_or(0);
    let marks: String = line.counts.iter().map(|counts| mark(kind, counts, most)).collect();
    let star = if line.is_in { '*' } else { ' ' };
    format!("{star}{name:<11}{marks}  n={}", count(line.n()))
}

/// The first day at the left, the last at the right.
fn axis(timeline: &Timeline) -> String {
    let (from, to) = (words::time(timeline.from), words::time(timeline.time(timeline.marks)));
    let gap = timeline.marks.saturating_sub(from.len() + to.len());
    format!("{:12}{from}{:gap$}{to}", "", "")
}

fn mark(kind: EventKind, counts: &Counts, most: u64) -> char {
    let clear = counts.hit + counts.ok;
    match kind {
        _ if counts.all() == 0 => ' ',
        EventKind::Shutdown => match counts.all() * 4 / most.max(1) {
            0 => '▁',
            1 => '▂',
            2 => '▄',
            3 => '▆',
            _ => '█',
        },
        EventKind::Blocking if clear == 0 => '?',
        EventKind::Blocking => match counts.hit * 10 / clear {
            0 if counts.hit == 0 => '·',
            0..=4 => '░',
            5..=8 => '▒',
            _ => '█',
        },
    }
}

fn legend(event: &Event<'_>, timeline: &Timeline) -> String {
    let step = match timeline.step_hours {
        1 => "an hour".to_owned(),
        hours if hours % 24 == 0 => plural(hours.unsigned_abs() / 24, "day"),
        hours => plural(hours.unsigned_abs(), "hour"),
    };
    let marks = match event.kind {
        EventKind::Blocking => "█ hit  ▒ half or more  ░ some  · worked  ? cannot be told",
        EventKind::Shutdown => "▁ to █: measurements, relative to the network's most",
    };
    let mut text = format!("{:12}each mark {step}; nothing: not measured; * in the event\n{:12}{marks}\n", "", "");
    if event.kind == EventKind::Blocking && event.targets.len() > MOST_TARGETS {
        text += &format!("{:12}drawn from the first {MOST_TARGETS} of {} targets\n", "", count(event.targets.len() as u64));
    }
    text
}
