//! For comparison: hourly medians into a cumulative sum with constants set by hand, as OONI's production detector does it.
//!
//! Written from its description (pull request 138 of ooni/data and what was changed in it since), as a baseline for the scorecard, and not used
//! for anything else: for each series and layer, the median of an hour's measurements goes into one of two sums, depending on the state the series
//! is in. From ok to blocked, the sum of `median - 0.35`; back, of `0.35 - median`; neither falls below 0; at 3.5 (ten observations of an ideal change, times
//! half the difference of the two means 0 and 0.7) the state changes and, unless it was not known before, an alert is given. After a silence of more than a day the sums are
//! halved for every 48 hours of it. What an accusing verdict is worth follows the scores of its analysis: about 0.8 for a blocked connection.

use parallax_model::tables::Event;
use parallax_model::{EventKind, EventState};

use super::Hour;
use super::cell::{Cell, Cells};
use super::incident::{event_id, name_apart};

const BLOCKED_MEAN: f64 = 0.7;
const ALARM: f64 = 10.0 * BLOCKED_MEAN / 2.0;
const HALF_LIFE_HOURS: f64 = 48.0;
const SCORE_OF_BLOCKED: f64 = 0.8;
const SCORE_OF_IMPAIRED: f64 = 0.3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Fine,
    Blocked,
}

/// One event for each alert of the median-CUSUM detector; its end is the alert in the other direction.
pub fn detect_by_medians(cells: &Cells) -> Vec<Event<'static>> {
    let mut events: Vec<Event<'static>> = Vec::new();
    for (index, series) in cells.series.iter().enumerate() {
        let country = &cells.countries[usize::from(series.country)];
        let target = &cells.targets[series.target as usize];
        for (onset, end) in alerts(cells.rows_of(index)) {
            let networks: Vec<u32> = series.network.into_iter().collect();
            events.push(Event {
                event_id: event_id(EventKind::Blocking, country, onset, target, &networks).into(),
                kind: EventKind::Blocking,
                state: if end.is_some() { EventState::Ended } else { EventState::Ongoing },
                probe_cc: country.clone().into(),
                n_networks: 1,
                networks,
                targets: vec![target.clone().into()],
                layers: vec![series.layer],
                onset_latest: onset.plus(1).start(),
                end_earliest: end.map(Hour::start),
                end_latest: end.map(|end| end.plus(1).start()),
                ..Event::default()
            });
        }
    }
    events.sort_by(|a, b| (&a.probe_cc, a.onset_latest, &a.event_id).cmp(&(&b.probe_cc, b.onset_latest, &b.event_id)));
    name_apart(&mut events);
    events
}

/// Hours at which blocking is said to have begun, and to have ended.
fn alerts(rows: &[Cell]) -> Vec<(Hour, Option<Hour>)> {
    let (mut state, mut up, mut down) = (State::Unknown, 0.0, 0.0);
    let mut last: Option<Hour> = None;
    let mut found: Vec<(Hour, Option<Hour>)> = Vec::new();
    for hour in rows.chunk_by(|a, b| a.hour == b.hour) {
        let Some(median) = median(hour) else { continue };
        let now = hour[0].hour;
        let silence = f64::from(last.map_or(0, |last| now.since(last)));
        if silence > 24.0 {
            let kept = 0.5_f64.powf(silence / HALF_LIFE_HOURS);
            (up, down) = (up * kept, down * kept);
        }
        last = Some(now);
        up = if state == State::Blocked { 0.0 } else { f64::max(0.0, up + median - BLOCKED_MEAN / 2.0) };
        down = if state == State::Fine { 0.0 } else { f64::max(0.0, down + BLOCKED_MEAN / 2.0 - median) };
        let next = if up > ALARM {
            State::Blocked
        } else if down > ALARM {
            State::Fine
        } else {
            continue;
        };
        match (state, next) {
            (State::Fine, State::Blocked) => found.push((now, None)),
            (State::Blocked, State::Fine) => found.iter_mut().last().into_iter().for_each(|alert| alert.1 = Some(now)),
            _ => {}
        }
        (state, up, down) = (next, 0.0, 0.0);
    }
    found
}

/// The median score of an hour's measurements.
fn median(rows: &[Cell]) -> Option<f64> {
    let sum = |count: fn(&Cell) -> f64| rows.iter().map(count).sum::<f64>();
    let fine = sum(|row| f64::from(row.counts.ok) + f64::from(row.counts.down));
    let impaired = sum(|row| f64::from(row.counts.impaired));
    let blocked = sum(|row| row.counts.accusing());
    let all = fine + impaired + blocked;
    let score_at = |place: f64| {
        if place < fine {
            0.0
        } else if place < fine + impaired {
            SCORE_OF_IMPAIRED
        } else {
            SCORE_OF_BLOCKED
        }
    };
    // Interpolated between the two in the middle, as a database does it.
    (all > 0.0).then(|| (score_at(((all - 1.0) / 2.0).floor()) + score_at(((all - 1.0) / 2.0).ceil())) / 2.0)
}
