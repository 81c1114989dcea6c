//! Addresses and names out of a raw DNS response (RFC 1035), for answers that a record holds only as bytes.
//!
//! **Invariant:** reads at most [`MAX_RECORDS`] records and follows at most [`MAX_POINTERS`] pointers a name; no input can make it
//! panic or loop.

use std::net::{Ipv4Addr, Ipv6Addr};

/// One answer: its type and what it says.
#[derive(Debug, PartialEq, Eq)]
pub struct WireAnswer {
    pub kind: &'static str,
    pub answer: String,
}

/// A forged or a real answer has a handful.
const MAX_RECORDS: usize = 128;
/// A name points back a few times (section 4.1.4); a loop would forever.
const MAX_POINTERS: usize = 16;
/// Longest name (section 2.3.4).
const MAX_NAME_BYTES: usize = 255;
const HEADER_BYTES: usize = 12;

/// The answers of a response, as far as it can be read.
pub fn answers(message: &[u8]) -> Vec<WireAnswer> {
    let mut answers = Vec::new();
    let Some(mut position) = after_questions(message) else { return answers };
    let count = usize::from(number(message, 6).unwrap_or_default()).min(MAX_RECORDS);
    for _ in 0..count {
        let Some((kind, data, next)) = record(message, position) else { break };
        answers.extend(answer(message, kind, data));
        position = next;
    }
    answers
}

fn after_questions(message: &[u8]) -> Option<usize> {
    let questions = usize::from(number(message, 4)?).min(MAX_RECORDS);
    (0..questions).try_fold(HEADER_BYTES, |position, _| Some(skip_name(message, position)? + 4))
}

/// The type of a record, where its data begins and ends, and so where the next record begins.
fn record(message: &[u8], position: usize) -> Option<(u16, std::ops::Range<usize>, usize)> {
    let fixed = skip_name(message, position)?;
    let kind = number(message, fixed)?;
    let start = fixed + 10;
    let end = start + usize::from(number(message, fixed + 8)?);
    (end <= message.len()).then_some((kind, start..end, end))
}

fn answer(message: &[u8], kind: u16, data: std::ops::Range<usize>) -> Option<WireAnswer> {
    let (kind, answer) = match kind {
        1 => ("A", Ipv4Addr::from(<[u8; 4]>::try_from(&message[data]).ok()?).to_string()),
        28 => ("AAAA", Ipv6Addr::from(<[u8; 16]>::try_from(&message[data]).ok()?).to_string()),
        5 => ("CNAME", name(message, data.start)?),
        _ => return None,
    };
    Some(WireAnswer { kind, answer })
}

fn name(message: &[u8], mut position: usize) -> Option<String> {
    let mut name = String::new();
    let mut pointers = 0;
    loop {
        let length = usize::from(*message.get(position)?);
        if length == 0 {
            return Some(name);
        }
        if length & 0xc0 == 0xc0 {
            pointers += 1;
            position = usize::from(number(message, position)? & 0x3fff);
            if pointers > MAX_POINTERS {
                return None;
            }
            continue;
        }
        let label = message.get(position + 1..position + 1 + length)?;
        name.push_str(&String::from_utf8_lossy(label));
        name.push('.');
        position += 1 + length;
        if length > 63 || name.len() > MAX_NAME_BYTES {
            return None;
        }
    }
}

fn skip_name(message: &[u8], mut position: usize) -> Option<usize> {
    loop {
        match usize::from(*message.get(position)?) {
            0 => return Some(position + 1),
            length if length & 0xc0 == 0xc0 => return Some(position + 2),
            length if length > 63 => return None,
            length => position += 1 + length,
        }
    }
}

fn number(message: &[u8], position: usize) -> Option<u16> {
    Some(u16::from_be_bytes(message.get(position..position + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A response about `a.example.` with an alias, an IPv4 and an IPv6 address.
    fn response() -> Vec<u8> {
        let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0];
        message.extend(b"\x01a\x07example\x00\x00\x01\x00\x01");
        message.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01b\xc0\x0e");
        message.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01");
        message.extend(b"\xc0\x0c\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01");
        message
    }

    #[test]
    fn addresses_and_aliases_are_read() {
        let found: Vec<_> = answers(&response()).into_iter().map(|answer| (answer.kind, answer.answer)).collect();
        let expected = [("CNAME", "b.example."), ("A", "192.0.2.1"), ("AAAA", "2001:db8::1")];
        assert_eq!(found, expected.map(|(kind, answer)| (kind, answer.to_owned())));
    }

    #[test]
    fn a_name_that_points_at_itself_ends() {
        let mut message = vec![0, 1, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0];
        message.extend(b"\x00\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x17");
        assert_eq!(answers(&message), []);
    }

    proptest! {
        #[test]
        fn no_message_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            answers(&bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(position in 0_usize..80, byte: u8, cut in 0_usize..90) {
            let mut message = response();
            if let Some(place) = message.get_mut(position) { *place = byte; }
            message.truncate(cut);
            answers(&message);
        }
    }
}
