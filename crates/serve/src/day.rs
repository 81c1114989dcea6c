//! Days of UTC, as two bytes: what counts are kept by.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use parallax_model::Timestamp;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u16);

/// The text is not a day such as 2024-03-04.
#[derive(Debug, PartialEq, Eq)]
pub struct NotADay;

impl Day {
    /// The day of a moment in microseconds since 1970; days beyond what two bytes hold (the year 2149) become the last.
    pub fn of_microseconds(microseconds: i64) -> Self {
        let days = microseconds.div_euclid(86_400_000_000).clamp(0, i64::from(u16::MAX));
        Self(u16::try_from(days).expect("it is clamped"))
    }

    pub fn begins(self) -> Timestamp {
        Timestamp::from_microseconds(i64::from(self.0) * 86_400_000_000)
    }

    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub fn minus(self, days: u16) -> Self {
        Self(self.0.saturating_sub(days))
    }

    fn date(self) -> NaiveDate {
        NaiveDate::default() + Days::new(u64::from(self.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Days before 1970 become the first, and those after 2149 the last: nothing was measured there.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| NotADay)?;
        let days = date.signed_duration_since(NaiveDate::default()).num_days();
        Ok(Self(u16::try_from(days.clamp(0, i64::from(u16::MAX))).expect("it is clamped")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for text in ["1970-01-01", "2024-02-29", "2149-06-06"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["", "2024-02-30", "2024-3-4x", "tomorrow"] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
        for (text, day) in
            [("1969-12-31", "1970-01-01"), ("0042-11-16", "1970-01-01"), ("2149-06-07", "2149-06-06"), ("9999-12-31", "2149-06-06")]
        {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), day);
        }
    }

    #[test]
    fn a_moment_belongs_to_the_day_that_it_is_in() {
        let moment: Timestamp = "2024-03-04 23:59:59.999999".parse().unwrap();
        assert_eq!(Day::of_microseconds(moment.microseconds()).to_string(), "2024-03-04");
        assert_eq!(Day::of_microseconds(-1), Day(0));
    }
}
