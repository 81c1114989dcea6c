//! Bytes to a document, in place; what fails at first is mended once and tried again.
//!
//! A copy of the bytes is parsed, because parsing in place destroys it and both mending and quoting need the original.
//! Buffers live as long as their thread.
//!
//! **Invariant:** memory is bounded by the length of the bytes and [`MAX_VALUES`]; no input can make it panic.

use std::cell::Cell;

use simd_json::{Buffers, ErrorType, INPUT_PADDING, Node, Tape};

use super::repair::{Repair, repair};
use super::value::Value;
use crate::text::visible_excerpt;

/// A parsed document.
pub struct Document<'a> {
    pub value: Value<'a>,
    /// What had to be mended before it could be parsed, and how often.
    pub repairs: &'a [(Repair, usize)],
    /// The bytes as they were.
    pub original: &'a [u8],
}

/// Why bytes are not a document.
#[derive(Debug)]
pub struct Fault {
    /// Short stable name.
    pub reason: &'static str,
    pub message: String,
    /// The first characters.
    pub excerpt: String,
}

/// Values that a document may hold. A real measurement has thousands; each takes up to three places of 24 bytes while it is parsed.
const MAX_VALUES: usize = 500_000;
/// Buffers of a longer document, or of one with more values, are given back, so that giants do not fill the memory of every thread for good.
const KEEP_BUFFERS_BELOW: usize = 1 << 20;
const KEEP_TAPE_BELOW: usize = 1 << 16;

#[derive(Default)]
struct Scratch {
    /// The copy that is parsed.
    bytes: Vec<u8>,
    buffers: Buffers,
    tape: Vec<Node<'static>>,
}

