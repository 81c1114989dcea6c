//! The way of batches from readers to workers: one queue for all workers, and one for the giants.
//!
//! What is made of a giant takes many times its length, and an allocator keeps for each thread what the thread once had. So one thread
//! reads all the giants, however many threads there are, and the others never meet one.

use super::batch::{BYTES_IN_FLIGHT, Batch};
use crate::queue::Queue;

/// Bytes of giants that wait or are worked on; a single one may be longer.
const GIANT_BYTES_IN_FLIGHT: usize = 8 << 20;

pub struct Queues {
    pub usual: Queue<Batch>,
    pub giants: Queue<Batch>,
}

impl Queues {
    pub fn new() -> Self {
        Self { usual: Queue::new(BYTES_IN_FLIGHT - GIANT_BYTES_IN_FLIGHT), giants: Queue::new(GIANT_BYTES_IN_FLIGHT) }
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
