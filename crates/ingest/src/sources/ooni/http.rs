//! HTTP transactions: one row each. Of a body its digest, length, title and fingerprints are kept, not the body.

use std::borrow::Cow;

use parallax_model::tables::Observation;
use parallax_model::{Operation, Text};

use super::context::Context;
use super::entries;
use super::failures::failure;
use super::step::Step;
use super::tls::Surroundings;
use super::writer::Writer;
use crate::address::split_endpoint;
use crate::base64_text;
use crate::hostname::{self, UrlHost};
use crate::html;
use crate::json::Value;
use crate::sha256;
use crate::text::{clip, clip_cow};

pub struct Transaction<'a> {
    pub step: Step<'a>,
    pub url: Option<&'a str>,
    pub host: Option<UrlHost>,
    endpoint: Option<(Text<'a>, u16)>,
    method: Option<&'a str>,
    alpn: Option<&'a str>,
    failure: Option<Text<'a>>,
    request: Value<'a>,
    response: Value<'a>,
}

/// A header as it was received.
pub struct Header<'a> {
    pub name: &'a str,
    pub value: Cow<'a, str>,
}

const MAX_WORD_BYTES: usize = 64;
const MAX_URL_BYTES: usize = 8 << 10;
/// All headers of a response together, in bytes; servers allow 8 to 16 kB.
pub const MAX_HEADERS_BYTES: usize = 16 << 10;
/// Headers of a response that are looked at.
const MAX_HEADERS: usize = 512;

pub fn read<'a>(list: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Vec<Transaction<'a>> {
    let mut transactions = Vec::new();
    entries::each(list, pointer, writer, |entry, pointer, _| transactions.extend(Transaction::read(entry, pointer)));
    transactions
}

impl<'a> Transaction<'a> {
    /// Nothing for a request through Tor: what came back was seen from somewhere else.
    fn read(entry: Value<'a>, pointer: String) -> Option<Self> {
        let [address, alpn, failed, request, response, t0, t, tags, id] =
            entry.fields(["address", "alpn", "failure", "request", "response", "t0", "t", "tags", "transaction_id"]);
        let [headers_list, headers, method, tor, url] = request.fields(["headers_list", "headers", "method", "tor", "url"]);
        if tor.get("is_tor").boolean() == Some(true) {
            return None;
        }
        let url = url.filled_text();
        Some(Self {
            step: Step::new(pointer, t0, t, tags, id),
            url: url.map(|url| clip(url, MAX_URL_BYTES)),
            host: url.and_then(hostname::of_url).or_else(|| host_header(headers_list, headers)),
            endpoint: address.text().and_then(split_endpoint),
            method: word(method),
            alpn: word(alpn).or_else(|| http_version(response)),
            failure: failure(failed),
            request,
            response,
        })
    }
}

fn word(value: Value<'_>) -> Option<&str> {
    value.filled_text().map(|text| clip(text, MAX_WORD_BYTES))
}

/// Some old records have no URL; the Host header still says whom the request was for.
fn host_header(headers_list: Value<'_>, headers: Value<'_>) -> Option<UrlHost> {
    let headers = read_headers(headers_list, headers);
    let host = headers.iter().find(|header| header.name.eq_ignore_ascii_case("host"))?;
    let hostname = hostname::of_host_and_port(&host.value)?;
    Some(UrlHost { hostname, port: None, is_https: false })
}

/// The version in front of `HTTP/1.1 200 OK`, which old probes kept.
fn http_version(response: Value<'_>) -> Option<&str> {
    let version = response.get("response_line").text()?.split_whitespace().next()?;
    version.starts_with("HTTP/").then(|| clip(version, MAX_WORD_BYTES))
}

/// Headers from a list of pairs, which keeps their order and repetitions, or else from an object.
pub fn read_headers<'a>(list: Value<'a>, map: Value<'a>) -> Vec<Header<'a>> {
    let mut headers = Vec::new();
    for pair in list.items().take(MAX_HEADERS) {
        let mut pair = pair.items();
        if let (Some(name), Some(value)) = (pair.next().and_then(Value::text), pair.next()) {
            add_header(&mut headers, name, value);
        }
    }
    if headers.is_empty() {
        map.members().take(MAX_HEADERS).for_each(|(name, value)| add_header(&mut headers, name, value));
    }
    headers
}

