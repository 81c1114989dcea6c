//! The reader itself: bytes of one record in, rows out.

use parallax_model::RejectScope;

use super::context::Context;
use super::envelope::{self, Opened};
use super::metadata;
use super::test_keys;
use super::writer::{Place, Writer};
use crate::json::{self, Document, Fault, Value};
use crate::source::{Info, RawRecord, Rows, Source};
use crate::text::visible_excerpt;

/// OONI's raw measurements.
pub struct Ooni;

static INFO: Info = Info {
    name: "ooni",
    title: "OONI raw measurements",
    specification: "https://github.com/ooni/spec/tree/master/data-formats",
    doc: "One JSON object a measurement, as probes submit it and as OONI publishes it: in JSON lines, in arrays, or inside the \
          envelope of OONI's API. Of every nettest the metadata and the DNS, TCP, TLS, QUIC and HTTP operations are read; tests of apps, \
          tunnels and middleboxes have targets of their own (docs/nettests.md). YAML reports of before 2016 are rejected: OONI publishes \
          them as JSON too.",
};

/// A record that is no measurement.
pub struct NotAMeasurement {
    pub reason: &'static str,
    pub message: String,
}

impl NotAMeasurement {
    pub fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl Source for Ooni {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn read(&self, record: RawRecord<'_>, rows: &mut Rows) {
        let RawRecord { bytes, raw_digest, source_file, source_digest, line, offset, fingerprints } = record;
        let length = bytes.len() as u64;
        let place = Place { raw_digest, source_file, source_digest, line, offset, length, fingerprints };
        json::parse(bytes, |document| {
            let mut writer = Writer::new(rows, place);
            read_parsed(document, &mut writer);
        });
    }
}

fn read_parsed(document: Result<Document<'_>, Fault>, writer: &mut Writer<'_>) {
    match document {
        Err(Fault { reason, message, excerpt }) => writer.reject(RejectScope::Record, "", reason, message, &excerpt),
        Ok(document) => {
            if let Err(refusal) = open(&document, writer) {
                let excerpt = visible_excerpt(document.original);
                writer.reject(RejectScope::Record, "", refusal.reason, refusal.message, &excerpt);
            }
        }
    }
}

fn open(document: &Document<'_>, writer: &mut Writer<'_>) -> Result<(), NotAMeasurement> {
    match envelope::open(document.value)? {
        Opened::Measurement(value) => read_measurement(value, None, document, writer),
        Opened::Text { text, uid } => json::parse(text.as_bytes(), |inner| match inner {
            Ok(inner) => read_measurement(inner.value, uid, &inner, writer),
            Err(fault) => {
                let message = format!("the envelope's raw_measurement cannot be read: {}", fault.message);
                Err(NotAMeasurement::new("envelope_without_measurement", message))
            }
        }),
        Opened::Object { value, uid } => read_measurement(value, uid, document, writer),
    }
}

fn read_measurement(value: Value<'_>, uid: Option<&str>, document: &Document<'_>, writer: &mut Writer<'_>) -> Result<(), NotAMeasurement> {
    let context = Context::new(value, uid, writer.place())?;
    writer.hide(context.volunteer());
    metadata::write(value, &context, writer);
    for (repair, count) in document.repairs {
        let message = format!("{} ({count} times)", repair.message());
        writer.reject(RejectScope::Part, "", repair.reason(), message, &visible_excerpt(document.original));
    }
    test_keys::write(value, &context, writer);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Read, measurement, read};

    #[test]
    fn what_is_no_measurement_is_rejected_with_its_reason() {
        for (record, reason) in [
            ("", "empty"),
            ("{\"a\": ", "not_json"),
            ("[]", "not_an_object"),
            ("7", "not_an_object"),
            ("{}", "no_test_name"),
            ("{\"test_name\": \"x\", \"test_keys\": {}}", "no_start_time"),
            ("{\"test_name\": \"x\", \"test_keys\": {}, \"test_start_time\": \"0001-01-01 00:00:00\"}", "no_start_time"),
            ("{\"test_name\": \"x\", \"test_start_time\": \"2024-01-01 00:00:00\"}", "no_test_keys"),
            ("---\ntest_name: x\n", "yaml_report"),
        ] {
            let read = read(record);
            assert_eq!((read.measurements.num_rows(), read.reasons()), (0, vec![reason.to_owned()]), "{record}");
            assert_eq!(read.column(&read.rejects, "scope"), ["record"]);
        }
    }

    #[test]
    fn null_test_keys_are_a_measurement_that_saw_nothing() {
        let read = read(measurement("web_connectivity", "null", "null"));
        assert_eq!((read.measurements.num_rows(), read.observations.num_rows(), read.rejects.num_rows()), (1, 0, 0));
    }

