//! What was measured around an event, network by network and hour by hour: what a terminal and a page draw.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type};
use parallax_detect::interference::events::{Clock, Hour};
use parallax_model::tables::Event;
use parallax_model::{EventKind, Timestamp};
use serde::Serialize;

use crate::{Engine, Error, Limits, literal};

/// Targets that a query can name; of more, those are counted that come first.
pub const MOST_TARGETS: usize = 400;
/// Targets and mechanisms that are counted one by one.
const MOST_PARTS: usize = 200;
const HOUR_US: i64 = 3_600_000_000;
/// Hours of one mark that are easy to read.
const STEPS: [i64; 10] = [1, 2, 3, 6, 12, 24, 48, 96, 168, 672];
const HOURS_OF_WEEK: usize = 7 * 24;

/// How many judgements said what; of a shutdown, `ok` counts all measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Interference was found.
    pub hit: u64,
    pub ok: u64,
    /// Not working, and nobody is accused.
    pub troubled: u64,
    /// Too little evidence.
    pub unclear: u64,
}

impl Counts {
    pub fn all(&self) -> u64 {
        self.telling() + self.unclear
    }

    /// Those that say something.
    pub fn telling(&self) -> u64 {
        self.hit + self.ok + self.troubled
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.hit += other.hit;
        self.ok += other.ok;
        self.troubled += other.troubled;
        self.unclear += other.unclear;
    }
}

/// One network, a count for each mark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub network: Option<u32>,
    /// Whether the event was seen there.
    pub is_in: bool,
    pub counts: Vec<Counts>,
}

impl Line {
    pub fn n(&self) -> u64 {
        self.counts.iter().map(Counts::all).sum()
    }
}

/// An event with some hours before and after it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    pub from: Timestamp,
    pub step_hours: i64,
    pub marks: usize,
    /// Those of the event first, then the ones that measured most.
    pub lines: Vec<Line>,
    /// Hours of the local week, from Monday 00:00, while the event lasted and where it was seen.
    pub week: Vec<Counts>,
    /// The query behind it.
    pub sql: String,
}

/// A part of an event, with what stands behind it while it lasted, in its networks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub name: String,
    pub counts: Counts,
    pub networks: u64,
}

impl Timeline {
    /// At most so many marks, or two more.
    pub fn of(event: &Event<'_>, engine: &Engine, watermark: Option<Timestamp>, most_marks: usize) -> Result<Self, Error> {
        let window = Window::of(event, watermark, most_marks);
        let sql = sql(event, &window);
        let (mut lines, mut week) = (BTreeMap::new(), vec![Counts::default(); HOURS_OF_WEEK]);
        for batch in engine.query(&sql, &Limits::default())? {
            add(&batch?, event, &window, &mut lines, &mut week);
        }
        let mut lines: Vec<Line> =
            lines.into_iter().map(|(network, counts)| Line { network, is_in: is_in(event, network), counts }).collect();
        lines.sort_by_key(|line| (!line.is_in, std::cmp::Reverse(line.n()), line.network));
        Ok(Self { from: window.time(0), step_hours: window.step, marks: window.marks, lines, week, sql })
    }

    /// When a mark begins.
    pub fn time(&self, mark: usize) -> Timestamp {
        Timestamp::from_microseconds(self.from.microseconds() + mark as i64 * self.step_hours * HOUR_US)
    }

    /// How many marks lie before a moment; a part of one counts.
    pub fn place(&self, moment: Timestamp) -> f64 {
        let marks = (moment.microseconds() - self.from.microseconds()) as f64 / (self.step_hours * HOUR_US) as f64;
        marks.clamp(0.0, self.marks as f64)
    }
}

/// Which targets were hit, the most first.
pub fn by_target(event: &Event<'_>, engine: &Engine, watermark: Option<Timestamp>) -> Result<Vec<Part>, Error> {
    let rest = "GROUP BY 1 ORDER BY hit DESC, n DESC, name";
    parts(engine, &format!("SELECT target AS name, {COUNTS}, {NETWORKS} FROM judgements WHERE {} {rest}", lasting(event, watermark)))
}

