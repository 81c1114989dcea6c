//! A worker: from records to rows.

use std::sync::Mutex;
use std::sync::mpsc::SyncSender;

use arrow::array::RecordBatch;
use parallax_model::Table;
use parallax_model::tables::{Certificate, Control, Measurement, Observation, Reject};

use super::batch::Batch;
use super::plan::{Counts, Planned};
use crate::fingerprints::FingerprintMatcher;
use crate::framing::{FrameReject, Record};
use crate::queue::Queue;
use crate::source::{RawRecord, Rows, Source};
use crate::{sha256, sources};

/// A record from this length on is parsed while no other such is: what a parser makes of a hostile one takes many times its length.
const GIANT_RECORD_BYTES: usize = 1 << 20;
/// Bytes of records after which their rows are handed over: a batch of many columns has to be long to pay.
const HARVEST_BYTES: u64 = 8 << 20;
/// Rows after which they are handed over: a few bytes can make many.
const HARVEST_ROWS: usize = 50_000;

/// What all workers share.
pub struct Shared<'a> {
    pub queue: &'a Queue<Batch>,
    pub files: &'a [Planned],
    pub fingerprints: &'a FingerprintMatcher,
    /// Held while a giant is parsed.
    pub giant: Mutex<()>,
}

/// Rows that a worker hands over, and what it counted in which file.
pub struct Harvest {
    pub rows: Vec<(&'static Table, RecordBatch)>,
    pub counts: Vec<(usize, Counts)>,
}

/// Works until the queue ends or nobody takes the rows any more.
pub fn work(shared: &Shared<'_>, harvests: &SyncSender<Harvest>) {
    let mut worker = Worker { shared, rows: Rows::default(), counts: Vec::new(), record: Vec::new(), unharvested: 0 };
    while let Some(batch) = shared.queue.pop() {
        worker.take(&batch.item);
        drop(batch);
        if worker.is_full() && harvests.send(worker.harvest()).is_err() {
            return;
        }
    }
    // Nobody listens after an error, and then nothing is missed.
    let _ = harvests.send(worker.harvest());
}

struct Worker<'a> {
    shared: &'a Shared<'a>,
    rows: Rows,
    counts: Vec<(usize, Counts)>,
    /// The record being parsed.
    record: Vec<u8>,
    /// Bytes of records whose rows are still here.
    unharvested: u64,
}

impl Worker<'_> {
    fn take(&mut self, batch: &Batch) {
        let file = &self.shared.files[batch.file];
        let before = self.rows.observations.len();
        let mut counts = Counts::default();
        for reject in &batch.rejects {
            self.rows.rejects.push(&reject_row(reject, file));
            counts.rejected += 1;
        }
        for record in batch.records() {
            match self.read(&record, file) {
                true => counts.records += 1,
                false => counts.rejected += 1,
            }
            self.unharvested += record.bytes.len() as u64;
        }
        counts.observations = (self.rows.observations.len() - before) as u64;
        self.counts.push((batch.file, counts));
    }

    fn is_full(&self) -> bool {
        let rows = self.rows.observations.len() + self.rows.controls.len() + self.rows.rejects.len();
        self.unharvested >= HARVEST_BYTES || rows >= HARVEST_ROWS
    }

    /// Reads one record; false when it became a reject.
    fn read(&mut self, record: &Record<'_>, file: &Planned) -> bool {
        let _alone = (record.bytes.len() >= GIANT_RECORD_BYTES).then(|| self.shared.giant.lock());
        let raw_digest = sha256::of(record.bytes);
        self.record.clear();
        self.record.extend_from_slice(record.bytes);
        let before = self.rows.measurements.len();
        source_of(record).read(
            RawRecord {
                bytes: &mut self.record,
                raw_digest: &raw_digest,
                source_file: &file.name,
                source_digest: &file.digest,
                line: record.line,
                offset: record.offset,
                fingerprints: self.shared.fingerprints,
            },
            &mut self.rows,
        );
        if self.record.capacity() >= GIANT_RECORD_BYTES {
            self.record = Vec::new();
        }
        self.rows.measurements.len() > before
    }

    fn harvest(&mut self) -> Harvest {
        self.unharvested = 0;
        let rows = std::mem::take(&mut self.rows);
        let Rows { mut measurements, mut observations, mut controls, mut certificates, mut rejects } = rows;
        let rows = vec![
            (Measurement::TABLE_INFO, measurements.finish()),
            (Observation::TABLE_INFO, observations.finish()),
            (Control::TABLE_INFO, controls.finish()),
            (Certificate::TABLE_INFO, certificates.finish()),
            (Reject::TABLE_INFO, rejects.finish()),
        ];
        Harvest { rows, counts: std::mem::take(&mut self.counts) }
    }
}

/// Which source reads a record. There is one so far; the second will bring the question that tells them apart.
fn source_of(_: &Record<'_>) -> &'static dyn Source {
    sources::ALL[0]
}

fn reject_row<'a>(reject: &'a FrameReject, file: &'a Planned) -> Reject<'a> {
    Reject {
        source_file: file.name.as_str().into(),
        source_digest: file.digest.as_str().into(),
        source_line: reject.line,
        source_offset: reject.offset,
        scope: reject.scope,
        reason: reject.reason.into(),
        message: reject.message.as_str().into(),
        excerpt: reject.excerpt.as_str().into(),
        ..Reject::default()
    }
}
