//! What the test helper saw of the same target: `test_keys.control`.
//!
//! No rows where it could not be asked: no control is not the same as a control that failed.

use std::borrow::Cow;

use foldhash::{HashMap, HashSet};
use parallax_model::tables::Control;
use parallax_model::{Operation, Text};

use super::context::Context;
use super::failures::{UNKNOWN, failure};
use super::http::{header_lines, read_headers};
use super::writer::{MAX_ROWS, Writer};
use crate::address::{canonical_ip, split_endpoint};
use crate::hostname::normalise;
use crate::html;
use crate::json::Value;

/// What the test helper knows of an address (`ip_info`).
#[derive(Clone, Copy)]
struct IpInfo {
    asn: Option<u32>,
    from_control: bool,
}

/// The bit in `ip_info`'s flags that says: the test helper itself was answered this address.
const RESOLVED_BY_TEST_HELPER: u64 = 2;

pub fn write(test_keys: Value<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let [control, control_failure] = test_keys.fields(["control", "control_failure"]);
    if failure(control_failure).is_some() {
        return;
    }
    if !control.is_object() {
        if !control.is_null() {
            let message = format!("a control is a JSON object, and this is {}", control.kind());
            writer.part("/test_keys/control", "not_an_object", message, &control.excerpt());
        }
        return;
    }
    let [tcp, tls, quic, http, http3, dns, ip_info] =
        control.fields(["tcp_connect", "tls_handshake", "quic_handshake", "http_request", "http3_request", "dns", "ip_info"]);
    let known = Known::new(dns.get("addrs"), ip_info);
    write_dns(dns, &known, context, writer);
    write_endpoints(tcp, "tcp_connect", Operation::Tcp, &known, context, writer);
    write_endpoints(tls, "tls_handshake", Operation::Tls, &known, context, writer);
    write_endpoints(quic, "quic_handshake", Operation::Quic, &known, context, writer);
    write_page(http, "http_request", context, writer);
    write_page(http3, "http3_request", context, writer);
}

/// What the control says about addresses.
struct Known<'a> {
    info: HashMap<Cow<'a, str>, IpInfo>,
    answered: HashSet<Cow<'a, str>>,
    has_answers: bool,
}

impl<'a> Known<'a> {
    fn new(addresses: Value<'a>, ip_info: Value<'a>) -> Self {
        let info = ip_info.members().filter_map(|(ip, info)| Some((canonical_ip(ip)?, IpInfo::read(info)))).collect();
        let answered = addresses.items().filter_map(|ip| canonical_ip(ip.text()?)).collect();
        Self { info, answered, has_answers: addresses.is_array() }
    }

    /// Fills what is known about a row's address.
    fn fill(&self, row: &mut Control<'_>) {
        let Some(ip) = row.ip.as_deref() else { return };
        let info = self.info.get(ip);
        row.ip_asn = info.and_then(|info| info.asn);
        let answered = self.has_answers.then(|| self.answered.contains(ip));
        row.ip_from_control = info.map(|info| info.from_control).or(answered);
    }
}

impl IpInfo {
    fn read(info: Value<'_>) -> Self {
        let [asn, flags] = info.fields(["asn", "flags"]);
        let flags = flags.whole_number().unwrap_or_default();
        Self { asn: asn.fitting().filter(|asn| *asn != 0), from_control: flags & RESOLVED_BY_TEST_HELPER != 0 }
    }
}

fn write_dns(dns: Value<'_>, known: &Known<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let [failed, addresses] = dns.fields(["failure", "addrs"]);
    let failure = failure(failed);
    let mut answers = 0;
    for (index, address) in addresses.items().enumerate().take(MAX_ROWS as usize) {
        // Old test helpers list aliases among the addresses.
        let Some(ip) = address.text().and_then(canonical_ip) else { continue };
        let pointer = format!("/test_keys/control/dns/addrs/{index}");
        let mut row = context.control(Operation::Dns, &pointer);
        row.ip = Some(ip);
        row.failure = failure.clone();
        known.fill(&mut row);
        writer.control(&mut row);
        answers += 1;
    }
    let only_aliases = addresses.items().next().is_some().then_some(Cow::Borrowed("dns_no_answer"));
    if answers == 0
        && let Some(failure) = failure.or(only_aliases)
    {
        let mut row = context.control(Operation::Dns, "/test_keys/control/dns");
        row.failure = Some(failure);
        writer.control(&mut row);
    }
}

