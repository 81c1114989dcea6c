//! The certificates of a week, to validate chains with.

use std::collections::HashMap;

use parallax_archive::Snapshot;
use parallax_model::table::Row;
use parallax_model::tables::Certificate;

use crate::Error;

/// Certificates beyond this many bytes in one week are left out, so that nobody can fill our memory with made-up ones: their chains then
/// count as missing from the record. A week of all of OONI's measurements has well under half of it.
const MOST_BYTES: usize = 128 << 20;
/// What a certificate takes beside its own bytes: its name, its place in the map, and what the allocator adds to each.
const OTHER_BYTES: usize = 200;

/// Certificates (DER) by their SHA-256 in hex.
pub(crate) type Certificates = HashMap<String, Vec<u8>>;

pub(crate) fn load(snapshot: &Snapshot, week: &str) -> Result<Certificates, Error> {
    let mut certificates = Certificates::new();
    let mut bytes = 0;
    for batch in snapshot.read(Certificate::TABLE_INFO, week)? {
        let batch = batch?;
        for certificate in Certificate::all(&batch) {
            bytes += certificate.der.len() + OTHER_BYTES;
            if bytes > MOST_BYTES {
                return Ok(certificates);
            }
            certificates.insert(certificate.fingerprint.into_owned(), certificate.der.into_owned());
        }
    }
    Ok(certificates)
}
