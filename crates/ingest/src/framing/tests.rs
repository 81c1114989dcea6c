//! What the framer promises.

use std::io::{self, Read};

use parallax_archive::container;
use proptest::prelude::*;

use super::framer::MAX_RECORD_BYTES;
use super::*;

/// Gives its bytes in pieces of the lengths given, over and over.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: Vec<usize>,
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        let count = self.lengths[self.turn % self.lengths.len()].min(self.bytes.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

/// Each frame on a line: a record as `line@offset text`, a reject as `line@offset !reason`.
fn frames(stream: impl Read) -> Vec<String> {
    let mut framer = Framer::new(stream);
    let mut frames = Vec::new();
    while let Some(frame) = framer.next().unwrap() {
        frames.push(match frame {
            Frame::Record(record) => {
                format!("{}@{} {}", record.line, record.offset, String::from_utf8_lossy(record.bytes).replace('\n', "~"))
            }
            Frame::Reject(reject) => format!("{}@{} !{}", reject.line, reject.offset, reject.reason),
        });
    }
    frames
}

/// What rejects quote.
fn excerpts(stream: impl Read) -> Vec<String> {
    let mut framer = Framer::new(stream);
    let mut excerpts = Vec::new();
    while let Some(frame) = framer.next().unwrap() {
        if let Frame::Reject(reject) = frame {
            excerpts.push(reject.excerpt);
        }
    }
    excerpts
}

fn of(text: &str) -> Vec<String> {
    frames(text.as_bytes())
}

#[test]
fn lines_are_counted_with_blank_ones_and_trimmed() {
    assert_eq!(of("\u{feff}{\"a\":1}\r\n\r\n  {\"b\":2} \n{\"c\":3}"), ["1@3 {\"a\":1}", "3@16 {\"b\":2}", "4@25 {\"c\":3}"]);
}

#[test]
fn a_broken_line_costs_nothing_but_itself() {
    for broken in ["{\"a\":\"", "\"a\":1}", "{\"a\":{", "x", "[{\"a\"", "}", "{\"a\":\"b\\", "[\"a\":1}"] {
        let text = format!("{broken}\n{{\"b\":2}}\n{broken}\n{{\"c\":3}}\n");
        let found = of(&text);
        assert_eq!(found.len(), 4, "{broken}: {found:?}");
        assert!(found[1].ends_with(" {\"b\":2}") && found[3].ends_with(" {\"c\":3}"), "{broken}: {found:?}");
    }
}

#[test]
fn one_document_and_many_on_end() {
    let pretty = "{\n  \"a\": {\n    \"b\": \"}\"\n  }\n}";
    assert_eq!(of(pretty), [format!("1@0 {}", pretty.replace('\n', "~"))]);
    assert_eq!(of(&format!("\n{pretty}{pretty}\n\n{pretty}\n")).len(), 3);
    assert_eq!(of("{\n\"a\":\n[\n{\n\"b\":1\n}\n]\n}\n{\n\"c\":1\n}\n").len(), 2);
}

#[test]
fn arrays_in_every_layout() {
    let expected =
        |found: Vec<String>| found.iter().map(|frame| frame.split_once(' ').unwrap().1.replace(['~', ' '], "")).collect::<Vec<_>>();
    for text in [
        "[{\"a\":1},{\"b\":[2]}]",
        "[\n{\"a\":1},\n{\"b\":[2]}\n]\n",
        "[\n  {\n    \"a\": 1\n  },\n  {\n    \"b\": [\n      2\n    ]\n  }\n]",
        "[{\n  \"a\": 1\n}, {\n  \"b\": [2]\n}]",
        " [ {\"a\":1} ]\n[{\"b\":[2]}]",
    ] {
        assert_eq!(expected(of(text)), ["{\"a\":1}", "{\"b\":[2]}"], "{text}");
    }
    assert_eq!(of("[]"), [""; 0]);
}

#[test]
fn what_is_no_record_in_an_array_is_rejected_for_itself() {
    assert_eq!(
        of("[{\"a\":1}, null, \"x,{}\", [1,{}], }, {\"b\":2}]"),
        ["1@1 {\"a\":1}", "2@10 !not_a_record", "3@16 !not_a_record", "4@24 !not_a_record", "5@32 !not_a_record", "6@35 {\"b\":2}"]
    );
}

#[test]
fn after_a_broken_document_reading_goes_on_at_the_next() {
    let good = "{\n  \"a\": 1\n}\n";
    for broken in ["{\n  \"a\": {\n}\n", "{\n  \"a\": \"b\n  \"c\": 1\n}\n", "{\n  \"a\": 1\n", "  \"a\": 1\n}\n"] {
        let found = of(&format!("{good}{broken}{good}"));
        assert!(
            matches!(&found[..], [first, reject, last] if first.contains('{') && reject.contains('!') && last.contains('{')),
            "{found:?}"
        );
    }
    assert_eq!(of("[\n  {\n    \"a\": \"\n  },\n  {\n    \"b\": 1\n  }\n]"), ["1@4 !unbalanced", "2@24 {~    \"b\": 1~  }"]);
    assert_eq!(of("[\n{\"a\":{},\n{\"b\":1}\n]"), ["1@2 !unbalanced", "2@11 {\"b\":1}"]);
}

#[test]
fn a_document_that_stops_is_truncated() {
    assert_eq!(of("{\n  \"a\": 1,\n"), ["1@0 !truncated"]);
    assert_eq!(of("[{\"a\":1},{\"b\""), ["1@1 {\"a\":1}", "2@9 !truncated"]);
}

#[test]
fn a_file_of_something_else_is_one_reject() {
    for text in ["# Readme\n\nText {\n{ more\n", "PAR1\u{0}\u{15}", "[1,2,3]", "url,category_code\nhttps://a/,X\n", "\"text\""] {
        assert!(matches!(&of(text)[..], [reject] if reject.ends_with("!not_measurements")), "{text}");
    }
    assert_eq!(of("---\nprobe_asn: AS1\n...\n"), ["1@0 !yaml_report"]);
    assert_eq!(of(""), [""; 0]);
    assert_eq!(of(" \n\n"), [""; 0]);
}

#[test]
fn what_stands_before_damage_is_read_and_the_rest_is_one_reject() {
    let lines: String = (0..50_000).map(|number| format!("{{\"number\":{number}}}\n")).collect();
    let mut gzip = flate2::read::GzEncoder::new(lines.as_bytes(), flate2::Compression::fast());
    let mut bytes = Vec::new();
    gzip.read_to_end(&mut bytes).unwrap();
    bytes.truncate(bytes.len() / 2);
    let found = frames(container::open(io::Cursor::new(bytes), Default::default()).unwrap());
    let (last, records) = found.split_last().unwrap();
    assert!(records.len() > 10_000);
    assert!(records.iter().zip(lines.lines()).all(|(frame, line)| frame.ends_with(line)));
    let offset: usize = lines.lines().take(records.len()).map(|line| line.len() + 1).sum();
    assert_eq!(*last, format!("{}@{offset} !damaged_stream", records.len() + 1));
}

/// `head`, then `length` times x, then `tail`.
fn long(head: &'static str, length: u64, tail: &'static str) -> impl Read {
    head.as_bytes().chain(io::repeat(b'x').take(length)).chain(tail.as_bytes())
}

#[test]
fn a_line_of_600_megabytes_is_passed_over_in_constant_memory() {
    let mut framer = Framer::new(long("{\"a\":1}\n{\"b\":\"", 600_000_000, "\"}\n{\"c\":1}\n"));
    assert!(matches!(framer.next().unwrap(), Some(Frame::Record(_))));
    let Some(Frame::Reject(reject)) = framer.next().unwrap() else { panic!("a long line is a reject") };
    assert_eq!((reject.line, reject.offset, reject.reason), (2, 8, "too_long"));
    assert_eq!(reject.message, "the record has 600000008 bytes; records of more than 33554432 are not read");
    let Some(Frame::Record(last)) = framer.next().unwrap() else { panic!("the line after it is read") };
    assert_eq!((last.line, last.offset, last.bytes), (3, 600_000_017, &b"{\"c\":1}"[..]));
    assert!(framer.window.capacity() <= 2 * MAX_RECORD_BYTES);
}

#[test]
fn a_long_element_of_an_array_is_passed_over_alone() {
    let found = frames(long("[{\"a\":\"", 100 << 20, "\"},{\"b\":1}]"));
    assert_eq!(found, ["1@1 !too_long", "2@104857610 {\"b\":1}"]);
}

#[test]
fn the_limit_is_exact() {
    for (extra, reject) in [(0, false), (1, true)] {
        let length = (MAX_RECORD_BYTES - 8 + extra) as u64;
        for (head, tail) in [("{\"a\":\"", "\"}\n"), ("[{\"a\":\"", "\"}]")] {
            let found = frames(long(head, length, tail));
            assert_eq!(found[0].ends_with("!too_long"), reject, "{head} {extra}");
            assert_eq!(found.len(), 1);
        }
    }
}

/// Pieces of JSON, whole and broken, that are likely to meet badly.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "\\",
        "\n",
        "\n{",
        "\n  ",
        " ",
        "{\"a\":1}",
        "{\"a\":1}\n",
        "{\n  \"a\": 1\n}\n",
        "\"b\":",
        "x",
        "\r\n",
        "{\n\"a\": [\n{}]}\n",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_make_no_difference(text in any_text(), lengths in prop::collection::vec(1usize..9, 1..4)) {
        prop_assert_eq!(frames(Pieces { bytes: text.as_bytes(), lengths, turn: 0 }), of(&text));
    }

    #[test]
    fn every_line_is_given_back_in_order(lines in prop::collection::vec("\\{\"[a-z{}\\\\\",:]{0,12}", 0..12)) {
        let text = format!("{{\"first\":1}}\n{}", lines.join("\n"));
        let found = of(&text);
        prop_assert_eq!(found.len(), lines.len() + 1);
        for (frame, line) in found[1..].iter().zip(&lines) {
            prop_assert!(frame.ends_with(line));
        }
    }

    #[test]
    fn frames_lie_in_order_and_leave_nothing_but_separators(text in any_text()) {
        let mut framer = Framer::new(text.as_bytes());
        let mut end = 0;
        while let Some(frame) = framer.next().unwrap() {
            if let Frame::Record(record) = frame {
                let start = record.offset as usize;
                prop_assert!(start >= end);
                prop_assert_eq!(&text.as_bytes()[start..start + record.bytes.len()], record.bytes);
                end = start + record.bytes.len();
            }
        }
    }
}