    #[test]
    fn one_odd_part_does_not_cost_the_record() {
        let test_keys = r#"{"queries": ["x", {"hostname": 7, "answers": {"a": 1}, "failure": []}], "tcp_connect": 7, "requests": [null],
            "tls_handshakes": [{"peer_certificates": [{"data": "!"}]}], "control": [], "network_events": {"a": 1}}"#;
        let read = read(measurement("web_connectivity", "{}", test_keys));
        assert_eq!((read.measurements.num_rows(), read.observations.num_rows()), (1, 2));
        let pointers = read.column(&read.rejects, "json_pointer");
        let expected = [
            "/test_keys/queries/0",
            "/test_keys/tcp_connect",
            "/test_keys/requests/0",
            "/test_keys/tls_handshakes/0/peer_certificates/0",
            "/test_keys/control",
        ];
        assert_eq!(pointers, expected);
        let reasons = ["not_an_operation", "not_an_array", "not_an_operation", "not_base64", "not_an_object"];
        assert_eq!(read.reasons(), reasons);
    }

    #[test]
    fn mended_json_is_read_and_the_mending_is_told() {
        let record = measurement("web_connectivity", "\"http://example.org/\\ud800\"", "{}").replace("1.5", "NaN");
        let read = read(record);
        assert_eq!(read.measured("input"), "http://example.org/\u{fffd}");
        assert_eq!(read.measured("test_runtime"), "-");
        assert_eq!(read.reasons(), ["lone_surrogate", "not_a_number"]);
    }

    #[test]
    fn a_flood_of_rows_is_cut_and_the_cut_is_told() {
        let query = r#"{"hostname": "example.org", "answers": [{"ipv4": "192.0.2.1"}, {"ipv4": "192.0.2.2"}, {"ipv4": "192.0.2.3"}]}"#;
        let read = read(measurement("x", "null", &format!(r#"{{"queries": [{}]}}"#, vec![query; 7_000].join(","))));
        assert_eq!(read.observations.num_rows(), 20_000);
        assert_eq!(read.reasons(), ["too_many_observations"]);
    }

    #[test]
    fn a_flood_of_rejects_is_cut_as_well() {
        let read = read(measurement("x", "null", &format!(r#"{{"queries": [{}]}}"#, vec!["7"; 500].join(","))));
        assert_eq!((read.reasons().len(), read.reasons().pop().unwrap().as_str()), (100, "too_many_unreadable_parts"));
    }

    fn sound_record() -> String {
        let test_keys = r#"{"blocking": "dns", "control_failure": null,
            "queries": [{"answers": [{"answer_type": "A", "ipv4": "192.0.2.1", "asn": 1}], "engine": "udp", "failure": null, "hostname": "a.example",
                "query_type": "A", "t": 0.1, "tags": ["depth=0"], "transaction_id": 1, "raw_response": "AAGBgAABAAEAAAAAB2V4YW1wbGUDb3JnAAABAAHADAABAAEAAAA8AATAAAIJ"}],
            "tcp_connect": [{"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}, "transaction_id": 2}],
            "tls_handshakes": [{"address": "192.0.2.1:443", "server_name": "a.example", "peer_certificates": ["MIIB"], "transaction_id": 2}],
            "network_events": [{"operation": "read", "num_bytes": 3, "t": 1, "transaction_id": 2}],
            "requests": [{"request": {"url": "https://a.example/\u00e4"}, "response": {"code": 200, "body": "<title>\ud83d\ude00</title>", "headers": {"a": "b"}}}],
            "control": {"dns": {"addrs": ["192.0.2.1"]}, "tcp_connect": {"192.0.2.1:443": {"status": true}}, "http_request": {"status_code": 200}}}"#;
        measurement("web_connectivity", "\"https://a.example/\"", test_keys)
    }

    fn is_read_or_rejected(read: &Read) -> bool {
        let refused = read.column(&read.rejects, "scope").iter().filter(|scope| *scope == "record").count();
        read.measurements.num_rows() + refused == 1 && (refused == 0 || read.observations.num_rows() == 0)
    }

    proptest! {
        #[test]
        fn a_damaged_record_is_read_or_rejected(damage in prop::collection::vec((0_usize..4000, any::<u8>()), 0..8), cut in 0_usize..8000) {
            let mut bytes = sound_record().into_bytes();
            for (position, byte) in damage {
                if let Some(place) = bytes.get_mut(position) { *place = byte; }
            }
            bytes.truncate(cut.max(1000));
            prop_assert!(is_read_or_rejected(&read(bytes)));
        }

        #[test]
        fn a_record_with_values_exchanged_is_read_or_rejected(
            picks in prop::collection::vec((0_usize..200, prop::sample::select(vec!["null", "[]", "{}", "7", "-1e400", "\"x\"", "true", "[[{}]]", "\"\\ud800\""])), 1..6),
        ) {
            let mut record = sound_record();
            for (pick, value) in picks {
                let colons: Vec<usize> = record.match_indices("\": ").map(|(position, _)| position + 3).collect();
                let start = colons[pick % colons.len()];
                let end = record[start..].find([',', '}']).map_or(record.len(), |length| start + length);
                record.replace_range(start..end, value);
            }
            prop_assert!(is_read_or_rejected(&read(record)));
        }

        #[test]
        fn any_bytes_are_read_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(is_read_or_rejected(&read(bytes)));
        }
    }
}
