//! A reader: one file at a time, from its bytes to batches of records.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parallax_archive::container;

use super::batch::{Batch, is_giant};
use super::plan::Planned;
use super::progress::Progress;
use super::queues::Queues;
use crate::Error;
use crate::framing::{Frame, FrameReject, Framer};

/// One file to read.
pub struct Job<'a> {
    /// Its number in the group.
    pub file: usize,
    pub planned: &'a Planned,
    /// Its bytes in the archive, when they are read from there.
    pub copy: Option<Box<dyn Read + Send>>,
}

/// Reads a whole file into the queue; returns how many bytes it has when decompressed. Stops early when the queue is stopped.
pub fn read(job: Job<'_>, queues: &Queues, progress: &dyn Progress) -> Result<u64, Error> {
    let planned = job.planned;
    progress.file(planned.shown());
    let taken = Arc::new(AtomicU64::new(0));
    let mut delivery = Delivery { batch: Batch::new(job.file), queues, progress, taken: Arc::clone(&taken), told: 0 };
    let failed = |source| Error::Read { path: planned.shown().to_owned(), source };
    let bytes = match job.copy {
        Some(copy) => deliver(copy, taken, &mut delivery).map_err(failed)?,
        None => {
            let file = planned.file().expect("an input that is no copy is a file");
            let bytes = deliver(file.open()?, taken, &mut delivery).map_err(failed)?;
            file.check()?;
            bytes
        }
    };
    delivery.hand_over();
    progress.advance(planned.bytes.saturating_sub(delivery.told));
    Ok(bytes)
}

fn deliver(file: impl Read + 'static, taken: Arc<AtomicU64>, delivery: &mut Delivery<'_>) -> io::Result<u64> {
    let stream = match container::open(file, taken) {
        Ok(stream) => stream,
        Err(error) => {
            let damage = container::damage_of(&error).ok_or(error)?;
            delivery.batch.rejects.push(FrameReject::unopened(&damage));
            return Ok(0);
        }
    };
    let mut framer = Framer::new(stream);
    while let Some(frame) = framer.next()? {
        if !delivery.add(frame) {
            break;
        }
    }
    Ok(framer.offset())
}

/// The batch being filled, and where it goes.
struct Delivery<'a> {
    batch: Batch,
    queues: &'a Queues,
    progress: &'a dyn Progress,
    /// Bytes taken from the file.
    taken: Arc<AtomicU64>,
    /// How many of them were told to `progress`.
    told: u64,
}

impl Delivery<'_> {
    /// False when nobody wants any more.
    fn add(&mut self, frame: Frame<'_>) -> bool {
        let (length, is_giant) = match &frame {
            Frame::Record(record) => (record.bytes.len(), is_giant(record.bytes)),
            Frame::Reject(_) => (0, false),
        };
        let has_room = self.batch.has_room_for(length) && (!is_giant || self.batch.is_empty());
        let goes_on = has_room || self.hand_over();
        match frame {
            Frame::Record(record) => self.batch.add(&record),
            Frame::Reject(reject) => self.batch.rejects.push(reject),
        }
        if is_giant {
            return goes_on && self.hand_over();
        }
        goes_on
    }

    fn hand_over(&mut self) -> bool {
        let taken = self.taken.load(Ordering::Relaxed);
        self.progress.advance(taken - self.told);
        self.told = taken;
        let next = Batch::new(self.batch.file);
        let batch = std::mem::replace(&mut self.batch, next);
        batch.is_empty() || self.queues.push(batch)
    }
}
