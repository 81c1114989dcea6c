//! DNS queries and their answers: one row an answer, or one row where there was none.
//!
//! Answers that came late (`x_dns_duplicate_responses`) are rows of their own, marked, and bear the number of the query they answer
//! where it can be found. Where a record has only the raw response, addresses are read from that.

use std::borrow::Cow;

use foldhash::HashMap;
use parallax_model::tables::Observation;
use parallax_model::{Operation, Text};

use super::context::Context;
use super::entries;
use super::failures::failure;
use super::networks::Networks;
use super::step::Step;
use super::writer::Writer;
use crate::address::{canonical_ip, is_public_text, split_endpoint};
use crate::base64_text;
use crate::dns_wire;
use crate::hostname::normalise;
use crate::json::Value;
use crate::text::{clip, clip_cow};

pub struct Query<'a> {
    pub step: Step<'a>,
    pub hostname: Option<Text<'a>>,
    pub answers: Vec<Answer<'a>>,
    engine: Option<&'a str>,
    resolver: Option<Text<'a>>,
    query_type: Option<&'a str>,
    failure: Option<Text<'a>>,
    is_late: bool,
    has_raw_response: bool,
}

pub struct Answer<'a> {
    /// The address, where the answer is one.
    pub ip: Option<Text<'a>>,
    pub asn: Option<u32>,
    pub as_org_name: Option<&'a str>,
    /// Its place in `answers`; nothing for one read from the raw response.
    index: Option<usize>,
    kind: Option<Text<'a>>,
    text: Option<Text<'a>>,
}

/// Names of engines and types, in bytes.
const MAX_WORD_BYTES: usize = 64;
/// An answer or a resolver, in bytes: names have 255, URLs of resolvers may be longer.
const MAX_TEXT_BYTES: usize = 512;
/// A raw response as base64, in bytes: DNS messages have at most 65,535.
const MAX_RAW_RESPONSE_BYTES: usize = 90_000;

/// Reads one of the arrays of queries into `queries`.
pub fn read<'a>(list: Value<'a>, pointer: &str, is_late: bool, queries: &mut Vec<Query<'a>>, writer: &mut Writer<'_>) {
    entries::each(list, pointer, writer, |entry, pointer, writer| queries.push(Query::read(entry, pointer, is_late, writer)));
}

impl<'a> Query<'a> {
    fn read(entry: Value<'a>, pointer: String, is_late: bool, writer: &mut Writer<'_>) -> Self {
        let [
            answers,
            engine,
            failed,
            hostname,
            query_type,
            raw_response,
            resolver_hostname,
            resolver_port,
            resolver_address,
            t0,
            t,
            tags,
            id,
        ] = entry.fields([
            "answers",
            "engine",
            "failure",
            "hostname",
            "query_type",
            "raw_response",
            "resolver_hostname",
            "resolver_port",
            "resolver_address",
            "t0",
            "t",
            "tags",
            "transaction_id",
        ]);
        let mut failure = failure(failed);
        let mut answers: Vec<_> = answers.items().enumerate().filter_map(|(index, answer)| Answer::read(index, answer)).collect();
        if answers.is_empty() {
            // Reports of 2012 to 2015 list addresses alone.
            answers = entry.get("addrs").items().filter_map(Answer::of_address).collect();
        }
        if answers.is_empty() && (is_late || failure.is_none()) {
            answers = answers_in(raw_response);
        }
        if answers.is_empty() && failure.is_none() && !is_late {
            // Old probes wrote neither answer nor failure; today's call it this.
            failure = Some(Cow::Borrowed("dns_no_answer"));
        }
        Self {
            hostname: asked_name(hostname, entry, &pointer, writer),
            step: Step::new(pointer, t0, t, tags, id),
            answers,
            engine: word(engine),
            resolver: resolver(resolver_address, resolver_hostname, resolver_port),
            query_type: word(query_type),
            failure,
            is_late,
            has_raw_response: !raw_response.is_null(),
        }
    }

    /// Why the query was not answered.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// What two messages must share for one to be a further answer to the other's question.
    fn question(&self) -> (Option<u64>, Option<&str>, Option<&str>) {
        (self.step.transaction_id, self.hostname.as_deref(), self.query_type)
    }
}

impl<'a> Answer<'a> {
    fn read(index: usize, answer: Value<'a>) -> Option<Self> {
        if !answer.is_object() {
            return None;
        }
        let [asn, as_org_name, kind, ipv4, ipv6, hostname] =
            answer.fields(["asn", "as_org_name", "answer_type", "ipv4", "ipv6", "hostname"]);
        let text = [ipv4, ipv6, hostname].into_iter().find_map(Value::filled_text);
        let ip = text.and_then(canonical_ip);
        let text = ip.clone().or_else(|| text.map(|text| normalise(text).unwrap_or(Cow::Borrowed(clip(text, MAX_TEXT_BYTES)))));
        Some(Self {
            index: Some(index),
            kind: word(kind).map(Cow::Borrowed),
            asn: asn.fitting().filter(|asn| *asn != 0),
            as_org_name: as_org_name.filled_text().map(|name| clip(name, MAX_TEXT_BYTES)),
            ip,
            text,
        })
    }

