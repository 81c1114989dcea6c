//! A worker: from records to rows.

use std::sync::mpsc::SyncSender;

use parallax_model::packed::PackedRows;
use parallax_model::tables::Reject;

use super::batch::Batch;
use super::plan::{Counts, Planned};
use crate::fingerprints::FingerprintMatcher;
use crate::framing::{FrameReject, Record};
use crate::queue::Queue;
use crate::source::{RawRecord, Rows};
use crate::{sha256, sources};

/// Bytes of records after which their rows are handed over, for all workers together.
const HARVEST_BYTES: u64 = 16 << 20;
/// What one worker has of it, at least and at most.
const HARVEST_BYTES_EACH: (u64, u64) = (1 << 20, 8 << 20);
/// Rows after which they are handed over, for all workers together: a few bytes can make many.
const HARVEST_ROWS: usize = 100_000;
/// What one worker has of it, at least and at most.
const HARVEST_ROWS_EACH: (usize, usize) = (4_000, 50_000);

/// What all workers share.
pub struct Shared<'a> {
    pub files: &'a [Planned],
    pub fingerprints: &'a FingerprintMatcher,
    pub threads: usize,
}

/// Rows that a worker hands over, and what it counted in which file.
pub struct Harvest {
    pub rows: Vec<PackedRows>,
    pub counts: Vec<(usize, Counts)>,
}

/// Works until the queue ends or nobody takes the rows any more.
pub fn work(shared: &Shared<'_>, queue: &Queue<Batch>, harvests: &SyncSender<Harvest>) {
    let mut worker = Worker { shared, harvests, rows: Rows::default(), counts: Vec::new(), unharvested: 0 };
    while let Some(batch) = queue.pop() {
        if worker.take(&batch.item).is_err() {
            return;
        }
    }
    // Nobody listens after an error, and then nothing is missed.
    let _ = worker.hand_over();
}

struct Worker<'a> {
    shared: &'a Shared<'a>,
    harvests: &'a SyncSender<Harvest>,
    rows: Rows,
    counts: Vec<(usize, Counts)>,
    /// Bytes of records whose rows are still here.
    unharvested: u64,
}

/// Nobody takes the rows any more.
struct Unwanted;

impl Worker<'_> {
    fn take(&mut self, batch: &Batch) -> Result<(), Unwanted> {
        for (file, reject) in &batch.rejects {
            self.rows.rejects.push(&reject_row(reject, &self.shared.files[*file]));
            self.count(*file, Counts { rejected: 1, ..Counts::default() });
            if self.is_full() {
                self.hand_over()?;
            }
        }
        for (file, record) in batch.records() {
            let before = self.rows.observations.len();
            let is_read = self.read(&record, &self.shared.files[file]);
            let observations = (self.rows.observations.len() - before) as u64;
            self.count(file, Counts { records: is_read.into(), rejected: (!is_read).into(), observations, ..Counts::default() });
            self.unharvested += record.bytes.len() as u64;
            if self.is_full() {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    fn count(&mut self, file: usize, counts: Counts) {
        match self.counts.last_mut() {
            Some((last, sum)) if *last == file => *sum += counts,
            _ => self.counts.push((file, counts)),
        }
    }

    fn is_full(&self) -> bool {
        let rows = self.rows.observations.len() + self.rows.controls.len() + self.rows.rejects.len();
        let (bytes_each, rows_each) = (HARVEST_BYTES / self.shared.threads as u64, HARVEST_ROWS / self.shared.threads);
        self.unharvested >= bytes_each.clamp(HARVEST_BYTES_EACH.0, HARVEST_BYTES_EACH.1)
            || rows >= rows_each.clamp(HARVEST_ROWS_EACH.0, HARVEST_ROWS_EACH.1)
    }

    /// Reads one record; false when it became a reject.
    fn read(&mut self, record: &Record<'_>, file: &Planned) -> bool {
        let raw_digest = sha256::of(record.bytes);
        let before = self.rows.measurements.len();
        sources::of(record.bytes).read(
            RawRecord {
                bytes: record.bytes,
                raw_digest: &raw_digest,
                source_file: &file.name,
                source_digest: &file.digest,
                line: record.line,
                offset: record.offset,
                fingerprints: self.shared.fingerprints,
            },
            &mut self.rows,
        );
        self.rows.measurements.len() > before
    }

    fn hand_over(&mut self) -> Result<(), Unwanted> {
        let harvest = self.harvest();
        self.harvests.send(harvest).map_err(|_| Unwanted)
    }

    fn harvest(&mut self) -> Harvest {
        self.unharvested = 0;
        let Rows { measurements, observations, controls, certificates, rejects, .. } = &mut self.rows;
        let rows = vec![measurements.take(), observations.take(), controls.take(), certificates.take(), rejects.take()];
        Harvest { rows, counts: std::mem::take(&mut self.counts) }
    }
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
