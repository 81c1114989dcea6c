//! What one row of a table holds: up to a lookup's answer, a connect, a handshake and a request.

use std::borrow::Cow;
use std::collections::HashMap;

use parallax_model::tables::Observation;
use parallax_model::{Operation, TargetRole, Text};

use super::table::{Row, Table};
use crate::address::canonical_ip;
use crate::hostname;
use crate::sources::ooni::failures::{UNKNOWN, spelled};
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::writer::Writer;
use crate::sources::origin::Origin;
use crate::text::clip;

const MAX_WORD_BYTES: usize = 128;
const MAX_TEXT_BYTES: usize = 512;
const MAX_URL_BYTES: usize = 8 << 10;

/// What the rows of one measurement have in common, and what was already written of them.
struct Operations<'t> {
    origin: &'t Origin<'t>,
    nettest: &'static Nettest,
    /// Host of what the test was asked to test.
    input_host: Option<String>,
    /// Numbers of the queries, by what tells one from another.
    queries: HashMap<Query<'t>, u32>,
    /// Answers that were written: a table repeats them in each row that used them.
    answers: HashMap<(u32, Option<&'t str>), ()>,
}

/// Host, engine, resolver, type and connection.
type Query<'t> = [Option<&'t str>; 5];

pub fn write<'t>(table: &'t Table<'t>, origin: &'t Origin<'t>, writer: &mut Writer<'_>) {
    let input = table.rows().next().and_then(|row| row.text("input"));
    let mut operations = Operations {
        origin,
        nettest: Nettest::of(origin.test_name),
        input_host: input.and_then(hostname::of_input),
        queries: HashMap::new(),
        answers: HashMap::new(),
    };
    for row in table.rows() {
        operations.write_answer(row, writer);
        operations.write_connect(row, writer);
        operations.write_handshake(row, writer);
        operations.write_request(row, writer);
    }
}

impl<'t> Operations<'t> {
    fn write_answer(&mut self, row: Row<'t>, writer: &mut Writer<'_>) {
        let answer = row.text("dns_answer");
        let failed = row.text("dns_failure").and_then(spelled);
        if answer.is_none() && failed.is_none() && row.text("dns_engine").is_none() {
            return;
        }
        let names = ["hostname", "dns_engine", "dns_engine_resolver_address", "dns_query_type", "transaction_id"];
        let next = u32::try_from(self.queries.len()).unwrap_or(u32::MAX);
        let number = *self.queries.entry(names.map(|name| row.text(name))).or_insert(next);
        if self.answers.insert((number, answer.or(row.text("dns_failure"))), ()).is_some() {
            return;
        }
        let pointer = row.pointer(if answer.is_some() { "dns_answer" } else { "dns_failure" });
        let mut seen = self.observation(row, Operation::Dns, &pointer);
        let ip = answer.and_then(canonical_ip);
        seen.dns_answer = answer.map(|answer| ip.clone().or_else(|| hostname::normalise(answer)).unwrap_or(clipped(answer)));
        // A table without an answer and without a failure does not say that the lookup worked.
        seen.failure = failed.or((answer.is_none()).then_some(Cow::Borrowed("dns_no_answer")));
        seen.ip = ip;
        seen.port = None;
        seen.dns_query = Some(number);
        seen.dns_engine = word(row, "dns_engine");
        seen.dns_engine_resolver_address = word(row, "dns_engine_resolver_address");
        seen.dns_query_type = word(row, "dns_query_type");
        seen.dns_answer_type = word(row, "dns_answer_type").or(seen.ip.as_deref().map(address_type));
        (seen.t, seen.t0) = (row.number("dns_t"), None);
        if answer != row.text("ip") {
            seen.ip_asn = row.whole("dns_answer_asn").filter(|asn| *asn != 0);
            seen.ip_as_org_name = word(row, "dns_answer_as_org_name");
        }
        writer.observation(&mut seen);
    }

    fn write_connect(&mut self, row: Row<'t>, writer: &mut Writer<'_>) {
        let (success, failed) = (row.boolean("tcp_success"), row.text("tcp_failure").and_then(spelled));
        if success.is_none() && failed.is_none() {
            return;
        }
        let pointer = row.pointer(if failed.is_some() { "tcp_failure" } else { "tcp_success" });
        let mut seen = self.observation(row, Operation::Tcp, &pointer);
        seen.failure = failed.or((success == Some(false)).then_some(Cow::Borrowed(UNKNOWN)));
        seen.t = row.number("tcp_t");
        writer.observation(&mut seen);
    }

