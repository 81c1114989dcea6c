//! Satellite v2: is a resolver in some network given, for a name, what resolvers elsewhere are given?
//!
//! The vantage is the resolver; what it answers stands for what people who use it are given. Its answers carry tags of Censys: the
//! network of the address, and whether network, certificate or page are those of an address that the control resolvers were given. From
//! these and from nothing else come the control's rows: an address tagged `ip` was given to the control as well; a network tagged `asnum`
//! is one of an address of the control's; and where a control resolver had an answer that the record does not spell out, one row says
//! just that. They are written only for a resolver that answered the harmless question of the same scan.

use std::borrow::Cow;

use parallax_model::tables::{Measurement, Observation};
use parallax_model::{ControlKind, Operation, TargetRole, Text};

use super::failures::{failure, of_rcode};
use super::hyperquack::analysis;
use super::source::{NAME, Refusal, country_of, made_uid, moment, refuse};
use crate::address::canonical_ip;
use crate::hostname;
use crate::json::Value;
use crate::sources::ooni::writer::Writer;
use crate::sources::origin::Origin;
use crate::text::clip;

const MAX_INPUT_BYTES: usize = 4096;
const MAX_NAME_BYTES: usize = 256;
/// Tries of one lookup; Satellite makes up to six.
const MAX_TRIES: usize = 64;
/// Addresses of one answer.
const MAX_ANSWERS: usize = 1024;

/// One try of the lookup.
struct Try<'a> {
    pointer: String,
    failure: Option<Text<'static>>,
    answers: Vec<Answer<'a>>,
}

struct Answer<'a> {
    ip: Text<'a>,
    asn: Option<u32>,
    as_name: Option<&'a str>,
    /// In what it is like an address that the control was given: ip, http, cert, asnum, asname.
    matched: Vec<&'a str>,
}

pub fn read(object: Value<'_>, writer: &mut Writer<'_>) -> Result<(), Refusal> {
    let [vp, location, test_url, response, start] = object.fields(["vp", "location", "test_url", "response", "start_time"]);
    let Some(resolver) = vp.text().and_then(canonical_ip) else { return refuse("no_vantage", "the resolver is no IP address") };
    let input = test_url.filled_text().map(|input| clip(input, MAX_INPUT_BYTES)).unwrap_or_default();
    let Some(host) = hostname::of_input(input) else { return refuse("no_target", "the name that was looked up can be no host") };
    let start = moment(start).or_else(|| moment(response.items().next()?.get("start_time")));
    let Some(start) = start else { return refuse("no_start_time", "the record does not say when the resolver was asked") };

    let (cc, raw_digest) = (country_of(location), writer.place().raw_digest);
    let uid = made_uid(start, cc, "satellite", raw_digest);
    let origin = Origin { measurement_uid: &uid, raw_digest, start, probe_cc: cc, probe_asn: None, test_name: "satellite" };
    let (version, tries) = tries(response, &host);
    writer.measurement(&Measurement {
        test_version: Some(Cow::Borrowed(version)),
        input: Some(Cow::Borrowed(input)),
        resolver_ip: Some(resolver.as_ref().into()),
        probe_analysis: Some(Cow::Owned(analysis(object, &["anomaly", "connect_error", "excluded"]))),
        ..origin.measurement(NAME, writer.place())
    });
    for (number, one) in (0_u32..).zip(&tries) {
        write_try(one, number, &resolver, &host, &origin, writer);
    }
    if control_worked(object) {
        write_controls(&tries, &host, &origin, writer);
    }
    Ok(())
}

/// Whether the resolver answered the harmless question, and control resolvers had an answer to this one.
fn control_worked(object: Value<'_>) -> bool {
    let [in_control_group, passed_control, passed_liveness] = object.fields(["in_control_group", "passed_control", "passed_liveness"]);
    let is_alive = passed_liveness.boolean().or(passed_control.boolean()) == Some(true);
    is_alive && in_control_group.boolean() == Some(true)
}

fn tries<'a>(response: Value<'a>, host: &str) -> (&'static str, Vec<Try<'a>>) {
    if response.is_array() {
        let listed = response.items().enumerate().take(MAX_TRIES);
        let about_host = |entry: Value<'_>| entry.get("url").text().is_none_or(|url| hostname::of_input(url).as_deref() == Some(host));
        return ("2.2", listed.filter(|(_, entry)| about_host(*entry)).map(|(index, entry)| of_v2_2(index, entry)).collect());
    }
    ("2.0", of_v2_0(response))
}

