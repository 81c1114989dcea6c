//! Makes visible what would otherwise act on a terminal or mislead a reader, there and in a browser. The one place where this is done.
//!
//! Measurements come from anyone: a hostname can hold escape sequences that repaint the screen, or marks that turn the direction of
//! the text so that it reads as another one.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Writes one line of text in which nothing acts.
pub fn write_visible(text: &str, out: &mut (impl Write + ?Sized)) -> fmt::Result {
    text.chars().try_for_each(|letter| write_letter(letter, is_active(letter), out))
}

/// One line of text in which nothing acts: line breaks too are shown.
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, is_active)
}

/// Text of several lines in which nothing acts but the line breaks.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, |letter| letter != '\n' && is_active(letter))
}

fn escape(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        // A string takes everything.
        let _ = write_letter(letter, acts(letter), &mut escaped);
    }
    Cow::Owned(escaped)
}

fn write_letter(letter: char, acts: bool, out: &mut (impl Write + ?Sized)) -> fmt::Result {
    match acts {
        true if matches!(letter, '\n' | '\r' | '\t') => write!(out, "{}", letter.escape_default()),
        true => write!(out, "{}", letter.escape_unicode()),
        false => out.write_char(letter),
    }
}

/// Whether a character does something else than stand there.
fn is_active(letter: char) -> bool {
    letter.is_control() || is_invisible(letter)
}

/// Characters of Unicode's `Default_Ignorable_Code_Point` and `Bidi_Control` that hide or reorder text, and line breaks of its own.
/// The joiners (U+200C, U+200D) are left: some scripts and emoji need them.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_and_do_nothing() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "\\u{1b}[31mred\\u{1b}[0m");
        assert_eq!(visible("\u{9b}2J\u{7f}\u{8}\0"), "\\u{9b}2J\\u{7f}\\u{8}\\u{0}");
        assert_eq!(visible("a\tb\r\nc"), "a\\tb\\r\\nc");
    }

    #[test]
    fn text_cannot_change_its_direction_or_hide() {
        assert_eq!(visible("evil\u{202e}moc.knab"), "evil\\u{202e}moc.knab");
        assert_eq!(visible("a\u{200b}b\u{feff}\u{2066}\u{e0041}"), "a\\u{200b}b\\u{feff}\\u{2066}\\u{e0041}");
    }

    #[test]
    fn every_script_is_left_as_it_is() {
        for text in ["plain", "пример.рф", "例え.jp", "مثال", "a\u{200d}b", "naïve café", "👩\u{200d}💻"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn lines_stay_lines_where_they_are_meant() {
        assert_eq!(visible_lines("a\nb\u{1b}"), "a\nb\\u{1b}");
        assert_eq!(visible_lines("a\r\nb"), "a\\r\nb");
    }
}
