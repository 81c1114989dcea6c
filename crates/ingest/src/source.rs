//! The seam between foreign bytes and rows: a [`Source`] knows one format, and turns one record of it into rows.
//!
//! A source never stops: what it cannot read becomes a reject in [`Rows`], for the whole record or for a part of it.

use parallax_model::tables::{CertificateRows, ControlRows, MeasurementRows, ObservationRows, RejectRows};

use crate::certificates::Described;
use crate::fingerprints::FingerprintMatcher;

/// What a reader of the documentation needs to know of a source.
pub struct Info {
    /// Short stable name; it stands in `measurements.source`.
    pub name: &'static str,
    pub title: &'static str,
    /// Where the format is described.
    pub specification: &'static str,
    pub doc: &'static str,
}

/// One record of a file, where it lies, and everything a source may use to read it.
pub struct RawRecord<'a> {
    /// The record's bytes; of a table, its header and a line break before the rows.
    pub bytes: &'a [u8],
    /// SHA-256 of the bytes, in hex.
    pub raw_digest: &'a str,
    pub source_file: &'a str,
    pub source_digest: &'a str,
    pub line: u64,
    pub offset: u64,
    pub fingerprints: &'a FingerprintMatcher,
}

/// The rows of many records, by table.
#[derive(Default)]
pub struct Rows {
    pub measurements: MeasurementRows,
    pub observations: ObservationRows,
    pub controls: ControlRows,
    pub certificates: CertificateRows,
    pub rejects: RejectRows,
    /// The certificates that need no further row.
    pub(crate) described: Described,
}

pub trait Source: Sync {
    fn info(&self) -> &'static Info;
    /// Whether a record is of this format, from a look at its beginning that costs next to nothing. OONI's measurements, by far the
    /// commonest, are recognised by nobody else claiming them: see [`crate::sources::of`].
    fn recognises(&self, _record: &[u8]) -> bool {
        false
    }
    /// Reads one record. Exactly one of two things happens: one row is added to `measurements`, or one reject of scope `record`.
    fn read(&self, record: RawRecord<'_>, rows: &mut Rows);
}
