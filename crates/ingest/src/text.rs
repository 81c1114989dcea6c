//! Keeping foreign text short and visible.

use std::borrow::Cow;

/// Characters of a record that a reject quotes.
const MAX_EXCERPT: usize = 120;
/// What follows this word in a record may be the volunteer's address; an excerpt ends before it.
const PRIVATE_WORD: &str = "probe_ip";

/// The longest beginning of `text` that fits `max_bytes` and ends between characters.
pub fn clip(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// The same for text that may be owned.
pub fn clip_cow(text: Cow<'_, str>, max_bytes: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(clip(text, max_bytes)),
        Cow::Owned(mut text) => {
            text.truncate(text.floor_char_boundary(max_bytes));
            Cow::Owned(text)
        }
    }
}

/// The first characters of a record, with control characters made visible and without the volunteer's address.
pub fn visible_excerpt(bytes: &[u8]) -> String {
    let beginning = &bytes[..bytes.len().min(MAX_EXCERPT * 4)];
    let text = String::from_utf8_lossy(beginning);
    visible(text.trim_start())
}

/// The same for text.
pub fn visible(text: &str) -> String {
    let text = text.split(PRIVATE_WORD).next().unwrap_or_default();
    let mut excerpt = String::new();
    for character in text.chars().take(MAX_EXCERPT) {
        if character.is_control() { excerpt.extend(character.escape_default()) } else { excerpt.push(character) }
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(clip("añb", 2), "a");
        assert_eq!(clip_cow(Cow::Owned("añb".to_owned()), 3), "añ");
    }

    #[test]
    fn an_excerpt_shows_control_characters_and_no_volunteer() {
        assert_eq!(visible_excerpt(b"---\nprobe_cc: XA\nprobe_ip: 192.0.2.1"), "---\\nprobe_cc: XA\\n");
    }
}
