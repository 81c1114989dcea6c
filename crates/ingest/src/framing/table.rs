//! CSV tables of observations: consecutive rows of one measurement are one record.
//!
//! A table is recognised by its header, which must name a column `measurement_uid`. A record is handed on with the header before its
//! rows, so that it says by itself what its columns mean; its offset is that of its first row. A repeated header (tables put on end) is
//! passed over, another header begins another table.
//!
//! Rows of one measurement that lie apart are records of their own with the same uid: nothing is remembered of a measurement once
//! another one has begun. A measurement whose end cannot be told from damage is rejected whole: the rows that are missing may be the ones
//! that worked.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memmem};

use super::framer::{Found, Framer, MAX_RECORD_BYTES, Mode, is_blank};
use super::reject::Trouble::{self, DamagedStream, NoUid, TooLong, TooManyRows, Truncated, UnclosedQuote};
use super::row::{Row, RowScanner};
use crate::text::visible_excerpt;

/// Rows of one measurement. The largest ones seen have 66; tests of websites with many addresses have some hundreds.
pub const MAX_ROWS_OF_RECORD: usize = 5_000;
/// The longest row. Certificates' names make rows of some kilobytes.
pub const MAX_ROW_BYTES: usize = 1 << 20;
/// The longest header; OONI's has 51 columns and 900 bytes.
const MAX_HEADER_BYTES: usize = 16 << 10;
const UID: &[u8] = b"measurement_uid";

/// What is known about the table being read.
#[derive(Default)]
pub(super) struct Table {
    /// The header and a line break, then the rows of the record at hand.
    record: Vec<u8>,
    header_length: usize,
    columns: usize,
    uid_column: usize,
    /// Line at which the window begins, from 1.
    line: u64,
}

impl Table {
    /// The record that was found last, with its header.
    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }
}

/// Whether a line is the header of a table of observations: plain names of columns, one of them `measurement_uid`.
pub fn is_header(line: &[u8]) -> bool {
    uid_column(line).is_some()
}

fn uid_column(line: &[u8]) -> Option<usize> {
    let line = line.trim_ascii_end();
    memmem::find(line, UID)?;
    let is_name =
        |name: &[u8]| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_');
    let mut names = line.split(|byte| *byte == b',');
    let column = names.clone().position(|name| name == UID)?;
    (names.clone().count() > 1 && names.all(is_name)).then_some(column)
}

/// The rows of one measurement, counted from the beginning of the window.
struct Group {
    uid: Vec<u8>,
    /// Where the window began when the group did.
    offset: u64,
    line: u64,
    rows: usize,
    /// Behind its last row.
    end: usize,
    /// Bytes let go because the group is too long to be kept.
    released: u64,
    excerpt: Option<String>,
}

impl<R: Read> Framer<R> {
    /// Whether the stream begins with the header of a table; it is taken up then.
    pub(super) fn begin_table(&mut self) -> io::Result<bool> {
        let Some(first) = self.window.held().iter().position(|byte| !is_blank(*byte)) else { return Ok(false) };
        let line = self.window.held()[..first].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let Some(line_break) = self.find_within(b'\n', first, first + MAX_HEADER_BYTES)? else { return Ok(false) };
        if !is_header(&self.window.held()[first..line_break]) {
            return Ok(false);
        }
        self.window.release(first);
        self.table.line = line;
        self.take_header(line_break - first);
        Ok(true)
    }

    /// Takes the line at the beginning of the window as the header of what follows.
    fn take_header(&mut self, length: usize) {
        let header = self.window.held()[..length].trim_ascii();
        self.table.uid_column = uid_column(header).unwrap_or_default();
        self.table.columns = header.split(|byte| *byte == b',').count();
        self.table.record.clear();
        self.table.record.extend_from_slice(header);
        self.table.record.push(b'\n');
        self.table.header_length = self.table.record.len();
        self.pass_rows(length);
    }

    /// Lets go of bytes, counting lines.
    fn pass_rows(&mut self, count: usize) {
        self.table.line += memchr_iter(b'\n', &self.window.held()[..count]).count() as u64;
        self.window.release(count);
    }

    pub(super) fn next_rows(&mut self) -> io::Result<Option<Found>> {
        let mut group: Option<Group> = None;
        loop {
            let from = group.as_ref().map_or(0, |group| group.end);
            let row = match self.row(from)? {
                Next::Row(row) => row,
                Next::End => return Ok(group.map(|group| self.finish(group))),
                Next::Broken(length, trouble) => return Ok(Some(self.reject_rows(group, length, trouble))),
                Next::Damaged(damage) => return Ok(Some(self.reject_rest(group, &damage))),
            };
            let text = self.window.held()[row.content.clone()].trim_ascii();
            if text.is_empty() || text == &self.table.record[..self.table.header_length - 1] {
                match &mut group {
                    Some(group) if text.is_empty() => group.end = row.end,
                    Some(_) => return Ok(group.map(|group| self.finish(group))),
                    None => self.pass_rows(row.end),
                }
                continue;
            }
            if is_header(text) {
                match group {
                    Some(group) => return Ok(Some(self.finish(group))),
                    None => self.take_header(row.end),
                }
                continue;
            }
            let uid = row.field.clone().map(|field| &self.window.held()[field]).filter(|uid| !uid.is_empty());
            let Some(uid) = uid else {
                let length = row.end - from;
                return Ok(Some(self.reject_rows(group, length, NoUid)));
            };
            match &mut group {
                Some(group) if group.uid == uid => group.extend(row.end),
                Some(_) => return Ok(group.map(|group| self.finish(group))),
                None => group = Some(Group::new(uid, &row, self.window.offset(), self.table.line)),
            }
            if let Some(group) = &mut group {
                self.slim(group);
            }
        }
    }

