//! Forgets the rows of inputs that are about to be read again.
//!
//! Rows that have the same key are merged by their content, so an old row could outlive the new one. Certificates stay: what they say
//! does not depend on who reads them.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use parallax_archive::{self as archive, Snapshot, Stage, Writer};
use parallax_model::Table;
use parallax_model::tables::{Control, Measurement, Observation, Reject};

/// Stages the removal of every row that stems from inputs with these digests.
///
/// A record that lies in another input as well keeps its rows when they name that other input.
pub fn forget(snapshot: &Snapshot, writer: &mut Writer, stage: &mut Stage, sources: &BTreeSet<&str>) -> Result<(), archive::Error> {
    for partition in snapshot.partitions(Measurement::TABLE_INFO) {
        let records = records_of(snapshot, partition, sources)?;
        if records.is_empty() {
            continue;
        }
        let records: BTreeSet<&str> = records.iter().map(String::as_str).collect();
        remove(snapshot, writer, stage, Measurement::TABLE_INFO, partition, "source_digest", sources)?;
        remove(snapshot, writer, stage, Observation::TABLE_INFO, partition, "raw_digest", &records)?;
        remove(snapshot, writer, stage, Control::TABLE_INFO, partition, "raw_digest", &records)?;
    }
    for partition in snapshot.partitions(Reject::TABLE_INFO) {
        remove(snapshot, writer, stage, Reject::TABLE_INFO, partition, "source_digest", sources)?;
    }
    Ok(())
}

/// The digests of the records in one partition of `measurements` that stem from these inputs.
fn records_of(snapshot: &Snapshot, partition: &str, sources: &BTreeSet<&str>) -> Result<BTreeSet<String>, archive::Error> {
    let mut records = BTreeSet::new();
    for batch in snapshot.read_columns(Measurement::TABLE_INFO, partition, &["raw_digest", "source_digest"])? {
        let batch = batch?;
        let (source, record) = (texts(&batch, "source_digest"), texts(&batch, "raw_digest"));
        let stale = (0..batch.num_rows()).filter(|row| sources.contains(source.value(*row)));
        records.extend(stale.map(|row| record.value(row).to_owned()));
    }
    Ok(records)
}

/// Stages a partition without the rows that have one of these values in a column.
fn remove(
    snapshot: &Snapshot,
    writer: &mut Writer,
    stage: &mut Stage,
    table: &'static Table,
    partition: &str,
    column: &str,
    values: &BTreeSet<&str>,
) -> Result<(), archive::Error> {
    let rest = snapshot.read(table, partition)?.map(|batch| without(&batch?, column, values));
    writer.replace_partition(stage, table, partition, rest)
}

fn without(batch: &RecordBatch, column: &str, values: &BTreeSet<&str>) -> Result<RecordBatch, Failure> {
    let texts = texts(batch, column);
    let keep: BooleanArray = (0..texts.len()).map(|row| Some(!values.contains(texts.value(row)))).collect();
    Ok(filter_record_batch(batch, &keep)?)
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn texts<'a>(batch: &'a RecordBatch, column: &str) -> &'a arrow::array::StringArray {
    batch.column_by_name(column).expect("a snapshot gives batches of the table's schema").as_string()
}
