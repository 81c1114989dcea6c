//! `http_invalid_request_line`: lines that are no proper HTTP requests, to a helper that sends back every byte. A proxy on the way that
//! takes them for requests answers them itself.
//!
//! One row a line. Where the answer is not what was sent and looks like HTTP or a page, its status, headers and title are kept.

use std::borrow::Cow;

use parallax_model::{Operation, Text};

use crate::base64_text;
use crate::html;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::http::{Header, header_lines};
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest {
    name: "http_invalid_request_line",
    analysis: &["tampering"],
    target: Some("middlebox/http_request_line"),
    shared: Shared::LeftOut,
    own: Some(read),
    ..Nettest::PLAIN
};

/// Lines of one record; the test sends four or five.
const MAX_LINES: usize = 64;
/// Headers of an answer that are looked at.
const MAX_HEADERS: usize = 64;

/// What came back for a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Echo,
    /// Nothing, or only the beginning of what was sent.
    Incomplete,
    /// An HTTP response or a page.
    Http,
    /// Other bytes: helpers have been seen that sent back their own memory.
    Garbled,
}

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [failures, received, sent] = test_keys.fields(["failure_list", "received", "sent"]);
    let mut failures = failures.items();
    let mut received = received.items();
    for (index, sent) in sent.items().enumerate().take(MAX_LINES) {
        let (failed, received) = (failures.next().unwrap_or(Value::NULL), received.next().unwrap_or(Value::NULL));
        let (Some(sent), Some(received)) = (bytes_of(sent), bytes_of(received)) else { continue };
        let pointer = format!("/test_keys/received/{index}");
        let mut row = context.observation(Operation::Http, &pointer);
        context.assign_target(&mut row, None);
        let answer = answer(&sent, &received);
        row.failure = failure(failed).or_else(|| (answer == Answer::Incomplete).then_some(Cow::Borrowed("response_never_received")));
        row.http_request_changes = change(answer).into_iter().map(Cow::Borrowed).collect();
        if answer == Answer::Http {
            fill_answer(&mut row, &received, context, writer);
        }
        writer.observation(&mut row);
    }
}

fn answer(sent: &[u8], received: &[u8]) -> Answer {
    match received {
        _ if received == sent => Answer::Echo,
        _ if sent.starts_with(received) => Answer::Incomplete,
        _ if received.starts_with(b"HTTP/") || received.trim_ascii_start().starts_with(b"<") => Answer::Http,
        _ => Answer::Garbled,
    }
}

const fn change(answer: Answer) -> Option<&'static str> {
    match answer {
        Answer::Echo | Answer::Incomplete => None,
        Answer::Http => Some("answered instead of echoed"),
        Answer::Garbled => Some("garbled"),
    }
}

fn fill_answer<'r>(row: &mut parallax_model::tables::Observation<'r>, received: &[u8], context: &Context<'_>, writer: &Writer<'_>) {
    let (head, body) = split(received);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    row.http_response_status_code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let headers: Vec<Header<'_>> = lines
        .take(MAX_HEADERS)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| Header { name: name.trim(), value: Cow::Borrowed(value.trim()) })
        .collect();
    row.http_response_header_server =
        headers.iter().find(|header| header.name.eq_ignore_ascii_case("server")).map(|header| owned(context, &header.value));
    row.http_response_headers = header_lines(&headers, context);
    let pairs: Vec<(&str, &str)> = headers.iter().map(|header| (header.name, header.value.as_ref())).collect();
    row.http_response_fingerprints = writer.place().fingerprints.matches(&pairs, body).into_iter().map(Cow::Owned).collect();
    row.http_response_body_length = Some(body.len() as u64);
    row.http_response_body_title = html::title(body).map(|title| owned(context, &title));
}

fn owned(context: &Context<'_>, text: &str) -> Text<'static> {
    Cow::Owned(context.scrub(text).into_owned())
}

/// Head and body of an answer; a page without a head is all body.
fn split(received: &[u8]) -> (&[u8], &[u8]) {
    if !received.starts_with(b"HTTP/") {
        return (&[], received);
    }
    match memchr::memmem::find(received, b"\r\n\r\n") {
        Some(end) => (&received[..end], &received[end + 4..]),
        None => (received, &[]),
    }
}

/// A line is a text, or `{"data": …, "format": "base64"}`; null is an empty one.
fn bytes_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value.text() {
        Some(text) => Some(Cow::Borrowed(text.as_bytes())),
        None if value.is_null() => Some(Cow::Borrowed(&[])),
        None => value.get("data").text().and_then(base64_text::decode).map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn each_line_came_back_or_was_answered_by_somebody() {
        let test_keys = r#"{"tampering": true, "tampering_list": [false, true, true, true, true], "failure_list": [null, null, null, "connection_reset", null],
            "sent": ["ABCD / HTTP/1.1\n\r", "AAAAA BBBBB CCCCC DDDDD\n\r", "GET / HTTP/XYZ\n\r", "EEEE / HTTP/1.1\n\r", "GET cache_object://localhost/ HTTP/1.0\n\r"],
            "received": ["ABCD / HTTP/1.1\n\r", "HTTP/1.0 400 Bad Request\r\nServer: squid/3.5\r\nVia: 1.0 198.51.100.7\r\n\r\n<title>ERROR</title>", "<html><title>Sign in</title>", "",
                {"data": "ABu62TJ/", "format": "base64"}]}"#;
        let shown = read(measurement("http_invalid_request_line", "null", test_keys).replace("127.0.0.1", "198.51.100.7")).show();
        assert!(!shown.contains("198.51.100.7"));
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn odd_lists_are_read_as_far_as_they_go() {
        let read = read(measurement("http_invalid_request_line", "null", r#"{"sent": ["a", 7, "b"], "received": ["a"]}"#));
        assert_eq!(read.observed("failure"), ["-", "response_never_received"]);
    }
}
