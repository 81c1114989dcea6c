//! Documents one after the other, and arrays: a record ends where its brackets balance.

use std::io::{self, Read};

use super::framer::{Found, Framer, MAX_RECORD_BYTES, Mode, is_blank};
use super::reject::Trouble::{self, DamagedStream, Lost, NotARecord, TooLong, Truncated, Unbalanced};
use super::scanner::{Scan, Scanner};
use crate::text::visible_excerpt;

impl<R: Read> Framer<R> {
    pub(super) fn next_value(&mut self) -> io::Result<Option<Found>> {
        loop {
            let Some(byte) = self.peek()? else {
                let damage = self.window.take_damage();
                return Ok(damage.map(|damage| self.rest_is_damaged(&damage)));
            };
            match (byte, self.mode) {
                (b'[', Mode::Documents) => self.mode = Mode::Array,
                (b']', Mode::Array) => self.mode = Mode::Documents,
                (b',', _) => {}
                (byte, _) if is_blank(byte) => {}
                _ => return self.value(byte).map(Some),
            }
            self.pass(byte);
        }
    }

    /// The record, or whatever stands in its place, that begins with the first byte of the window.
    fn value(&mut self, first: u8) -> io::Result<Found> {
        self.line += 1;
        let blanks = self.blanks.take().unwrap_or(0);
        let mut value = Value { offset: self.window.offset(), excerpt: None, released: 0 };
        if first != b'{' && !matches!(self.mode, Mode::Array) {
            return self.lose(value, NotARecord);
        }
        self.indentation = blanks;
        let mut scanner = Scanner::new(blanks);
        let mut scanned = 0;
        loop {
            match scanner.scan(&self.window.held()[scanned..]) {
                Scan::End(at) => return Ok(self.complete(value, first, scanned + at)),
                Scan::Broken(at) => {
                    self.release(&mut value, scanned + at);
                    return self.lose(value, Unbalanced);
                }
                Scan::More => scanned = self.window.held().len(),
            }
            if scanned > MAX_RECORD_BYTES {
                self.release(&mut value, scanned);
                scanned = 0;
            }
            if !self.window.fill()? {
                self.release(&mut value, scanned);
                return Ok(self.cut_short(value));
            }
        }
    }

    /// A value that ends `end` bytes from the beginning of the window.
    fn complete(&mut self, mut value: Value, first: u8, end: usize) -> Found {
        let end = if value.released == 0 { end.max(1) } else { end };
        let length = value.released + end as u64;
        if first == b'{' && length <= MAX_RECORD_BYTES as u64 {
            self.used = end;
            return Found::Record { start: 0, end };
        }
        self.release(&mut value, end);
        let trouble = if first == b'{' { TooLong(length) } else { NotARecord };
        Found::Reject(self.reject(value.offset, trouble, value.excerpt.unwrap_or_default()))
    }

    /// The stream ends inside a value.
    fn cut_short(&mut self, value: Value) -> Found {
        let excerpt = value.excerpt.unwrap_or_default();
        if let Some(damage) = self.window.take_damage() {
            return Found::Reject(self.reject(value.offset, DamagedStream(&damage), excerpt));
        }
        let trouble = if value.released > MAX_RECORD_BYTES as u64 { Lost(value.released) } else { Truncated };
        Found::Reject(self.reject(value.offset, trouble, excerpt))
    }

    /// Gives the value up and goes to where the next record begins.
    fn lose(&mut self, mut value: Value, trouble: Trouble<'_>) -> io::Result<Found> {
        let stopped_at_record = value.released > 0 && self.peek()? == Some(b'{');
        if !stopped_at_record {
            self.seek_record(&mut value)?;
        }
        self.blanks = Some(self.indentation);
        let trouble = if value.released > MAX_RECORD_BYTES as u64 { TooLong(value.released) } else { trouble };
        Ok(Found::Reject(self.reject(value.offset, trouble, value.excerpt.unwrap_or_default())))
    }

    /// Goes to the next line that begins with `{`, indented like the last record, or to the end.
    fn seek_record(&mut self, value: &mut Value) -> io::Result<()> {
        while self.peek()?.is_some() {
            let Some(line_break) = self.find(b'\n', 0)? else {
                self.release(value, self.window.held().len());
                continue;
            };
            self.release(value, line_break);
            while let Some(byte) = self.peek()?
                && is_blank(byte)
            {
                self.pass(byte);
            }
            if self.peek()? == Some(b'{') && self.blanks == Some(self.indentation) {
                break;
            }
        }
        Ok(())
    }

    /// Lets go of the beginning of a value, keeping its excerpt.
    fn release(&mut self, value: &mut Value, count: usize) {
        value.excerpt.get_or_insert_with(|| visible_excerpt(&self.window.held()[..count]));
        value.released += count as u64;
        self.window.release(count);
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        while self.window.held().is_empty() && self.window.fill()? {}
        Ok(self.window.held().first().copied())
    }

    /// Passes over one byte between values.
    fn pass(&mut self, byte: u8) {
        self.blanks = match byte {
            b'\n' => Some(0),
            b' ' | b'\t' => self.blanks.map(|blanks| blanks + 1),
            b'\r' => self.blanks,
            _ => None,
        };
        self.window.release(1);
    }
}

/// A value being read.
struct Value {
    /// Where it begins in the stream.
    offset: u64,
    /// Its beginning, once bytes of it have been let go.
    excerpt: Option<String>,
    /// How many have.
    released: u64,
}
