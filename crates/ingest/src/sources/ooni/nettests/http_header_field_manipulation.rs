//! `http_header_field_manipulation`: a request in the clear with headers in odd spelling, to a helper that sends back what it was sent.
//!
//! What it sent back is compared with what was sent. Only names are kept: a proxy may have added the volunteer's address as a value.

use std::borrow::Cow;

use parallax_model::Text;

use crate::json::{self, Value};
use crate::sources::ooni::http::{Header, read_headers};
use crate::sources::ooni::nettest::Nettest;
use crate::text::clip;

pub const NETTEST: Nettest = Nettest {
    name: "http_header_field_manipulation",
    analysis: &["tampering"],
    target: Some("middlebox/http_headers"),
    echo: Some(changes),
    ..Nettest::PLAIN
};

/// An echo, in bytes: the requests have some hundreds.
const MAX_ECHO_BYTES: usize = 64 << 10;
/// Changes that are told.
const MAX_CHANGES: usize = 32;
const MAX_NAME_BYTES: usize = 64;

/// How the request had changed when it arrived.
fn changes(request: Value<'_>, body: &[u8]) -> Vec<Text<'static>> {
    let [headers_list, headers, method] = request.fields(["headers_list", "headers", "method"]);
    let sent = read_headers(headers_list, headers);
    let echo = if body.len() <= MAX_ECHO_BYTES { Echo::read(body) } else { None };
    let Some(echo) = echo.filter(|_| !sent.is_empty()) else { return vec![Cow::Borrowed("not an echo")] };
    let mut changes = Vec::new();
    let method = method.text().unwrap_or_default();
    if !method.is_empty() && echo.method != method {
        let only_spelling = echo.method.eq_ignore_ascii_case(method);
        changes.push(if only_spelling { "method spelling".to_owned() } else { "method".to_owned() });
    }
    changes.extend(sent.iter().filter_map(|header| change_of(header, &echo.headers)));
    let is_sent = |name: &str| sent.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    changes.extend(echo.headers.iter().filter(|(name, _)| !is_sent(name)).map(|(name, _)| told("header added", name)));
    changes.truncate(MAX_CHANGES);
    changes.into_iter().map(Cow::Owned).collect()
}

fn change_of(sent: &Header<'_>, received: &[(String, String)]) -> Option<String> {
    let mut same_name = received.iter().filter(|(name, _)| name.eq_ignore_ascii_case(sent.name)).peekable();
    let Some((name, _)) = same_name.peek() else { return Some(told("header removed", sent.name)) };
    let spelled_alike = name == sent.name;
    match same_name.any(|(_, value)| value.trim() == sent.value.trim()) {
        false => Some(told("header value", sent.name)),
        true if !spelled_alike => Some(told("header spelling", sent.name)),
        true => None,
    }
}

fn told(what: &str, name: &str) -> String {
    format!("{what}: {}", clip(name, MAX_NAME_BYTES).to_ascii_lowercase())
}

/// What the helper was sent: `{"request_line": "gEt / HTTP/1.1", "request_headers": [["HOsT", "…"], …], "headers_dict": {…}}`.
struct Echo {
    method: String,
    headers: Vec<(String, String)>,
}

impl Echo {
    fn read(body: &[u8]) -> Option<Self> {
        json::parse(&mut body.to_vec(), |document| {
            let [dict, headers, line] = document.ok()?.value.fields(["headers_dict", "request_headers", "request_line"]);
            let method = line.text()?.split_whitespace().next()?.to_owned();
            let headers = read_headers(headers, dict);
            let headers: Vec<_> = headers.into_iter().map(|header| (header.name.to_owned(), header.value.into_owned())).collect();
            (!headers.is_empty()).then_some(Self { method, headers })
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{Read, measurement, read};

    fn with_echo(body: &str) -> Read {
        let body = serde_json::to_string(body).unwrap();
        let test_keys = format!(
            r#"{{"agent": "agent", "tampering": {{"total": false}}, "requests": [{{"failure": null,
                "request": {{"method": "gEt", "url": "http://192.0.2.1:80", "headers": {{"HOsT": "qwerty.com", "aCCEPt": "*/*", "usER-AgEnt": "Example/1.0"}}, "tor": {{"is_tor": false}}}},
                "response": {{"code": 200, "headers": {{}}, "body": {body}}}}}]}}"#
        );
        read(measurement("http_header_field_manipulation", "null", &test_keys))
    }

    fn changes(line: &str, headers: &str) -> String {
        with_echo(&format!(r#"{{"request_line": "{line}", "request_headers": [{headers}], "headers_dict": {{}}}}"#))
            .observed("http_request_changes")
            .remove(0)
    }

    const AS_SENT: &str = r#"["HOsT", "qwerty.com"], ["aCCEPt", "*/*"], ["usER-AgEnt", "Example/1.0"]"#;

    #[test]
    fn what_arrived_is_compared_with_what_was_sent() {
        let body = format!(
            r#"{{"request_line": "GET / HTTP/1.1", "request_headers": [{}, ["Via", "1.1 198.51.100.7"]], "headers_dict": {{}}}}"#,
            AS_SENT.replace("HOsT", "Host").replace("*/*", "text/html")
        );
        insta::assert_snapshot!(with_echo(&body).show());
    }

    #[test]
    fn each_change_has_its_name_and_never_a_value() {
        assert_eq!(changes("gEt / HTTP/1.1", AS_SENT), "-");
        assert_eq!(changes("GET / HTTP/1.1", AS_SENT), "[method spelling]");
        assert_eq!(changes("gEt / HTTP/1.1", &AS_SENT.replace("HOsT", "Host")), "[header spelling: host]");
        assert_eq!(changes("gEt / HTTP/1.1", &AS_SENT.replace("*/*", "198.51.100.7")), "[header value: accept]");
        assert_eq!(changes("gEt / HTTP/1.1", r#"["HOsT", "qwerty.com"], ["aCCEPt", "*/*"]"#), "[header removed: user-agent]");
        assert_eq!(
            changes("gEt / HTTP/1.1", &format!(r#"{AS_SENT}, ["X-Forwarded-For", "198.51.100.7"]"#)),
            "[header added: x-forwarded-for]"
        );
    }

    #[test]
    fn what_is_no_echo_is_told() {
        for body in ["<html>Welcome</html>", "{}", "[]", r#"{"request_line": 7}"#, r#"{"request_line": "GET /", "request_headers": []}"#] {
            assert_eq!(with_echo(body).observed("http_request_changes"), ["[not an echo]"], "{body}");
        }
        assert_eq!(with_echo("").observed("target"), ["middlebox/http_headers"]);
    }
}