const HEADER: &str = "input,measurement_uid,probe_cc\n";

/// The frames of a table, records without their header.
fn of_table(text: &str) -> Vec<String> {
    of(text).into_iter().map(|frame| frame.replacen(&HEADER.replace('\n', "~"), "", 1)).collect()
}

#[test]
fn consecutive_rows_of_one_measurement_are_one_record() {
    let table = format!("{HEADER}x,u1,XA\r\n\"y\nz\",u1,XA\n,u2,XA\n\nw,\"u1\",XA");
    assert_eq!(of_table(&table), ["2@31 x,u1,XA\r~\"y~z\",u1,XA", "5@52 ,u2,XA", "7@60 w,\"u1\",XA"]);
}

#[test]
fn every_record_of_a_table_begins_with_its_header() {
    let other = "measurement_uid,probe_cc";
    let found = of(&format!("\u{feff}{HEADER}x,u1,XA\n{HEADER}y,u1,XA\n{other}\nu3,XA\n"));
    let header = HEADER.replace('\n', "~");
    assert_eq!(found, [format!("2@34 {header}x,u1,XA"), format!("4@73 {header}y,u1,XA"), format!("6@106 {other}~u3,XA")],);
}

#[test]
fn a_later_header_may_be_indented() {
    let found = of(&format!("{HEADER}x,u1,XA\n \t probe_cc,measurement_uid\nXA,u3\nXA,u4\n"));
    let header = HEADER.replace('\n', "~");
    let later = "probe_cc,measurement_uid";
    assert_eq!(found, [format!("2@31 {header}x,u1,XA"), format!("4@67 {later}~XA,u3"), format!("5@73 {later}~XA,u4")]);
}

