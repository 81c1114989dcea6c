//! A reader: file after file, from their bytes to batches of records.

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

/// What one thread reads files with.
pub struct Reader<'a> {
    queues: &'a Queues,
    progress: &'a dyn Progress,
    /// The batch being filled.
    batch: Batch,
}

impl<'a> Reader<'a> {
    pub fn new(queues: &'a Queues, progress: &'a dyn Progress) -> Self {
        Self { queues, progress, batch: Batch::default() }
    }

    /// Reads a whole file into the queue, but for what the next file may follow in one batch; returns how many bytes it has when
    /// decompressed. Stops early when the queue is stopped.
    pub fn read(&mut self, job: Job<'_>) -> Result<u64, Error> {
        let planned = job.planned;
        self.progress.file(planned.shown());
        let failed = |source| Error::Read { path: planned.shown().to_owned(), source };
        let mut reading = Reading { file: job.file, taken: Arc::default(), told: 0, reader: self };
        let bytes = match job.copy {
            Some(copy) => reading.deliver(copy).map_err(failed)?,
            None => {
                let file = planned.file().expect("an input that is no copy is a file");
                let bytes = reading.deliver(file.open()?).map_err(failed)?;
                file.check()?;
                bytes
            }
        };
        let told = reading.told;
        self.progress.advance(planned.bytes.saturating_sub(told));
        Ok(bytes)
    }

    /// Hands over what is left, when no file follows.
    pub fn finish(mut self) {
        self.hand_over();
    }

    /// False when nobody wants any more.
    fn hand_over(&mut self) -> bool {
        let batch = std::mem::take(&mut self.batch);
        batch.is_empty() || self.queues.push(batch)
    }
}

/// One file being read.
struct Reading<'r, 'a> {
    /// Its number in the group.
    file: usize,
    /// Bytes taken from it.
    taken: Arc<AtomicU64>,
    /// How many of them were told to the progress.
    told: u64,
    reader: &'r mut Reader<'a>,
}

impl Reading<'_, '_> {
    fn deliver(&mut self, file: impl Read + 'static) -> io::Result<u64> {
        let stream = match container::open(file, Arc::clone(&self.taken)) {
            Ok(stream) => stream,
            Err(error) => {
                let damage = container::damage_of(&error).ok_or(error)?;
                self.add(Frame::Reject(FrameReject::unopened(&damage)));
                return Ok(0);
            }
        };
        let mut framer = Framer::new(stream);
        while let Some(frame) = framer.next()? {
            if !self.add(frame) {
                break;
            }
        }
        Ok(framer.offset())
    }

    /// False when nobody wants any more.
    fn add(&mut self, frame: Frame<'_>) -> bool {
        let (length, is_giant) = match &frame {
            Frame::Record(record) => (record.bytes.len(), is_giant(record.bytes)),
            Frame::Reject(_) => (0, false),
        };
        let has_room = self.reader.batch.has_room_for(length) && (!is_giant || self.reader.batch.is_empty());
        let goes_on = has_room || self.hand_over();
        match frame {
            Frame::Record(record) => self.reader.batch.add(self.file, &record),
            Frame::Reject(reject) => self.reader.batch.rejects.push((self.file, reject)),
        }
        if is_giant {
            return goes_on && self.hand_over();
        }
        goes_on
    }

    fn hand_over(&mut self) -> bool {
        let taken = self.taken.load(Ordering::Relaxed);
        self.reader.progress.advance(taken - self.told);
        self.told = taken;
        self.reader.hand_over()
    }
}
