//! The way of batches from readers to workers: one queue for all workers, and one for the giants.
//!
//! What is made of a giant takes many times its length, and an allocator keeps for each thread what the thread once had. So one thread
//! reads all the giants, however many threads there are, and the others never meet one.

use super::batch::{BATCH_BYTES, Batch};
use crate::queue::Queue;

/// Bytes of records that wait for a worker or are with one, for each worker: enough that none waits for a reader. More would only be read
/// long before they are worked on, and have left the processor's caches by then.
const BYTES_IN_FLIGHT_EACH: usize = 8 * BATCH_BYTES;
/// The same for all workers together. A record may be larger; then it is alone.
const BYTES_IN_FLIGHT: usize = 40 << 20;
/// Bytes of giants that wait or are worked on; a single one may be longer.
const GIANT_BYTES_IN_FLIGHT: usize = 8 << 20;

pub struct Queues {
    pub usual: Queue<Batch>,
    pub giants: Queue<Batch>,
}

impl Queues {
    pub fn new(threads: usize) -> Self {
        let bytes = threads.saturating_mul(BYTES_IN_FLIGHT_EACH).min(BYTES_IN_FLIGHT);
        Self { usual: Queue::new(bytes), giants: Queue::new(GIANT_BYTES_IN_FLIGHT) }
    }

    /// Waits until there is room. False when nobody wants any more.
    pub fn push(&self, batch: Batch) -> bool {
        let weight = batch.weight();
        let queue = if batch.is_giant() { &self.giants } else { &self.usual };
        queue.push(batch, weight)
    }

    /// Nothing is pushed any more; what waits is still taken.
    pub fn end(&self) {
        self.usual.end();
        self.giants.end();
    }

    /// Something went wrong: what waits is forgotten.
    pub fn stop(&self) {
        self.usual.stop();
        self.giants.stop();
    }
}
