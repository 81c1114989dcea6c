//! What a certificate says about itself, for people; whether it is true is not asked here.
//!
//! **Invariant:** a name's spelling follows RFC 4514 and its length is bounded, whoever issued the certificate.

use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::HashMap;
use parallax_model::Timestamp;
use parallax_model::tables::Certificate;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::text::clip_cow;

/// Certificates longer than this, in bytes, are not kept. Real ones with hundreds of names stay below 20 kB.
pub const MAX_CERTIFICATE_BYTES: usize = 64 << 10;
/// Names that a certificate may be valid for; more are left out.
const MAX_NAMES: usize = 256;
const MAX_NAME_BYTES: usize = 1024;
const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// Certificates that are remembered as described, each with its week: enough for those of a day of all sites that are tested.
const MAX_DESCRIBED: usize = 50_000;
/// Bytes of texts of certificates that each worker remembers: a thousand.
const MAX_TEXTS_BYTES: usize = 2 << 20;

/// Which certificates have a row already. The same one stands in thousands of records, and its row says the same each time, so that it is
/// decoded, digested and parsed once. What is no certificate is never in here: each record that holds it says so.
#[derive(Default)]
pub struct Described {
    rows: HashSet<(String, Timestamp)>,
    /// The fingerprints of certificates, by their texts in base64.
    fingerprints: HashMap<Box<str>, String>,
    texts_bytes: usize,
}

impl Described {
    pub fn contains(&self, fingerprint: &str, seen: Timestamp) -> bool {
        self.rows.contains(&(fingerprint.to_owned(), monday(seen)))
    }

    /// The fingerprint of a certificate that has a row in the week of `seen`.
    pub fn fingerprint(&self, text: &str, seen: Timestamp) -> Option<&str> {
        let fingerprint = self.fingerprints.get(text)?;
        self.contains(fingerprint, seen).then_some(fingerprint)
    }

    pub fn add(&mut self, row: &Certificate<'_>) {
        if self.rows.len() >= MAX_DESCRIBED {
            self.rows.clear();
        }
        self.rows.insert((row.fingerprint.clone().into_owned(), row.measurement_start_time));
    }

    /// Remembers the text that a described certificate was decoded from.
    pub fn add_text(&mut self, text: &str, fingerprint: &str) {
        if self.texts_bytes + text.len() > MAX_TEXTS_BYTES {
            self.fingerprints.clear();
            self.texts_bytes = 0;
        }
        if text.len() <= MAX_TEXTS_BYTES && self.fingerprints.insert(text.into(), fingerprint.to_owned()).is_none() {
            self.texts_bytes += text.len();
        }
    }
}

/// The row of a certificate. Bytes that are no certificate still make one, with nothing but themselves in it: they were sent.
pub fn describe<'a>(der: &'a [u8], fingerprint: &'a str, seen: Timestamp) -> (Certificate<'a>, bool) {
    let mut row = Certificate {
        fingerprint: Cow::Borrowed(fingerprint),
        measurement_start_time: monday(seen),
        der: Cow::Borrowed(der),
        ..Default::default()
    };
    let parsed = X509Certificate::from_der(der);
    let is_certificate = parsed.is_ok();
    if let Ok((_, certificate)) = parsed {
        fill(&mut row, &certificate);
    }
    (row, is_certificate)
}

fn fill(row: &mut Certificate<'_>, certificate: &X509Certificate<'_>) {
    row.subject = spelled(certificate.subject());
    row.subject_common_name = common_name(certificate.subject());
    row.issuer = spelled(certificate.issuer());
    row.issuer_common_name = common_name(certificate.issuer());
    row.not_valid_before = moment(certificate.validity().not_before);
    row.not_valid_after = moment(certificate.validity().not_after);
    row.san_list = alternative_names(certificate);
}

/// The Monday of a moment's week, at 00:00 UTC.
fn monday(moment: Timestamp) -> Timestamp {
    let day = moment.microseconds().div_euclid(MICROSECONDS_PER_DAY);
    // Day 0 of 1970 was a Thursday.
    Timestamp::from_microseconds((day - (day + 3).rem_euclid(7)) * MICROSECONDS_PER_DAY)
}

/// Years beyond 2200 are those of certificates that never end, and are not known.
fn moment(time: ASN1Time) -> Option<Timestamp> {
    const END: i64 = 7_258_118_400;
    let seconds = time.timestamp();
    (0..END).contains(&seconds).then(|| Timestamp::from_microseconds(seconds * 1_000_000))
}

