//! How far the archive's measurements reach: from which week on, and up to which hour silence is silence.
//!
//! The time of a measurement is what the clock of somebody's probe says, and anybody can submit one. So no single network decides: a week counts
//! when at least three networks measured in it, or when it holds a thousandth of all measurements. And data are complete up to the last hour that
//! three networks, and one in a hundred, of the last such week reach. Records that were received long after, or before, they say that they were made
//! are left out before that, as the view `cells` does.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type};
use parallax_archive::Snapshot;
use parallax_detect::interference::events::Hour;
use parallax_model::Timestamp;

use crate::{Engine, Error, Limits, Options};

/// Networks without which nothing is believed, where there are as many.
const LEAST_NETWORKS: usize = 3;
/// ... and one in so many of all.
const ONE_IN: usize = 100;
/// A week with such a share of all measurements counts however few networks there are.
const SHARE_OF_ALL: i64 = 1000;
/// Cells this far after the watermark are still looked at: clocks of honest probes are wrong by so much.
const AHEAD_HOURS: u32 = 24;

/// The same as in the view `cells`; a test compares them.
const RIGHT_TIME: &str = "WHERE substr(measurement_uid, 15, 1) <> '.'
         OR substr(measurement_uid, 1, 8) BETWEEN to_char(measurement_start_time - INTERVAL '1 day', '%Y%m%d')
                                              AND to_char(measurement_start_time + INTERVAL '60 days', '%Y%m%d')";

/// The hours that are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub first: Hour,
    /// The hour after the last complete one.
    pub watermark: Hour,
}

impl Reach {
    /// The hours whose cells are looked at.
    pub fn hours(self) -> std::ops::Range<Hour> {
        self.first..self.watermark.plus(AHEAD_HOURS)
    }
}

/// A country and a network in it.
type Network = (String, Option<u32>);

#[derive(Default)]
struct Week {
    measurements: i64,
    /// The last measurement of each network.
    last: BTreeMap<Network, Timestamp>,
}

/// None of an archive without measurements.
pub fn reach(snapshot: &Snapshot, options: &Options) -> Result<Option<Reach>, Error> {
    let engine = Engine::over_snapshot(snapshot, options)?;
    let mut weeks: BTreeMap<Timestamp, Week> = BTreeMap::new();
    let sql = format!(
        "SELECT date_trunc('week', measurement_start_time) AS week, probe_cc, probe_asn, count(*) AS n, max(measurement_start_time) AS last
         FROM measurements {RIGHT_TIME} GROUP BY 1, 2, 3"
    );
    for batch in engine.query(&sql, &Limits::default())? {
        add(&batch?, &mut weeks);
    }
    Ok(of_weeks(&weeks))
}

fn add(batch: &RecordBatch, weeks: &mut BTreeMap<Timestamp, Week>) {
    let time = |column: usize, row: usize| {
        Timestamp::from_microseconds(batch.column(column).as_primitive::<TimestampMicrosecondType>().value(row))
    };
    let (countries, networks) = (batch.column(1).as_string::<i32>(), batch.column(2).as_primitive::<UInt32Type>());
    for row in 0..batch.num_rows() {
        let network = (countries.value(row).to_owned(), networks.is_valid(row).then(|| networks.value(row)));
        let week = weeks.entry(time(0, row)).or_default();
        week.measurements += batch.column(3).as_primitive::<Int64Type>().value(row);
        week.last.insert(network, time(4, row));
    }
}

fn of_weeks(weeks: &BTreeMap<Timestamp, Week>) -> Option<Reach> {
    let all: BTreeSet<&Network> = weeks.values().flat_map(|week| week.last.keys()).collect();
    let measurements: i64 = weeks.values().map(|week| week.measurements).sum();
    let enough = LEAST_NETWORKS.min(all.len());
    let counts = |week: &Week| week.last.len() >= enough || week.measurements.saturating_mul(SHARE_OF_ALL) >= measurements;
    let mut believed = weeks.iter().filter(|(_, week)| counts(week));
    let (first, week) = believed.next()?;
    let last = believed.next_back().map_or(week, |(_, week)| week);
    let mut times: Vec<Timestamp> = last.last.values().copied().collect();
    times.sort_unstable();
    let place = times.len().saturating_sub(LEAST_NETWORKS.max(times.len() / ONE_IN));
    Some(Reach { first: Hour::of(*first), watermark: Hour::of(times[place]).plus(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn week(networks: &[(u32, &str)], measurements: i64) -> Week {
        let last = networks.iter().map(|(asn, last)| (("XA".to_owned(), Some(*asn)), time(last))).collect();
        Week { measurements, last }
    }

    #[test]
    fn one_clock_in_the_future_does_not_make_the_present_silent() {
        let now =
            week(&[(1, "2024-02-13 10:20:00"), (2, "2024-02-13 11:20:00"), (3, "2024-02-13 12:20:00"), (4, "2024-02-17 12:00:00")], 5000);
        let later = week(&[(4, "2031-02-13 12:00:00")], 1);
        let weeks = BTreeMap::from([(time("2024-02-12 00:00:00"), now), (time("2031-02-10 00:00:00"), later)]);
        let reach = of_weeks(&weeks).unwrap();
        assert_eq!((reach.first.start(), reach.watermark.start()), (time("2024-02-12 00:00:00"), time("2024-02-13 12:00:00")));
    }

    #[test]
    fn the_view_and_the_reach_believe_the_same_records() {
        assert!(crate::views::find("cells").unwrap().query().contains(RIGHT_TIME));
    }

    #[test]
    fn an_archive_of_one_network_reaches_as_far_as_that() {
        let weeks = BTreeMap::from([(time("2024-02-12 00:00:00"), week(&[(1, "2024-02-13 10:20:00")], 3))]);
        assert_eq!(of_weeks(&weeks).unwrap().watermark.start(), time("2024-02-13 11:00:00"));
        assert_eq!(of_weeks(&BTreeMap::new()), None);
    }
}
