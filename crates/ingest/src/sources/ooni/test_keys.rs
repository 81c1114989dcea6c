//! The arrays of operations that all nettests share, read first and written when all is known that one says about another.

use super::context::{Context, first_input};
use super::controls;
use super::dns::{self, Query};
use super::endpoints::Endpoints;
use super::events::Events;
use super::http::{self, Transaction};
use super::names::Names;
use super::networks::Networks;
use super::redirects::{self, HostDepths};
use super::tcp::{self, Connect};
use super::tls::{self, Handshake, Surroundings, Transport};
use super::writer::Writer;
use crate::json::Value;

/// All that the probe did, in the order of the record.
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
    let mut operations = Operations::read(test_keys, writer);
    redirects::number(&mut operations, first_input(measurement.get("input")), context);
    write_operations(&operations, test_keys, context, writer);
    controls::write(test_keys, context, writer);
}

impl<'a> Operations<'a> {
    fn read(test_keys: Value<'a>, writer: &mut Writer<'_>) -> Self {
        let [late, queries, transactions, connects, tls, quic] =
            test_keys.fields(["x_dns_duplicate_responses", "queries", "requests", "tcp_connect", "tls_handshakes", "quic_handshakes"]);
        let mut all_queries = Vec::new();
        dns::read(queries, "/test_keys/queries", false, &mut all_queries, writer);
        dns::read(late, "/test_keys/x_dns_duplicate_responses", true, &mut all_queries, writer);
        let connects = tcp::read(connects, "/test_keys/tcp_connect", writer);
        let mut handshakes = Vec::new();
        tls::read(tls, "/test_keys/tls_handshakes", Transport::Tls, &mut handshakes, writer);
        tls::read(quic, "/test_keys/quic_handshakes", Transport::Quic, &mut handshakes, writer);
        let transactions = http::read(transactions, "/test_keys/requests", writer);
        Self { queries: all_queries, connects, handshakes, transactions }
    }
}

fn write_operations<'o>(operations: &'o Operations<'_>, test_keys: Value<'o>, context: &'o Context<'_>, writer: &mut Writer<'_>) {
    let names = Names::new(operations);
    let names_of_connects = names.of_connects(&operations.connects, context);
    let endpoints = Endpoints::new(&operations.connects, &names_of_connects);
    let networks = Networks::new(&operations.queries, test_keys.get("control").get("ip_info"));
    let depths = HostDepths::new(&operations.transactions);
    let events = Events::new(test_keys.get("network_events"), &operations.connects, &operations.handshakes);
    let around = Surroundings { names: &names, endpoints: &endpoints, networks: &networks, events: &events };
    dns::write(&operations.queries, &networks, context, writer);
    tcp::write(&operations.connects, &names_of_connects, &depths, &networks, context, writer);
    tls::write(&operations.handshakes, &around, context, writer);
    http::write(&operations.transactions, &around, context, writer);
}
