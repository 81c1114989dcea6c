//! What networks reached where their resolvers led.

use std::ops::Range;

use foldhash::HashSet;

use super::seen::Noted;

/// Other names that are counted.
const MOST_OTHERS: usize = 100;

/// What networks reached, in two orders.
pub(super) struct Reached {
    /// Network, hour, name, each once.
    by_hour: Vec<(u32, u32, u32)>,
    /// Network, name, hour, once for each measurement.
    by_name: Vec<(u32, u32, u32)>,
}

impl Reached {
    pub(super) fn of(noted: Vec<Noted>) -> Self {
        let mut by_hour: Vec<_> = noted.iter().map(|noted| (noted.asn, noted.hour, noted.name)).collect();
        by_hour.sort_unstable();
        by_hour.dedup();
        let mut by_name: Vec<_> = noted.iter().map(|noted| (noted.asn, noted.name, noted.hour)).collect();
        drop(noted);
        by_name.sort_unstable();
        Self { by_hour, by_name }
    }

    /// Whether a network reached any name but these in an hour. At most one more than these are looked at.
    pub(super) fn has_other(&self, asn: u32, hour: u32, names: &HashSet<u32>) -> bool {
        let begin = self.by_hour.partition_point(|row| *row < (asn, hour, 0));
        self.by_hour[begin..].iter().take_while(|row| (row.0, row.1) == (asn, hour)).any(|row| !names.contains(&row.2))
    }

    /// Names but these that a network reached in some hours, as far as they are counted.
    pub(super) fn other_names(&self, asn: u32, hours: Range<u32>, names: &HashSet<u32>) -> usize {
        let begin = self.by_hour.partition_point(|row| *row < (asn, hours.start, 0));
        let rows = self.by_hour[begin..].iter().take_while(|row| row.0 == asn && row.1 < hours.end);
        let mut others = HashSet::default();
        for (_, _, name) in rows.filter(|row| !names.contains(&row.2)) {
            others.insert(*name);
            if others.len() >= MOST_OTHERS {
                break;
            }
        }
        others.len()
    }

    pub(super) fn of_name(&self, asn: u32, name: u32, hours: Range<u32>) -> usize {
        let at = |hour| self.by_name.partition_point(|row| *row < (asn, name, hour));
        at(hours.end) - at(hours.start)
    }
}
