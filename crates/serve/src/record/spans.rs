//! Finds addresses in text, however they are written: with other separators, backwards as names of hosts have them, as one number, in
//! the escapes of URLs, HTML and JSON, and in every spelling of IPv6.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Addresses that are looked for.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    v4: HashSet<[u8; 4]>,
    /// The first half of each: a home has a whole network of 64 bits, and any address in it names the home.
    v6: HashSet<[u16; 4]>,
}

/// Bytes that are looked at together, and how much of them once more with what follows: the longest spelling of an address is shorter.
const CHUNK: usize = 1 << 20;
const OVERLAP: usize = 512;
/// Escapes within escapes within escapes.
const MOST_ESCAPES: usize = 3;

impl Addresses {
    pub fn add(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => drop(self.v4.insert(address.octets())),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(inner) => drop(self.v4.insert(inner.octets())),
                None => drop(self.v6.insert(half(address))),
            },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    pub fn has(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(&address.octets()),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(inner) => self.v4.contains(&inner.octets()),
                None => self.v6.contains(&half(address)),
            },
        }
    }

    /// Where in a text any of them stands.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        if self.is_empty() {
            return spans;
        }
        let mut begin = 0;
        while begin < text.len() {
            let end = (begin + CHUNK).min(text.len());
            let (from, to) = (begin.saturating_sub(OVERLAP), (end + OVERLAP).min(text.len()));
            let plain = Plain::of(&text.as_bytes()[from..to]);
            self.find_in(&plain, |span| spans.push(from + span.start..from + span.end));
            begin = end;
        }
        spans
    }

    /// Whether bytes that are no text hold one of them.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let has_v4 = !self.v4.is_empty() && bytes.windows(4).any(|four| self.v4.contains(four));
        let halves: HashSet<[u8; 8]> = self.v6.iter().map(octets).collect();
        has_v4 || (!halves.is_empty() && bytes.windows(8).any(|eight| halves.contains(eight)))
    }

    fn find_in(&self, plain: &Plain, mut found: impl FnMut(Range<usize>)) {
        if !self.v4.is_empty() {
            self.find_quads(plain, &mut found);
            self.find_numbers(plain, &mut found);
        }
        if !self.v6.is_empty() {
            self.find_colons(plain, &mut found);
            self.find_nibbles(plain, &mut found);
        }
    }

    /// Four numbers with one byte between each two, forwards or backwards.
    fn find_quads(&self, plain: &Plain, found: &mut impl FnMut(Range<usize>)) {
        let runs = runs(&plain.bytes, |byte| byte.is_ascii_digit());
        let octet = |run: &Range<usize>| std::str::from_utf8(&plain.bytes[run.clone()]).ok()?.parse::<u8>().ok();
        let octets: Vec<Option<u8>> = runs.iter().map(octet).collect();
        for index in 3..runs.len() {
            let four = &runs[index - 3..=index];
            let is_close = four.windows(2).all(|two| (1..=2).contains(&(two[1].start - two[0].end)));
            let [Some(a), Some(b), Some(c), Some(d)] = octets[index - 3..=index] else { continue };
            if is_close && (self.v4.contains(&[a, b, c, d]) || self.v4.contains(&[d, c, b, a])) {
                found(plain.place(four[0].start..four[3].end));
            }
        }
    }

    /// All four octets as one number, in hexadecimal or decimal digits.
    fn find_numbers(&self, plain: &Plain, found: &mut impl FnMut(Range<usize>)) {
        for run in runs(&plain.bytes, |byte| byte.is_ascii_alphanumeric()) {
            let Ok(text) = std::str::from_utf8(&plain.bytes[run.clone()]) else { continue };
            let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
            let hex = (bare.len() == 8).then(|| u32::from_str_radix(bare, 16).ok()).flatten();
            let decimal = (7..=10).contains(&text.len()).then(|| text.parse::<u32>().ok()).flatten();
            if hex.into_iter().chain(decimal).any(|number| self.v4.contains(&number.to_be_bytes())) {
                found(plain.place(run));
            }
        }
    }

    /// Groups with colons between, or with the dashes that names of hosts have in their place.
    fn find_colons(&self, plain: &Plain, found: &mut impl FnMut(Range<usize>)) {
        for run in runs(&plain.bytes, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.')) {
            let text: String = plain.bytes[run.clone()].iter().map(|byte| if *byte == b'-' { ':' } else { char::from(*byte) }).collect();
            if text.bytes().filter(|byte| *byte == b':').count() < 2 {
                continue;
            }
            // What stands around an address can look like a part of it, so every beginning and end at a colon is tried.
            if self.has_prefix_in(&text) {
                found(plain.place(run));
            }
        }
    }

    fn has_prefix_in(&self, text: &str) -> bool {
        let groups: Vec<&str> = text.split(':').collect();
        (0..groups.len()).any(|first| self.begins_with_four(&groups[first..]) || self.has_cut_address(&groups[first..]))
    }

    /// Four groups, whatever follows.
    fn begins_with_four(&self, groups: &[&str]) -> bool {
        let group = |text: &&str| u16::from_str_radix(text, 16).ok().filter(|_| text.len() <= 4);
        let four: Option<Vec<u16>> = groups.iter().take(4).map(group).collect();
        four.and_then(|four| <[u16; 4]>::try_from(four).ok()).is_some_and(|four| self.v6.contains(&four))
    }

    /// An address in which zeros are left out, of as many groups as make one.
    fn has_cut_address(&self, groups: &[&str]) -> bool {
        const MOST_GROUPS: usize = 9;
        if !groups.iter().take(MOST_GROUPS - 1).any(|group| group.is_empty()) {
            return false;
        }
        let most = groups.len().min(MOST_GROUPS);
        let address = |length: usize| groups[..length].join(":").trim_end_matches('.').parse::<Ipv6Addr>().ok();
        (3..=most).filter_map(address).any(|address| self.has(IpAddr::V6(address)))
    }

    /// Hexadecimal digits with dots between, backwards, as in `ip6.arpa`, or all of them together.
    fn find_nibbles(&self, plain: &Plain, found: &mut impl FnMut(Range<usize>)) {
        let digits = |half: &[u16; 4]| half.iter().map(|group| format!("{group:04x}")).collect::<String>();
        let lower: Vec<u8> = plain.bytes.iter().map(u8::to_ascii_lowercase).collect();
        for half in &self.v6 {
            let forwards = digits(half);
            let backwards = forwards.chars().rev().map(String::from).collect::<Vec<_>>().join(".");
            for pattern in [forwards.as_bytes(), backwards.as_bytes()] {
                let places = lower.windows(pattern.len()).enumerate().filter(|(_, window)| *window == pattern);
                places.for_each(|(at, window)| found(plain.place(at..at + window.len())));
            }
        }
    }
}

