//! Networks of addresses as a MaxMind database: GeoLite2-ASN, DB-IP's, and OONI's own, which adds the country.

use std::net::IpAddr;

use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use parallax_model::refdata::Network;
use serde::Deserialize;

use super::ranges::Range;
use crate::Error;

/// What stands before a database's description of itself, somewhere in its last 128 KiB (MaxMind DB File Format 2.0).
const METADATA_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";
const METADATA_BYTES: usize = 128 << 10;

#[derive(Deserialize)]
struct Record<'a> {
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<&'a str>,
    autonomous_system_country: Option<&'a str>,
}

pub fn is_mmdb(bytes: &[u8]) -> bool {
    memchr::memmem::rfind(&bytes[bytes.len().saturating_sub(METADATA_BYTES)..], METADATA_MARK).is_some()
}

/// Reads all ranges of a database.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Range>, Error> {
    let bad = |reason: String| Error::BadRefdataFile { name: name.to_owned(), reason };
    let ranges = read(bytes).map_err(|error| bad(error.to_string()))?;
    match ranges.is_empty() {
        true => Err(bad("this database does not say which network an address belongs to; one such as GeoLite2-ASN does".to_owned())),
        false => Ok(ranges),
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Range>, MaxMindDbError> {
    let reader = Reader::from_source(bytes)?;
    let mut ranges = Vec::new();
    for found in reader.networks(WithinOptions::default())? {
        let found = found?;
        let Some(record) = found.decode::<Record>()? else { continue };
        let Some(asn) = record.autonomous_system_number.filter(|asn| *asn != 0) else { continue };
        let block = found.network()?;
        let (start, end) = match (block.network(), block.broadcast()) {
            // A database of both families keeps IPv4 in ::/96.
            (IpAddr::V6(start), IpAddr::V6(end)) => (start.into(), end.into()),
            range => range,
        };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let network = Network { asn, name: text(record.autonomous_system_organization), country: text(record.autonomous_system_country) };
        ranges.push(Range { start, end, network });
    }
    Ok(ranges)
}
