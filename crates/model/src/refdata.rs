//! Reference data: what is known about the world apart from any measurement, with the digest that names its snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A fingerprint that settles a verdict alone, from a list such as OONI's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub name: String,
    /// How widely the block page is used, in the list's own words: `nat` (national), `isp`, `prod` (a product), `inst`, `vbw`, `fp` (a known false positive).
    pub scope: String,
    pub location: FingerprintLocation,
    pub pattern: FingerprintPattern,
    /// From 0 (often innocent) to 10 (never seen innocent).
    pub confidence: u8,
    /// The countries where it is expected; empty when the list does not say.
    pub expected_countries: BTreeSet<String>,
}

/// Where a fingerprint is looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FingerprintLocation {
    Dns,
    Body,
    /// A header, by its name in lower case.
    Header(String),
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FingerprintPattern {
    /// The whole text.
    Full(String),
    /// How the text begins.
    Prefix(String),
    /// Anywhere in the text.
    Contains(String),
    /// A regular expression, anywhere in the text.
    Regex(String),
}

impl Fingerprint {
    /// Whether it settles a verdict alone. It does not when the list says that the page looks like a block page and is none (`fp`), or
    /// that its words are too vague to tell a network's page from a server's (`vbw`).
    pub fn is_artefact(&self) -> bool {
        !matches!(self.scope.as_str(), "fp" | "vbw")
    }

    /// Whether it is a filter that companies, schools and homes run themselves: a product, or an institution's own.
    pub fn is_of_a_local_filter(&self) -> bool {
        matches!(self.scope.as_str(), "prod" | "inst")
    }
}

/// The network that a range of addresses belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    pub asn: u32,
    pub name: String,
    pub country: String,
}

/// Everything that rules may ask about the world. An empty one is fine: rules that need more stay silent.
#[derive(Clone, Debug, Default)]
pub struct RefData {
    /// Names all of it: the same digest, the same answers.
    pub digest: String,
    pub fingerprints: BTreeMap<String, Fingerprint>,
    /// Addresses that are known forged answers or block pages, with the name of their fingerprint.
    pub forged_answers: BTreeMap<IpAddr, String>,
    /// Names that are known to be given as aliases in forged answers, in lower case, with the name of their fingerprint.
    pub forged_aliases: BTreeMap<String, String>,
    /// Start of each range, its end, and whose it is; sorted, without overlaps.
    pub networks: Vec<(IpAddr, IpAddr, Network)>,
    /// Root certificates (DER) beside the public ones, sorted.
    pub root_certificates: Vec<Vec<u8>>,
}

impl RefData {
    pub fn network_of(&self, address: IpAddr) -> Option<&Network> {
        let after = self.networks.partition_point(|(start, _, _)| *start <= address);
        let (_, end, network) = self.networks.get(after.checked_sub(1)?)?;
        (address <= *end).then_some(network)
    }
}