fn half(address: Ipv6Addr) -> [u16; 4] {
    let [a, b, c, d, ..] = address.segments();
    [a, b, c, d]
}

fn octets(half: &[u16; 4]) -> [u8; 8] {
    let mut octets = [0; 8];
    half.iter().enumerate().for_each(|(index, group)| octets[index * 2..index * 2 + 2].copy_from_slice(&group.to_be_bytes()));
    octets
}

/// The longest stretches of bytes of one kind.
fn runs(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut begin = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (is_in(*byte), begin) {
            (true, None) => begin = Some(at),
            (false, Some(from)) => {
                runs.push(from..at);
                begin = None;
            }
            _ => {}
        }
    }
    runs.extend(begin.map(|from| from..bytes.len()));
    runs
}

/// Bytes without escapes, and where each stood.
struct Plain {
    bytes: Vec<u8>,
    /// One more than there are bytes.
    places: Vec<u32>,
}

impl Plain {
    fn of(text: &[u8]) -> Self {
        let mut plain = Self { bytes: text.to_vec(), places: (0..=text.len() as u32).collect() };
        for _ in 0..MOST_ESCAPES {
            if !plain.bytes.iter().any(|byte| matches!(byte, b'%' | b'&' | b'\\')) {
                break;
            }
            let before = plain.bytes.len();
            plain = plain.unescaped();
            if plain.bytes.len() == before {
                break;
            }
        }
        plain
    }

    fn unescaped(self) -> Self {
        let (mut bytes, mut places) = (Vec::with_capacity(self.bytes.len()), Vec::with_capacity(self.places.len()));
        let mut at = 0;
        while at < self.bytes.len() {
            let (byte, length) = escape(&self.bytes[at..]).unwrap_or((self.bytes[at], 1));
            bytes.push(byte);
            places.push(self.places[at]);
            at += length;
        }
        places.push(self.places[self.bytes.len()]);
        Self { bytes, places }
    }

    fn place(&self, span: Range<usize>) -> Range<usize> {
        self.places[span.start] as usize..self.places[span.end] as usize
    }
}

