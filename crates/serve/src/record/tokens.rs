//! Cuts a raw record into the tokens of JSON, in their order and with their spelling, whatever stands in it.
//!
//! A tree would lose the order of keys and the second of two equal ones. Nothing here recurses, so that hostile nesting costs no stack; and
//! little is refused, because records that were read were not all sound.

use std::borrow::Cow;

/// The bytes are no JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct NotJson;

/// One token. Commas and colons follow from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    OpenObject,
    OpenArray,
    /// The end of the object or array that was opened last.
    Close,
    /// Without its escapes.
    Key(String),
    Text(String),
    /// A number, `true`, `false` or `null`.
    Plain(String),
}

/// Where a scanner is within an object or array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Next comes a key.
    Object,
    /// Next comes the value of a key.
    Value,
    Array,
}

pub struct Tokens<'r> {
    bytes: &'r [u8],
    at: usize,
    within: Vec<Within>,
    /// One value is a record; what follows it is none.
    has_value: bool,
    is_done: bool,
}

impl<'r> Tokens<'r> {
    pub fn of(bytes: &'r [u8]) -> Self {
        Self { bytes, at: 0, within: Vec::new(), has_value: false, is_done: false }
    }

    fn skip(&mut self) {
        while self.bytes.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':')) {
            self.at += 1;
        }
    }

    fn token(&mut self) -> Result<Token, NotJson> {
        let byte = *self.bytes.get(self.at).ok_or(NotJson)?;
        if self.within.is_empty() && std::mem::replace(&mut self.has_value, true) {
            return Err(NotJson);
        }
        let expects_key = self.within.last() == Some(&Within::Object);
        match byte {
            b'}' | b']' => {
                self.at += 1;
                let opened = self.within.pop().ok_or(NotJson)?;
                let is_array = opened == Within::Array;
                if is_array != (byte == b']') || opened == Within::Value {
                    return Err(NotJson);
                }
                Ok(Token::Close)
            }
            b'"' if expects_key => {
                self.replace(Within::Value);
                Ok(Token::Key(self.text()?))
            }
            _ if expects_key => Err(NotJson),
            b'"' => Ok(Token::Text(self.text()?)),
            b'{' | b'[' => {
                self.at += 1;
                self.value_begins();
                self.within.push(if byte == b'{' { Within::Object } else { Within::Array });
                Ok(if byte == b'{' { Token::OpenObject } else { Token::OpenArray })
            }
            _ => self.plain(),
        }
    }

    /// What stood for a value has been met: in an object comes a key next.
    fn value_begins(&mut self) {
        if self.within.last() == Some(&Within::Value) {
            self.replace(Within::Object);
        }
    }

    fn replace(&mut self, within: Within) {
        if let Some(last) = self.within.last_mut() {
            *last = within;
        }
    }

    fn plain(&mut self) -> Result<Token, NotJson> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')).count();
        if length == 0 {
            return Err(NotJson);
        }
        self.at += length;
        Ok(Token::Plain(String::from_utf8_lossy(&rest[..length]).into_owned()))
    }

    /// A text, from its opening to its closing quote.
    fn text(&mut self) -> Result<String, NotJson> {
        let begin = self.at + 1;
        let mut end = begin;
        loop {
            match self.bytes.get(end).ok_or(NotJson)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        Ok(unescaped(&String::from_utf8_lossy(&self.bytes[begin..end])).into_owned())
    }
}

impl Iterator for Tokens<'_> {
    type Item = Result<Token, NotJson>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip();
        if self.is_done || (self.at == self.bytes.len() && self.within.is_empty()) {
            return None;
        }
        let token = self.token();
        match &token {
            Ok(Token::Text(_) | Token::Plain(_)) => self.value_begins(),
            Ok(_) => {}
            Err(NotJson) => self.is_done = true,
        }
        Some(token)
    }
}

/// A text without its escapes; what is no escape stays as it is, and half a character becomes the sign for that.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => unescape(&mut letters, &mut plain),
            letter => plain.push(letter),
        }
    }
    Cow::Owned(plain)
}

fn unescape(letters: &mut std::str::Chars<'_>, plain: &mut String) {
    match letters.next() {
        Some('n') => plain.push('\n'),
        Some('r') => plain.push('\r'),
        Some('t') => plain.push('\t'),
        Some('b') => plain.push('\u{8}'),
        Some('f') => plain.push('\u{c}'),
        Some('u') => plain.push(code_point(letters)),
        Some(other) => plain.push(other),
        None => plain.push('\\'),
    }
}

fn code_point(letters: &mut std::str::Chars<'_>) -> char {
    let Some(first) = hex(letters) else { return char::REPLACEMENT_CHARACTER };
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let mut ahead = letters.clone();
    let second = (ahead.next() == Some('\\') && ahead.next() == Some('u')).then(|| hex(&mut ahead)).flatten();
    match second.filter(|second| (0xdc00..0xe000).contains(second)) {
        Some(second) => {
            *letters = ahead;
            char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        None => char::REPLACEMENT_CHARACTER,
    }
}

/// Four digits; what are none is left where it is.
fn hex(letters: &mut std::str::Chars<'_>) -> Option<u32> {
    let digits = letters.as_str().get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let number = u32::from_str_radix(digits, 16).ok();
    *letters = letters.as_str()[4..].chars();
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token>, NotJson> {
        Tokens::of(text.as_bytes()).collect()
    }

    #[test]
    fn order_and_repeated_keys_are_kept() {
        let key = |name: &str| Token::Key(name.to_owned());
        let plain = |text: &str| Token::Plain(text.to_owned());
        let found = tokens(r#"{"b": 1.0, "a": [true, "x\u00e4\ud83d\ude00"], "b": {}}"#).unwrap();
        let text = Token::Text("xä😀".to_owned());
        assert_eq!(
            found,
            [
                Token::OpenObject,
                key("b"),
                plain("1.0"),
                key("a"),
                Token::OpenArray,
                plain("true"),
                text,
                Token::Close,
                key("b"),
                Token::OpenObject,
                Token::Close,
                Token::Close
            ]
        );
    }

    #[test]
    fn broken_escapes_hide_nothing_and_break_nothing() {
        assert_eq!(tokens(r#""\ud800x\q\uzz""#).unwrap(), [Token::Text("\u{fffd}xq\u{fffd}zz".to_owned())]);
        for bad in ["{", "]", "{\"a\"}", "[}", "{1:2}", "\"abc", "\"a\\", "1 2", "{}[]", "<html>", "{\"a\":}"] {
            assert_eq!(tokens(bad), Err(NotJson), "{bad}");
        }
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        assert_eq!(tokens(&("[".repeat(1_000_000) + &"]".repeat(1_000_000))).unwrap().len(), 2_000_000);
    }
}