    fn of_address(address: Value<'a>) -> Option<Self> {
        let ip = address.text().and_then(canonical_ip)?;
        let kind = if ip.contains(':') { "AAAA" } else { "A" };
        Some(Self { index: None, kind: Some(Cow::Borrowed(kind)), text: Some(ip.clone()), ip: Some(ip), asn: None, as_org_name: None })
    }

    fn of_wire(answer: dns_wire::WireAnswer) -> Self {
        let ip = canonical_ip(&answer.answer).map(|ip| Cow::Owned(ip.into_owned()));
        let text = normalise(&answer.answer).map(|text| Cow::Owned(text.into_owned()));
        Self { index: None, kind: Some(Cow::Borrowed(answer.kind)), text, ip, asn: None, as_org_name: None }
    }
}

fn answers_in<'a>(raw_response: Value<'_>) -> Vec<Answer<'a>> {
    let text = raw_response.filled_text().or_else(|| raw_response.get("data").filled_text());
    let message = text.filter(|text| text.len() <= MAX_RAW_RESPONSE_BYTES).and_then(base64_text::decode);
    message.map(|message| dns_wire::answers(&message).into_iter().map(Answer::of_wire).collect()).unwrap_or_default()
}

/// A name in its one spelling; one that can be none is rejected as a part.
pub fn name<'a>(value: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Option<Text<'a>> {
    let written = value.filled_text()?;
    let name = normalise(written);
    if name.is_none() {
        writer.part(pointer, "not_a_hostname", "this operation names a host that can be none", &value.excerpt());
    }
    name
}

/// The name asked for; reports of 2012 to 2015 hold it in a text such as `[Query('example.org', 1, 1)]`.
fn asked_name<'a>(hostname: Value<'a>, entry: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Option<Text<'a>> {
    if !hostname.is_null() {
        return name(hostname, pointer, writer);
    }
    entry.get("query").text()?.split('\'').nth(1).and_then(normalise)
}

fn word(value: Value<'_>) -> Option<&str> {
    value.filled_text().map(|text| clip(text, MAX_WORD_BYTES))
}

/// Address or URL of the resolver. A private address is one in the volunteer's home, and is left out.
fn resolver<'a>(address: Value<'a>, hostname: Value<'a>, port: Value<'a>) -> Option<Text<'a>> {
    let text = match (address.filled_text(), hostname.filled_text(), port.fitting::<u16>()) {
        (Some(address), ..) => Cow::Borrowed(address),
        (None, Some(host), Some(port)) => Cow::Owned(format!("{host}:{port}")),
        (None, Some(host), None) => Cow::Borrowed(host),
        _ => return None,
    };
    let ip = split_endpoint(&text).map(|(ip, _)| ip).or_else(|| canonical_ip(&text));
    let is_private = ip.is_some_and(|ip| !is_public_text(&ip));
    (!is_private).then(|| clip_cow(text, MAX_TEXT_BYTES))
}

pub fn write(queries: &[Query<'_>], networks: &Networks<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let mut asked = HashMap::default();
    let first = writer.number_queries(queries.len());
    for (query, number) in queries.iter().zip(first..) {
        let number = if query.is_late { *asked.get(&query.question()).unwrap_or(&number) } else { number };
        asked.entry(query.question()).or_insert(number);
        write_query(query, number, networks, context, writer);
    }
}

fn write_query(query: &Query<'_>, number: u32, networks: &Networks<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
    let mut row = row_of(query, context);
    row.dns_query = Some(number);
    if query.answers.is_empty() {
        return writer.observation(&mut row);
    }
    for answer in &query.answers {
        row.json_pointer = Cow::Owned(pointer_of(query, answer));
        row.dns_answer = answer.text.as_deref().map(Cow::Borrowed);
        row.dns_answer_type = answer.kind.as_deref().map(Cow::Borrowed);
        row.ip = answer.ip.as_deref().map(Cow::Borrowed);
        let network = networks.of(answer.ip.as_deref());
        row.ip_asn = answer.asn.or(network.asn);
        row.ip_as_org_name = answer.as_org_name.or(network.as_org_name).map(Cow::Borrowed);
        writer.observation(&mut row);
    }
}

fn row_of<'r>(query: &'r Query<'_>, context: &'r Context<'_>) -> Observation<'r> {
    let mut row = context.observation(Operation::Dns, &query.step.pointer);
    query.step.fill(&mut row);
    context.assign_target(&mut row, query.hostname.as_deref());
    row.failure = query.failure.as_deref().map(|failure| context.scrub(failure));
    row.dns_engine = query.engine.map(Cow::Borrowed);
    row.dns_engine_resolver_address = query.resolver.as_deref().map(|resolver| context.scrub(resolver));
    row.dns_query_type = query.query_type.map(Cow::Borrowed);
    row.dns_is_late = query.is_late;
    row
}

fn pointer_of(query: &Query<'_>, answer: &Answer<'_>) -> String {
    match answer.index {
        Some(index) => [&query.step.pointer, "/answers/", &index.to_string()].concat(),
        None if query.has_raw_response => format!("{}/raw_response", query.step.pointer),
        None => format!("{}/addrs", query.step.pointer),
    }
}