/// A distinguished name as RFC 4514 writes it: the most specific part first.
fn spelled(name: &X509Name<'_>) -> Option<Cow<'static, str>> {
    let mut parts: Vec<String> = Vec::new();
    for part in name.iter_rdn() {
        parts.push(part.iter().map(attribute).collect::<Vec<_>>().join("+"));
    }
    parts.reverse();
    let text = parts.join(",");
    (!text.is_empty()).then(|| clip_cow(Cow::Owned(text), MAX_NAME_BYTES))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = match attribute.attr_type().to_id_string().as_str() {
        "2.5.4.3" => "CN".to_owned(),
        "2.5.4.6" => "C".to_owned(),
        "2.5.4.7" => "L".to_owned(),
        "2.5.4.8" => "ST".to_owned(),
        "2.5.4.9" => "STREET".to_owned(),
        "2.5.4.10" => "O".to_owned(),
        "2.5.4.11" => "OU".to_owned(),
        "0.9.2342.19200300.100.1.25" => "DC".to_owned(),
        other => other.to_owned(),
    };
    format!("{kind}={}", escaped(&value_text(attribute)))
}

fn value_text(attribute: &AttributeTypeAndValue<'_>) -> String {
    attribute.as_str().map_or_else(|_| String::from_utf8_lossy(attribute.as_slice()).into_owned(), str::to_owned)
}

/// RFC 4514, section 2.4.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (position, character) in value.chars().enumerate() {
        let at_edge = (character == ' ' && (position == 0 || position == last)) || (character == '#' && position == 0);
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            _ if at_edge => text.extend(['\\', character]),
            _ if character.is_control() => text.push_str(&format!("\\{:02x}", u32::from(character))),
            _ => text.push(character),
        }
    }
    text
}

fn common_name(name: &X509Name<'_>) -> Option<Cow<'static, str>> {
    name.iter_common_name().next().map(|attribute| clip_cow(Cow::Owned(value_text(attribute)), MAX_NAME_BYTES))
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<Cow<'static, str>> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    extension.value.general_names.iter().filter_map(alternative_name).take(MAX_NAMES).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> Option<Cow<'static, str>> {
    let text = match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => address(bytes)?,
        _ => return None,
    };
    Some(clip_cow(Cow::Owned(text), MAX_NAME_BYTES))
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(octets).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|octets| std::net::Ipv6Addr::from(octets).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64_text;
    use crate::sources::ooni::testing::CERTIFICATE;

    #[test]
    fn a_certificate_says_whose_it_is_and_for_how_long() {
        let der = base64_text::decode(CERTIFICATE).unwrap();
        let (row, is_certificate) = describe(&der, "digest", "2024-02-18 12:00:00".parse().unwrap());
        assert!(is_certificate);
        assert_eq!(row.subject.as_deref(), Some(r"CN=example.org,O=Example\, Ltd,C=XA"));
        assert_eq!(row.issuer_common_name.as_deref(), Some("example.org"));
        assert_eq!(row.san_list, ["example.org", "www.example.org", "192.0.2.1"]);
        assert_eq!(row.not_valid_after.unwrap().to_string(), "2025-01-01 00:00:00 UTC");
        assert_eq!(row.measurement_start_time.to_string(), "2024-02-12 00:00:00 UTC");
    }

    #[test]
    fn bytes_that_are_no_certificate_are_kept_with_nothing_said_about_them() {
        let (row, is_certificate) = describe(b"\x30\x82\xff\xff", "digest", Timestamp::default());
        assert!(!is_certificate);
        assert_eq!((row.subject, row.der.as_ref()), (None, b"\x30\x82\xff\xff".as_slice()));
    }

    #[test]
    fn special_characters_in_names_are_escaped() {
        assert_eq!(escaped(" a,b+c\"\\<>;#\n "), "\\ a\\,b\\+c\\\"\\\\\\<\\>\\;#\\0a\\ ");
        assert_eq!(escaped("#"), "\\#");
    }

    #[test]
    fn a_week_begins_on_monday_also_before_1970() {
        for (moment, expected) in
            [("1970-01-05 00:00:00", "1970-01-05"), ("1970-01-04 23:59:59", "1969-12-29"), ("2024-02-18 23:59:59", "2024-02-12")]
        {
            assert_eq!(monday(moment.parse().unwrap()).format("%Y-%m-%d"), expected);
        }
    }
}