    /// Lets go of what a group that is too long has gathered.
    fn slim(&mut self, group: &mut Group) {
        if !group.is_too_long() {
            return;
        }
        group.excerpt.get_or_insert_with(|| visible_excerpt(self.window.held()));
        group.released += group.end as u64;
        self.pass_rows(std::mem::take(&mut group.end));
    }

    /// The whole rows of a group as a record, or the reject that stands in its place.
    fn finish(&mut self, group: Group) -> Found {
        if group.is_too_long() {
            let bytes = group.released + group.end as u64;
            self.line = group.line;
            let trouble = if group.rows > MAX_ROWS_OF_RECORD { TooManyRows(group.rows) } else { TooLong(bytes) };
            return Found::Reject(self.reject(group.offset, trouble, group.excerpt.unwrap_or_default()));
        }
        let rows = self.window.held()[..group.end].trim_ascii_end();
        let length = rows.len();
        self.table.record.truncate(self.table.header_length);
        self.table.record.extend_from_slice(rows);
        self.line = group.line;
        self.table.line += memchr_iter(b'\n', &self.window.held()[..group.end]).count() as u64;
        self.used = group.end;
        Found::Record { start: 0, end: length }
    }

    /// Rejects the next `length` bytes, and with them the measurement that they may belong to.
    fn reject_rows(&mut self, group: Option<Group>, length: usize, trouble: Trouble<'_>) -> Found {
        let (gathered, excerpt) = self.begin_reject(group, length);
        let reject = self.reject(gathered.offset, trouble, excerpt);
        self.pass_rows(gathered.end + length);
        Found::Reject(reject)
    }

    /// The stream is damaged: so may be the measurement that was being read.
    fn reject_rest(&mut self, group: Option<Group>, damage: &str) -> Found {
        let (gathered, excerpt) = self.begin_reject(group, self.window.held().len());
        let reject = self.reject(gathered.offset, DamagedStream(damage), excerpt);
        self.window.release(self.window.held().len());
        self.mode = Mode::Finished;
        Found::Reject(reject)
    }

    /// Where a reject of a group and the bytes behind it begins, and what it quotes: nothing that lies behind them, of which there may be more or less
    /// in the window.
    fn begin_reject(&mut self, group: Option<Group>, length: usize) -> (Group, String) {
        let mut group = group.unwrap_or_else(|| Group::empty(self.window.offset(), self.table.line));
        self.line = group.line;
        let held = self.window.held();
        let excerpt = group.excerpt.take().unwrap_or_else(|| visible_excerpt(&held[..held.len().min(group.end + length)]));
        (group, excerpt)
    }

    /// The row that begins `from` bytes into the window.
    fn row(&mut self, from: usize) -> io::Result<Next> {
        let mut scanner = RowScanner::new(from, self.table.uid_column);
        loop {
            if let Some(row) = scanner.scan(self.window.held()) {
                return Ok(Next::Row(row));
            }
            let is_too_long = self.window.held().len() - from > MAX_ROW_BYTES;
            if !is_too_long && self.window.fill()? {
                continue;
            }
            if let Some(damage) = self.window.take_damage() {
                return Ok(Next::Damaged(damage));
            }
            return Ok(self.last_row(scanner, from, is_too_long));
        }
    }

    /// What stands at the end of the stream, or what never ends.
    fn last_row(&self, scanner: RowScanner, from: usize, is_too_long: bool) -> Next {
        let held = self.window.held();
        if from == held.len() {
            return Next::End;
        }
        if is_too_long || scanner.is_quoted() {
            // One line is given up, not all that the open quote swallowed.
            let line_break = memchr(b'\n', &held[from..]);
            return Next::Broken(line_break.map_or(held.len() - from, |at| at + 1), UnclosedQuote);
        }
        let (row, columns) = scanner.last_row(held);
        let is_blank = held[row.content.clone()].iter().all(|byte| is_blank(*byte));
        if columns < self.table.columns && !is_blank { Next::Broken(held.len() - from, Truncated) } else { Next::Row(row) }
    }
}

/// What follows in a table.
enum Next {
    Row(Row),
    End,
    /// So many bytes that are no row.
    Broken(usize, Trouble<'static>),
    Damaged(String),
}

impl Group {
    fn new(uid: &[u8], row: &Row, offset: u64, line: u64) -> Self {
        Self { uid: uid.to_vec(), rows: 1, end: row.end, ..Self::empty(offset, line) }
    }

    fn empty(offset: u64, line: u64) -> Self {
        Self { uid: Vec::new(), offset, line, rows: 0, end: 0, released: 0, excerpt: None }
    }

    fn extend(&mut self, end: usize) {
        self.rows += 1;
        self.end = end;
    }

    fn is_too_long(&self) -> bool {
        self.rows > MAX_ROWS_OF_RECORD || self.released + self.end as u64 > (MAX_RECORD_BYTES - MAX_HEADER_BYTES) as u64
    }
}
