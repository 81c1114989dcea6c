//! When something acts: between two moments, and perhaps only at some hours of the day (UTC).

use chrono::{DateTime, NaiveDate};

use crate::Error;
use crate::error::wrong;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub from: i64,
    pub to: i64,
    hours: Option<[u8; 2]>,
}

impl Window {
    /// `place` is how a complaint calls the thing: `censor 3`.
    pub fn parse(place: &str, from: Option<&str>, to: Option<&str>, hours: Option<[u8; 2]>) -> Result<Self, Error> {
        let from = from.map(|text| moment(place, text)).transpose()?.unwrap_or(i64::MIN);
        let to = to.map(|text| moment(place, text)).transpose()?.unwrap_or(i64::MAX);
        if from >= to {
            return Err(wrong(format!("{place}: `from` must be before `to`")));
        }
        match hours {
            Some([first, last]) if first >= 24 || last > 24 || first == last => {
                Err(wrong(format!("{place}: hours = [{first}, {last}] is not a span of hours within 0 to 24")))
            }
            hours => Ok(Self { from, to, hours }),
        }
    }

    pub fn contains(&self, now: i64) -> bool {
        let hour = (now.rem_euclid(86_400) / 3600) as u8;
        let at_this_hour = match self.hours {
            None => true,
            Some([first, last]) if first < last => (first..last).contains(&hour),
            // Over midnight.
            Some([first, last]) => hour >= first || hour < last,
        };
        (self.from..self.to).contains(&now) && at_this_hour
    }
}

/// Seconds since 1970 of `2024-03-04` or `2024-03-04T06:00:00Z`.
pub(crate) fn moment(place: &str, text: &str) -> Result<i64, Error> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc().timestamp());
    let instant = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp());
    day()
        .or_else(instant)
        .ok_or_else(|| wrong(format!("{place}: {text:?} is neither a day like 2024-03-04 nor a time like 2024-03-04T06:00:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_run_over_midnight() {
        let window = Window::parse("censor 1", None, None, Some([22, 2])).unwrap();
        let at = |hour: i64| window.contains(hour * 3600);
        assert_eq!([at(21), at(22), at(1), at(2)], [false, true, true, false]);
    }

    #[test]
    fn a_day_and_a_time_of_day_are_both_understood() {
        assert_eq!(moment("world", "1970-01-02").unwrap(), 86_400);
        assert_eq!(moment("world", "1970-01-01T01:00:00Z").unwrap(), 3600);
        assert!(moment("world", "tomorrow").is_err());
    }
}
