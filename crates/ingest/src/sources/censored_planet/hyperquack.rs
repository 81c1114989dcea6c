//! Hyperquack: does a server answer to this name as it does to any other?
//!
//! A server that echoes, discards or serves web pages is sent a request that names the tested host. Its usual answer, the *template*, is
//! known beforehand. An answer like it is a success; another one has the failure [`MISMATCH`] beside what was answered; probes with
//! harmless names are the control. The failure of such a probe that cannot be told from one of the machine itself is no observation.
//!
//! No connect is ever written as a control: whether a server accepts a connection has nothing to do with a name that is sent later.

use std::borrow::Cow;

use parallax_model::tables::{Control, Measurement, Observation};
use parallax_model::{ControlKind, Operation, TargetRole, Text};

use super::failures::Trouble;
use super::raw_http;
use super::source::{NAME, Refusal, country_of, made_uid, refuse};
use super::trial::{Probe, Service, service_of_v1};
use crate::address::canonical_ip;
use crate::base64_text;
use crate::certificates::{self, MAX_CERTIFICATE_BYTES};
use crate::hostname;
use crate::html;
use crate::json::Value;
use crate::sha256;
use crate::sources::ooni::http::{Header, read_headers};
use crate::sources::ooni::writer::Writer;
use crate::sources::origin::Origin;
use crate::text::{clip, clip_cow};

/// The failure of a probe that was answered, but not with the server's usual answer.
pub const MISMATCH: &str = "template_mismatch";
/// Probes of one record; Hyperquack sends up to ten.
const MAX_PROBES: usize = 256;
const MAX_INPUT_BYTES: usize = 4096;
const MAX_HEADER_BYTES: usize = 8 << 10;
/// All headers of a response together, in bytes.
const MAX_HEADERS_BYTES: usize = 16 << 10;

/// A record of either version.
struct Trial<'a> {
    version: &'static str,
    server: Text<'a>,
    location: Value<'a>,
    service: Service,
    input: &'a str,
    host: String,
    probes: Vec<Probe<'a>>,
    analysis: String,
}

pub fn read_v2(object: Value<'_>, writer: &mut Writer<'_>) -> Result<(), Refusal> {
    let [vp, location, service, test_url, response] = object.fields(["vp", "location", "service", "test_url", "response"]);
    let (server, input, host) = server_and_host(vp, test_url)?;
    let probes = response.items().take(MAX_PROBES).enumerate().map(|(index, entry)| Probe::of_v2(entry, format!("/response/{index}")));
    Trial {
        version: "2",
        server,
        location,
        service: Service::of_word(service.text().unwrap_or_default()),
        input,
        host,
        probes: probes.collect(),
        analysis: analysis(object, &["anomaly", "controls_failed", "stateful_block"]),
    }
    .write(writer)
}

pub fn read_v1(object: Value<'_>, writer: &mut Writer<'_>) -> Result<(), Refusal> {
    let [server, keyword, results] = object.fields(["Server", "Keyword", "Results"]);
    let (server, input, host) = server_and_host(server, keyword)?;
    let probes = results.items().take(MAX_PROBES).enumerate().map(|(index, entry)| Probe::of_v1(entry, input, format!("/Results/{index}")));
    Trial {
        version: "1",
        server,
        location: Value::NULL,
        service: service_of_v1(results),
        input,
        host,
        probes: probes.collect(),
        analysis: analysis(object, &["Blocked", "FailSanity", "StatefulBlock"]),
    }
    .write(writer)
}

fn server_and_host<'a>(server: Value<'a>, name: Value<'a>) -> Result<(Text<'a>, &'a str, String), Refusal> {
    let Some(ip) = server.text().and_then(canonical_ip) else { return refuse("no_vantage", "the server is no IP address") };
    let input = name.filled_text().map(|input| clip(input, MAX_INPUT_BYTES)).unwrap_or_default();
    match hostname::of_input(input) {
        Some(host) => Ok((ip, input, host)),
        None => refuse("no_target", "the name that was tested can be no host"),
    }
}

