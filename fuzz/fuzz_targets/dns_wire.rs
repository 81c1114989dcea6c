//! Any message gives a bounded number of answers that are what they say they are; what was written as answers is read again.
#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use parallax_ingest::fuzzing::dns_answers;

const MAX_RECORDS: usize = 128;
const MAX_NAME_BYTES: usize = 255;

fuzz_target!(|bytes: &[u8]| {
    let answers = dns_answers(bytes);
    assert!(answers.len() <= MAX_RECORDS);
    for found in answers {
        match found.kind {
            "A" => drop(found.answer.parse::<Ipv4Addr>().expect("an IPv4 address")),
            "AAAA" => drop(found.answer.parse::<Ipv6Addr>().expect("an IPv6 address")),
            "CNAME" => assert!(found.answer.len() <= MAX_NAME_BYTES),
            other => panic!("{other}"),
        }
    }
    let addresses: Vec<[u8; 4]> = bytes.chunks_exact(4).take(MAX_RECORDS).map(|four| four.try_into().expect("four bytes")).collect();
    let read: Vec<_> = dns_answers(&written(&addresses)).into_iter().map(|found| found.answer).collect();
    assert_eq!(read, addresses.iter().map(|address| Ipv4Addr::from(*address).to_string()).collect::<Vec<_>>());
});

/// A response about `a.` with these addresses (RFC 1035, section 4.1).
fn written(addresses: &[[u8; 4]]) -> Vec<u8> {
    let count = addresses.len() as u8;
    let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0];
    message.extend(b"\x01a\x00\x00\x01\x00\x01");
    for address in addresses {
        message.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04");
        message.extend(address);
    }
    message
}