#[test]
fn a_row_that_cannot_be_read_takes_the_measurement_before_it_along() {
    assert_eq!(of_table(&format!("{HEADER}x,u1,XA\ny\nz,u2,XA\n")), ["2@31 !no_measurement_uid", "4@41 z,u2,XA"]);
    assert_eq!(of_table(&format!("{HEADER}x,u1,XA\ny,u")), ["2@31 !truncated"]);
    assert_eq!(of_table(&format!("{HEADER}x,u1,XA\n\"y,u1,XA\nz,u2,XA\n")), ["2@31 !unbalanced", "4@48 z,u2,XA"]);
}

#[test]
fn a_measurement_of_too_many_rows_is_passed_over_in_constant_memory() {
    let row = "0123456789,u1,XA\n".repeat(1 << 16);
    let rows = io::repeat(0).take(0).chain(HEADER.as_bytes()).chain(row.as_bytes()).chain("x,u2,XA\n".as_bytes());
    let mut framer = Framer::new(rows);
    let Some(Frame::Reject(reject)) = framer.next().unwrap() else { panic!("too many rows are a reject") };
    assert_eq!((reject.line, reject.offset, reject.reason), (2, 31, "too_many_rows"));
    assert_eq!(reject.message, "the measurement has 65536 rows; measurements of more than 5000 are not read");
    let Some(Frame::Record(last)) = framer.next().unwrap() else { panic!("the measurement after it is read") };
    assert_eq!((last.line, last.offset), (65_538, 31 + row.len() as u64));
    assert!(framer.window.capacity() <= 1 << 20);
}

