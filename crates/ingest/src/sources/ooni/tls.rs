//! TLS and QUIC handshakes: one row each, with the whole chain of certificates.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::HashMap;
use parallax_model::tables::Observation;
use parallax_model::{Operation, Text};

use super::context::Context;
use super::dns::name;
use super::endpoints::Endpoints;
use super::entries;
use super::events::Events;
use super::failures::failure;
use super::names::Names;
use super::networks::Networks;
use super::step::Step;
use super::writer::Writer;
use crate::address::split_endpoint;
use crate::base64_text;
use crate::certificates::{self, MAX_CERTIFICATE_BYTES};
use crate::json::Value;
use crate::sha256;
use crate::text::clip;

pub struct Handshake<'a> {
    pub step: Step<'a>,
    pub server_name: Option<Text<'a>>,
    /// Where it was made, as the record writes it.
    pub address: Option<&'a str>,
    pub endpoint: Option<(Text<'a>, u16)>,
    is_quic: bool,
    failure: Option<Text<'a>>,
    version: Option<&'a str>,
    cipher_suite: Option<&'a str>,
    negotiated_protocol: Option<&'a str>,
    no_verify: Option<bool>,
    certificates: Value<'a>,
    /// What the encrypted client hello was made of, where there was one.
    pub ech: Option<Ech>,
    outer_server_name: Option<Text<'a>>,
}

/// An encrypted client hello.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ech {
    /// Random bytes in its place, which nobody on the way can tell from a real one.
    Grease,
    /// With the server's own key.
    Real,
}

impl Ech {
    fn read(config: Value<'_>) -> Option<Self> {
        config.filled_text().map(|config| if config.eq_ignore_ascii_case("grease") { Ech::Grease } else { Ech::Real })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Ech::Grease => "grease",
            Ech::Real => "real",
        }
    }
}

const MAX_WORD_BYTES: usize = 128;
/// Certificates of one chain: real ones have up to five.
const MAX_CHAIN: usize = 32;
/// Certificates of one record that are described in `certificates`.
const MAX_CERTIFICATES: usize = 512;
const HTTPS: u16 = 443;

/// Which of the two arrays of handshakes an element is from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tls,
    Quic,
}

pub fn read<'a>(list: Value<'a>, pointer: &str, transport: Transport, handshakes: &mut Vec<Handshake<'a>>, writer: &mut Writer<'_>) {
    entries::each(list, pointer, writer, |entry, pointer, writer| handshakes.push(Handshake::read(entry, pointer, transport, writer)));
}

impl<'a> Handshake<'a> {
    fn read(entry: Value<'a>, pointer: String, transport: Transport, writer: &mut Writer<'_>) -> Self {
        let [
            network,
            address,
            cipher_suite,
            ech,
            failed,
            negotiated_protocol,
            no_verify,
            outer_server_name,
            certificates,
            server_name,
            t0,
            t,
            tags,
            version,
            id,
        ] = entry.fields([
            "network",
            "address",
            "cipher_suite",
            "echconfig",
            "failure",
            "negotiated_protocol",
            "no_tls_verify",
            "outer_server_name",
            "peer_certificates",
            "server_name",
            "t0",
            "t",
            "tags",
            "tls_version",
            "transaction_id",
        ]);
        Self {
            outer_server_name: name(outer_server_name, &pointer, writer),
            ech: Ech::read(ech),
            server_name: name(server_name, &pointer, writer),
            step: Step::new(pointer, t0, t, tags, id),
            address: address.filled_text(),
            endpoint: address.text().and_then(split_endpoint),
            is_quic: transport == Transport::Quic || matches!(network.text(), Some("udp" | "quic")),
            failure: failure(failed),
            version: word(version),
            cipher_suite: word(cipher_suite),
            negotiated_protocol: word(negotiated_protocol),
            no_verify: no_verify.boolean(),
            certificates,
        }
    }
}

fn word(value: Value<'_>) -> Option<&str> {
    value.filled_text().map(|text| clip(text, MAX_WORD_BYTES))
}

/// What rows of handshakes are completed from.
pub struct Surroundings<'o, 's> {
    pub names: &'s Names<'o>,
    pub endpoints: &'s Endpoints<'o>,
    pub networks: &'s Networks<'o>,
    pub events: &'s Events<'o>,
}

pub fn write<'o>(handshakes: &'o [Handshake<'_>], around: &Surroundings<'o, '_>, context: &'o Context<'_>, writer: &mut Writer<'_>) {
    let mut chains = Chains::default();
    for handshake in handshakes {
        let mut row = row_of(handshake, around, context);
        row.tls_certificate_chain = chains.read(handshake, context, writer);
        writer.observation(&mut row);
    }
}

