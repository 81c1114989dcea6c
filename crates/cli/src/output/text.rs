//! Prose as people read it.

use std::fmt::Write;

/// Prose broken into lines of at most `width` characters, each with this indent. A word that is too long stays whole.
pub fn paragraph(text: &str, indent: usize, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length > 0 && length + 1 + letters > width {
            lines.push('\n');
            length = 0;
        }
        let _ = match length {
            0 => write!(lines, "{:indent$}", ""),
            _ => write!(lines, " "),
        };
        length = if length == 0 { indent } else { length + 1 } + letters;
        lines.push_str(word);
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_within_its_width() {
        assert_eq!(paragraph("one two three averyveryverylongword four", 2, 12), "  one two\n  three\n  averyveryverylongword\n  four\n");
    }
}
