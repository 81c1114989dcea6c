//! Cuts a partition into chunks of whole measurements: each with all its observations and controls.
//!
//! The three tables are sorted the same way, so one walk over them in step is enough and nothing is ever sorted or looked up.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::LazyLock;

use arrow::array::{AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use parallax_archive::{PartitionReader, Snapshot};
use parallax_model::table::{Columns, Row};
use parallax_model::tables::{Control, Measurement, Observation};

use crate::Error;

/// Measurements in one chunk: enough for a thread to be worth waking.
const MEASUREMENTS: usize = 256;
/// Bytes of observations and controls after which a chunk ends earlier. Honest measurements never come near it; a hostile one has up to
/// twenty thousand of each, and several chunks are in memory at once.
const BYTES: usize = 8 << 20;
/// The same for the chunks of all threads together.
const BYTES_OF_ALL: usize = 64 << 20;

/// What no rule asks of an observation, so that it need not be read. A test compares this with the sources of the rules.
const NEVER_ASKED: &[&str] = &[
    "http_alpn",
    "http_request_method",
    "http_response_body_sha256",
    "ip_as_org_name",
    "ordinal",
    "session_download_kbit_s",
    "session_progress",
    "session_protocol",
    "session_setup_time",
    "session_upload_kbit_s",
    "t0",
    "tls_cipher_suite",
    "tls_handshake_last_operation",
    "tls_handshake_read_bytes",
    "tls_handshake_read_count",
    "tls_handshake_write_bytes",
    "tls_handshake_write_count",
    "tls_negotiated_protocol",
    "tls_version",
];
static ASKED_OF_OBSERVATIONS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let names = Observation::TABLE_INFO.columns.iter().map(|column| column.name);
    names.filter(|name| !NEVER_ASKED.contains(name)).collect()
});

/// Some measurements of a partition with everything that belongs to them.
pub(crate) struct Chunk {
    pub measurements: RecordBatch,
    pub observations: Vec<RecordBatch>,
    pub controls: Vec<RecordBatch>,
    /// Whether one measurement alone has more than a chunk should: then it is judged by the thread for such chunks.
    pub is_heavy: bool,
}

/// One measurement of a chunk.
pub(crate) struct Group<'c> {
    pub measurement: Measurement<'c>,
    pub observations: Vec<Observation<'c>>,
    pub controls: Vec<Control<'c>>,
}

impl Chunk {
    /// The measurements, in order.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let (mut observations, mut controls) = (Walk::over(&self.observations), Walk::over(&self.controls));
        let keys = Keys::of(&self.measurements);
        Measurement::all(&self.measurements).enumerate().map(move |(row, measurement)| Group {
            measurement,
            observations: observations.rows_of(&keys, row),
            controls: controls.rows_of(&keys, row),
        })
    }
}

/// The chunks of a partition, in order.
pub(super) struct Chunks {
    measurements: PartitionReader,
    pending: Option<RecordBatch>,
    observations: Follower,
    controls: Follower,
    most_bytes: usize,
}

