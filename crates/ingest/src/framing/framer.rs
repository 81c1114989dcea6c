//! The framer: what it knows between two frames, and what it gives.

use std::io::{self, Read};

use super::reject::FrameReject;
use super::table::Table;
use super::window::Window;

/// The longest record that is read. The largest measurements seen (browser tests with all their pages) have 5 MB.
pub const MAX_RECORD_BYTES: usize = 32 << 20;

/// The next thing in a stream.
#[derive(Debug, PartialEq)]
pub enum Frame<'a> {
    Record(Record<'a>),
    Reject(FrameReject),
}

/// One record, without the blanks around it.
#[derive(Debug, PartialEq)]
pub struct Record<'a> {
    /// As they lie in the stream; of a table, its header and a line break before them.
    pub bytes: &'a [u8],
    /// Line (of JSON lines or a table) or number (in an array or a sequence) of the record, from 1.
    pub line: u64,
    /// Where it begins in the decompressed stream: of a table, where its first row does.
    pub offset: u64,
}

pub struct Framer<R> {
    pub(super) window: Window<R>,
    pub(super) mode: Mode,
    /// Lines or records so far.
    pub(super) line: u64,
    /// Bytes of the window that the last frame has used up.
    pub(super) used: usize,
    /// Blanks before the last record on its first line.
    pub(super) indentation: usize,
    /// Blanks since the last line break while nothing else stands there.
    pub(super) blanks: Option<usize>,
    pub(super) table: Table,
}

#[derive(Clone, Copy)]
pub(super) enum Mode {
    Unknown,
    Lines,
    Documents,
    Array,
    Table,
    /// Nothing in it looks like a record.
    Foreign,
    Finished,
}

/// A frame whose bytes are still to be looked up in the window.
pub(super) enum Found {
    Record { start: usize, end: usize },
    Reject(FrameReject),
}

impl<R: Read> Framer<R> {
    pub fn new(stream: R) -> Self {
        Self {
            window: Window::new(stream),
            mode: Mode::Unknown,
            line: 0,
            used: 0,
            indentation: 0,
            blanks: Some(0),
            table: Table::default(),
        }
    }

    /// How many bytes of the stream are behind.
    pub fn offset(&self) -> u64 {
        self.window.offset() + self.used as u64
    }

    /// The next record or reject; `None` at the end. The only error is one of the file itself.
    pub fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        self.window.release(std::mem::take(&mut self.used));
        let found = match self.mode {
            Mode::Unknown => {
                self.mode = self.recognise()?;
                return self.next();
            }
            Mode::Lines => self.next_line()?,
            Mode::Documents | Mode::Array => self.next_value()?,
            Mode::Table => self.next_rows()?,
            Mode::Foreign => self.foreign(),
            Mode::Finished => None,
        };
        Ok(found.map(|found| match found {
            Found::Reject(reject) => Frame::Reject(reject),
            Found::Record { start, end } => Frame::Record(Record {
                bytes: match self.mode {
                    Mode::Table => self.table.record(),
                    _ => &self.window.held()[start..end],
                },
                line: self.line,
                offset: self.window.offset() + start as u64,
            }),
        }))
    }
}

pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
