//! Numbers and prose as people read them.

use std::fmt::Write;

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2,000 files`.
pub fn plural(number: u64, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

/// `14.2 MB`, in powers of ten, as disks are sold and tools count.
pub fn human_bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return plural(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

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

/// A word as a shell takes it whole.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_bytes_have_units() {
        assert_eq!((count(0), count(999), count(1_234_567)), ("0".into(), "999".into(), "1,234,567".into()));
        assert_eq!(plural(1, "file"), "1 file");
        assert_eq!((human_bytes(999), human_bytes(1000), human_bytes(14_234_567)), ("999 bytes".into(), "1.0 kB".into(), "14.2 MB".into()));
        assert_eq!(human_bytes(999_999), "1.0 MB");
    }

    #[test]
    fn prose_keeps_within_its_width() {
        assert_eq!(paragraph("one two three averyveryverylongword four", 2, 12), "  one two\n  three\n  averyveryverylongword\n  four\n");
    }

    #[test]
    fn a_folder_with_spaces_can_be_pasted() {
        assert_eq!(quoted("parallax-demo/archive"), "parallax-demo/archive");
        assert_eq!(quoted("my demo's"), "'my demo'\\''s'");
    }
}
