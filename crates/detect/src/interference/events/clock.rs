//! What the clocks of a country's capital show, summer time included.
//!
//! The offsets and the rules of summer time are those of the IANA time zone database as they are now: what a country did in earlier years is not known
//! here, so that a schedule of then may show as one hour wider.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};

use super::Hour;

/// The clock of a capital.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Ahead of UTC in winter.
    minutes: i16,
    /// When it is an hour further ahead; none where it never is.
    summer: Option<&'static Summer>,
}

/// From when to when it is summer time, each year.
#[derive(Debug, PartialEq, Eq)]
struct Summer {
    from: Change,
    to: Change,
}

/// A day such as the last Sunday in March, and an hour in UTC from its midnight on.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    month: u32,
    weekday: Weekday,
    /// The first of the month is 1; 5 is the last.
    which: u8,
    /// May lie on the day before or after.
    hour: i64,
}

impl Clock {
    /// That of a country; UTC for a country that is not in the list.
    pub fn of(country: &str) -> Self {
        let has = |countries: &str| countries.split(' ').any(|each| each == country);
        let minutes = OFFSETS.iter().find(|(_, countries)| has(countries)).map_or(0, |(offset, _)| *offset);
        let summer = SUMMERS.iter().find(|(_, countries)| has(countries)).map(|(summer, _)| summer);
        Self { minutes, summer }
    }

    /// Day of the week (0 is Monday) and hour of the day. Half hours round down.
    pub fn local(self, hour: Hour) -> (usize, usize) {
        let hour = self.ahead(hour);
        // 1970-01-01 was a Thursday.
        ((hour.div_euclid(24) + 3).rem_euclid(7) as usize, hour.rem_euclid(24) as usize)
    }

    /// The day, counted where this clock hangs.
    pub fn local_day(self, hour: Hour) -> i64 {
        self.ahead(hour).div_euclid(24)
    }

    fn ahead(self, hour: Hour) -> i64 {
        let summer = self.summer.is_some_and(|summer| summer.contains(hour));
        i64::from(hour.0) + i64::from(self.minutes).div_euclid(60) + i64::from(summer)
    }
}

impl Summer {
    fn contains(&self, hour: Hour) -> bool {
        let Some(day) = NaiveDate::from_num_days_from_ce_opt(UNIX_EPOCH_DAYS + (hour.0 / 24) as i32) else { return false };
        let (from, to) = (self.from.hour_of(day.year()), self.to.hour_of(day.year()));
        let now = i64::from(hour.0);
        // South of the equator summer reaches over the end of the year.
        if from < to { from <= now && now < to } else { now >= from || now < to }
    }
}

impl Change {
    /// Hours since 1970.
    fn hour_of(&self, year: i32) -> i64 {
        let day = NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, self.which)
            .or_else(|| NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, self.which - 1));
        day.map_or(0, |day| i64::from(day.num_days_from_ce() - UNIX_EPOCH_DAYS) * 24 + self.hour)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, minutes) = (if self.minutes < 0 { '-' } else { '+' }, self.minutes.unsigned_abs());
        // Hours are whole in UTC, so where clocks are half an hour off, the windows are those of the whole hours before.
        write!(f, "UTC{sign}{:02}:00", if sign == '-' { minutes.div_ceil(60) } else { minutes / 60 })?;
        if self.summer.is_some() { f.write_str(", an hour more in summer") } else { Ok(()) }
    }
}

/// 1970-01-01, counted from the first day of the year 1.
const UNIX_EPOCH_DAYS: i32 = 719_163;

const fn change(month: u32, weekday: Weekday, which: u8, hour: i64) -> Change {
    Change { month, weekday, which, hour }
}

const LAST: u8 = 5;

/// Rules of summer time, by country. Where a country has several, that of its capital.
const SUMMERS: &[(Summer, &str)] = &[
    (
        Summer { from: change(3, Weekday::Sun, LAST, 1), to: change(10, Weekday::Sun, LAST, 1) },
        "AD AL AT AX BA BE BG CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SJ SK SM UA VA XK",
    ),
    (Summer { from: change(3, Weekday::Sun, 2, 7), to: change(11, Weekday::Sun, 1, 6) }, "BS CA HT TC US"),
    (Summer { from: change(3, Weekday::Sun, 2, 5), to: change(11, Weekday::Sun, 1, 5) }, "CU"),
    (Summer { from: change(3, Weekday::Sun, 2, 6), to: change(11, Weekday::Sun, 1, 5) }, "BM"),
    (Summer { from: change(3, Weekday::Sun, 2, 5), to: change(11, Weekday::Sun, 1, 4) }, "PM"),
    (Summer { from: change(3, Weekday::Sun, LAST, -2), to: change(10, Weekday::Sun, LAST, -3) }, "LB"),
    (Summer { from: change(3, Weekday::Sun, LAST, -48), to: change(10, Weekday::Sun, LAST, -1) }, "IL"),
    (Summer { from: change(4, Weekday::Fri, LAST, -2), to: change(10, Weekday::Thu, LAST, 21) }, "EG"),
    (Summer { from: change(9, Weekday::Sun, 1, 4), to: change(4, Weekday::Sun, 1, 3) }, "CL"),
    (Summer { from: change(10, Weekday::Sun, 1, -8), to: change(4, Weekday::Sun, 1, -8) }, "AU"),
    (Summer { from: change(9, Weekday::Sun, LAST, -10), to: change(4, Weekday::Sun, 1, -10) }, "NZ"),
];