/// The character that an escape stands for, and how long the escape is: `%2e`, `&#46;`, `&#x2e;`, `\u002e`, `\x2e`.
fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let number = |range: Range<usize>, base| -> Option<u8> {
        let digits = std::str::from_utf8(rest.get(range)?).ok()?;
        u8::from_str_radix(digits, base).ok().filter(u8::is_ascii)
    };
    match rest {
        [b'%', ..] => Some((number(1..3, 16)?, 3)),
        [b'\\', b'x', ..] => Some((number(2..4, 16)?, 4)),
        [b'\\', b'u', ..] => Some((number(2..6, 16)?, 6)),
        [b'&', b'#', b'x' | b'X', ..] => entity(rest, 3).and_then(|end| Some((number(3..end, 16)?, end + 1))),
        [b'&', b'#', ..] => entity(rest, 2).and_then(|end| Some((number(2..end, 10)?, end + 1))),
        _ => None,
    }
}

/// Where the digits of an entity end.
fn entity(rest: &[u8], from: usize) -> Option<usize> {
    rest.iter().take(from + 7).position(|byte| *byte == b';').filter(|end| *end > from)
}

/// The addresses that a text is made of: one, or several as in `X-Forwarded-For`, with ports and brackets or without.
pub fn addresses_in(text: &str) -> impl Iterator<Item = IpAddr> {
    text.split(|letter: char| !(letter.is_ascii_hexdigit() || matches!(letter, ':' | '.'))).filter_map(|word| {
        let word = word.trim_end_matches('.');
        let v4 = |word: &str| word.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
        let without_port = || word.rsplit_once(':').and_then(|(address, _)| v4(address));
        word.parse().ok().or_else(without_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blotted(addresses: &[&str], text: &str) -> bool {
        let mut known = Addresses::default();
        addresses.iter().for_each(|address| known.add(address.parse().unwrap()));
        !known.find(text).is_empty()
    }

    #[test]
    fn every_spelling_of_an_address_is_found() {
        for text in [
            "198.51.100.7",
            "x198.51.100.7:443",
            "198-51-100-7.dsl.example",
            "7.100.51.198.in-addr.arpa",
            "host_198_51_100_7",
            "198%2E51%2e100%252E7",
            "198&#46;51&#x2e;100&#46;7",
            "198\\u002e51\\u002e100\\u002e7",
            "::ffff:198.51.100.7",
            "c6336407",
            "0xC6336407",
            "ip=3325256711;",
            "198, 51, 100, 7",
        ] {
            assert!(blotted(&["198.51.100.7"], text), "{text}");
        }
        for text in ["198.51.100.8", "198.51.100.70", "1198.51.100.7", "198.51.100", "c6336408", "198..51..100..x7"] {
            assert!(!blotted(&["198.51.100.7"], text), "{text}");
        }
    }

    #[test]
    fn a_home_network_is_found_in_every_spelling() {
        for text in [
            "2001:db8:1:2::7",
            "2001:0DB8:0001:0002:a:b:c:d",
            "[2001:db8:1:2::9]:443",
            "addr:2001:db8:1:2::7.",
            "2001-db8-1-2--7.example",
            "2001%3Adb8%3A1%3A2%3A%3A7",
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            "20010db8000100020000000000000007",
        ] {
            assert!(blotted(&["2001:db8:1:2::7"], text), "{text}");
        }
        assert!(blotted(&["2001:db8::7"], "from 2001:db8::7 on"));
        assert!(blotted(&["2001:0:0:5:1:2:3:4"], "from 2001::5:1:2:3:4, port 80"));
        for text in ["2001:db8:1:3::7", "2001:db8::7", "db8:1:2", "12:30:45"] {
            assert!(!blotted(&["2001:db8:1:2::7"], text), "{text}");
        }
    }

    #[test]
    fn an_address_on_the_edge_of_two_chunks_is_found_once_or_twice_and_whole() {
        let text = "y".repeat(CHUNK - 4) + " 198.51.100.7 " + &"z".repeat(100);
        let mut known = Addresses::default();
        known.add("198.51.100.7".parse().unwrap());
        assert!(known.find(&text).iter().all(|span| &text[span.clone()] == "198.51.100.7") && !known.find(&text).is_empty());
    }

    #[test]
    fn a_header_can_name_several() {
        let found: Vec<String> = addresses_in("for=\"[2001:db8::1]:80\", 203.0.113.9:1234, 10.0.0.1").map(|ip| ip.to_string()).collect();
        assert_eq!(found, ["2001:db8::1", "203.0.113.9", "10.0.0.1"]);
    }
}
