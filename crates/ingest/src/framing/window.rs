//! A sliding window over a stream: the bytes of the record at hand, and no more.
//!
//! **Invariant:** `held()` are the bytes of the stream that begin at `offset()`, and memory grows with what is held, never with the
//! stream.

use std::cell::Cell;
use std::io::{self, Read};

use parallax_archive::container::damage_of;

/// Bytes asked of the stream at a time.
const READ_BYTES: usize = 256 << 10;
/// A buffer of up to this length is kept for the next stream: making one means filling it with zeros, which for an archive of small files
/// costs more than reading them.
const KEPT_BYTES: usize = 4 << 20;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub struct Window<R> {
    stream: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
    damage: Option<String>,
}

impl<R> Drop for Window<R> {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        if buffer.len() <= KEPT_BYTES {
            SPARE.set(buffer);
        }
    }
}

impl<R: Read> Window<R> {
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: SPARE.take(), start: 0, end: 0, offset: 0, ended: false, damage: None }
    }

    /// The bytes read and not yet let go.
    pub fn held(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Where in the stream the first byte held stands.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Lets go of the first `count` bytes held.
    pub fn release(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Reads on; false when nothing follows, be it that the stream ends here or that it is damaged.
    pub fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.make_room();
        match self.stream.read(&mut self.buffer[self.end..]) {
            Ok(count) => {
                self.end += count;
                self.ended = count == 0;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.damage = Some(damage_of(&error).ok_or(error)?);
                self.ended = true;
            }
        }
        Ok(!self.ended)
    }

    /// What is wrong with the stream at its end, told once.
    pub fn take_damage(&mut self) -> Option<String> {
        self.damage.take()
    }

    /// Bytes of memory in use.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Moves what is held to the front once the room behind it is too small, and grows only when that does not help.
    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end >= READ_BYTES {
            return;
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let wanted = self.end + READ_BYTES;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted.next_power_of_two().max(4 * READ_BYTES), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_what_is_held_and_not_the_stream() {
        let mut window = Window::new(io::repeat(b'x').take(100 << 20));
        while window.fill().unwrap() {
            let most = window.held().len().saturating_sub(10);
            window.release(most);
        }
        assert_eq!(window.offset(), (100 << 20) - 10);
        assert!(window.capacity() <= 1 << 20);
    }
}