fn of_v2_2(index: usize, entry: Value<'_>) -> Try<'_> {
    let [response, error, rcode] = entry.fields(["response", "error", "rcode"]);
    let answers: Vec<_> = response.members().take(MAX_ANSWERS).filter_map(|(ip, tags)| Answer::of_v2_2(ip, tags)).collect();
    let error = error.filled_text().filter(|error| *error != "null");
    Try { pointer: format!("/response/{index}"), failure: outcome(rcode_of(rcode), error, answers.is_empty()), answers }
}

/// Version 2.0 keeps the addresses of all tries together, beside lists of codes and errors.
fn of_v2_0(response: Value<'_>) -> Vec<Try<'_>> {
    let is_address = |(key, _): &(&str, Value<'_>)| *key != "rcode" && *key != "error";
    let answers: Vec<_> =
        response.members().filter(is_address).take(MAX_ANSWERS).filter_map(|(ip, tags)| Answer::of_v2_0(ip, tags)).collect();
    let [codes, errors] = response.fields(["rcode", "error"]);
    let mut errors = errors.items().filter_map(Value::filled_text);
    let mut tries = Vec::new();
    for (index, code) in codes.items().enumerate().take(MAX_TRIES) {
        let rcode = rcode_of(code);
        let error = (rcode == Some(-1)).then(|| errors.next()).flatten();
        if let (true, Some(failure)) = (rcode != Some(0), outcome(rcode, error, true)) {
            tries.push(Try { pointer: format!("/response/rcode/{index}"), failure: Some(failure), answers: Vec::new() });
        }
    }
    let answered = codes.items().any(|code| rcode_of(code) == Some(0));
    if answered || !answers.is_empty() {
        tries.push(Try { pointer: "/response".to_owned(), failure: outcome(Some(0), None, answers.is_empty()), answers });
    }
    tries
}

fn rcode_of(value: Value<'_>) -> Option<i64> {
    value.text().and_then(|text| text.parse().ok()).or_else(|| value.number().map(|number| number as i64))
}

/// What a try came to. A code of −1 without an error is a connection that failed in a way nobody wrote down.
fn outcome(rcode: Option<i64>, error: Option<&str>, is_empty: bool) -> Option<Text<'static>> {
    match (rcode, error) {
        _ if !is_empty => None,
        (_, Some(error)) => Some(failure(error)),
        (Some(-1) | None, None) => Some(Cow::Borrowed(crate::sources::ooni::failures::UNKNOWN)),
        (Some(rcode), None) => Some(Cow::Borrowed(of_rcode(rcode).unwrap_or("dns_no_answer"))),
    }
}

impl<'a> Answer<'a> {
    fn of_v2_2(ip: &'a str, tags: Value<'a>) -> Option<Self> {
        let [asnum, asname, matched] = tags.fields(["asnum", "asname", "matched"]);
        Some(Self {
            ip: canonical_ip(ip)?,
            asn: asnum.fitting().filter(|asn| *asn != 0),
            as_name: asname.filled_text().map(|name| clip(name, MAX_NAME_BYTES)),
            matched: matched.items().filter_map(Value::text).take(8).collect(),
        })
    }

    fn of_v2_0(ip: &'a str, tags: Value<'a>) -> Option<Self> {
        Some(Self { ip: canonical_ip(ip)?, asn: None, as_name: None, matched: tags.items().filter_map(Value::text).take(8).collect() })
    }
}

fn write_try(one: &Try<'_>, number: u32, resolver: &str, host: &str, origin: &Origin<'_>, writer: &mut Writer<'_>) {
    let mut row: Observation<'_> = origin.observation(Operation::Dns, &one.pointer);
    row.target = Some(host.into());
    row.target_role = TargetRole::Input;
    row.hostname = Some(host.into());
    row.failure = one.failure.clone();
    row.dns_query = Some(number);
    // The vantage is this resolver: for it, and for whoever uses it, it is the system's.
    row.dns_engine = Some(Cow::Borrowed("system"));
    row.dns_engine_resolver_address = Some(resolver.into());
    row.dns_query_type = Some(Cow::Borrowed("A"));
    if one.answers.is_empty() {
        return writer.observation(&mut row);
    }
    for answer in &one.answers {
        row.ip = Some(answer.ip.as_ref().into());
        row.dns_answer = Some(answer.ip.as_ref().into());
        row.dns_answer_type = Some(Cow::Borrowed(if answer.ip.contains(':') { "AAAA" } else { "A" }));
        row.ip_asn = answer.asn;
        row.ip_as_org_name = answer.as_name.map(Cow::Borrowed);
        row.tags = answer.matched.iter().map(|tag| Cow::Owned(format!("matched={}", clip(tag, 32)))).collect();
        writer.observation(&mut row);
    }
}

fn write_controls(tries: &[Try<'_>], host: &str, origin: &Origin<'_>, writer: &mut Writer<'_>) {
    let mut is_spelled_out = false;
    for one in tries {
        for answer in &one.answers {
            let is_given = answer.matched.contains(&"ip");
            let is_same_network = answer.asn.is_some() && answer.matched.contains(&"asnum");
            if !is_given && !is_same_network {
                continue;
            }
            let mut row = origin.control(ControlKind::Scanner, Operation::Dns, &one.pointer);
            row.hostname = Some(host.into());
            row.ip = is_given.then(|| answer.ip.as_ref().into());
            row.ip_from_control = is_given.then_some(true);
            row.ip_asn = answer.asn;
            writer.control(&mut row);
            is_spelled_out |= is_given;
        }
    }
    if !is_spelled_out {
        let mut row = origin.control(ControlKind::Scanner, Operation::Dns, "/in_control_group");
        row.hostname = Some(host.into());
        writer.control(&mut row);
    }
}
