//! The arrays of operations that all nettests share, read first and written when all is known that one says about another.
//!
//! Some nettests do the same things in several parts of their record, each with arrays of its own: those are read by the same code,
//! one part after the other ([`write_part`]).

use super::context::{Context, first_input};
use super::controls;
use super::dns::{self, Query};
use super::endpoints::Endpoints;
use super::events::Events;
use super::http::{self, Transaction};
use super::names::Names;
use super::nettest::Shared;
use super::networks::Networks;
use super::redirects::{self, HostDepths};
use super::tcp::{self, Connect};
use super::tls::{self, Handshake, Surroundings, Transport};
use super::writer::Writer;
use crate::json::Value;

/// All that the probe did, in the order of the record.
#[derive(Default)]
pub struct Operations<'a> {
    pub queries: Vec<Query<'a>>,
    pub connects: Vec<Connect<'a>>,
    pub handshakes: Vec<Handshake<'a>>,
    pub transactions: Vec<Transaction<'a>>,
}

pub fn write<'a>(measurement: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let test_keys = measurement.get("test_keys");
    if !test_keys.is_object() {
        if !test_keys.is_null() {
            let message = format!("test_keys is a JSON object, and this is {}", test_keys.kind());
            writer.part("/test_keys", "not_an_object", message, &test_keys.excerpt());
        }
        return;
    }
    if context.nettest.shared == Shared::Direct && !went_through_a_tunnel(test_keys) {
        let mut operations = Operations::read(test_keys, "/test_keys", writer);
        redirects::number(&mut operations, first_input(measurement.get("input")), context);
        operations.write(test_keys, context, writer);
    }
    if let Some(own) = context.nettest.own {
        own(test_keys, context, writer);
    }
    controls::write(test_keys, context, writer);
}

/// Whether the record says that its operations were made from the other end of a tunnel.
fn went_through_a_tunnel(test_keys: Value<'_>) -> bool {
    let [socksproxy, tunnel] = test_keys.fields(["socksproxy", "tunnel"]);
    socksproxy.filled_text().is_some() || tunnel.filled_text().is_some()
}

/// Writes what stands in the arrays of one part of a record.
pub fn write_part<'a>(part: Value<'a>, pointer: &str, context: &Context<'a>, writer: &mut Writer<'_>) {
    writer.begin_part();
    Operations::read(part, pointer, writer).write(part, context, writer);
}

impl<'a> Operations<'a> {
    /// Reads the arrays of `keys`, which stand at `pointer`.
    pub fn read(keys: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Self {
        let [late, queries, transactions, connects, tls, quic] =
            keys.fields(["x_dns_duplicate_responses", "queries", "requests", "tcp_connect", "tls_handshakes", "quic_handshakes"]);
        let at = |name: &str| [pointer, "/", name].concat();
        let mut all_queries = Vec::new();
        dns::read(queries, &at("queries"), false, &mut all_queries, writer);
        dns::read(late, &at("x_dns_duplicate_responses"), true, &mut all_queries, writer);
        let connects = tcp::read(connects, &at("tcp_connect"), writer);
        let mut handshakes = Vec::new();
        tls::read(tls, &at("tls_handshakes"), Transport::Tls, &mut handshakes, writer);
        tls::read(quic, &at("quic_handshakes"), Transport::Quic, &mut handshakes, writer);
        let transactions = http::read(transactions, &at("requests"), writer);
        Self { queries: all_queries, connects, handshakes, transactions }
    }

    /// Writes them; `keys` is what they were read from.
    pub fn write(&self, keys: Value<'_>, context: &Context<'_>, writer: &mut Writer<'_>) {
        let names = Names::new(self);
        let names_of_connects = names.of_connects(&self.connects, context);
        let endpoints = Endpoints::new(&self.connects, &names_of_connects);
        let networks = Networks::new(&self.queries, keys.get("control").get("ip_info"));
        let depths = HostDepths::new(&self.transactions);
        let events = Events::new(keys.get("network_events"), &self.connects, &self.handshakes);
        let around = Surroundings { names: &names, endpoints: &endpoints, networks: &networks, events: &events };
        dns::write(&self.queries, &networks, context, writer);
        tcp::write(&self.connects, &names_of_connects, &depths, &networks, context, writer);
        tls::write(&self.handshakes, &around, context, writer);
        http::write(&self.transactions, &around, context, writer);
    }
}