/// Their own conclusion, `anomaly=true controls_failed=false`.
pub(super) fn analysis(object: Value<'_>, names: &[&str]) -> String {
    let said = names.iter().filter_map(|name| Some(format!("{name}={}", object.get(name).boolean()?)));
    said.collect::<Vec<_>>().join(" ")
}

impl<'a> Trial<'a> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Refusal> {
        let Some(start) = self.probes.iter().find_map(|probe| probe.start) else {
            return refuse("no_start_time", "no probe of the record says when it was sent");
        };
        let (cc, test_name, raw_digest) = (country_of(self.location), self.service.test_name(), writer.place().raw_digest);
        let uid = made_uid(start, cc, test_name, raw_digest);
        let origin = Origin { measurement_uid: &uid, raw_digest, start, probe_cc: cc, probe_asn: None, test_name };
        writer.measurement(&Measurement {
            test_version: Some(Cow::Borrowed(self.version)),
            input: Some(Cow::Borrowed(self.input)),
            probe_analysis: Some(self.analysis.as_str().into()).filter(|analysis: &Text<'_>| !analysis.is_empty()),
            ..origin.measurement(NAME, writer.place())
        });
        for probe in &self.probes {
            if probe.trouble == Some(Trouble::OfScanner) {
                let message = "the measurement machine could not send this probe, which says nothing about anybody else";
                writer.part(&probe.pointer, "scanner_failure", message, "");
            } else if probe.is_control {
                self.write_control(probe, &origin, writer);
            } else {
                self.write_probe(probe, &origin, writer);
            }
        }
        Ok(())
    }

    fn write_probe(&self, probe: &Probe<'a>, origin: &Origin<'_>, writer: &mut Writer<'_>) {
        if !probe.matches && probe.trouble.is_none() && !probe.has_response() {
            return writer.part(&probe.pointer, "no_outcome", "the probe has neither a response nor an error", "");
        }
        let mut connect = self.observation(Operation::Tcp, probe, origin);
        if let Some(Trouble::Connect(failure)) = &probe.trouble {
            connect.failure = Some(failure.clone());
            return writer.observation(&mut connect);
        }
        writer.observation(&mut connect);
        if let Some(Trouble::Handshake(failure)) = &probe.trouble {
            return self.write_handshake(Some(failure.clone()), probe, origin, writer);
        }
        if self.service == Service::Https && (probe.matches || probe.has_response()) {
            self.write_handshake(None, probe, origin, writer);
        }
        self.write_exchange(probe, origin, writer);
    }

    /// The scanner shows the tested name in its handshakes and does not insist that the certificate is valid for it.
    fn write_handshake(&self, failure: Option<Text<'static>>, probe: &Probe<'a>, origin: &Origin<'_>, writer: &mut Writer<'_>) {
        let mut row = self.observation(Operation::Tls, probe, origin);
        row.tls_server_name = Some(self.host.as_str().into());
        row.tls_no_verify = Some(true);
        row.failure = failure;
        let tls = probe.response.get("tls");
        let certificate = tls.get("cert").filled_text().or_else(|| probe.response.get("Certificate").filled_text());
        if let Some(der) = certificate.and_then(base64_text::decode).filter(|der| der.len() <= MAX_CERTIFICATE_BYTES) {
            let fingerprint = sha256::of(&der);
            writer.certificate(&certificates::describe(&der, &fingerprint, origin.start).0);
            row.tls_certificate_chain = vec![Cow::Owned(fingerprint)];
        }
        writer.observation(&mut row);
    }

    fn write_exchange(&self, probe: &Probe<'a>, origin: &Origin<'_>, writer: &mut Writer<'_>) {
        let url = self.service.url(&self.host);
        let mut row = self.observation(Operation::Http, probe, origin);
        row.http_request_url = url.as_deref().map(Cow::Borrowed);
        row.http_request_method = Some(Cow::Borrowed("GET"));
        row.failure = outcome(probe);
        if let Some(response) = Response::of(probe) {
            let named: Vec<(&str, &str)> = response.headers.iter().map(|header| (header.name, header.value.as_ref())).collect();
            row.http_response_fingerprints =
                writer.place().fingerprints.matches(&named, response.body.as_bytes()).into_iter().map(Cow::Owned).collect();
            row.http_response_status_code = response.status;
            row.http_response_header_location = response.header("location");
            row.http_response_header_server = response.header("server");
            row.http_response_headers = response.lines();
            row.http_response_body_length = Some(response.body.len() as u64);
            row.http_response_body_sha256 = Some(Cow::Owned(sha256::of(response.body.as_bytes())));
            row.http_response_body_title = html::title(response.body.as_bytes()).map(Cow::Owned);
        }
        writer.observation(&mut row);
    }

