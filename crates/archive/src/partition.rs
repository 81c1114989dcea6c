//! Which partition a row lies in.
//!
//! **Invariant:** the name of a partition is made here from two letters and a date that were checked, never copied from a row: rows
//! come from anyone, and names become folders.

use std::fmt;

use parallax_model::packed::{PackedRows, Peek};
use parallax_model::{Partitioning, Table, Timestamp};

use crate::Error;

/// One partition of a table. They are ordered as their names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partition {
    country: Option<[u8; 2]>,
    /// The Monday, in days since 1970.
    week: Option<i32>,
}

const DAY_US: i64 = 86_400_000_000;
/// The first day of 2201: later times are a broken clock, as are times before 1970.
const END_DAY: i64 = 84_371;
/// The week of 1970-01-01, which also takes what has no credible time.
const FIRST_WEEK: i32 = -3;
const UNKNOWN_COUNTRY: [u8; 2] = *b"ZZ";

impl Partition {
    /// Reads a partition's name; `None` when a table cut this way has no such partition.
    pub fn parse(partitioning: Partitioning, name: &str) -> Option<Self> {
        let partition = match partitioning {
            Partitioning::Whole => Self { country: None, week: None },
            Partitioning::Week => Self { country: None, week: Some(parse_week(name)) },
            Partitioning::CountryWeek => {
                let (country, week) = name.split_once('/')?;
                Self { country: Some(parse_country(country.as_bytes())), week: Some(parse_week(week)) }
            }
        };
        (partition.to_string() == name).then_some(partition)
    }

    /// The country and week that a record of this country and time lies in.
    pub fn of(country: &str, time: Timestamp) -> Self {
        Self { country: Some(parse_country(country.as_bytes())), week: Some(week_of(time.microseconds())) }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(week) = self.week else { return f.write_str("all") };
        if let Some(country) = &self.country {
            write!(f, "{}/", str::from_utf8(country).unwrap_or("ZZ"))?;
        }
        f.write_str(&Timestamp::from_microseconds(i64::from(week) * DAY_US).week())
    }
}

/// Finds the partition of packed rows.
pub struct Partitioner {
    table: &'static Table,
    country: Option<Peek>,
    time: Option<Peek>,
}

impl Partitioner {
    pub fn of(table: &'static Table) -> Self {
        let column = |name: &str| Some(Peek::of(table.layout(), name).expect("a partitioned table has the columns for it"));
        let (country, time) = match table.partitioning {
            Partitioning::Whole => (None, None),
            Partitioning::Week => (None, column("measurement_start_time")),
            Partitioning::CountryWeek => (column("probe_cc"), column("measurement_start_time")),
        };
        Self { table, country, time }
    }

    pub fn of_row(&self, rows: &PackedRows, row: usize) -> Result<Partition, Error> {
        let country = self.country.as_ref().map(|country| country.text(rows, row).map(|text| parse_country(&text))).transpose();
        let week = self.time.as_ref().map(|time| time.time(rows, row).map(week_of)).transpose();
        let failed = |error| Error::rows(self.table, error);
        Ok(Partition { country: country.map_err(failed)?, week: week.map_err(failed)? })
    }
}

fn parse_country(text: &[u8]) -> [u8; 2] {
    match text {
        [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => [*first, *second],
        _ => UNKNOWN_COUNTRY,
    }
}

fn week_of(microseconds: i64) -> i32 {
    let day = microseconds.div_euclid(DAY_US);
    match (0..END_DAY).contains(&day) {
        // 1970-01-01 was a Thursday, three days after its Monday.
        true => (day - (day + 3).rem_euclid(7)) as i32,
        false => FIRST_WEEK,
    }
}

/// The first week begins in 1969, which `Timestamp` does not read: whoever calls compares the name.
fn parse_week(name: &str) -> i32 {
    format!("{name} 00:00:00").parse::<Timestamp>().map_or(FIRST_WEEK, |monday| week_of(monday.microseconds()))
}

#[cfg(test)]
mod tests {
    use parallax_model::tables::{Measurement, MeasurementRows, Reject};

    use super::*;

    fn partition_of(probe_cc: &str, microseconds: i64) -> String {
        let mut rows = MeasurementRows::default();
        let measurement_start_time = Timestamp::from_microseconds(microseconds);
        rows.push(&Measurement { probe_cc: probe_cc.into(), measurement_start_time, ..Measurement::default() });
        Partitioner::of(Measurement::TABLE_INFO).of_row(&rows.take(), 0).unwrap().to_string()
    }

    #[test]
    fn a_country_that_is_no_country_is_not_known() {
        for hostile in ["", "x", "xa", "../..", "X/", "XAB", "ÄÖ", "X\0"] {
            assert_eq!(partition_of(hostile, 0), "ZZ/1969-12-29", "{hostile:?}");
        }
        assert_eq!(partition_of("XA", 0), "XA/1969-12-29");
    }

    #[test]
    fn any_time_has_a_week_and_agrees_with_the_calendar() {
        for time in [i64::MIN, -1, 0, 1, 1_707_770_027_000_000, END_DAY * DAY_US - 1, END_DAY * DAY_US, i64::MAX] {
            let name = partition_of("XA", time);
            let credible = if (0..END_DAY * DAY_US).contains(&time) { time } else { 0 };
            assert_eq!(name, format!("XA/{}", Timestamp::from_microseconds(credible).week()), "{time}");
            assert!(Partition::parse(Partitioning::CountryWeek, &name).is_some(), "{name}");
        }
    }

    #[test]
    fn only_names_that_could_have_been_made_here_are_read() {
        for (partitioning, name) in [
            (Partitioning::CountryWeek, "XA/2024-02-13"),
            (Partitioning::CountryWeek, "xa/2024-02-12"),
            (Partitioning::CountryWeek, "../2024-02-12"),
            (Partitioning::Week, "XA/2024-02-12"),
            (Partitioning::Week, ".."),
            (Partitioning::Whole, "some"),
        ] {
            assert_eq!(Partition::parse(partitioning, name), None, "{name}");
        }
        assert!(Partition::parse(Partitioning::CountryWeek, "XA/2024-02-12").is_some());
        assert!(Partition::parse(Partitioning::Week, "1969-12-29").is_some());
        assert!(Partition::parse(Reject::TABLE_INFO.partitioning, "all").is_some());
    }
}
