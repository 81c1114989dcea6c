//! JSON lines: a record ends at the line break, whatever it holds.

use std::io::{self, Read};

use memchr::memchr;

use super::framer::{Found, Framer, MAX_RECORD_BYTES, is_blank};
use super::reject::Trouble::TooLong;
use crate::text::visible_excerpt;

impl<R: Read> Framer<R> {
    pub(super) fn next_line(&mut self) -> io::Result<Option<Found>> {
        loop {
            let line_break = self.find(b'\n', 0)?;
            let end = line_break.unwrap_or(self.window.held().len());
            if end > MAX_RECORD_BYTES {
                return self.skip_long_line().map(Some);
            }
            if line_break.is_none()
                && let Some(damage) = self.window.take_damage()
            {
                return Ok(Some(self.rest_is_damaged(&damage)));
            }
            self.line += 1;
            if let Some((start, end)) = trimmed(&self.window.held()[..end]) {
                self.used = line_break.map_or(end, |at| at + 1);
                return Ok(Some(Found::Record { start, end }));
            }
            self.window.release(line_break.map_or(end, |at| at + 1));
            if line_break.is_none() {
                return Ok(None);
            }
        }
    }

    /// Passes over a line that is longer than a record may be.
    fn skip_long_line(&mut self) -> io::Result<Found> {
        let offset = self.window.offset();
        let excerpt = visible_excerpt(self.window.held());
        let mut length = 0;
        loop {
            let line_break = memchr(b'\n', self.window.held());
            let count = line_break.unwrap_or(self.window.held().len());
            length += count as u64;
            self.window.release(count);
            if line_break.is_some() || !self.window.fill()? {
                break;
            }
        }
        self.line += 1;
        self.window.release(self.window.held().len().min(1));
        Ok(Found::Reject(self.reject(offset, TooLong(length), excerpt)))
    }
}

/// The range without blanks around it, if anything is left.
fn trimmed(line: &[u8]) -> Option<(usize, usize)> {
    let start = line.iter().position(|byte| !is_blank(*byte))?;
    let end = line.iter().rposition(|byte| !is_blank(*byte))? + 1;
    Some((start, end))
}
