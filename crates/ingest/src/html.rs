//! The title of a page, found in one pass over its bytes.
//!
//! The same function reads the titles that a control reports, so that the two can be compared.

use std::borrow::Cow;

use memchr::memchr_iter;

/// Characters of a title that are kept; OONI's test helper keeps as many.
pub const MAX_TITLE_CHARACTERS: usize = 512;
/// How far the end of a title is looked for, in bytes: entities and spaces take room that the result does not need.
const MAX_RAW_TITLE_BYTES: usize = 8 << 10;
/// Longest entity that is decoded, with both its ends.
const MAX_ENTITY_BYTES: usize = 10;

/// The text of the first `<title>`, with white space folded; nothing where there is none or it is empty.
pub fn title(body: &[u8]) -> Option<String> {
    let tag = memchr_iter(b'<', body).find(|position| is_tag(&body[position + 1..], b"title"))?;
    let tag = &body[tag..body.len().min(tag + MAX_RAW_TITLE_BYTES)];
    let rest = &tag[memchr::memchr(b'>', tag)? + 1..];
    let end = memchr_iter(b'<', rest).find(|position| is_tag(&rest[position + 1..], b"/title")).unwrap_or(rest.len());
    clean_title(&String::from_utf8_lossy(&rest[..end]))
}

/// A title as a reader sees it: entities decoded, white space folded, not longer than [`MAX_TITLE_CHARACTERS`].
pub fn clean_title(raw: &str) -> Option<String> {
    let decoded = decode_entities(raw);
    let mut title = String::with_capacity(decoded.len().min(MAX_TITLE_CHARACTERS));
    let words = decoded.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty());
    for (number, word) in words.enumerate() {
        if number > 0 {
            title.push(' ');
        }
        title.push_str(word);
    }
    if let Some((end, _)) = title.char_indices().nth(MAX_TITLE_CHARACTERS) {
        title.truncate(end);
    }
    (!title.is_empty()).then_some(title)
}

/// Whether a tag has this name, which is not only the beginning of a longer one.
fn is_tag(tag: &[u8], name: &[u8]) -> bool {
    tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && tag.get(name.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'-')
}

/// Decodes the entities that occur in titles; others stay as they are written.
fn decode_entities(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(position) = rest.find('&') {
        decoded.push_str(&rest[..position]);
        rest = &rest[position..];
        match entity(rest) {
            Some((character, length)) => {
                decoded.push(character);
                rest = &rest[length..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(MAX_ENTITY_BYTES).position(|byte| byte == b';')?;
    let character = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        name => char::from_u32(numeric(name.strip_prefix('#')?)?)?,
    };
    Some((character, end + 1))
}

fn numeric(digits: &str) -> Option<u32> {
    match digits.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
        None => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_title_is_found_whatever_its_case_and_attributes() {
        assert_eq!(title(b"<HTML><TITLE lang=en>\n  A &amp; B\n</TITLE><title>no</title>").as_deref(), Some("A & B"));
        assert_eq!(title(b"<titles>no</titles><title>yes</title>").as_deref(), Some("yes"));
        assert_eq!(title(b"<title>a < b &#233;&#xE9; &unknown;</title>").as_deref(), Some("a < b \u{e9}\u{e9} &unknown;"));
    }

    #[test]
    fn no_title_and_an_empty_title_are_the_same() {
        for body in ["", "<title></title>", "<title> \n</title>", "<p>title</p>", "<title", "<"] {
            assert_eq!(title(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_title_that_never_ends_is_cut() {
        let body = [b"<title>".as_slice(), &"ä".repeat(100_000).into_bytes()].concat();
        assert_eq!(title(&body).unwrap().chars().count(), MAX_TITLE_CHARACTERS);
        assert_eq!(title(b"<title>&&&&&;&#99999999;").as_deref(), Some("&&&&&;&#99999999;"));
    }
}
