//! The view `cells` as the detector takes it, one country and week after the other: an hour lies in one of them, so that no cell is cut in two.

use parallax_archive::Snapshot;
use parallax_detect::interference::events::{self, Cells, CellsBuilder, Event, Hour};
use parallax_model::tables::Verdict;

use super::{reach, walk};
use crate::{Error, Options};

/// Which cells.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Of one country only.
    pub country: Option<String>,
}

/// Cells, and how far they can be believed.
#[derive(Debug, Default)]
pub struct Loaded {
    pub cells: Cells,
    /// The hour after the last complete one; none of an archive without measurements.
    pub watermark: Option<Hour>,
    /// Cells whose hour is in doubt.
    pub left_out: u64,
}

impl Loaded {
    /// What the detector makes of them.
    pub fn events(&self) -> Vec<Event<'static>> {
        events::detect(&self.cells, &self.options())
    }

    pub fn options(&self) -> events::Options {
        events::Options { complete_until: self.watermark, ..events::Options::default() }
    }
}

pub fn load(snapshot: &Snapshot, scope: &Scope, options: &Options) -> Result<Loaded, Error> {
    let (builder, reach) = gather(snapshot, scope, options)?;
    let Some(reach) = reach else { return Ok(Loaded::default()) };
    let mut builder = builder;
    let left_out = builder.keep_hours(reach.hours()) as u64;
    Ok(Loaded { cells: builder.finish(), watermark: Some(reach.watermark), left_out })
}

fn gather(snapshot: &Snapshot, scope: &Scope, options: &Options) -> Result<(CellsBuilder, Option<reach::Reach>), Error> {
    let mut builder = CellsBuilder::default();
    let reach = reach::reach(snapshot, options)?;
    let prefix = scope.country.as_ref().map_or(String::new(), |country| format!("{country}/"));
    for partition in snapshot.partitions(Verdict::TABLE_INFO).filter(|partition| partition.starts_with(&prefix)) {
        walk::push(snapshot, partition, &mut builder)?;
    }
    Ok((builder, reach))
}
