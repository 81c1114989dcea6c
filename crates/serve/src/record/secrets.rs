//! What of a record is the volunteer's, and how it is taken out of any text.

use std::net::IpAddr;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::place::Why;
use super::spans::{Addresses, addresses_in};

/// What stands where something of the volunteer's stood. OONI's probe writes the same.
pub const SCRUBBED: &str = "[scrubbed]";
/// Letters below which a name is a word that may stand anywhere.
const SHORTEST_NAME: usize = 8;
/// Names and addresses of one record: real ones have a few. Of more nobody can be sure in reasonable time.
const MOST: usize = 64;
/// Letters of the shortest text that is looked at as base64.
const SHORTEST_BASE64: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct Secrets {
    addresses: Addresses,
    n_addresses: usize,
    /// The longest first, so that no beginning of one is left.
    names: Vec<String>,
}

/// There is too much in a record that may be the volunteer's.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

impl Secrets {
    /// Learns from a value that is hidden where it stands.
    pub fn learn(&mut self, why: Why, value: &str) -> Result<(), TooMany> {
        match why {
            Why::Address => addresses_in(value).filter(|address| !is_nobody(*address)).try_for_each(|address| self.add(address)),
            Why::Resolver => {
                let public = addresses_in(value).filter(|address| !is_nobody(*address) && !is_private(*address));
                public.collect::<Vec<_>>().into_iter().try_for_each(|address| self.add(address))
            }
            Why::Name => self.add_name(value),
            Why::Other | Why::IfPrivate => Ok(()),
        }
    }

    fn add(&mut self, address: IpAddr) -> Result<(), TooMany> {
        if !self.addresses.has(address) {
            self.addresses.add(address);
            self.n_addresses += 1;
        }
        if self.n_addresses > MOST { Err(TooMany) } else { Ok(()) }
    }

    fn add_name(&mut self, value: &str) -> Result<(), TooMany> {
        if let Ok(address) = value.parse::<IpAddr>() {
            return if is_nobody(address) { Ok(()) } else { self.add(address) };
        }
        if value.len() >= SHORTEST_NAME && !self.names.iter().any(|name| name == value) {
            self.names.push(value.to_owned());
            self.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        }
        if self.names.len() > MOST { Err(TooMany) } else { Ok(()) }
    }

    /// Text without anything that is the volunteer's, also where it is base64 of such a text.
    pub fn blot(&self, text: &str) -> String {
        if let Some(inside) = self.blot_base64(text) {
            return inside;
        }
        self.blot_plain(text)
    }

    /// The same for text that is not a value but holds some.
    pub fn blot_plain(&self, text: &str) -> String {
        let mut spans = self.addresses.find(text);
        for name in &self.names {
            spans.extend(text.match_indices(name.as_str()).map(|(at, name)| at..at + name.len()));
        }
        without(text, spans)
    }

    /// Nothing where the text is no base64.
    fn blot_base64(&self, text: &str) -> Option<String> {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
        if text.len() < SHORTEST_BASE64 || !text.bytes().all(is_base64) {
            return None;
        }
        let bytes = [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD].iter().find_map(|engine| engine.decode(text).ok())?;
        // What is compressed cannot be looked into, and is not shown.
        if bytes.starts_with(&[0x1f, 0x8b]) || self.addresses.is_in(&bytes) {
            return Some(SCRUBBED.to_owned());
        }
        let inside = String::from_utf8_lossy(&bytes);
        let blotted = self.blot_plain(&inside);
        match (blotted == inside, &inside) {
            (true, _) => None,
            (false, std::borrow::Cow::Borrowed(_)) => Some(STANDARD.encode(blotted)),
            (false, std::borrow::Cow::Owned(_)) => Some(SCRUBBED.to_owned()),
        }
    }
}

/// What a probe writes that does not know its address, and what stands for any.
fn is_nobody(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

/// An address that a thousand homes have.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_loopback() || is_shared(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => is_private(IpAddr::V4(inner)),
            None => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
        },
    }
}

/// Addresses that providers share among their customers (RFC 6598).
fn is_shared(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

/// A text with a sign in the place of each span.
fn without(text: &str, mut spans: Vec<Range<usize>>) -> String {
    if spans.is_empty() {
        return text.to_owned();
    }
    spans.sort_by_key(|span| (span.start, span.end));
    let (mut blotted, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans {
        if span.start >= at {
            blotted += &text[at..span.start];
            blotted += SCRUBBED;
        }
        at = at.max(span.end);
    }
    blotted + &text[at..]
}
