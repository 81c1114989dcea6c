//! Network events: how much was read and written during each handshake, and how fast a page came in.
//!
//! Events of one connection share its `transaction_id`. In records without such numbers they are matched by address, and only where
//! one connect and one handshake on that address leave no doubt whose they are.
//!
//! **Invariant:** one pass over the events, whatever they say.

use std::fmt::Write;

use foldhash::HashMap;

use super::tcp::Connect;
use super::tls::Handshake;
use crate::json::Value;

/// What went over the wire between the beginning of a handshake and its end.
#[derive(Clone, Default)]
pub struct HandshakeTraffic {
    pub read_count: u32,
    pub read_bytes: u64,
    pub write_count: u32,
    pub write_bytes: u64,
    last_was_read: bool,
}

impl HandshakeTraffic {
    /// Such as `read_2`: the second read was the last thing that happened.
    pub fn last_operation(&self) -> Option<String> {
        let (word, count) = if self.last_was_read { ("read", self.read_count) } else { ("write", self.write_count) };
        let mut text = String::from(word);
        write!(text, "_{count}").ok()?;
        (count > 0).then_some(text)
    }

    fn add(&mut self, event: &Event<'_>) {
        let bytes = event.num_bytes.unwrap_or_default();
        self.last_was_read = event.is_read;
        if event.is_read {
            self.read_count = self.read_count.saturating_add(1);
            self.read_bytes = self.read_bytes.saturating_add(bytes);
        } else {
            self.write_count = self.write_count.saturating_add(1);
            self.write_bytes = self.write_bytes.saturating_add(bytes);
        }
    }
}

/// What a connection received in all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receipt {
    pub bytes: u64,
    pub seconds: Option<f64>,
}

#[derive(Default)]
struct Connection {
    handshake: HandshakeTraffic,
    stage: Stage,
    /// Sum of all reads.
    read_bytes: u64,
    /// The highest of the running totals that newer probes sample instead.
    cumulative_bytes: u64,
    first_t: Option<f64>,
    last_t: Option<f64>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    BeforeHandshake,
    Handshake,
    AfterHandshake,
}

struct Event<'a> {
    operation: &'a str,
    address: Option<&'a str>,
    num_bytes: Option<u64>,
    failed: bool,
    is_read: bool,
    is_write: bool,
    t: Option<f64>,
    transaction_id: Option<u64>,
}

#[derive(Default)]
pub struct Events<'a> {
    by_transaction: HashMap<u64, Connection>,
    by_address: HashMap<&'a str, Unnumbered>,
}

/// The handshake on an address in a record without numbers.
#[derive(Default)]
struct Unnumbered {
    handshakes: u32,
    connects: u32,
    /// When the handshake ended: what came later was no longer part of it.
    end: Option<f64>,
    traffic: HandshakeTraffic,
}

impl<'a> Events<'a> {
    pub fn new(list: Value<'a>, connects: &[Connect<'_>], handshakes: &[Handshake<'a>]) -> Self {
        let mut events = Self::default();
        events.expect_unnumbered(connects, handshakes);
        for event in list.items().filter(|event| event.is_object()).map(Event::read) {
            match event.transaction_id {
                Some(id) => events.by_transaction.entry(id).or_default().add(&event),
                None => events.add_unnumbered(&event),
            }
        }
        events
    }

    fn expect_unnumbered(&mut self, connects: &[Connect<'_>], handshakes: &[Handshake<'a>]) {
        for handshake in handshakes.iter().filter(|handshake| handshake.step.transaction_id.is_none()) {
            let Some(address) = handshake.address else { continue };
            let expected = self.by_address.entry(address).or_default();
            expected.handshakes += 1;
            expected.end = handshake.step.t;
        }
        if self.by_address.is_empty() {
            return;
        }
        for (ip, port) in connects.iter().filter(|connect| connect.failure.is_none()).filter_map(Connect::endpoint) {
            let address = if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") };
            if let Some(expected) = self.by_address.get_mut(address.as_str()) {
                expected.connects += 1;
            }
        }
    }

    fn add_unnumbered(&mut self, event: &Event<'_>) {
        let Some(expected) = event.address.and_then(|address| self.by_address.get_mut(address)) else { return };
        let in_time = matches!((event.t, expected.end), (Some(t), Some(end)) if t <= end);
        if in_time && (event.is_read || event.is_write) {
            expected.traffic.add(event);
        }
    }