thread_local! {
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

/// Parses `bytes` and hands the document or the fault to `read`.
pub fn parse<R>(bytes: &[u8], read: impl FnOnce(Result<Document<'_>, Fault>) -> R) -> R {
    let mut scratch = SCRATCH.take().unwrap_or_default();
    let result = parse_with(&mut scratch, bytes, read);
    if bytes.len() < KEEP_BUFFERS_BELOW && scratch.tape.capacity() < KEEP_TAPE_BELOW {
        SCRATCH.set(Some(scratch));
    }
    result
}

fn parse_with<R>(scratch: &mut Scratch, original: &[u8], read: impl FnOnce(Result<Document<'_>, Fault>) -> R) -> R {
    let Scratch { bytes, buffers, tape } = scratch;
    bytes.clear();
    bytes.extend_from_slice(original);
    blank_byte_order_mark(bytes);
    let original = original.strip_prefix(BYTE_ORDER_MARK).unwrap_or(original);
    if let Some(fault) = obvious_fault(original) {
        return read(Err(fault));
    }
    let kept = Tape(std::mem::take(tape));
    let mut first = kept.reset();
    let error = match fill(bytes, buffers, &mut first) {
        Ok(()) => {
            let result = read(Ok(Document { value: Value::of_tape(&first.0), repairs: &[], original }));
            *tape = first.reset().0;
            return result;
        }
        Err(error) => error,
    };
    let (mut mended, repairs) = repair(original);
    let mut second = first.reset();
    if !repairs.is_empty() && fill(&mut mended, buffers, &mut second).is_ok() {
        return read(Ok(Document { value: Value::of_tape(&second.0), repairs: &repairs, original }));
    }
    read(Err(fault_of(&error, original)))
}

fn fill<'a>(bytes: &'a mut Vec<u8>, buffers: &mut Buffers, tape: &mut Tape<'a>) -> simd_json::Result<()> {
    let length = bytes.len();
    bytes.resize(length + INPUT_PADDING, b' ');
    simd_json::fill_tape_padded(bytes, length, buffers, tape)
}

/// Some editors begin a file with U+FEFF, which is no JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Blank and not gone, so that a fault's position is the one in the record.
fn blank_byte_order_mark(bytes: &mut [u8]) {
    if let Some(mark) = bytes.get_mut(..BYTE_ORDER_MARK.len())
        && mark == BYTE_ORDER_MARK
    {
        mark.fill(b' ');
    }
}

fn obvious_fault(original: &[u8]) -> Option<Fault> {
    let Some(first) = original.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Some(fault("empty", "there is nothing but white space here".to_owned(), original));
    };
    if is_yaml(*first, original) {
        let message = "a YAML report, as OONI wrote them until 2016: what was measured and by whom stand in different documents of it, so that no record can be read alone; take the same report as JSON, which OONI publishes too".to_owned();
        return Some(fault("yaml_report", message, original));
    }
    // A shorter text cannot hold as many, and is not counted.
    if original.len() > MAX_VALUES && count_separators(original) > MAX_VALUES {
        let message = format!("more than {MAX_VALUES} values in one record; no real measurement has as many");
        return Some(fault("too_many_values", message, original));
    }
    None
}

/// Legacy reports begin with a document marker, or with `key: value` where JSON would have a bracket.
fn is_yaml(first: u8, original: &[u8]) -> bool {
    let text = original.trim_ascii_start();
    if !first.is_ascii_alphabetic() {
        return text.starts_with(b"---");
    }
    let name_length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    text.get(name_length) == Some(&b':')
}

/// Commas and brackets outside texts: at least as many as there are values.
fn count_separators(bytes: &[u8]) -> usize {
    let (mut count, mut rest) = (0, bytes);
    loop {
        let Some(quote) = rest.iter().position(|byte| {
            count += usize::from(matches!(byte, b',' | b':' | b'[' | b'{'));
            *byte == b'"'
        }) else {
            return count;
        };
        rest = after_text(&rest[quote + 1..]);
    }
}

/// What follows the text whose first quote has just been read.
fn after_text(mut rest: &[u8]) -> &[u8] {
    while let Some(position) = memchr::memchr2(b'"', b'\\', rest) {
        let escaped = rest[position] == b'\\';
        rest = rest.get(position + 1 + usize::from(escaped)..).unwrap_or_default();
        if !escaped {
            return rest;
        }
    }
    &[]
}

fn fault_of(error: &simd_json::Error, original: &[u8]) -> Fault {
    match error.error() {
        ErrorType::DepthLimitExceeded => {
            let message = format!("brackets stand more than {} deep in one another", simd_json::DEFAULT_MAX_DEPTH);
            fault("too_deep", message, original)
        }
        ErrorType::InputTooLarge => fault("too_long", "longer than 4 GB".to_owned(), original),
        kind => fault("not_json", format!("not JSON: {} near byte {}", spelled_out(kind), error.index()), original),
    }
}

/// `ExpectedObjectKey` as "expected object key".
fn spelled_out(kind: &ErrorType) -> String {
    let mut words = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn fault(reason: &'static str, message: String, original: &[u8]) -> Fault {
    Fault { reason, message, excerpt: visible_excerpt(original) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(bytes: &[u8]) -> &'static str {
        parse(bytes, |document| document.map_or_else(|fault| fault.reason, |_| "read"))
    }

    #[test]
    fn what_is_no_document_is_named() {
        assert_eq!(reason(b" \n"), "empty");
        assert_eq!(reason(b"---\nprobe_cc: XA\n"), "yaml_report");
        assert_eq!(reason(b"probe_cc: XA\n"), "yaml_report");
        assert_eq!(reason(b"{\"a\": }"), "not_json");
        assert_eq!(reason(b"{\"a\": \"b"), "not_json");
        assert_eq!(reason(&[b'['; 100_000]), "too_deep");
    }

    #[test]
    fn a_byte_order_mark_is_no_obstacle() {
        assert_eq!(reason(b"\xef\xbb\xbf{}"), "read");
    }

    #[test]
    fn a_flood_of_values_is_refused_before_memory_is_taken() {
        let flood = [b"[".as_slice(), &b"0,".repeat(MAX_VALUES + 1), b"0]"].concat();
        assert_eq!(reason(&flood), "too_many_values");
        let text = [b"[\"".as_slice(), &b"0,".repeat(MAX_VALUES + 1), b"\\\"\"]"].concat();
        assert_eq!(reason(&text), "read");
    }

    #[test]
    fn what_was_mended_is_said() {
        let json = br#"{"a": "\ud800 and \ud83d\ude00", "b": NaN}"#;
        parse(json, |document| {
            let document = document.unwrap_or_else(|fault| panic!("{}", fault.message));
            assert_eq!(document.value.get("a").text(), Some("\u{fffd} and \u{1f600}"));
            assert_eq!(document.repairs, [(Repair::LoneSurrogate, 1), (Repair::NotANumber, 1)]);
            assert_eq!(document.original, json);
        });
    }

    #[test]
    fn a_document_may_be_parsed_while_another_is_read() {
        let outer = parse(br#"{"inner": "{\"a\": 1}"}"#, |document| {
            let inner = document.ok()?.value.get("inner").text()?.to_owned();
            parse(inner.as_bytes(), |document| document.ok()?.value.get("a").whole_number())
        });
        assert_eq!(outer, Some(1));
    }
}