/// How it was done, and how often each was seen, the most frequent first.
pub fn by_mechanism(event: &Event<'_>, engine: &Engine, watermark: Option<Timestamp>) -> Result<Vec<Part>, Error> {
    let rows =
        format!("SELECT unnest(mechanisms) AS name, state, probe_asn FROM judgements WHERE {} AND {ACCUSES}", lasting(event, watermark));
    parts(engine, &format!("SELECT name, {COUNTS}, {NETWORKS} FROM ({rows}) GROUP BY 1 ORDER BY hit DESC, name"))
}

const ACCUSES: &str = "state IN ('blocked', 'likely_blocked', 'interfered')";
const COUNTS: &str = "count(*) FILTER (WHERE state IN ('blocked', 'likely_blocked', 'interfered')) AS hit, \
                      count(*) FILTER (WHERE state = 'ok') AS ok, \
                      count(*) FILTER (WHERE state IN ('impaired', 'down')) AS troubled, count(*) AS n";
const NETWORKS: &str = "count(DISTINCT probe_asn) AS networks";

fn parts(engine: &Engine, sql: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    for batch in engine.query(&format!("{sql} LIMIT {MOST_PARTS}"), &Limits::default())? {
        let batch = batch?;
        let names = batch.column(0).as_string::<i32>();
        for row in 0..batch.num_rows() {
            parts.push(Part { name: names.value(row).to_owned(), counts: counts(&batch, 1, row), networks: number(&batch, 5, row) });
        }
    }
    Ok(parts)
}

/// Which hours are drawn.
struct Window {
    from: i64,
    step: i64,
    marks: usize,
}

impl Window {
    /// From a tenth of its length before the onset to as much after the end, at least a day on each side, and as far as the data reach.
    fn of(event: &Event<'_>, watermark: Option<Timestamp>, most: usize) -> Self {
        let hour = |time: Timestamp| time.microseconds() / HOUR_US;
        let begin = hour(event.onset_earliest.unwrap_or(event.onset_latest));
        let known = watermark.map_or(i64::MAX, hour);
        let last = event.end_latest.or(event.end_earliest).or(watermark).map_or(begin, hour).max(hour(event.onset_latest));
        let margin = ((last - begin) / 10).max(24);
        // Not beyond what is known: there everything would look silent.
        let end = (last + margin).min(known.max(last));
        let hours = end - begin + margin;
        let wanted = (hours + most as i64 - 1) / most as i64;
        let step = STEPS.into_iter().find(|step| *step >= wanted).unwrap_or(wanted);
        let from = (begin - margin).div_euclid(step) * step;
        Self { from, step, marks: ((hours / step) as usize + 1).min(most + 2) }
    }

    fn time(&self, mark: usize) -> Timestamp {
        Timestamp::from_microseconds((self.from + mark as i64 * self.step) * HOUR_US)
    }
}

fn moment(time: Timestamp) -> String {
    time.format("'%Y-%m-%d %H:%M:%S'")
}

fn sql(event: &Event<'_>, window: &Window) -> String {
    let hour = "date_trunc('hour', measurement_start_time)";
    let scope = scope(event, window.time(0), window.time(window.marks));
    match event.kind {
        EventKind::Shutdown => format!(
            "SELECT probe_asn, {hour} AS hour, CAST(0 AS BIGINT) AS hit, count(*) AS ok, CAST(0 AS BIGINT) AS troubled, count(*) AS n \
             FROM measurements WHERE {scope} GROUP BY 1, 2"
        ),
        EventKind::Blocking => format!("SELECT probe_asn, {hour} AS hour, {COUNTS} FROM judgements WHERE {scope} GROUP BY 1, 2"),
    }
}

/// The event's country and targets, in some hours.
fn scope(event: &Event<'_>, from: Timestamp, to: Timestamp) -> String {
    let country = literal(&event.probe_cc);
    let hours = format!("probe_cc = {country} AND measurement_start_time >= {} AND measurement_start_time < {}", moment(from), moment(to));
    if event.kind == EventKind::Shutdown {
        return hours;
    }
    let targets: Vec<String> = event.targets.iter().take(MOST_TARGETS).map(|target| literal(target)).collect();
    match targets.is_empty() {
        true => format!("{hours} AND false"),
        false => format!("{hours} AND target IN ({})", targets.join(", ")),
    }
}