fn add_header<'a>(headers: &mut Vec<Header<'a>>, name: &'a str, value: Value<'a>) {
    if value.is_array() {
        value.items().take(MAX_HEADERS).filter_map(bytes_of).for_each(|bytes| headers.push(Header { name, value: text_of(bytes) }));
    } else if let Some(bytes) = bytes_of(value) {
        headers.push(Header { name, value: text_of(bytes) });
    }
}

fn text_of(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// What may be binary is a text, or `{"data": …, "format": "base64"}`.
fn bytes_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value.text() {
        Some(text) => Some(Cow::Borrowed(text.as_bytes())),
        None => value.get("data").text().and_then(base64_text::decode).map(Cow::Owned),
    }
}

/// Headers as `Name: value`, as many as fit the limit.
pub fn header_lines(headers: &[Header<'_>], context: &Context<'_>) -> Vec<Text<'static>> {
    let mut room = MAX_HEADERS_BYTES;
    let mut lines = Vec::with_capacity(headers.len());
    for header in headers {
        let line = context.scrub([clip(header.name, room), ": ", clip(&header.value, room)].concat());
        let line = clip_cow(Cow::Owned(line.into_owned()), room);
        room -= line.len();
        lines.push(line);
        if room == 0 {
            break;
        }
    }
    lines
}

pub fn write<'o>(transactions: &'o [Transaction<'_>], around: &Surroundings<'o, '_>, context: &'o Context<'_>, writer: &mut Writer<'_>) {
    for transaction in transactions {
        let mut row = row_of(transaction, around, context);
        fill_response(&mut row, transaction, context, writer);
        writer.observation(&mut row);
    }
}

fn row_of<'o>(transaction: &'o Transaction<'_>, around: &Surroundings<'o, '_>, context: &'o Context<'_>) -> Observation<'o> {
    let mut row = context.observation(Operation::Http, &transaction.step.pointer);
    transaction.step.fill(&mut row);
    let host = transaction.host.as_ref();
    let name = host.map(|host| host.hostname.as_str());
    let found = || around.endpoints.find(transaction.step.transaction_id, name, host.and_then(|host| host.port));
    let endpoint = transaction.endpoint.as_ref().map(|(ip, port)| (ip.as_ref(), *port)).or_else(found);
    row.ip = endpoint.map(|(ip, _)| Cow::Borrowed(ip));
    row.port = endpoint.map(|(_, port)| port).or(host.and_then(|host| host.port));
    around.networks.fill(&mut row);
    context.assign_target(&mut row, name);
    row.failure = transaction.failure.as_deref().map(|failure| context.scrub(failure));
    row.http_request_url = transaction.url.map(|url| context.scrub(url));
    row.http_request_method = transaction.method.map(Cow::Borrowed);
    row.http_alpn = transaction.alpn.map(Cow::Borrowed);
    let receipt = around.events.received(transaction.step.transaction_id);
    row.http_bytes_received = receipt.map(|receipt| receipt.bytes);
    row.http_receive_time = receipt.and_then(|receipt| receipt.seconds);
    row
}

fn fill_response<'o>(row: &mut Observation<'o>, transaction: &'o Transaction<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let [body, is_truncated, code, headers_list, headers] =
        transaction.response.fields(["body", "body_is_truncated", "code", "headers_list", "headers"]);
    row.http_response_status_code = code.fitting().filter(|code| *code != 0);
    let headers = read_headers(headers_list, headers);
    let body = read_body(body, transaction, writer);
    let there_was_a_response =
        row.http_response_status_code.is_some() || !headers.is_empty() || body.as_ref().is_some_and(|body| !body.is_empty());
    if !there_was_a_response {
        return;
    }
    row.http_response_header_location = header_value(&headers, "location", context);
    row.http_response_header_server = header_value(&headers, "server", context);
    row.http_response_headers = header_lines(&headers, context);
    row.http_response_fingerprints = fingerprints(&headers, body.as_deref().unwrap_or_default(), writer);
    if let Some(body) = body {
        row.http_response_body_length = Some(body.len() as u64);
        row.http_response_body_is_truncated = is_truncated.boolean();
        row.http_response_body_sha256 = Some(Cow::Owned(sha256::of(&body)));
        row.http_response_body_title = html::title(&body).map(|title| context.scrub(title));
        row.http_request_changes = context.nettest.echo.map(|echo| echo(transaction.request, &body)).unwrap_or_default();
    }
}

