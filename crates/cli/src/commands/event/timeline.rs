//! An event in time: one line a network, one mark for some hours.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type};
use parallax_engine::{Engine, Limits};
use parallax_model::tables::Event;
use parallax_model::{EventKind, Timestamp};

use crate::commands::events::words;
use crate::failure::{Failure, OrFail};
use crate::output::{count, plural};

/// Marks in a line.
const MARKS: usize = 56;
/// Lines; networks with fewer measurements are counted.
const NETWORKS: usize = 12;
/// Targets that a query can name; of more, those are shown that come first.
const TARGETS: usize = 400;
const HOUR_US: i64 = 3_600_000_000;
/// Hours of one mark that are easy to read.
const STEPS: [i64; 10] = [1, 2, 3, 6, 12, 24, 48, 96, 168, 672];

/// What one mark stands for.
#[derive(Clone, Copy, Default)]
struct Counts {
    hit: i64,
    ok: i64,
    all: i64,
}

/// Which hours are drawn.
struct Window {
    from: i64,
    step: i64,
    marks: usize,
}

pub fn of(event: &Event<'_>, engine: &Engine, watermark: Option<Timestamp>) -> Result<String, Failure> {
    let window = Window::of(event, watermark);
    let mut lines: BTreeMap<Option<u32>, Vec<Counts>> = BTreeMap::new();
    for batch in engine.query(&sql(event, &window), &Limits::default()).or_fail("draw the timeline")? {
        add(&batch.or_fail("draw the timeline")?, &window, &mut lines);
    }
    Ok(draw(event, &window, lines))
}

impl Window {
    /// From a tenth of its length before the onset to as much after the end, at least a day on each side, and as far as the data reach.
    fn of(event: &Event<'_>, watermark: Option<Timestamp>) -> Self {
        let hour = |time: Timestamp| time.microseconds() / HOUR_US;
        let begin = hour(event.onset_earliest.unwrap_or(event.onset_latest));
        let known = watermark.map_or(i64::MAX, hour);
        let last = event.end_latest.or(event.end_earliest).or(watermark).map_or(begin, hour).max(hour(event.onset_latest));
        let margin = ((last - begin) / 10).max(24);
        // Not beyond what is known: there everything would look silent.
        let end = (last + margin).min(known.max(last));
        let hours = end - begin + margin;
        let wanted = (hours + MARKS as i64 - 1) / MARKS as i64;
        let step = STEPS.into_iter().find(|step| *step >= wanted).unwrap_or(wanted);
        let from = (begin - margin).div_euclid(step) * step;
        Self { from, step, marks: ((hours / step) as usize + 1).min(MARKS + 2) }
    }

    fn time(&self, mark: usize) -> Timestamp {
        Timestamp::from_microseconds((self.from + mark as i64 * self.step) * HOUR_US)
    }
}

fn sql(event: &Event<'_>, window: &Window) -> String {
    let moment = |mark: usize| window.time(mark).format("%Y-%m-%d %H:%M:%S");
    let (from, to) = (moment(0), moment(window.marks));
    let country = quoted(&event.probe_cc);
    let scope = format!("probe_cc = {country} AND measurement_start_time >= '{from}' AND measurement_start_time < '{to}'");
    let hour = "date_trunc('hour', measurement_start_time)";
    if event.kind == EventKind::Shutdown {
        return format!(
            "SELECT probe_asn, {hour} AS hour, CAST(0 AS BIGINT) AS hit, count(*) AS ok, count(*) AS n FROM measurements WHERE {scope} GROUP BY 1, 2"
        );
    }
    let targets: Vec<String> = event.targets.iter().take(TARGETS).map(|target| quoted(target)).collect();
    format!(
        "SELECT probe_asn, {hour} AS hour, count(*) FILTER (WHERE state IN ('blocked', 'likely_blocked', 'interfered')) AS hit,
         count(*) FILTER (WHERE state = 'ok') AS ok, count(*) AS n
         FROM judgements WHERE {scope} AND target IN ({}) GROUP BY 1, 2",
        targets.join(", ")
    )
}

