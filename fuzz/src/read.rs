//! One record through the source, and the batches that come out.

use arrow::array::RecordBatch;
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::source::{RawRecord, Rows};
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

/// Reads a record without knowing any fingerprints.
pub fn read(record: &[u8]) -> Read {
    read_with(record, &FingerprintMatcher::empty())
}

pub fn read_with(record: &[u8], fingerprints: &FingerprintMatcher) -> Read {
    let mut rows = Rows::default();
    let record = RawRecord {
        bytes: &mut record.to_vec(),
        raw_digest: "00112233445566778899aabbccddeeff",
        source_file: "file.jsonl",
        source_digest: "ffeeddccbbaa99887766554433221100",
        line: 1,
        offset: 0,
        fingerprints,
    };
    sources::ALL[0].read(record, &mut rows);
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
