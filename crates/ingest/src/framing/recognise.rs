//! Recognises from the beginning of a stream how its records are laid out.

use std::io::{self, Read};

use memchr::memchr;

use super::framer::{Framer, MAX_RECORD_BYTES, Mode, is_blank};
use super::scanner::{Scan, Scanner};

impl<R: Read> Framer<R> {
    pub(super) fn recognise(&mut self) -> io::Result<Mode> {
        while self.window.held().len() < BYTE_ORDER_MARK.len() && self.window.fill()? {}
        if self.window.held().starts_with(BYTE_ORDER_MARK) {
            self.window.release(BYTE_ORDER_MARK.len());
        }
        let Some((first, byte)) = self.not_blank(0)? else { return Ok(Mode::Lines) };
        match byte {
            b'[' => match self.not_blank(first + 1)? {
                Some((_, b'{' | b']')) => Ok(Mode::Documents),
                _ => self.lines_if_any_is_a_record(),
            },
            b'{' if self.continues_on_second_line(first)? => Ok(Mode::Documents),
            b'{' => Ok(Mode::Lines),
            _ if self.begin_table()? => Ok(Mode::Table),
            _ => self.lines_if_any_is_a_record(),
        }
    }

    /// Whether the object that begins at `first` is laid out over many lines, rather than being a whole line, sound or damaged.
    fn continues_on_second_line(&mut self, first: usize) -> io::Result<bool> {
        let Some(line_break) = self.find(b'\n', first)? else { return Ok(false) };
        if Scanner::new(0).scan(&self.window.held()[first..=line_break]) != Scan::More {
            return Ok(false);
        }
        let Some((next, byte)) = self.not_blank(line_break + 1)? else { return Ok(false) };
        let is_indented = self.window.held()[next - 1] != b'\n';
        Ok(matches!(byte, b'"' | b'}' | b']') || is_indented && byte != b'{')
    }

    /// A damaged first line must not cost the lines after it; but a file without any line that looks like a record is something else.
    fn lines_if_any_is_a_record(&mut self) -> io::Result<Mode> {
        let mut start = 0;
        while let Some(line_break) = self.find(b'\n', start)? {
            start = line_break + 1;
            if let Some((at, b'{')) = self.not_blank(start)?
                && let Some((_, b'"')) = self.not_blank(at + 1)?
            {
                return Ok(Mode::Lines);
            }
        }
        Ok(Mode::Foreign)
    }

    /// The first byte from `at` on that is no blank, where it lies within the longest record.
    fn not_blank(&mut self, mut at: usize) -> io::Result<Option<(usize, u8)>> {
        loop {
            let held = self.window.held();
            if let Some(skipped) = held.get(at..).and_then(|held| held.iter().position(|byte| !is_blank(*byte))) {
                return Ok(Some((at + skipped, held[at + skipped])));
            }
            at = at.max(held.len());
            if at > MAX_RECORD_BYTES || !self.window.fill()? {
                return Ok(None);
            }
        }
    }

    /// Where `byte` is first found from `at` on, within the longest record.
    pub(super) fn find(&mut self, byte: u8, at: usize) -> io::Result<Option<usize>> {
        self.find_within(byte, at, MAX_RECORD_BYTES)
    }

    /// The same within `limit` bytes, or a little more.
    pub(super) fn find_within(&mut self, byte: u8, mut at: usize, limit: usize) -> io::Result<Option<usize>> {
        loop {
            let held = self.window.held();
            if let Some(skipped) = held.get(at..).and_then(|held| memchr(byte, held)) {
                return Ok(Some(at + skipped));
            }
            at = at.max(held.len());
            if at > limit || !self.window.fill()? {
                return Ok(None);
            }
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
