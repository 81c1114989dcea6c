//! Mends JSON that other parsers let pass: Python writes `NaN` and lone surrogates, old probes wrote bytes that are no UTF-8.
//!
//! It runs only where the strict parser has failed, and says what it did: nothing is changed in silence.

/// What was mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    NotUtf8,
    LoneSurrogate,
    ControlCharacter,
    NotANumber,
    HugeInteger,
}

impl Repair {
    const ALL: [Repair; 5] = [Repair::NotUtf8, Repair::LoneSurrogate, Repair::ControlCharacter, Repair::NotANumber, Repair::HugeInteger];

    /// Short stable name, for the reject that tells of it.
    pub const fn reason(self) -> &'static str {
        match self {
            Repair::NotUtf8 => "not_utf8",
            Repair::LoneSurrogate => "lone_surrogate",
            Repair::ControlCharacter => "control_character",
            Repair::NotANumber => "not_a_number",
            Repair::HugeInteger => "huge_integer",
        }
    }

    pub const fn message(self) -> &'static str {
        match self {
            Repair::NotUtf8 => "bytes that are not UTF-8 were read as U+FFFD",
            Repair::LoneSurrogate => "halves of surrogate pairs without their other half were read as U+FFFD",
            Repair::ControlCharacter => "control characters that JSON wants escaped were read as they stand",
            Repair::NotANumber => "NaN, Infinity or a number beyond all bounds was read as null",
            Repair::HugeInteger => "integers beyond 64 bits were read as approximate numbers",
        }
    }
}

/// The text mended, and what was mended how often; nothing in the list means that there was nothing to mend.
pub fn repair(original: &[u8]) -> (Vec<u8>, Vec<(Repair, usize)>) {
    let mut mender = Mender { output: Vec::with_capacity(original.len() + original.len() / 16), counts: [0; Repair::ALL.len()] };
    let text = String::from_utf8_lossy(original);
    if let std::borrow::Cow::Owned(text) = &text {
        mender.counts[Repair::NotUtf8 as usize] = text.matches('\u{fffd}').count().max(1);
    }
    mender.document(text.as_bytes());
    let counts = mender.counts;
    let repairs = Repair::ALL.into_iter().map(|kind| (kind, counts[kind as usize])).filter(|(_, count)| *count > 0).collect();
    (mender.output, repairs)
}

struct Mender {
    output: Vec<u8>,
    counts: [usize; Repair::ALL.len()],
}

impl Mender {
    fn document(&mut self, mut rest: &[u8]) {
        while let Some(first) = rest.first() {
            let length = match first {
                b'"' => self.text(rest),
                b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => self.word(rest),
                other => {
                    self.output.push(*other);
                    1
                }
            };
            rest = &rest[length..];
        }
    }

    /// Copies a text with both its quotes and gives its length in the input.
    fn text(&mut self, rest: &[u8]) -> usize {
        self.output.push(b'"');
        let mut position = 1;
        while let Some(byte) = rest.get(position) {
            position += match byte {
                b'"' => {
                    self.output.push(b'"');
                    return position + 1;
                }
                b'\\' => self.escape(&rest[position..]),
                0..0x20 => {
                    self.counts[Repair::ControlCharacter as usize] += 1;
                    self.output.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                    1
                }
                other => {
                    self.output.push(*other);
                    1
                }
            };
        }
        position
    }

    /// Copies an escape; a half of a surrogate pair without the other becomes U+FFFD (RFC 8259, section 8.2).
    fn escape(&mut self, rest: &[u8]) -> usize {
        let unit = code_unit(rest);
        let length = match unit {
            Some(0xd800..0xdc00) if matches!(code_unit(rest.get(6..).unwrap_or_default()), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                self.counts[Repair::LoneSurrogate as usize] += 1;
                self.output.extend_from_slice(b"\\ufffd");
                return 6;
            }
            Some(_) => 6,
            None => rest.len().min(2),
        };
        self.output.extend_from_slice(&rest[..length]);
        length
    }

    /// Copies a bare word: a number, `true`, or what Python writes for numbers that are none.
    fn word(&mut self, rest: &[u8]) -> usize {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')).count();
        let word = &rest[..length];
        if matches!(word, b"NaN" | b"Infinity" | b"-Infinity" | b"nan" | b"inf" | b"-inf") || is_beyond_bounds(word) {
            self.counts[Repair::NotANumber as usize] += 1;
            self.output.extend_from_slice(b"null");
        } else if is_huge_integer(word) {
            self.counts[Repair::HugeInteger as usize] += 1;
            self.output.extend_from_slice(word);
            self.output.extend_from_slice(b".0");
        } else {
            self.output.extend_from_slice(word);
        }
        length
    }
}

/// The code unit of an escape of the form `\u12ab`.
fn code_unit(rest: &[u8]) -> Option<u32> {
    let digits = rest.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

fn is_beyond_bounds(word: &[u8]) -> bool {
    let number = std::str::from_utf8(word).ok().filter(|_| word.iter().any(u8::is_ascii_digit)).and_then(|text| text.parse::<f64>().ok());
    number.is_some_and(|number| !number.is_finite())
}

fn is_huge_integer(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    digits.len() >= 19 && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(original: &[u8]) -> String {
        String::from_utf8(repair(original).0).unwrap()
    }

    #[test]
    fn pairs_of_surrogates_stay_and_lone_ones_go() {
        assert_eq!(mended(br#""\ud83d\ude00 \ude00 \ud83d \ud83dx""#), r#""\ud83d\ude00 \ufffd \ufffd \ufffdx""#);
        assert_eq!(mended(br#""\\ud800""#), r#""\\ud800""#);
    }

    #[test]
    fn numbers_that_are_none_become_null_outside_texts_only() {
        assert_eq!(mended(br#"[NaN, -Infinity, 1e999, "NaN", true, -1.5e3]"#), r#"[null, null, null, "NaN", true, -1.5e3]"#);
        assert_eq!(mended(b"[123456789012345678901234]"), "[123456789012345678901234.0]");
    }

    #[test]
    fn foreign_bytes_and_bare_control_characters_become_harmless() {
        assert_eq!(mended(b"\"a\xffb\tc\""), "\"a\u{fffd}b\\u0009c\"");
    }

    #[test]
    fn sound_json_is_left_alone() {
        let sound = br#"{"a": ["b\"", 1, null, {"c": "\u00e9"}]}"#;
        assert_eq!(repair(sound), (sound.to_vec(), Vec::new()));
    }
}
