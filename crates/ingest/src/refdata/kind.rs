//! The kinds of reference data, and how a file of each is recognised.

use std::fmt;
use std::str::FromStr;

use super::table::Table;
use super::{censored_planet_signatures, networks_mmdb, networks_table, ooni_fingerprints, roots, test_lists};
use crate::Error;

/// What a file of reference data holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// OONI's fingerprints of forged answers and block pages (CSV).
    OoniFingerprints,
    /// Censored Planet's signatures of block pages and of false positives (JSON lines).
    CensoredPlanetSignatures,
    /// A list of URLs to test, as the Citizen Lab publishes them (CSV).
    TestList,
    /// Networks of addresses as a MaxMind database.
    NetworksMmdb,
    /// Networks of addresses as a table of ranges (CSV or TSV).
    NetworksTable,
    /// Root certificates (PEM).
    RootCertificates,
}

impl Kind {
    pub const ALL: &[Kind] = &[
        Self::OoniFingerprints,
        Self::CensoredPlanetSignatures,
        Self::TestList,
        Self::NetworksMmdb,
        Self::NetworksTable,
        Self::RootCertificates,
    ];

    /// Those that know block pages.
    pub(super) const OF_PAGES: &[Kind] = &[Self::OoniFingerprints, Self::CensoredPlanetSignatures];

    /// The word that the manifest uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OoniFingerprints => "ooni_fingerprints",
            Self::CensoredPlanetSignatures => "censored_planet_signatures",
            Self::TestList => "test_list",
            Self::NetworksMmdb => "networks_mmdb",
            Self::NetworksTable => "networks_table",
            Self::RootCertificates => "root_certificates",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A kind that this program does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word).ok_or(UnknownKind)
    }
}

/// What a file holds, by its content alone; `name` is for the error.
pub fn recognise(name: &str, bytes: &[u8]) -> Result<Kind, Error> {
    if networks_mmdb::is_mmdb(bytes) {
        return Ok(Kind::NetworksMmdb);
    }
    if roots::is_pem(bytes) {
        return Ok(Kind::RootCertificates);
    }
    if censored_planet_signatures::is_signatures(bytes) {
        return Ok(Kind::CensoredPlanetSignatures);
    }
    let first = Table::first_row(bytes);
    let kinds = [
        (ooni_fingerprints::is_header(&first), Kind::OoniFingerprints),
        (test_lists::is_header(&first), Kind::TestList),
        (networks_table::Columns::of(&first).is_some(), Kind::NetworksTable),
    ];
    let kind = kinds.iter().find(|(is, _)| *is).map(|(_, kind)| *kind);
    kind.ok_or_else(|| Error::UnknownRefdata { name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_recognised_by_content() {
        for (text, kind) in [
            ("\u{feff}name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp\n", Kind::OoniFingerprints),
            ("{\"fingerprint\":\"b_nat_xa\",\"pattern\":\"blocked\"}\n", Kind::CensoredPlanetSignatures),
            ("url,category_code,category_description\r\nhttps://example.org/,NEWS,News\r\n", Kind::TestList),
            ("1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n", Kind::NetworksTable),
            ("network,autonomous_system_number,autonomous_system_organization\n", Kind::NetworksTable),
            ("# roots\n-----BEGIN CERTIFICATE-----\nAAAA\n", Kind::RootCertificates),
            ("\0\0\u{fffd}", Kind::TestList),
        ] {
            match recognise("file", text.as_bytes()) {
                Ok(found) => assert_eq!(found, kind, "{text:?}"),
                Err(error) => assert!(text.starts_with('\0') && error.to_string().starts_with("file is no reference data"), "{error}"),
            }
        }
    }

    #[test]
    fn every_kind_is_read_from_its_word() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert_eq!("".parse::<Kind>(), Err(UnknownKind));
    }
}
