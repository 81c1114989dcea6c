//! Points in time: microseconds since 1970, always UTC.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in UTC, to the microsecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not a date and time that Parallax knows.
#[derive(Debug, PartialEq, Eq)]
pub struct NotATime;

/// How moments are spelled in UTC. Taken apart once: each measurement has several.
static WITHOUT_OFFSET: LazyLock<Vec<Vec<Item<'static>>>> = LazyLock::new(|| {
    let spellings = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ"];
    spellings.iter().map(|spelling| StrftimeItems::new(spelling).collect()).collect()
});

impl Timestamp {
    pub const fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    pub const fn microseconds(self) -> i64 {
        self.0
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The Monday that begins this point's ISO week, as `2024-02-12`: the name of a partition.
    pub fn week(self) -> String {
        let date = self.utc().date_naive();
        let monday = date - chrono::Days::new(u64::from(date.weekday().num_days_from_monday()));
        monday.format("%Y-%m-%d").to_string()
    }

    /// Formats with `strftime` letters, in UTC.
    pub fn format(self, letters: &str) -> String {
        self.utc().format(letters).to_string()
    }

    /// Years beyond what a calendar holds become its first day; [`FromStr`] never makes them.
    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} UTC", self.utc().format("%Y-%m-%d %H:%M:%S"))
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads `2024-02-12 20:33:47`, with a fraction, with `T` and `Z`, or with an offset.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        let text = text.strip_suffix(" UTC").unwrap_or(text);
        let moment = WITHOUT_OFFSET
            .iter()
            .find_map(|spelling| {
                let mut parsed = Parsed::new();
                chrono::format::parse(&mut parsed, text, spelling.iter()).ok()?;
                parsed.to_naive_datetime_with_offset(0).ok()
            })
            .map(|naive| naive.and_utc())
            .or_else(|| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%:z").ok().map(|moment| moment.to_utc()))
            .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc()))
            .ok_or(NotATime)?;
        if !(1970..=2200).contains(&moment.year()) {
            return Err(NotATime);
        }
        Ok(Self(moment.timestamp_micros()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.utc().format("%Y-%m-%dT%H:%M:%S%.fZ"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotATime| serde::de::Error::custom(format!("{text:?} is not a time such as 2024-02-12 20:33:47")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_is_the_same() {
        for text in ["2024-02-12 20:33:47", "2024-02-12T20:33:47Z", "2024-02-12 20:33:47.000", "2024-02-12 22:33:47+02:00"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), "2024-02-12 20:33:47 UTC", "{text}");
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!("2024-02-18 23:59:59".parse::<Timestamp>().unwrap().week(), "2024-02-12");
        assert_eq!("2024-02-19 00:00:00".parse::<Timestamp>().unwrap().week(), "2024-02-19");
    }

    #[test]
    fn a_clock_in_another_epoch_is_refused() {
        assert_eq!("0001-01-01 00:00:00".parse::<Timestamp>(), Err(NotATime));
        assert_eq!("262142-01-01 00:00:00".parse::<Timestamp>(), Err(NotATime));
    }
}
