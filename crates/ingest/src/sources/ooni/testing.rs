//! What the tests of this source share: reading one hand-written record, and showing its rows so that a person can check them.

use std::fmt::Write;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;

use crate::fingerprints::FingerprintMatcher;
use crate::source::{RawRecord, Rows, Source};
use crate::sources::ooni::Ooni;

/// The rows of one record.
pub struct Read {
    pub measurements: RecordBatch,
    pub observations: RecordBatch,
    pub controls: RecordBatch,
    pub certificates: RecordBatch,
    pub rejects: RecordBatch,
}

/// A certificate of `example.org`, made for these tests; nobody trusts it.
pub const CERTIFICATE: &str = "\
    MIIBVDCCAQagAwIBAgIBBzAFBgMrZXAwOjELMAkGA1UEBgwCWEExFTATBgNVBAoMDEV4YW1wbGUsIEx0ZDEUMBIGA1UEAwwLZXhh\
    bXBsZS5vcmcwHhcNMjQwMTAxMDAwMDAwWhcNMjUwMTAxMDAwMDAwWjA6MQswCQYDVQQGDAJYQTEVMBMGA1UECgwMRXhhbXBsZSwg\
    THRkMRQwEgYDVQQDDAtleGFtcGxlLm9yZzAqMAUGAytlcAMhAOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIsozEwLzAt\
    BgNVHREEJjAkggtleGFtcGxlLm9yZ4IPd3d3LmV4YW1wbGUub3JnhwTAAAIBMAUGAytlcANBADFbHm5sNQAE/wYC0FEo8O5yBUQE\
    1dt7Z/Q9gNp34RaIXBAY6rkql5uwYlH8czeraBmIB7ZFKWSeC0dWqT5AugU=";

/// Columns that are the same in every row of a record, or too long to be read.
const NOT_SHOWN: &[&str] = &[
    "raw_digest",
    "measurement_uid",
    "measurement_start_time",
    "probe_cc",
    "probe_asn",
    "test_name",
    "source_file",
    "source_digest",
    "source_line",
    "source_offset",
    "source_length",
    "source",
    "der",
    "ordinal",
    "kind",
];

pub fn read(record: impl AsRef<[u8]>) -> Read {
    read_with(&Ooni, record)
}

/// The same by any source.
pub fn read_with(source: &dyn Source, record: impl AsRef<[u8]>) -> Read {
    let mut rows = Rows::default();
    let fingerprints = FingerprintMatcher::empty();
    let raw_digest = "00112233445566778899aabbccddeeff";
    let record = RawRecord {
        bytes: record.as_ref(),
        raw_digest,
        source_file: "file.jsonl",
        source_digest: "ffeeddccbbaa99887766554433221100",
        line: 7,
        offset: 42,
        fingerprints: &fingerprints,
    };
    source.read(record, &mut rows);
    Read {
        measurements: rows.measurements.finish(),
        observations: rows.observations.finish(),
        controls: rows.controls.finish(),
        certificates: rows.certificates.finish(),
        rejects: rows.rejects.finish(),
    }
}

/// A measurement of a made-up probe with these test_keys. `input` is JSON.
pub fn measurement(test_name: &str, input: &str, test_keys: &str) -> String {
    format!(
        r#"{{"annotations": {{"network_type": "wifi", "platform": "android"}}, "data_format_version": "0.2.0", "input": {input},
            "measurement_start_time": "2024-02-12 20:33:47", "probe_asn": "AS64500", "probe_cc": "XA", "probe_ip": "127.0.0.1",
            "probe_network_name": "Example Net", "report_id": "20240212T203345Z_example", "resolver_asn": "AS64501",
            "resolver_ip": "192.0.2.53", "resolver_network_name": "Example DNS", "software_name": "ooniprobe-android",
            "software_version": "3.20.0", "test_helpers": {{"backend": {{"address": "https://th.example/", "type": "https"}}}},
            "test_keys": {test_keys}, "test_name": "{test_name}", "test_runtime": 1.5, "test_start_time": "2024-02-12 20:33:45",
            "test_version": "0.1.0"}}"#
    )
}

impl Read {
    /// One column as text, null as "-".
    pub fn column(&self, batch: &RecordBatch, name: &str) -> Vec<String> {
        let column = batch.column_by_name(name).unwrap_or_else(|| panic!("there is a column {name}"));
        (0..batch.num_rows()).map(|row| shown(column.as_ref(), row).unwrap_or_else(|| "-".to_owned())).collect()
    }

    pub fn observed(&self, name: &str) -> Vec<String> {
        self.column(&self.observations, name)
    }

    pub fn controlled(&self, name: &str) -> Vec<String> {
        self.column(&self.controls, name)
    }

    pub fn measured(&self, name: &str) -> String {
        self.column(&self.measurements, name).pop().expect("a measurement was read")
    }

    /// The reasons of all rejects.
    pub fn reasons(&self) -> Vec<String> {
        self.column(&self.rejects, "reason")
    }

    /// Everything that a person should look at.
    pub fn show(&self) -> String {
        let mut text = String::new();
        let tables = [
            ("measurement", &self.measurements),
            ("observations", &self.observations),
            ("controls", &self.controls),
            ("certificates", &self.certificates),
            ("rejects", &self.rejects),
        ];
        for (name, batch) in tables {
            for row in 0..batch.num_rows() {
                let _ = writeln!(text, "{name}{}", show_row(batch, row));
            }
        }
        text
    }
}

fn show_row(batch: &RecordBatch, row: usize) -> String {
    let schema = batch.schema();
    let mut text = String::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let is_plain = |value: &String| NOT_SHOWN.contains(&field.name().as_str()) || (field.name() == "dns_is_late" && value == "false");
        if let Some(value) = shown(column.as_ref(), row).filter(|value| !is_plain(value)) {
            let _ = write!(text, "\n    {} = {value}", field.name());
        }
    }
    text
}

/// A value as text; nothing for null, an empty list and an empty text.
fn shown(column: &dyn Array, row: usize) -> Option<String> {
    let text = (!column.is_null(row)).then(|| array_value_to_string(column, row).expect("it can be shown"))?;
    (!text.is_empty() && text != "[]").then_some(text)
}
