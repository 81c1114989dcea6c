//! Loads what the rules need to know of other occasions: the record of one country's networks, and what other countries saw.

use std::collections::BTreeSet;
use std::sync::Arc;

use parallax_archive::Snapshot;
use parallax_detect::interference::Neighbours;
use parallax_detect::interference::neighbours::{Elsewhere, ElsewhereBuilder, HourCount, Kind, OwnRecord, OwnRecordBuilder, Who};
use parallax_model::table::Row;
use parallax_model::tables::Reachability;

use super::{shared_answers, weeks};
use crate::Error;

/// The neighbours of a country's measurements in one week, beside what all countries of that week saw.
pub(crate) fn load(snapshot: &Snapshot, partition: &str, elsewhere: Arc<Elsewhere>) -> Result<Neighbours, Error> {
    let answers = Arc::new(shared_answers::load(snapshot, partition)?);
    Ok(Neighbours { own: load_own(snapshot, partition)?, elsewhere, answers })
}

/// The rows of one network and target lie together, in the order of hours.
fn load_own(snapshot: &Snapshot, partition: &str) -> Result<OwnRecord, Error> {
    let mut builder = OwnRecordBuilder::default();
    let mut week = Week::default();
    for batch in snapshot.read(Reachability::TABLE_INFO, partition)? {
        let batch = batch?;
        for row in Reachability::all(&batch) {
            let kind = kind_of(&row);
            if (week.asn, week.kind, week.target.as_str()) != (row.probe_asn, kind, row.target.as_ref()) {
                week.push_to(&mut builder);
                week = Week { asn: row.probe_asn, kind, target: row.target.to_string(), ..Week::default() };
            }
            week.lost_any |= row.lost_any > 0;
            week.add(count_of(&row));
        }
    }
    week.push_to(&mut builder);
    Ok(builder.finish())
}

/// A network's week with one target, being read.
#[derive(Default)]
struct Week {
    asn: u32,
    kind: Kind,
    target: String,
    hours: Vec<HourCount>,
    lost_any: bool,
}

impl Week {
    /// The releases of one hour follow each other.
    fn add(&mut self, count: HourCount) {
        match self.hours.last_mut() {
            Some(last) if last.hour == count.hour => {
                last.reached = last.reached.saturating_add(count.reached);
                last.lost = last.lost.saturating_add(count.lost);
            }
            _ => self.hours.push(count),
        }
    }

    fn push_to(&self, builder: &mut OwnRecordBuilder) {
        if !self.hours.is_empty() {
            builder.push(self.asn, self.kind, &self.target, &self.hours, self.lost_any);
        }
    }
}

/// Two walks: which targets somebody did not reach, lost or shown something else, then what everybody saw of them.
pub(crate) fn load_elsewhere(snapshot: &Snapshot, week: &str) -> Result<Elsewhere, Error> {
    let partitions = weeks(snapshot, Reachability::TABLE_INFO).remove(week).unwrap_or_default();
    let mut builder = ElsewhereBuilder::default();
    each_row(snapshot, &partitions, |row| {
        if row.reached < row.occasions {
            builder.note_trouble(kind_of(row), &row.target);
        }
    })?;
    each_row(snapshot, &partitions, |row| {
        let who = Who { country: &row.probe_cc, asn: row.probe_asn, software: &row.software };
        builder.push(who, kind_of(row), &row.target, count_of(row));
    })?;
    Ok(builder.finish())
}

fn each_row(snapshot: &Snapshot, partitions: &BTreeSet<String>, mut look: impl FnMut(&Reachability<'_>)) -> Result<(), Error> {
    for partition in partitions {
        for batch in snapshot.read(Reachability::TABLE_INFO, partition)? {
            let batch = batch?;
            Reachability::all(&batch).for_each(|row| look(&row));
        }
    }
    Ok(())
}

fn kind_of(row: &Reachability<'_>) -> Kind {
    Kind { operation: row.operation, over_tls: row.over_tls }
}

fn count_of(row: &Reachability<'_>) -> HourCount {
    let hour = row.measurement_start_time.seconds().div_euclid(3600);
    HourCount { hour, reached: row.reached, lost: row.lost }
}