    /// A probe with a harmless name, told as the control of the tested one: the same server, over the same path.
    fn write_control(&self, probe: &Probe<'a>, origin: &Origin<'_>, writer: &mut Writer<'_>) {
        let mut row: Control<'_> = origin.control(ControlKind::Scanner, Operation::Http, &probe.pointer);
        row.hostname = Some(self.host.as_str().into());
        row.ip = Some(self.server.as_ref().into());
        row.port = self.service.port();
        row.failure = match &probe.trouble {
            Some(Trouble::Connect(failure) | Trouble::Handshake(failure)) => Some(failure.clone()),
            _ => outcome(probe),
        };
        if let Some(response) = Response::of(probe) {
            row.http_response_status_code = response.status;
            row.http_response_headers = response.lines();
            row.http_response_body_length = Some(response.body.len() as u64);
            row.http_response_body_title = html::title(response.body.as_bytes()).map(Cow::Owned);
        }
        writer.control(&mut row);
    }

    /// The server was spoken to by its address; the tested name stands in what was said.
    fn observation<'r>(&'r self, operation: Operation, probe: &'r Probe<'a>, origin: &'r Origin<'_>) -> Observation<'r> {
        let since_start = |moment: Option<parallax_model::Timestamp>| {
            moment.map(|moment| moment.microseconds().saturating_sub(origin.start.microseconds()) as f64 / 1e6)
        };
        let mut row = origin.observation(operation, &probe.pointer);
        row.target = Some(self.host.as_str().into());
        row.target_role = TargetRole::Input;
        row.hostname = Some(self.server.as_ref().into());
        row.ip = Some(self.server.as_ref().into());
        row.port = self.service.port();
        (row.t0, row.t) = (since_start(probe.start), since_start(probe.end));
        row
    }
}

/// How the exchange after the connection ended.
fn outcome(probe: &Probe<'_>) -> Option<Text<'static>> {
    match &probe.trouble {
        Some(Trouble::Exchange(failure)) if !probe.matches => Some(failure.clone()),
        _ => (!probe.matches).then_some(Cow::Borrowed(MISMATCH)),
    }
}

/// What came back, however the version writes it.
struct Response<'a> {
    status: Option<u16>,
    headers: Vec<Header<'a>>,
    body: &'a str,
}

impl<'a> Response<'a> {
    fn of(probe: &Probe<'a>) -> Option<Self> {
        let response = probe.response;
        if let Some(text) = response.filled_text() {
            let raw = raw_http::parse(text);
            let headers = raw.headers.into_iter().map(|(name, value)| Header { name, value: value.into() }).collect();
            return Some(Self { status: raw.status, headers, body: raw.body });
        }
        let [status_line, headers, body] = response.fields(["status_line", "headers", "body"]);
        let code = status_line.text().and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
        response.is_object().then(|| Self {
            status: code.filter(|code| (100..1000).contains(code)),
            headers: read_headers(Value::NULL, headers),
            body: body.text().unwrap_or_default(),
        })
    }

    fn header(&self, name: &str) -> Option<Text<'static>> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(Cow::Owned(clip(&header.value, MAX_HEADER_BYTES).to_owned()))
    }

    /// Headers as `Name: value`, as many as fit the limit.
    fn lines(&self) -> Vec<Text<'static>> {
        let mut room = MAX_HEADERS_BYTES;
        let mut lines = Vec::new();
        for header in &self.headers {
            let line = format!("{}: {}", clip(header.name, room), clip(&header.value, room));
            lines.push(clip_cow(Cow::Owned(line), room));
            room -= lines.last().map_or(0, |line| line.len());
            if room == 0 {
                break;
            }
        }
        lines
    }
}