/// The same while it lasted, in its networks.
fn lasting(event: &Event<'_>, watermark: Option<Timestamp>) -> String {
    let (from, to) = lasted(event, watermark);
    let known: Vec<String> = event.networks.iter().map(u32::to_string).collect();
    let has_unknown = event.n_networks > event.networks.len() as u64;
    let networks = match (known.is_empty(), has_unknown) {
        (false, false) => format!("probe_asn IN ({})", known.join(", ")),
        (false, true) => format!("(probe_asn IN ({}) OR probe_asn IS NULL)", known.join(", ")),
        (true, _) => "probe_asn IS NULL".to_owned(),
    };
    format!("{} AND {networks}", scope(event, from, to))
}

/// From the hour in which it was first seen to the one in which it was last seen.
fn lasted(event: &Event<'_>, watermark: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let plus = |time: Timestamp, hours: i64| Timestamp::from_microseconds(time.microseconds() + hours * HOUR_US);
    let end = event.end_earliest.map(|last| plus(last, 1)).or(watermark).unwrap_or(event.onset_latest);
    (plus(event.onset_latest, -1), end.max(event.onset_latest))
}

fn is_in(event: &Event<'_>, network: Option<u32>) -> bool {
    match network {
        Some(number) => event.networks.contains(&number),
        None => event.n_networks > event.networks.len() as u64,
    }
}

fn add(batch: &RecordBatch, event: &Event<'_>, window: &Window, lines: &mut BTreeMap<Option<u32>, Vec<Counts>>, week: &mut [Counts]) {
    let networks = batch.column(0).as_primitive::<UInt32Type>();
    let hours = batch.column(1).as_primitive::<TimestampMicrosecondType>();
    let clock = Clock::of(&event.probe_cc);
    let (from, to) = lasted(event, None);
    let to = if event.end_earliest.is_some() { to } else { Timestamp::from_microseconds(i64::MAX) };
    for row in 0..batch.num_rows() {
        let network = networks.is_valid(row).then(|| networks.value(row));
        let mark = (hours.value(row) / HOUR_US - window.from) / window.step;
        let counts = counts(batch, 2, row);
        let line = lines.entry(network).or_insert_with(|| vec![Counts::default(); window.marks]);
        if let Some(sum) = usize::try_from(mark).ok().and_then(|mark| line.get_mut(mark)) {
            *sum += counts;
        }
        let time = Timestamp::from_microseconds(hours.value(row));
        if is_in(event, network) && (from..to).contains(&time) {
            let (day, hour) = clock.local(Hour::of(time));
            week[day * 24 + hour] += counts;
        }
    }
}

/// Four columns from `first` on: hit, ok, troubled, all.
fn counts(batch: &RecordBatch, first: usize, row: usize) -> Counts {
    let [hit, ok, troubled, all] = [0, 1, 2, 3].map(|column| number(batch, first + column, row));
    Counts { hit, ok, troubled, unclear: all.saturating_sub(hit + ok + troubled) }
}

fn number(batch: &RecordBatch, column: usize, row: usize) -> u64 {
    u64::try_from(batch.column(column).as_primitive::<Int64Type>().value(row)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(earliest: &str, end: Option<&str>, watermark: &str) -> (String, i64, usize) {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let event = Event {
            onset_earliest: Some(time(earliest)),
            onset_latest: time("2024-03-04 10:00:00"),
            end_latest: end.map(time),
            ..Event::default()
        };
        let window = Window::of(&event, Some(time(watermark)), 56);
        (moment(window.time(0)), window.step, window.marks)
    }

    #[test]
    fn a_window_has_a_day_on_each_side_and_does_not_reach_beyond_the_data() {
        assert_eq!(
            window("2024-03-04 08:00:00", Some("2024-03-04 20:00:00"), "2024-03-20 00:00:00"),
            ("'2024-03-03 08:00:00'".into(), 2, 31)
        );
        assert_eq!(window("2024-03-04 08:00:00", None, "2024-03-05 00:00:00"), ("'2024-03-03 08:00:00'".into(), 1, 41));
    }

    #[test]
    fn a_long_event_has_as_many_marks_as_fit() {
        let (_, step, marks) = window("2020-01-01 00:00:00", None, "2024-03-05 00:00:00");
        assert!(marks <= 58 && step > 672, "{marks} {step}");
    }
}
