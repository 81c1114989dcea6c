//! Counts as rows of a table, for files: one row per country, network, target, day and state, in that order.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parallax_engine::Error;
use parallax_model::State;

use super::Counts;
use crate::day::Day;
use crate::filter::Filter;
use crate::observatory::Edition;

/// The columns, in their order.
pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("probe_cc", DataType::Utf8, false),
        Field::new("probe_asn", DataType::UInt32, true),
        Field::new("target", DataType::Utf8, false),
        Field::new("day", DataType::Utf8, false),
        Field::new("state", DataType::Utf8, false),
        Field::new("n", DataType::UInt64, false),
    ]))
}

/// The counts that a filter lets through, one batch a network, so that memory holds one network.
pub fn batches(edition: Arc<Edition>, filter: Filter) -> impl Iterator<Item = Result<RecordBatch, Error>> + Send {
    let places = edition.counts.places().len();
    (0..places)
        .map(move |place| batch(&edition.counts, place, &filter))
        .filter(|batch| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0))
}

fn batch(counts: &Counts, place: usize, filter: &Filter) -> Result<RecordBatch, Error> {
    let mut sums: BTreeMap<(u32, Day, State), u64> = BTreeMap::new();
    for row in counts.rows_at(place, filter) {
        *sums.entry((row.target, row.day, counts.outcome(row).state)).or_default() += u64::from(row.n);
    }
    let place = &counts.places()[place];
    let country: StringArray = sums.keys().map(|_| Some(&*place.country)).collect();
    let asn: UInt32Array = sums.keys().map(|_| place.asn).collect();
    let target: StringArray = sums.keys().map(|key| Some(counts.target(key.0))).collect();
    let day: StringArray = sums.keys().map(|key| Some(key.1.to_string())).collect();
    let state: StringArray = sums.keys().map(|key| Some(key.2.as_str())).collect();
    let n: UInt64Array = sums.values().map(|n| Some(*n)).collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(country), Arc::new(asn), Arc::new(target), Arc::new(day), Arc::new(state), Arc::new(n)];
    RecordBatch::try_new(schema(), columns).map_err(|error| Error::Bug { message: error.to_string() })
}
