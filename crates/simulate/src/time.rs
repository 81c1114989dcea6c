//! Moments as OONI and HTTP write them.

use chrono::DateTime;

/// `2024-03-04 06:00:00`
pub(crate) fn ooni(seconds: i64) -> String {
    format(seconds, "%Y-%m-%d %H:%M:%S")
}

/// `2024-03-04T06:00:00Z`
pub(crate) fn rfc3339(seconds: i64) -> String {
    format(seconds, "%Y-%m-%dT%H:%M:%SZ")
}

/// `20240304T060000Z`
pub(crate) fn report(seconds: i64) -> String {
    format(seconds, "%Y%m%dT%H%M%SZ")
}

/// `20240304060000`
pub(crate) fn uid(seconds: i64) -> String {
    format(seconds, "%Y%m%d%H%M%S")
}

/// `2024030406`, the hour in the name of a file.
pub(crate) fn hour(seconds: i64) -> String {
    format(seconds, "%Y%m%d%H")
}

/// `Mon, 04 Mar 2024 06:00:00 GMT`
pub(crate) fn http_date(seconds: i64) -> String {
    format(seconds, "%a, %d %b %Y %H:%M:%S GMT")
}

fn format(seconds: i64, pattern: &str) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().format(pattern).to_string()
}