#[test]
fn a_damaged_table_ends_before_the_measurement_that_may_be_incomplete() {
    let rows: String = (0..50_000).map(|number| format!("x,u{},XA\n", number / 5)).collect();
    let mut gzip = flate2::read::GzEncoder::new(HEADER.as_bytes().chain(rows.as_bytes()), flate2::Compression::fast());
    let mut bytes = Vec::new();
    gzip.read_to_end(&mut bytes).unwrap();
    bytes.truncate(bytes.len() / 2);
    let found = frames(container::open(io::Cursor::new(bytes), Default::default()).unwrap());
    let (last, records) = found.split_last().unwrap();
    assert!(records.len() > 1000 && records.iter().all(|record| record.matches(",XA").count() == 5));
    assert!(last.ends_with("!damaged_stream"));
}

/// Pieces of a table that are likely to meet badly.
fn any_table() -> impl Strategy<Value = String> {
    let piece =
        prop::sample::select(vec!["u1", "u2", ",", "\"", "\n", "\r\n", ",u1,XA\n", "x,u2,XA\n", "\"a\nb\",u2,XA\n", " ", HEADER, "\n\n"]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| format!("{HEADER}{}", pieces.concat()))
}

proptest! {
    #[test]
    fn pieces_of_a_table_make_no_difference(text in any_table(), lengths in prop::collection::vec(1usize..9, 1..4)) {
        prop_assert_eq!(frames(Pieces { bytes: text.as_bytes(), lengths: lengths.clone(), turn: 0 }), of(&text));
        prop_assert_eq!(excerpts(Pieces { bytes: text.as_bytes(), lengths, turn: 0 }), excerpts(text.as_bytes()));
    }

    #[test]
    fn rows_lie_in_order_and_as_they_are(text in any_table()) {
        let mut framer = Framer::new(text.as_bytes());
        let (mut end, mut line) = (0, 0);
        while let Some(frame) = framer.next().unwrap() {
            match frame {
                Frame::Record(record) => {
                    let header = record.bytes.iter().position(|byte| *byte == b'\n').expect("the header stands first");
                    let rows = &record.bytes[header + 1..];
                    let start = record.offset as usize;
                    prop_assert!(start >= end && record.line > line);
                    prop_assert_eq!(&text.as_bytes()[start..start + rows.len()], rows);
                    (end, line) = (start + rows.len(), record.line);
                }
                Frame::Reject(reject) => {
                    prop_assert!(reject.line > line && reject.offset as usize >= end);
                    (end, line) = (reject.offset as usize, reject.line);
                }
            }
        }
    }
}

#[test]
fn rows_of_a_measurement_that_lie_apart_are_records_of_their_own() {
    let found = of_table(&format!("{HEADER}x,u1,XA\ny,u2,XA\nz,u1,XA\n"));
    assert_eq!(found, ["2@31 x,u1,XA", "3@39 y,u2,XA", "4@47 z,u1,XA"]);
}