    /// What a handshake read and wrote; nothing where the record does not say, or not for certain.
    pub fn during_handshake(&self, handshake: &Handshake<'_>) -> Option<&HandshakeTraffic> {
        if let Some(id) = handshake.step.transaction_id {
            let connection = self.by_transaction.get(&id)?;
            return (connection.stage != Stage::BeforeHandshake).then_some(&connection.handshake);
        }
        let expected = self.by_address.get(handshake.address?)?;
        let is_certain = expected.handshakes == 1 && expected.connects <= 1;
        (is_certain && expected.traffic.last_operation().is_some()).then_some(&expected.traffic)
    }

    /// What the connection of a transaction received.
    pub fn received(&self, transaction_id: Option<u64>) -> Option<Receipt> {
        let connection = self.by_transaction.get(&transaction_id?)?;
        let (first, last) = (connection.first_t?, connection.last_t?);
        Some(Receipt { bytes: connection.read_bytes.max(connection.cumulative_bytes), seconds: Some(last - first).filter(|s| *s >= 0.0) })
    }
}

impl Connection {
    fn add(&mut self, event: &Event<'_>) {
        match event.operation {
            "tls_handshake_start" | "quic_handshake_start" => self.stage = Stage::Handshake,
            "tls_handshake_done" | "quic_handshake_done" => self.stage = Stage::AfterHandshake,
            _ => {}
        }
        if self.stage == Stage::Handshake && (event.is_read || event.is_write) {
            self.handshake.add(event);
        }
        let bytes = event.num_bytes.unwrap_or_default();
        if event.failed || bytes == 0 {
            return;
        }
        if event.is_read {
            self.read_bytes = self.read_bytes.saturating_add(bytes);
        } else if event.operation == "bytes_received_cumulative" {
            self.cumulative_bytes = self.cumulative_bytes.max(bytes);
        } else {
            return;
        }
        self.first_t = self.first_t.or(event.t);
        self.last_t = event.t.or(self.last_t);
    }
}

impl<'a> Event<'a> {
    fn read(event: Value<'a>) -> Self {
        let [address, failure, num_bytes, operation, t, transaction_id] =
            event.fields(["address", "failure", "num_bytes", "operation", "t", "transaction_id"]);
        let operation = operation.text().unwrap_or_default();
        Self {
            operation,
            address: address.filled_text(),
            num_bytes: num_bytes.whole_number(),
            failed: failure.filled_text().is_some(),
            is_read: matches!(operation, "read" | "read_from"),
            is_write: matches!(operation, "write" | "write_to"),
            t: t.number(),
            transaction_id: transaction_id.whole_number().filter(|id| *id != 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{Read, measurement, read};

    fn with_events(handshakes: &str, events: &str) -> Read {
        let test_keys =
            format!(r#"{{"tls_handshakes": [{handshakes}], "network_events": [{events}], "requests": [{{"transaction_id": 1}}]}}"#);
        read(measurement("x", "null", &test_keys))
    }

    const WRITE_AND_READ: &str = r#"{"operation": "write", "address": "192.0.2.1:443", "num_bytes": 5, "t": 1, "transaction_id": 1},
        {"operation": "read", "address": "192.0.2.1:443", "num_bytes": 7, "t": 2, "transaction_id": 1}"#;

    #[test]
    fn only_what_lies_between_start_and_end_belongs_to_the_handshake() {
        let start = r#"{"operation": "tls_handshake_start", "t": 1, "transaction_id": 1}"#;
        let done = r#"{"operation": "tls_handshake_done", "t": 2, "transaction_id": 1}"#;
        let later = r#"{"operation": "read", "num_bytes": 100, "t": 4.5, "transaction_id": 1}"#;
        let read = with_events(r#"{"transaction_id": 1}"#, &format!("{start}, {WRITE_AND_READ}, {done}, {later}"));
        assert_eq!(read.observed("tls_handshake_read_bytes")[0], "7");
        assert_eq!(read.observed("tls_handshake_last_operation")[0], "read_1");
        assert_eq!((read.observed("http_bytes_received")[1].as_str(), read.observed("http_receive_time")[1].as_str()), ("107", "2.5"));
    }

    #[test]
    fn events_without_a_beginning_say_nothing_about_the_handshake() {
        let read = with_events(r#"{"transaction_id": 1}"#, WRITE_AND_READ);
        assert_eq!(read.observed("tls_handshake_read_count")[0], "-");
    }

    #[test]
    fn without_numbers_the_address_must_leave_no_doubt() {
        let events = WRITE_AND_READ.replace(r#", "transaction_id": 1"#, "");
        let handshake = r#"{"address": "192.0.2.1:443", "server_name": "a.example", "t": 1.5}"#;
        assert_eq!(with_events(handshake, &events).observed("tls_handshake_last_operation")[0], "write_1");
        let doubtful = with_events(&format!("{handshake}, {handshake}"), &events);
        assert_eq!(doubtful.observed("tls_handshake_last_operation")[..2], ["-", "-"]);
    }
}