fn row_of<'o>(handshake: &'o Handshake<'_>, around: &Surroundings<'o, '_>, context: &'o Context<'_>) -> Observation<'o> {
    let operation = if handshake.is_quic { Operation::Quic } else { Operation::Tls };
    let mut row = context.observation(operation, &handshake.step.pointer);
    handshake.step.fill(&mut row);
    let name = around.names.of_handshake(handshake);
    let found = || around.endpoints.find(handshake.step.transaction_id, name, Some(HTTPS));
    let endpoint = handshake.endpoint.as_ref().map(|(ip, port)| (ip.as_ref(), *port)).or_else(found);
    row.ip = endpoint.map(|(ip, _)| Cow::Borrowed(ip));
    row.port = endpoint.map(|(_, port)| port);
    around.networks.fill(&mut row);
    context.assign_target(&mut row, name);
    row.failure = handshake.failure.as_deref().map(|failure| context.scrub(failure));
    row.tls_server_name = handshake.server_name.as_deref().map(Cow::Borrowed);
    row.tls_version = handshake.version.map(Cow::Borrowed);
    row.tls_cipher_suite = handshake.cipher_suite.map(Cow::Borrowed);
    row.tls_negotiated_protocol = handshake.negotiated_protocol.map(Cow::Borrowed);
    row.tls_no_verify = handshake.no_verify;
    row.tls_ech = handshake.ech.map(|ech| Cow::Borrowed(ech.as_str()));
    row.tls_outer_server_name = handshake.outer_server_name.as_deref().map(Cow::Borrowed);
    fill_traffic(&mut row, handshake, around.events);
    row
}

fn fill_traffic(row: &mut Observation<'_>, handshake: &Handshake<'_>, events: &Events<'_>) {
    let Some(traffic) = events.during_handshake(handshake) else { return };
    row.tls_handshake_read_count = Some(traffic.read_count);
    row.tls_handshake_read_bytes = Some(traffic.read_bytes);
    row.tls_handshake_write_count = Some(traffic.write_count);
    row.tls_handshake_write_bytes = Some(traffic.write_bytes);
    row.tls_handshake_last_operation = traffic.last_operation().map(Cow::Owned);
}

/// The certificates of one record; the same chain stands in many handshakes and is read once.
#[derive(Default)]
struct Chains<'a> {
    /// What became of each text: a fingerprint, or nothing for what is no base64.
    known: HashMap<&'a str, Option<String>>,
    described: HashSet<String>,
}

impl<'a> Chains<'a> {
    fn read(&mut self, handshake: &Handshake<'a>, context: &Context<'_>, writer: &mut Writer<'_>) -> Vec<Text<'static>> {
        let mut chain = Vec::new();
        for (index, certificate) in handshake.certificates.items().enumerate().take(MAX_CHAIN) {
            let pointer = || format!("{}/peer_certificates/{index}", handshake.step.pointer);
            // Older probes write {"data": …, "format": "base64"}, newer ones the text alone.
            let Some(text) = certificate.text().or_else(|| certificate.get("data").text()) else {
                writer.part(&pointer(), "not_a_certificate", "a certificate is a base64 text", &certificate.excerpt());
                continue;
            };
            chain.extend(self.fingerprint(text, pointer, context, writer).map(Cow::Owned));
        }
        chain
    }

    fn fingerprint(
        &mut self,
        text: &'a str,
        pointer: impl Fn() -> String,
        context: &Context<'_>,
        writer: &mut Writer<'_>,
    ) -> Option<String> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let fingerprint = match writer.described().fingerprint(text, context.start) {
            Some(known) => {
                let known = known.to_owned();
                self.count(&known);
                Some(known)
            }
            None => self.decode(text, pointer, context, writer),
        };
        self.known.insert(text, fingerprint.clone());
        fingerprint
    }

    fn decode(&mut self, text: &str, pointer: impl Fn() -> String, context: &Context<'_>, writer: &mut Writer<'_>) -> Option<String> {
        let Some(der) = base64_text::decode(text) else {
            writer.part(&pointer(), "not_base64", "a certificate that is no base64", clip(text, 80));
            return None;
        };
        let fingerprint = self.describe(&der, pointer, context, writer);
        if writer.described().contains(&fingerprint, context.start) {
            writer.described().add_text(text, &fingerprint);
        }
        Some(fingerprint)
    }

    fn describe(&mut self, der: &[u8], pointer: impl Fn() -> String, context: &Context<'_>, writer: &mut Writer<'_>) -> String {
        let fingerprint = sha256::of(der);
        if self.described.contains(&fingerprint) || self.described.len() >= MAX_CERTIFICATES {
            return fingerprint;
        }
        if der.len() > MAX_CERTIFICATE_BYTES {
            writer.part(&pointer(), "certificate_too_long", "a certificate longer than 64 kB; only its fingerprint is kept", "");
            return fingerprint;
        }
        if !writer.described().contains(&fingerprint, context.start) {
            let (row, is_certificate) = certificates::describe(der, &fingerprint, context.start);
            match is_certificate {
                true => writer.described().add(&row),
                false => writer.part(&pointer(), "not_a_certificate", "the bytes are no X.509 certificate; they are kept as they are", ""),
            }
            writer.certificate(&row);
        }
        self.count(&fingerprint);
        fingerprint
    }

    /// Which certificates have rows must not depend on the records that came before, so those that another one described count as well.
    fn count(&mut self, fingerprint: &str) {
        if self.described.len() < MAX_CERTIFICATES {
            self.described.insert(fingerprint.to_owned());
        }
    }
}
