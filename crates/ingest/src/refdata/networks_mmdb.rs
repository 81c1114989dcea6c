//! Networks of addresses as a MaxMind database: GeoLite2-ASN, DB-IP's, and OONI's own, which adds the country.

use std::net::IpAddr;

use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use parallax_model::refdata::Network;
use serde::Deserialize;

use super::ranges::Range;
use crate::Error;
use crate::text::clip;

/// What stands before a database's description of itself, somewhere in its last 128 KiB (MaxMind DB File Format 2.0).
const METADATA_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";
const METADATA_BYTES: usize = 128 << 10;
/// A tree of n nodes has n + 1 leaves, and in real databases a few more ways lead to some of them. A hundred nodes that all have the
/// next one on both sides would have 2^100.
const WAYS_TO_A_LEAF: u64 = 4;
/// The name of a network, in bytes: a file holds a name once, and a million networks may point at it.
const MAX_NAME_BYTES: usize = 256;

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
    let most = (u64::from(reader.metadata().node_count) + 1) * WAYS_TO_A_LEAF;
    let mut ranges = Vec::new();
    // Leaves without data count as well, so that a tree of nothing else ends too.
    for (leaf, found) in (0..).zip(reader.networks(WithinOptions::default().include_networks_without_data())?) {
        let found = found?;
        if leaf > most {
            return Err(MaxMindDbError::invalid_database("its tree leads to the same places on too many ways"));
        }
        let Some(record) = found.decode::<Record>()? else { continue };
        let Some(asn) = record.autonomous_system_number.filter(|asn| *asn != 0) else { continue };
        let block = found.network()?;
        let (start, end) = match (block.network(), block.broadcast()) {
            // A database of both families keeps IPv4 in ::/96.
            (IpAddr::V6(start), IpAddr::V6(end)) => (start.into(), end.into()),
            range => range,
        };
        let text = |text: Option<&str>| clip(text.unwrap_or_default(), MAX_NAME_BYTES).to_owned();
        let network = Network { asn, name: text(record.autonomous_system_organization), country: text(record.autonomous_system_country) };
        ranges.push(Range { start, end, network });
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of IPv4 prefixes, written by the format's description: a tree of 24-bit records, the data, and the metadata.
    fn mmdb(entries: &[([u8; 4], u32, Vec<u8>)]) -> Vec<u8> {
        let mut data: Vec<u8> = Vec::new();
        let mut nodes = vec![[None::<Branch>; 2]];
        for (address, length, record) in entries {
            let bit = |depth: u32| (u32::from_be_bytes(*address) >> (31 - depth) & 1) as usize;
            let mut node = 0;
            for depth in 0..length - 1 {
                node = match nodes[node][bit(depth)] {
                    Some(Branch::Node(next)) => next,
                    _ => {
                        nodes.push([None; 2]);
                        let next = nodes.len() - 1;
                        nodes[node][bit(depth)] = Some(Branch::Node(next));
                        next
                    }
                };
            }
            nodes[node][bit(length - 1)] = Some(Branch::Data(data.len()));
            data.extend(record);
        }
        let count = nodes.len();
        let record = |branch: &Option<Branch>| match branch {
            None => count,
            Some(Branch::Node(node)) => *node,
            Some(Branch::Data(offset)) => count + 16 + offset,
        };
        let mut bytes: Vec<u8> = nodes.iter().flatten().flat_map(|branch| (record(branch) as u32).to_be_bytes()[1..].to_vec()).collect();
        bytes.extend([0; 16]);
        bytes.extend(data);
        bytes.extend(METADATA_MARK);
        bytes.extend(map(&[
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", [&[4, 2][..], &1u32.to_be_bytes()].concat()),
            ("database_type", text("Test-ASN")),
            ("description", map(&[])),
            ("ip_version", number(5, 4)),
            ("languages", vec![0, 4]),
            ("node_count", number(6, count as u16)),
            ("record_size", number(5, 24)),
        ]));
        bytes
    }

    #[derive(Clone, Copy)]
    enum Branch {
        Node(usize),
        Data(usize),
    }

    fn text(text: &str) -> Vec<u8> {
        match text.len() {
            length @ 0..29 => [&[2 << 5 | length as u8], text.as_bytes()].concat(),
            length => [&[2 << 5 | 29, (length - 29) as u8], text.as_bytes()].concat(),
        }
    }

    fn number(kind: u8, number: u16) -> Vec<u8> {
        [&[kind << 5 | 2][..], &number.to_be_bytes()].concat()
    }

    fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![7 << 5 | entries.len() as u8];
        entries.iter().for_each(|(key, value)| bytes.extend([text(key), value.clone()].concat()));
        bytes
    }

    #[test]
    fn networks_come_out_with_their_ranges() {
        let one = map(&[("autonomous_system_number", number(6, 64500)), ("autonomous_system_organization", text("One, Inc."))]);
        let two = map(&[("autonomous_system_number", number(6, 64501)), ("autonomous_system_country", text("XA"))]);
        let bytes = mmdb(&[([192, 0, 2, 0], 24, one), ([198, 51, 100, 128], 25, two)]);
        assert!(is_mmdb(&bytes));
        let network = |asn, name: &str, country: &str| Network { asn, name: name.into(), country: country.into() };
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(
            parse("asn.mmdb", &bytes).unwrap(),
            [
                Range { start: address("192.0.2.0"), end: address("192.0.2.255"), network: network(64500, "One, Inc.", "") },
                Range { start: address("198.51.100.128"), end: address("198.51.100.255"), network: network(64501, "", "XA") },
            ]
        );
    }

    #[test]
    fn a_database_of_something_else_and_a_damaged_one_are_errors() {
        let city = mmdb(&[([192, 0, 2, 0], 24, map(&[("city", text("Example"))]))]);
        let error = parse("city.mmdb", &city).unwrap_err().to_string();
        assert!(error.starts_with("city.mmdb: this database does not say which network"), "{error}");
        for length in (0..city.len()).step_by(7) {
            assert!(parse("cut.mmdb", &city[..length]).is_err());
        }
    }

    #[test]
    fn a_small_tree_that_unfolds_without_end_is_refused() {
        let mut bytes = mmdb(&[([0; 4], 32, map(&[("autonomous_system_number", number(6, 64500))]))]);
        // Every node leads to the next one on both sides: 2^32 networks.
        (0..32).for_each(|node| bytes.copy_within(6 * node..6 * node + 3, 6 * node + 3));
        let error = parse("unfolds.mmdb", &bytes).unwrap_err().to_string();
        assert!(error.contains("too many ways"), "{error}");
    }

    #[test]
    fn a_name_that_many_networks_share_is_kept_short() {
        let record = map(&[("autonomous_system_number", number(6, 64500)), ("autonomous_system_organization", text(&"x".repeat(280)))]);
        let found = parse("long.mmdb", &mmdb(&[([192, 0, 2, 0], 24, record)])).unwrap();
        assert_eq!(found[0].network.name.len(), MAX_NAME_BYTES);
    }
}
