//! Where and when in a measurement a record belongs, and what it was made for.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// What a record was made for. The older formats have no such tags and write `null`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tags {
    pub classic: bool,
    pub tcptls_experiment: bool,
    pub depth: usize,
    pub fetch_body: Option<bool>,
}

const DEPTHS: [&str; 12] =
    ["depth=0", "depth=1", "depth=2", "depth=3", "depth=4", "depth=5", "depth=6", "depth=7", "depth=8", "depth=9", "depth=10", "depth=11"];

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tags = serializer.serialize_seq(None)?;
        if self.classic {
            tags.serialize_element("classic")?;
        }
        if self.tcptls_experiment {
            tags.serialize_element("tcptls_experiment")?;
        }
        tags.serialize_element(DEPTHS[self.depth.min(DEPTHS.len() - 1)])?;
        if let Some(fetch) = self.fetch_body {
            tags.serialize_element(if fetch { "fetch_body=true" } else { "fetch_body=false" })?;
        }
        tags.end()
    }
}

/// Where and when a record belongs in a measurement.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    /// None where the format has no transactions.
    pub transaction_id: Option<u32>,
    pub tags: Option<Tags>,
    /// Seconds since the measurement began; the older formats only write when a thing ended.
    pub began: Option<f64>,
    pub ended: f64,
}

/// The probe's clock shows microseconds.
pub(crate) fn tick(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
