//! When something acts: between two moments, and perhaps only at some hours of some days, as clocks in the country show them.

use chrono::{DateTime, NaiveDate};

use crate::Error;
use crate::error::wrong;

const MINUTES_A_DAY: i64 = 1440;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A window and its schedule. Schedules are in local time: whoever asks says how far that is from UTC.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub from: i64,
    pub to: i64,
    /// Minutes of the local day, the end not included; an end before its start runs over midnight.
    daily: Vec<(i64, i64)>,
    /// From Monday; none for every day. A span over midnight belongs to the day on which it began.
    weekdays: Option<[bool; 7]>,
}

/// What a world file says about a window.
#[derive(Clone, Copy, Default)]
pub(crate) struct Typed<'a> {
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    pub daily: &'a [String],
    pub weekdays: &'a [String],
}

impl Window {
    /// `place` is how a complaint calls the thing: `censor 3`.
    pub fn parse(place: &str, typed: Typed) -> Result<Self, Error> {
        let from = typed.from.map(|text| moment(place, text)).transpose()?.unwrap_or(i64::MIN);
        let to = typed.to.map(|text| moment(place, text)).transpose()?.unwrap_or(i64::MAX);
        if from >= to {
            return Err(wrong(format!("{place}: `from` must be before `to`")));
        }
        let daily = typed.daily.iter().map(|text| span(place, text)).collect::<Result<_, Error>>()?;
        Ok(Self { from, to, daily, weekdays: weekdays(place, typed.weekdays)? })
    }

    /// Whether it acts at a moment, where local time is `utc_offset` seconds ahead of UTC.
    pub fn contains(&self, now: i64, utc_offset: i64) -> bool {
        (self.from..self.to).contains(&now) && self.is_scheduled(now + utc_offset)
    }

    pub fn has_schedule(&self) -> bool {
        !self.daily.is_empty() || self.weekdays.is_some()
    }

    /// `07:30-11:00` and the like.
    pub fn daily(&self) -> Vec<String> {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        self.daily.iter().map(|(first, last)| format!("{}-{}", clock(*first), clock(*last))).collect()
    }

    pub fn weekdays(&self) -> Vec<&'static str> {
        let days = self.weekdays.unwrap_or([false; 7]);
        WEEKDAYS.iter().zip(days).filter(|(_, acts)| *acts).map(|(name, _)| *name).collect()
    }

    fn is_scheduled(&self, local: i64) -> bool {
        let (day, minute) = (local.div_euclid(86_400), local.rem_euclid(86_400) / 60);
        // 1 January 1970 was a Thursday.
        let on = |day: i64| self.weekdays.is_none_or(|days| days[(day + 3).rem_euclid(7) as usize]);
        if self.daily.is_empty() {
            return on(day);
        }
        self.daily.iter().any(|(first, last)| match first < last {
            true => on(day) && (*first..*last).contains(&minute),
            false => (on(day) && minute >= *first) || (on(day - 1) && minute < *last),
        })
    }
}

/// `07:30-11:00`
fn span(place: &str, text: &str) -> Result<(i64, i64), Error> {
    let minute = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (hours, minutes): (i64, i64) = Some((hours, minutes))
            .filter(|(h, m)| digits(h) && digits(m))
            .map(|(h, m)| (h.parse(), m.parse()))
            .and_then(|pair| Some((pair.0.ok()?, pair.1.ok()?)))?;
        Some(hours * 60 + minutes).filter(|total| minutes < 60 && *total <= MINUTES_A_DAY)
    };
    let ends = text.split_once('-').and_then(|(first, last)| Some((minute(first)?, minute(last)?)));
    ends.filter(|(first, last)| first != last && *first < MINUTES_A_DAY)
        .ok_or_else(|| wrong(format!("{place}: {text:?} is not a span of the day like 07:30-11:00")))
}

fn weekdays(place: &str, typed: &[String]) -> Result<Option<[bool; 7]>, Error> {
    let mut days = [false; 7];
    for name in typed {
        match WEEKDAYS.iter().position(|known| known == name) {
            Some(index) => days[index] = true,
            None => return Err(wrong(format!("{place}: weekday {name:?} is not one of {}", WEEKDAYS.join(", ")))),
        }
    }
    Ok((!typed.is_empty()).then_some(days))
}

/// Seconds that local time is ahead of UTC: `+03:00`.
pub(crate) fn utc_offset(place: &str, text: &str) -> Result<i64, Error> {
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => (0, ""),
    };
    let minutes = span(place, &format!("{rest}-24:00")).map(|(minutes, _)| minutes).ok().filter(|minutes| sign != 0 && *minutes <= 14 * 60);
    minutes.map(|minutes| sign * minutes * 60).ok_or_else(|| wrong(format!("{place}: utc_offset {text:?} is not like +03:00")))
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

    fn window(daily: &[&str], weekdays: &[&str]) -> Window {
        let own = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
        Window::parse("censor 1", Typed { daily: &own(daily), weekdays: &own(weekdays), ..Typed::default() }).unwrap()
    }

    #[test]
    fn hours_may_run_over_midnight() {
        let window = window(&["22:00-02:00"], &[]);
        let at = |hour: i64| window.contains(hour * 3600, 0);
        assert_eq!([at(21), at(22), at(1), at(2)], [false, true, true, false]);
    }

    #[test]
    fn a_schedule_is_in_local_time() {
        let window = window(&["07:30-11:00", "13:00-16:30"], &["thu"]);
        let at = |hour: f64| window.contains((hour * 3600.0) as i64, 3 * 3600);
        assert_eq!([at(4.4), at(4.5), at(7.9), at(8.1), at(10.5), at(14.0)], [false, true, true, false, true, false]);
        assert!(!window.contains(86_400 + 5 * 3600, 3 * 3600), "the next day is a Friday");
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_began() {
        let window = window(&["22:00-02:00"], &["thu"]);
        assert!(window.contains(25 * 3600, 0) && !window.contains(3600, 0));
    }

    #[test]
    fn a_day_and_a_time_of_day_are_both_understood() {
        assert_eq!(moment("world", "1970-01-02").unwrap(), 86_400);
        assert_eq!(moment("world", "1970-01-01T01:00:00Z").unwrap(), 3600);
        assert!(moment("world", "tomorrow").is_err());
    }

    #[test]
    fn offsets_have_a_sign() {
        assert_eq!(utc_offset("country 1", "+05:30").unwrap(), 19_800);
        assert_eq!(utc_offset("country 1", "-03:00").unwrap(), -10_800);
        assert!(["3", "+3", "03:00", "+25:00", ""].iter().all(|text| utc_offset("country 1", text).is_err()));
    }

    #[test]
    fn spans_that_cannot_be_meant_are_refused() {
        assert!(["7-11", "25:00-26:00", "11:00-11:00", "24:00-01:00", "+1:00-02:00"].iter().all(|text| span("censor 1", text).is_err()));
    }
}
