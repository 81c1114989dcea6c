//! One record through a source, and the batches that come out.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::source::{RawRecord, Rows, Source};
use parallax_ingest::sources;

/// The rows of one record, by table.
#[derive(PartialEq)]
pub struct Read {
    pub measurements: RecordBatch,
    pub observations: RecordBatch,
    pub controls: RecordBatch,
    pub certificates: RecordBatch,
    pub rejects: RecordBatch,
}

/// The widest text that any column may hold, in bytes: all headers of a response in one, with a margin for what blotting out adds.
const MAX_TEXT_BYTES: usize = 20 << 10;
const MAX_ROWS: usize = 20_000;

/// Reads a record of OONI's without knowing any fingerprints.
pub fn read(record: &[u8]) -> Read {
    read_with(record, &FingerprintMatcher::empty())
}

pub fn read_with(record: &[u8], fingerprints: &FingerprintMatcher) -> Read {
    read_by(sources::ALL[0], record, fingerprints)
}

/// Reads a record by the source of this name, and asks of the rows what every source promises: exactly one measurement or one reject of
/// the whole record; no rows of a rejected record; every text within its cap; the same rows again.
pub fn check(source: &str, record: &[u8]) -> Read {
    let source = *sources::ALL.iter().find(|known| known.info().name == source).expect("a source has this name");
    let rows = read_by(source, record, &FingerprintMatcher::empty());
    let scopes = rows.rejects.column_by_name("scope").expect("a column").as_string::<i32>();
    let refused = scopes.iter().flatten().filter(|scope| *scope == "record").count();
    assert_eq!(rows.measurements.num_rows() + refused, 1, "a measurement or a reject");
    assert!(refused == 0 || rows.observations.num_rows() + rows.controls.num_rows() == 0, "a rejected record leaves no rows");
    for table in rows.tables() {
        assert!(table.num_rows() <= MAX_ROWS);
        assert!(longest_text(table) <= MAX_TEXT_BYTES);
    }
    assert!(read_by(source, record, &FingerprintMatcher::empty()) == rows, "the same bytes give the same rows");
    rows
}

fn read_by(source: &dyn Source, record: &[u8], fingerprints: &FingerprintMatcher) -> Read {
    let mut rows = Rows::default();
    let record = RawRecord {
        bytes: record,
        raw_digest: "00112233445566778899aabbccddeeff",
        source_file: "file.jsonl",
        source_digest: "ffeeddccbbaa99887766554433221100",
        line: 1,
        offset: 0,
        fingerprints,
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

impl Read {
    pub fn tables(&self) -> [&RecordBatch; 5] {
        [&self.measurements, &self.observations, &self.controls, &self.certificates, &self.rejects]
    }
}

fn longest_text(table: &RecordBatch) -> usize {
    table.columns().iter().map(|column| longest(column.as_ref())).max().unwrap_or_default()
}

fn longest(column: &dyn Array) -> usize {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().flatten().map(str::len).max().unwrap_or_default(),
        DataType::List(_) => longest(column.as_list::<i32>().values().as_ref()),
        _ => 0,
    }
}