/// From the IANA time zone database, by offset.
const OFFSETS: &[(i16, &str)] = &[
    (-660, "AS NU UM"),
    (-600, "CK PF"),
    (-360, "BZ CR GT HN MX NI SV"),
    (-300, "BS CA CO CU EC HT JM KY PA PE TC US"),
    (-240, "AG AI AW BB BL BM BO BQ CL CW DM DO GD GP GY KN LC MF MQ MS PR SX TT VC VE VG VI"),
    (-180, "AR BR FK GF PM PY SR UY"),
    (-120, "GL GS"),
    (-60, "CV"),
    (
        60,
        "AD AL AO AT BA BE BJ CD CF CG CH CM CZ DE DK DZ EH ES FR GA GI GQ HR HU IT LI LU MA MC ME MK MT NE NG NL NO PL RS SE SI SJ SK SM TD TN VA XK",
    ),
    (120, "AX BG BI BW CY EE EG FI GR IL LB LS LT LV LY MD MW MZ NA PS RO RW SD SS SZ UA ZA ZM ZW"),
    (180, "BH BY DJ ER ET IQ JO KE KM KW MG QA RU SA SO SY TR TZ UG YE YT"),
    (210, "IR"),
    (240, "AE AM AZ GE MU OM RE SC"),
    (270, "AF"),
    (300, "KZ MV PK TF TJ TM UZ"),
    (330, "IN LK"),
    (345, "NP"),
    (360, "BD BT IO KG"),
    (390, "CC MM"),
    (420, "CX ID KH LA TH VN"),
    (480, "BN CN HK MN MO MY PH SG TW"),
    (540, "JP KP KR PW TL"),
    (600, "AU FM GU MP PG"),
    (660, "NC NF SB VU"),
    (720, "FJ KI MH NR NZ TV WF"),
    (780, "TK TO WS"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(text: &str) -> Hour {
        Hour::of(text.parse().unwrap())
    }

    #[test]
    fn a_monday_morning_in_nairobi() {
        let hour = hour("2023-11-13 04:30:00");
        assert_eq!(Clock::of("KE").local(hour), (0, 7));
        assert_eq!((hour.to_string(), Clock::of("KE").to_string()), ("2023-11-13 04:00".to_owned(), "UTC+03:00".to_owned()));
    }

    #[test]
    fn west_of_greenwich_it_is_still_sunday() {
        assert_eq!(Clock::of("VE").local(hour("2023-11-13 02:00:00")), (6, 22));
    }

    #[test]
    fn summer_begins_and_ends_on_the_hour() {
        let local = |country: &str, text: &str| Clock::of(country).local(hour(text)).1;
        assert_eq!((local("DE", "2024-03-31 00:59:00"), local("DE", "2024-03-31 01:00:00")), (1, 3));
        assert_eq!((local("DE", "2024-10-27 00:59:00"), local("DE", "2024-10-27 01:00:00")), (2, 2));
        assert_eq!((local("US", "2024-03-10 06:59:00"), local("US", "2024-03-10 07:00:00")), (1, 3));
        assert_eq!((local("US", "2024-11-03 05:59:00"), local("US", "2024-11-03 06:00:00")), (1, 1));
        assert_eq!((local("EG", "2024-04-25 21:59:00"), local("EG", "2024-04-25 22:00:00")), (23, 1));
        // In the south the year begins in summer.
        assert_eq!((local("AU", "2024-01-15 00:00:00"), local("AU", "2024-07-15 00:00:00")), (11, 10));
        assert_eq!((local("NZ", "2024-09-28 13:59:00"), local("NZ", "2024-09-28 14:00:00")), (1, 3));
    }

    #[test]
    fn no_country_has_two_clocks_or_two_summers() {
        let lists = [OFFSETS.iter().map(|each| each.1).collect::<Vec<_>>(), SUMMERS.iter().map(|each| each.1).collect()];
        for list in lists {
            let mut all: Vec<&str> = list.iter().flat_map(|countries| countries.split(' ')).filter(|country| !country.is_empty()).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
