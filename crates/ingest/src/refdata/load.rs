//! From snapshots of reference data to what rules ask.

use std::collections::BTreeSet;

use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern, RefData};
use sha2::{Digest, Sha256};

use super::kind::Kind;
use super::ranges::{self, Range};
use super::{networks_mmdb, networks_table, ooni_fingerprints, roots};
use crate::Error;
use crate::fingerprints::{FingerprintMatcher, NO_FINGERPRINTS};

/// The digest of no reference data at all.
pub const NO_REFDATA: &str = "none";

/// One snapshot: what it is, its name where it came from, the SHA-256 of its bytes, and the bytes.
#[derive(Clone, Debug)]
pub struct NamedSnapshot {
    pub kind: Kind,
    pub name: String,
    pub digest: String,
    pub bytes: Vec<u8>,
}

/// Reads snapshots into what rules ask. Where two say different things, the one whose kind and name come first holds.
pub fn load(snapshots: &[NamedSnapshot]) -> Result<RefData, Error> {
    let mut refdata = RefData { digest: digest(snapshots.iter(), NO_REFDATA), ..RefData::default() };
    let mut networks = Vec::new();
    let mut certificates = BTreeSet::new();
    for snapshot in in_order(snapshots) {
        match snapshot.kind {
            Kind::OoniFingerprints => add_fingerprints(&mut refdata, fingerprints(snapshot)?),
            Kind::NetworksMmdb | Kind::NetworksTable => networks.extend(read_networks(snapshot)?),
            Kind::RootCertificates => certificates.extend(roots::parse(&snapshot.name, &snapshot.bytes)?),
            Kind::TestList => {}
        }
    }
    refdata.networks = ranges::flatten(networks);
    refdata.root_certificates = certificates.into_iter().collect();
    Ok(refdata)
}

/// The matcher of all HTTP fingerprints. Its digest depends on the snapshots that hold some and on no others, so that a new table of
/// networks does not make anybody read measurements again.
pub fn matcher(snapshots: &[NamedSnapshot]) -> Result<FingerprintMatcher, Error> {
    let mut found = Vec::new();
    let mut used = Vec::new();
    for snapshot in in_order(snapshots).filter(|snapshot| snapshot.kind == Kind::OoniFingerprints) {
        let of_http: Vec<_> = fingerprints(snapshot)?.into_iter().filter(|one| one.location != FingerprintLocation::Dns).collect();
        if !of_http.is_empty() {
            used.push(snapshot);
            found.extend(of_http);
        }
    }
    if used.is_empty() {
        return Ok(FingerprintMatcher::empty());
    }
    Ok(FingerprintMatcher::new(digest(used.into_iter(), NO_FINGERPRINTS), &found)?)
}

/// Reads a snapshot only to see that it can be read.
pub fn check(snapshot: &NamedSnapshot) -> Result<(), Error> {
    if snapshot.kind == Kind::TestList {
        return super::test_lists::parse(&snapshot.name, &snapshot.bytes).map(drop);
    }
    let snapshots = std::slice::from_ref(snapshot);
    load(snapshots)?;
    matcher(snapshots).map(drop)
}

fn in_order(snapshots: &[NamedSnapshot]) -> impl Iterator<Item = &NamedSnapshot> {
    let mut sorted: Vec<_> = snapshots.iter().collect();
    sorted.sort_by_key(|snapshot| (snapshot.kind, &snapshot.name, &snapshot.digest));
    sorted.into_iter()
}

fn fingerprints(snapshot: &NamedSnapshot) -> Result<Vec<Fingerprint>, Error> {
    ooni_fingerprints::parse(&snapshot.name, &snapshot.bytes)
}

fn read_networks(snapshot: &NamedSnapshot) -> Result<Vec<Range>, Error> {
    match snapshot.kind {
        Kind::NetworksMmdb => networks_mmdb::parse(&snapshot.name, &snapshot.bytes),
        _ => networks_table::parse(&snapshot.name, &snapshot.bytes),
    }
}

fn add_fingerprints(refdata: &mut RefData, fingerprints: Vec<Fingerprint>) {
    for fingerprint in fingerprints {
        if let (FingerprintLocation::Dns, FingerprintPattern::Full(answer)) = (&fingerprint.location, &fingerprint.pattern)
            && let Ok(address) = answer.trim().parse()
            && !fingerprint.is_false_positive()
        {
            refdata.forged_answers.entry(address).or_insert_with(|| fingerprint.name.clone());
        }
        refdata.fingerprints.entry(fingerprint.name.clone()).or_insert(fingerprint);
    }
}

/// One digest for many: of their digests, sorted.
fn digest<'a>(snapshots: impl Iterator<Item = &'a NamedSnapshot>, none: &str) -> String {
    let digests: BTreeSet<&str> = snapshots.map(|snapshot| snapshot.digest.as_str()).collect();
    if digests.is_empty() {
        return none.to_owned();
    }
    let mut sha256 = Sha256::new();
    for digest in digests {
        sha256.update(digest);
        sha256.update("\n");
    }
    format!("{:x}", sha256.finalize())
}
