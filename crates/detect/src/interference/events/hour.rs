//! Whole hours since 1970 in UTC.

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
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.start().format("%Y-%m-%d %H:00"))
    }
}
