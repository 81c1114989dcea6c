//! Numbers as people read them.

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

/// `1 network`, `2,000 networks`, `3 countries`, `4 days`.
pub fn plural(number: u64, one: &str) -> String {
    match (number, one.strip_suffix("ry")) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{} {stem}ries", count(number)),
        _ => format!("{} {one}s", count(number)),
    }
}

/// `14.2 MB`, in powers of ten, as disks are sold and tools count.
pub fn bytes(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { plural(bytes, "byte") } else { format!("{value:.1} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_234_567].map(count), ["0", "999", "1,234,567"]);
        assert_eq!([plural(1, "country"), plural(2, "country"), plural(0, "day")], ["1 country", "2 countries", "0 days"]);
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!([1, 999, 1000, 999_999, 14_234_567].map(bytes), ["1 byte", "999 bytes", "1.0 kB", "1.0 MB", "14.2 MB"]);
    }
}