fn write_endpoints(
    endpoints: Value<'_>,
    name: &str,
    operation: Operation,
    known: &Known<'_>,
    context: &Context<'_>,
    writer: &mut Writer<'_>,
) {
    for (endpoint, result) in endpoints.members().take(MAX_ROWS as usize) {
        let pointer = ["/test_keys/control/", name, "/", &escaped(endpoint)].concat();
        let Some((ip, port)) = split_endpoint(endpoint) else {
            writer.part(&pointer, "not_an_endpoint", "an endpoint is an IP address and a port", endpoint);
            continue;
        };
        let [server_name, status, failed] = result.fields(["server_name", "status", "failure"]);
        let mut row = context.control(operation, &pointer);
        row.hostname = server_name.filled_text().and_then(normalise).or(row.hostname);
        row.ip = Some(ip);
        row.port = Some(port);
        row.failure = outcome(failed, status);
        known.fill(&mut row);
        writer.control(&mut row);
    }
}

fn outcome<'a>(failed: Value<'a>, status: Value<'a>) -> Option<Text<'a>> {
    failure(failed).or_else(|| (status.boolean() == Some(false)).then_some(Cow::Borrowed(UNKNOWN)))
}

/// A page as the control saw it; −1 and 0 are how test helpers write "nothing".
fn write_page(page: Value<'_>, name: &str, context: &Context<'_>, writer: &mut Writer<'_>) {
    let [body_length, failed, title, headers, status_code] = page.fields(["body_length", "failure", "title", "headers", "status_code"]);
    let failure = failure(failed);
    let status = status_code.fitting().filter(|code| *code != 0);
    if failure.is_none() && status.is_none() {
        return;
    }
    let pointer = format!("/test_keys/control/{name}");
    let mut row = context.control(Operation::Http, &pointer);
    row.failure = failure;
    row.http_response_status_code = status;
    if status.is_some() {
        row.http_response_headers = header_lines(&read_headers(Value::NULL, headers), context);
        row.http_response_body_length = body_length.whole_number();
        row.http_response_body_title = title.text().and_then(html::clean_title).map(Cow::Owned);
    }
    writer.control(&mut row);
}

/// A key as a part of a JSON pointer (RFC 6901, section 3).
pub fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { Cow::Owned(key.replace('~', "~0").replace('/', "~1")) } else { Cow::Borrowed(key) }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{Read, measurement, read};

    fn with_control(control: &str, failure: &str) -> Read {
        let test_keys = format!(r#"{{"control": {control}, "control_failure": {failure}}}"#);
        read(measurement("web_connectivity", "\"https://example.org/\"", &test_keys))
    }

    #[test]
    fn no_control_makes_no_rows() {
        let zero = r#"{"tcp_connect": null, "http_request": {"body_length": 0, "failure": null, "title": "", "headers": null, "status_code": 0},
            "dns": {"failure": null, "addrs": null}}"#;
        for (control, failure) in
            [("{}", "null"), ("null", "null"), (zero, "null"), (r#"{"dns": {"addrs": ["192.0.2.1"]}}"#, "\"connection_reset\"")]
        {
            assert_eq!(with_control(control, failure).controls.num_rows(), 0, "{control}");
        }
        assert_eq!(with_control("{}", "\"connection_reset\"").measured("control_failure"), "connection_reset");
    }

    #[test]
    fn a_control_that_was_answered_nothing_says_so() {
        let failed = with_control(r#"{"dns": {"failure": "dns_name_error", "addrs": []}}"#, "null");
        assert_eq!(failed.controlled("failure"), ["dns_nxdomain_error"]);
        let only_alias = with_control(r#"{"dns": {"failure": null, "addrs": ["alias.example"]}}"#, "null");
        assert_eq!(only_alias.controlled("failure"), ["dns_no_answer"]);
    }

    #[test]
    fn an_address_is_the_controls_own_or_the_probes() {
        let endpoints = r#""tcp_connect": {"192.0.2.1:80": {"status": true}, "192.0.2.2:80": {"status": false}}"#;
        let flagged = with_control(
            &format!(r#"{{"ip_info": {{"192.0.2.1": {{"asn": 1, "flags": 10}}, "192.0.2.2": {{"flags": 9}}}}, {endpoints}}}"#),
            "null",
        );
        assert_eq!(flagged.controlled("ip_from_control"), ["true", "false"]);
        assert_eq!(flagged.controlled("failure"), ["-", "unknown_failure"]);
        let listed = with_control(&format!(r#"{{"dns": {{"addrs": ["192.0.2.2"]}}, {endpoints}}}"#), "null");
        assert_eq!(listed.controlled("ip_from_control"), ["true", "false", "true"]);
        let unknown = with_control(&format!("{{{endpoints}}}"), "null");
        assert_eq!(unknown.controlled("ip_from_control"), ["-", "-"]);
    }
}
