//! A stream gives the same frames however it arrives in pieces; records lie in it in order, with nothing but separators between them.
//!
//! The first byte says how many of the next ones are lengths of pieces; what follows them is the stream. Records of a table begin with its
//! header, which lies before them.
#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use parallax_ingest::fuzzing::{Frame, FrameReject, Framer, Record, is_table_header};

/// What JSON calls white space; anything else belongs to a record.
const BLANKS: &[u8] = b" \t\r\n";

#[derive(Debug, PartialEq)]
enum Found {
    /// A header is nothing but of a table.
    Record {
        line: u64,
        offset: u64,
        header: Vec<u8>,
        bytes: Vec<u8>,
    },
    Reject(FrameReject),
}

fuzz_target!(|bytes: &[u8]| {
    let Some((count, rest)) = bytes.split_first() else { return };
    let Some((lengths, stream)) = rest.split_at_checked(usize::from(count % 8)) else { return };
    let (frames, behind) = frames(stream);
    assert!(behind <= stream.len() as u64);
    check_places(&frames, stream);
    if !lengths.is_empty() {
        assert_eq!(self::frames(Pieces { stream, lengths, turn: 0 }).0, frames, "pieces make no difference");
    }
});

fn frames(stream: impl Read) -> (Vec<Found>, u64) {
    let mut framer = Framer::new(stream);
    let mut frames = Vec::new();
    while let Some(frame) = framer.next().expect("the stream cannot fail") {
        frames.push(match frame {
            Frame::Record(record) => found(&record),
            Frame::Reject(reject) => Found::Reject(reject),
        });
    }
    (frames, framer.offset())
}

/// A record, with the header of its table taken off.
fn found(record: &Record<'_>) -> Found {
    let line_break = record.bytes.iter().position(|byte| *byte == b'\n').filter(|at| is_table_header(&record.bytes[..*at]));
    let (header, bytes) = record.bytes.split_at(line_break.map_or(0, |at| at + 1));
    Found::Record { line: record.line, offset: record.offset, header: header.to_vec(), bytes: bytes.to_vec() }
}

/// Every byte that is no separator lies in a record or behind the beginning of a reject.
fn check_places(frames: &[Found], stream: &[u8]) {
    let mut end = if stream.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut in_reject = false;
    let (mut last_line, mut gap_ends, mut headers) = (0, Vec::new(), Vec::new());
    for frame in frames {
        let (line, offset, length) = match frame {
            Found::Record { line, offset, bytes, .. } => (*line, *offset as usize, bytes.len()),
            Found::Reject(reject) => (reject.line, reject.offset as usize, 0),
        };
        assert!(line > last_line && offset >= end, "frames come in order: {frames:?}");
        if let Found::Record { header, bytes, .. } = frame {
            headers.push(header);
            assert_eq!(&stream[offset..offset + length], bytes);
            let ends = if header.is_empty() { [bytes.first(), bytes.last()] } else { [bytes.last(); 2] };
            assert!(ends.into_iter().all(|byte| byte.is_some_and(|byte| !BLANKS.contains(byte))));
        }
        if !in_reject {
            gap_ends.push((end, offset));
        }
        (end, last_line, in_reject) = (offset + length, line, matches!(frame, Found::Reject(_)));
    }
    if !in_reject {
        gap_ends.push((end, stream.len()));
    }
    if is_table(stream) {
        // Between rows lie headers, those of the records and others that no row followed.
        assert!(headers.iter().all(|header| !header.is_empty()));
        return;
    }
    assert!(headers.iter().all(|header| header.is_empty()));
    for (start, end) in gap_ends {
        assert!(stream[start..end].iter().all(|byte| b" \t\r\n,[]".contains(byte)), "{start} to {end} is lost: {frames:?}");
    }
}

/// Whether the first line that is not blank is the header of a table.
fn is_table(stream: &[u8]) -> bool {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let first = stream.iter().position(|byte| !BLANKS.contains(byte)).map_or(&b""[..], |at| &stream[at..]);
    first.iter().position(|byte| *byte == b'\n').is_some_and(|end| is_table_header(&first[..end]))
}

/// Gives its bytes in pieces of the lengths given, over and over.
struct Pieces<'a> {
    stream: &'a [u8],
    lengths: &'a [u8],
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        let length = usize::from(self.lengths[self.turn % self.lengths.len()]).max(1);
        let count = length.min(self.stream.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.stream[..count]);
        self.stream = &self.stream[count..];
        Ok(count)
    }
}