fn read_body<'a>(body: Value<'a>, transaction: &Transaction<'_>, writer: &mut Writer<'_>) -> Option<Cow<'a, [u8]>> {
    let bytes = bytes_of(body);
    if bytes.is_none() && !body.is_null() {
        let pointer = format!("{}/response/body", transaction.step.pointer);
        writer.part(&pointer, "unreadable_body", "a body is a text or base64, and this is neither", &body.get("data").excerpt());
    }
    bytes
}

fn header_value(headers: &[Header<'_>], name: &str, context: &Context<'_>) -> Option<Text<'static>> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(Cow::Owned(context.scrub(clip(&header.value, MAX_URL_BYTES)).into_owned()))
}

fn fingerprints(headers: &[Header<'_>], body: &[u8], writer: &Writer<'_>) -> Vec<Text<'static>> {
    let headers: Vec<(&str, &str)> = headers.iter().map(|header| (header.name, header.value.as_ref())).collect();
    writer.place().fingerprints.matches(&headers, body).into_iter().map(Cow::Owned).collect()
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{Read, measurement, read};

    fn with_request(request: &str) -> Read {
        read(measurement("x", "null", &format!(r#"{{"requests": [{request}]}}"#)))
    }

    #[test]
    fn bodies_and_headers_may_be_binary() {
        let read = with_request(
            r#"{"request": {"url": "http://a.example/"}, "response": {"code": 200, "body": {"data": "aGk", "format": "base64"},
                "headers": {"Location": {"data": "L2E=", "format": "base64"}, "Set-Cookie": ["a", "b"]}}}"#,
        );
        assert_eq!(read.observed("http_response_body_length"), ["2"]);
        assert_eq!(read.observed("http_response_header_location"), ["/a"]);
        assert_eq!(read.observed("http_response_headers"), ["[Location: /a, Set-Cookie: a, Set-Cookie: b]"]);
    }

    #[test]
    fn no_response_leaves_no_trace_of_one() {
        for response in ["null", "{}", r#"{"code": 0, "body": "", "headers_list": null, "headers": null, "body_is_truncated": false}"#] {
            let read = with_request(&format!(r#"{{"failure": "connection_reset", "request": {{}}, "response": {response}}}"#));
            for column in
                ["http_response_status_code", "http_response_body_length", "http_response_body_sha256", "http_response_body_is_truncated"]
            {
                assert_eq!(read.observed(column), ["-"], "{column} of {response}");
            }
        }
    }

    #[test]
    fn an_empty_body_is_a_body() {
        let read = with_request(r#"{"request": {}, "response": {"code": 200, "body": "", "body_is_truncated": true}}"#);
        assert_eq!(
            (read.observed("http_response_body_length"), read.observed("http_response_body_is_truncated")),
            (vec!["0".to_owned()], vec!["true".to_owned()])
        );
    }

    #[test]
    fn an_unreadable_body_is_told() {
        let read = with_request(r#"{"request": {}, "response": {"code": 200, "body": {"data": "!", "format": "base64"}}}"#);
        assert_eq!(
            (read.reasons(), read.observed("http_response_body_length")),
            (vec!["unreadable_body".to_owned()], vec!["-".to_owned()])
        );
    }

    #[test]
    fn the_host_header_stands_in_for_a_missing_url() {
        let read = with_request(r#"{"request": {"headers_list": [["Host", "A.example:8080"]]}, "response": {}}"#);
        assert_eq!((read.observed("hostname"), read.observed("http_request_url")), (vec!["a.example".to_owned()], vec!["-".to_owned()]));
    }

    #[test]
    fn a_request_through_tor_was_made_from_elsewhere() {
        assert_eq!(
            with_request(r#"{"request": {"url": "http://a.example/", "tor": {"is_tor": true}}, "response": {}}"#).observations.num_rows(),
            0
        );
    }

    #[test]
    fn headers_are_cut_at_the_limit() {
        let read = with_request(&format!(
            r#"{{"request": {{}}, "response": {{"headers_list": [["a", "{}"], ["b", "{}"]]}}}}"#,
            "x".repeat(9_000),
            "y".repeat(9_000)
        ));
        assert!(read.observed("http_response_headers")[0].len() < super::MAX_HEADERS_BYTES + 10);
    }
}