    /// Tables write `tls_success` as 1 for every handshake that was made and 0 where there was none: only `tls_failure` tells the outcome.
    fn write_handshake(&mut self, row: Row<'t>, writer: &mut Writer<'_>) {
        let failed = row.text("tls_failure").and_then(spelled);
        let was_made = ["tls_handshake_time", "tls_version", "tls_cipher_suite", "tls_server_name", "tls_handshake_last_operation"];
        if failed.is_none() && row.boolean("tls_success") != Some(true) && was_made.iter().all(|column| row.text(column).is_none()) {
            return;
        }
        let pointer = row.pointer(if failed.is_some() { "tls_failure" } else { "tls_success" });
        let mut seen = self.observation(row, Operation::Tls, &pointer);
        // A handshake that went through with a certificate that is not valid proves nothing: nobody insisted.
        seen.tls_no_verify = (failed.is_none() && row.boolean("tls_is_certificate_valid") == Some(false)).then_some(true);
        seen.failure = failed;
        seen.t = row.number("tls_t");
        seen.tls_server_name = row.text("tls_server_name").and_then(hostname::normalise);
        seen.tls_version = word(row, "tls_version");
        seen.tls_cipher_suite = word(row, "tls_cipher_suite");
        seen.tls_handshake_read_count = row.whole("tls_handshake_read_count");
        seen.tls_handshake_read_bytes = row.whole("tls_handshake_read_bytes");
        seen.tls_handshake_write_count = row.whole("tls_handshake_write_count");
        seen.tls_handshake_write_bytes = row.whole("tls_handshake_write_bytes");
        seen.tls_handshake_last_operation = word(row, "tls_handshake_last_operation");
        writer.observation(&mut seen);
    }

    fn write_request(&mut self, row: Row<'t>, writer: &mut Writer<'_>) {
        let failed = row.text("http_failure").and_then(spelled);
        let url = row.text("http_request_url");
        if failed.is_none() && url.is_none() {
            return;
        }
        let pointer = row.pointer(if failed.is_some() { "http_failure" } else { "http_request_url" });
        let mut seen = self.observation(row, Operation::Http, &pointer);
        // Of a request to an address, the URL says which.
        let host = url.and_then(hostname::of_url);
        let literal = host.as_ref().filter(|host| seen.ip.is_none() && canonical_ip(&host.hostname).is_some());
        if let Some(host) = literal {
            seen.ip = Some(Cow::Owned(host.hostname.clone()));
            seen.port = host.port;
        }
        seen.failure = failed;
        seen.t = row.number("http_t");
        seen.http_request_url = url.map(|url| Cow::Borrowed(clip(url, MAX_URL_BYTES)));
        seen.http_request_method = word(row, "http_request_method");
        seen.http_alpn = word(row, "http_alpn");
        seen.http_response_status_code = row.whole("http_response_status_code").filter(|status| *status != 0);
        seen.http_response_header_location =
            row.text("http_response_header_location").map(|location| Cow::Borrowed(clip(location, MAX_URL_BYTES)));
        seen.http_response_header_server = row.text("http_response_header_server").map(clipped);
        seen.http_response_body_length = row.whole("http_response_body_length");
        seen.http_response_body_is_truncated = row.boolean("http_response_body_is_truncated");
        seen.http_response_body_title = row.text("http_response_body_title").map(clipped);
        writer.observation(&mut seen);
    }

    /// What all operations of a row have in common.
    fn observation<'r>(&'r self, row: Row<'r>, operation: Operation, pointer: &'r str) -> Observation<'r> {
        let mut seen = self.origin.observation(operation, pointer);
        seen.ip = row.text("ip").and_then(canonical_ip);
        seen.port = row.whole("port");
        seen.ip_asn = row.whole("ip_asn").filter(|asn| *asn != 0);
        seen.ip_as_org_name = word(row, "ip_as_org_name");
        seen.transaction_id = row.whole("transaction_id").filter(|id| *id != 0);
        let host = row.text("hostname").and_then(hostname::normalise);
        self.assign_target(&mut seen, host);
        seen
    }

    /// The same targets as for the raw measurement: the service that a host or an address stands for, or the host itself.
    fn assign_target<'r>(&self, seen: &mut Observation<'r>, host: Option<Text<'r>>) {
        let service = host.as_deref().or(seen.ip.as_deref()).and_then(|name| self.nettest.service(name));
        let tests_services = !self.nettest.services.is_empty();
        let is_input = host.is_none() || self.input_host.as_deref().is_none_or(|input| Some(input) == host.as_deref());
        seen.target_role = match service {
            Some(_) => TargetRole::Service,
            None if tests_services && host.is_none() => TargetRole::Service,
            None if tests_services || !is_input => TargetRole::Redirect,
            None => TargetRole::Input,
        };
        seen.target = service.map(Cow::Borrowed).or_else(|| host.clone());
        seen.hostname = host;
    }
}

fn address_type<'r>(ip: &str) -> Text<'r> {
    Cow::Borrowed(if ip.contains(':') { "AAAA" } else { "A" })
}

fn clipped(text: &str) -> Text<'_> {
    Cow::Borrowed(clip(text, MAX_TEXT_BYTES))
}

fn word<'r>(row: Row<'r>, column: &str) -> Option<Text<'r>> {
    row.text(column).map(|text| Cow::Borrowed(clip(text, MAX_WORD_BYTES)))
}
