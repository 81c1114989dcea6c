//! Whole hours since 1970 in UTC, and what people in a country call them.

use std::fmt;

use parallax_model::Timestamp;

/// Hours since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub u32);

impl Hour {
    /// The hour that a point in time lies in; times before 1970 count as its first hour.
    pub fn of(time: Timestamp) -> Self {
        Self(u32::try_from(time.seconds().div_euclid(3600)).unwrap_or(0))
    }

    pub fn start(self) -> Timestamp {
        Timestamp::from_microseconds(i64::from(self.0) * 3_600_000_000)
    }

    /// Hours from `earlier` to `self`, 0 when it is not earlier.
    pub fn since(self, earlier: Hour) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    pub fn plus(self, hours: u32) -> Self {
        Self(self.0.saturating_add(hours))
    }

    pub fn minus(self, hours: u32) -> Self {
        Self(self.0.saturating_sub(hours))
    }

    /// Day of the week (0 is Monday) and hour of the day, where clocks are ahead of UTC by so many minutes. Half hours round down.
    pub fn local(self, offset_minutes: i16) -> (usize, usize) {
        let hour = i64::from(self.0) + i64::from(offset_minutes).div_euclid(60);
        // 1970-01-01 was a Thursday.
        ((hour.div_euclid(24) + 3).rem_euclid(7) as usize, hour.rem_euclid(24) as usize)
    }

    /// The day, counted where clocks are ahead of UTC by so many minutes.
    pub fn local_day(self, offset_minutes: i16) -> i64 {
        (i64::from(self.0) + i64::from(offset_minutes).div_euclid(60)).div_euclid(24)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.start().format("%Y-%m-%d %H:00"))
    }
}

/// How far the clocks of a country's capital are ahead of UTC in winter, in minutes. A country not in the list counts as UTC. Daylight saving
/// time is not in it: a schedule that spans the change shows as one hour wider.
pub fn offset_minutes(country: &str) -> i16 {
    OFFSETS.iter().find(|(_, countries)| countries.split(' ').any(|each| each == country)).map_or(0, |(offset, _)| *offset)
}

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

    #[test]
    fn a_monday_morning_in_nairobi() {
        let hour = Hour::of("2023-11-13 04:30:00".parse().unwrap());
        assert_eq!(hour.local(offset_minutes("KE")), (0, 7));
        assert_eq!(hour.to_string(), "2023-11-13 04:00");
    }

    #[test]
    fn west_of_greenwich_it_is_still_sunday() {
        assert_eq!(Hour::of("2023-11-13 02:00:00".parse().unwrap()).local(offset_minutes("VE")), (6, 22));
    }

    #[test]
    fn no_country_has_two_clocks() {
        let mut all: Vec<&str> =
            OFFSETS.iter().flat_map(|(_, countries)| countries.split(' ')).filter(|country| !country.is_empty()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