/// A text as SQL takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn add(batch: &RecordBatch, window: &Window, lines: &mut BTreeMap<Option<u32>, Vec<Counts>>) {
    let networks = batch.column(0).as_primitive::<UInt32Type>();
    let hours = batch.column(1).as_primitive::<TimestampMicrosecondType>();
    let number = |column: usize, row: usize| batch.column(column).as_primitive::<Int64Type>().value(row);
    for row in 0..batch.num_rows() {
        let network = networks.is_valid(row).then(|| networks.value(row));
        let mark = (hours.value(row) / HOUR_US - window.from) / window.step;
        let line = lines.entry(network).or_insert_with(|| vec![Counts::default(); window.marks]);
        if let Some(counts) = usize::try_from(mark).ok().and_then(|mark| line.get_mut(mark)) {
            *counts = Counts { hit: counts.hit + number(2, row), ok: counts.ok + number(3, row), all: counts.all + number(4, row) };
        }
    }
}

fn draw(event: &Event<'_>, window: &Window, lines: BTreeMap<Option<u32>, Vec<Counts>>) -> String {
    let total = |line: &[Counts]| line.iter().map(|counts| counts.all).sum::<i64>();
    let in_it = |network: &Option<u32>| network.is_some_and(|network| event.networks.contains(&network));
    let mut lines: Vec<_> = lines.into_iter().collect();
    // Those of the event first, then the ones that measured most.
    lines.sort_by_key(|(network, line)| (!in_it(network), std::cmp::Reverse(total(line)), *network));
    let left = lines.len().saturating_sub(NETWORKS);
    let mut text = format!("{}\n", axis(window));
    for (network, line) in lines.iter().take(NETWORKS) {
        let name = network.map_or("unknown".to_owned(), |network| format!("AS{network}"));
        let most = line.iter().map(|counts| counts.all).max().unwrap_or(0);
        let marks: String = line.iter().map(|counts| mark(event.kind, counts, most)).collect();
        let star = if in_it(network) { '*' } else { ' ' };
        text += format!("{star}{name:<11}{marks}  n={}", count(total(line).unsigned_abs())).trim_end();
        text.push('\n');
    }
    if left > 0 {
        text += &format!(" and {} that measured less\n", plural(left as u64, "network"));
    }
    text + &legend(event, window)
}

/// The first day at the left, the last at the right.
fn axis(window: &Window) -> String {
    let (from, to) = (words::time(window.time(0)), words::time(window.time(window.marks)));
    let gap = window.marks.saturating_sub(from.len() + to.len());
    format!("{:12}{from}{:gap$}{to}", "", "")
}

fn mark(kind: EventKind, counts: &Counts, most: i64) -> char {
    let clear = counts.hit + counts.ok;
    match kind {
        _ if counts.all == 0 => ' ',
        EventKind::Shutdown => match counts.all * 4 / most.max(1) {
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

fn legend(event: &Event<'_>, window: &Window) -> String {
    let step = match window.step {
        1 => "an hour".to_owned(),
        hours if hours % 24 == 0 => plural(hours.unsigned_abs() / 24, "day"),
        hours => plural(hours.unsigned_abs(), "hour"),
    };
    let marks = match event.kind {
        EventKind::Blocking => "█ hit  ▒ half or more  ░ some  · worked  ? cannot be told",
        EventKind::Shutdown => "▁ to █: measurements, relative to the network's most",
    };
    let mut text = format!("{:12}each mark {step}; nothing: not measured; * in the event\n{:12}{marks}\n", "", "");
    if event.kind == EventKind::Blocking && event.targets.len() > TARGETS {
        text += &format!("{:12}drawn from the first {TARGETS} of {} targets\n", "", count(event.targets.len() as u64));
    }
    text
}