impl Chunks {
    pub fn of(snapshot: &Snapshot, partition: &str, threads: usize) -> Result<Self, Error> {
        Ok(Self {
            most_bytes: BYTES.min(BYTES_OF_ALL / threads.max(1)),
            measurements: snapshot.read(Measurement::TABLE_INFO, partition)?,
            pending: None,
            observations: Follower::new(
                snapshot.read_columns(Observation::TABLE_INFO, partition, &ASKED_OF_OBSERVATIONS)?,
                size_of::<Observation<'_>>(),
            ),
            controls: Follower::new(snapshot.read(Control::TABLE_INFO, partition)?, size_of::<Control<'_>>()),
        })
    }

    fn next_measurements(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            let batch = match self.pending.take() {
                Some(batch) => Some(batch),
                None => self.measurements.next().transpose()?,
            };
            match batch {
                Some(batch) if batch.num_rows() == 0 => {}
                batch => return Ok(batch),
            }
        }
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        let Some(batch) = self.next_measurements()? else { return Ok(None) };
        let keys = Keys::of(&batch);
        let mut rows = 0;
        while rows < batch.num_rows().min(MEASUREMENTS) && self.observations.bytes + self.controls.bytes < self.most_bytes {
            self.observations.follow(&keys, rows)?;
            self.controls.follow(&keys, rows)?;
            rows += 1;
        }
        if rows < batch.num_rows() {
            self.pending = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        let is_heavy = self.observations.bytes + self.controls.bytes > 2 * self.most_bytes;
        let (observations, controls) = (self.observations.take(), self.controls.take());
        Ok(Some(Chunk { measurements: batch.slice(0, rows), observations, controls, is_heavy }))
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, Error>;
    fn next(&mut self) -> Option<Self::Item> {
        self.next_chunk().transpose()
    }
}

/// A table that is read as far as the measurements have been.
struct Follower {
    reader: PartitionReader,
    /// The batch at hand, of which some rows may be in the chunks before, and what one of its rows takes in memory if all are as long:
    /// what it is when it is read out of its columns, and its part of those.
    batch: Option<RecordBatch>,
    row_bytes: usize,
    read_bytes: usize,
    /// Rows of it that belong to the chunk being made.
    range: Range<usize>,
    /// Batches before it of which rows belong to that chunk.
    taken: Vec<RecordBatch>,
    /// What the rows of that chunk take in memory.
    bytes: usize,
}

impl Follower {
    /// `read_bytes` are those of one row that is read out of its columns.
    fn new(reader: PartitionReader, read_bytes: usize) -> Self {
        Self { reader, batch: None, row_bytes: 0, read_bytes, range: 0..0, taken: Vec::new(), bytes: 0 }
    }

    /// Goes on to behind the rows of one measurement.
    fn follow(&mut self, keys: &Keys<'_>, measurement: usize) -> Result<(), Error> {
        loop {
            if self.batch.is_none() {
                self.batch = self.reader.next().transpose()?;
                self.range = 0..0;
                let columns = self.batch.as_ref().map_or(0, |batch| batch.get_array_memory_size() / batch.num_rows().max(1));
                self.row_bytes = self.read_bytes + columns;
            }
            let Some(batch) = &self.batch else { return Ok(()) };
            let (own, begin) = (Keys::of(batch), self.range.end);
            let rows = partition_point(batch.num_rows() - begin, |row| own.compare(begin + row, keys, measurement) != Ordering::Greater);
            self.range.end += rows;
            self.bytes += rows * self.row_bytes;
            if self.range.end < batch.num_rows() {
                return Ok(());
            }
            self.keep_range();
            self.batch = None;
        }
    }

    /// The rows of the chunk; the next one begins behind them.
    fn take(&mut self) -> Vec<RecordBatch> {
        self.keep_range();
        self.bytes = 0;
        std::mem::take(&mut self.taken)
    }

    fn keep_range(&mut self) {
        if let Some(batch) = self.batch.as_ref().filter(|_| !self.range.is_empty()) {
            self.taken.push(batch.slice(self.range.start, self.range.len()));
        }
        self.range.start = self.range.end;
    }
}

/// The first row, of rows that are sorted so, for which a condition no longer holds.
fn partition_point(rows: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, rows);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// What names a measurement in every table, in the order that all of them are sorted by.
struct Keys<'b> {
    times: &'b TimestampMicrosecondArray,
    uids: &'b StringArray,
    digests: &'b StringArray,
}

impl<'b> Keys<'b> {
    fn of(batch: &'b RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("every table of measurements has its key");
        Self {
            times: column("measurement_start_time").as_primitive::<TimestampMicrosecondType>(),
            uids: column("measurement_uid").as_string(),
            digests: column("raw_digest").as_string(),
        }
    }

    fn compare(&self, row: usize, other: &Keys<'_>, other_row: usize) -> Ordering {
        (self.times.value(row), self.uids.value(row), self.digests.value(row)).cmp(&(
            other.times.value(other_row),
            other.uids.value(other_row),
            other.digests.value(other_row),
        ))
    }

    fn len(&self) -> usize {
        self.times.len()
    }
}

/// Steps through the rows of one table, measurement by measurement.
struct Walk<'b, R: Row<'b>> {
    batches: Vec<(R::Columns, Keys<'b>)>,
    batch: usize,
    row: usize,
}

impl<'b, R: Row<'b>> Walk<'b, R> {
    fn over(batches: &'b [RecordBatch]) -> Self {
        Self { batches: batches.iter().map(|batch| (R::Columns::of(batch), Keys::of(batch))).collect(), batch: 0, row: 0 }
    }

    /// The rows of one measurement; rows before it belong to none and are passed over.
    fn rows_of(&mut self, keys: &Keys<'_>, measurement: usize) -> Vec<R> {
        let mut rows = Vec::new();
        while let Some((columns, own)) = self.batches.get(self.batch) {
            let first = (self.row..own.len()).find(|row| own.compare(*row, keys, measurement) != Ordering::Less).unwrap_or(own.len());
            let behind = (first..own.len()).find(|row| own.compare(*row, keys, measurement) != Ordering::Equal).unwrap_or(own.len());
            // Rows are large: the list is made as long as it will be.
            rows.reserve_exact(behind - first);
            rows.extend((first..behind).map(|row| columns.row(row)));
            if behind < own.len() {
                self.row = behind;
                break;
            }
            (self.batch, self.row) = (self.batch + 1, 0);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn sources_below(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources_below(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn no_rule_asks_for_a_column_that_is_not_read() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let sources = sources_below(&crates.join("detect/src/interference"));
        assert!(sources.len() > 50, "{sources:?}");
        for path in sources {
            let source = fs::read_to_string(&path).unwrap();
            let is_in_word = |character: char| character.is_alphanumeric() || character == '_';
            for word in source.split(|character| !is_in_word(character)) {
                assert!(
                    !NEVER_ASKED.contains(&word),
                    "{} speaks of {word}: take it from the list here if that is the column",
                    path.display()
                );
            }
        }
        assert!(NEVER_ASKED.iter().all(|name| Observation::TABLE_INFO.columns.iter().any(|column| column.name == *name)));
    }
}
