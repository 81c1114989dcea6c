//! From snapshots of reference data to what rules ask.

use std::collections::BTreeSet;

use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern, RefData};
use parallax_model::sha256::Sha256;

use super::kind::Kind;
use super::ranges::{self, Range};
use super::{censored_planet_signatures, networks_mmdb, networks_table, ooni_fingerprints, roots};
use crate::Error;
use crate::fingerprints::{FingerprintMatcher, NO_FINGERPRINTS};
use crate::hostname;

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
            Kind::OoniFingerprints | Kind::CensoredPlanetSignatures => add_fingerprints(&mut refdata, fingerprints(snapshot)?),
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
    let (mut found, mut false_positives, mut overruled) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut used = Vec::new();
    for snapshot in in_order(snapshots).filter(|snapshot| Kind::OF_PAGES.contains(&snapshot.kind)) {
        let of_http: Vec<_> = fingerprints(snapshot)?.into_iter().filter(|one| one.location != FingerprintLocation::Dns).collect();
        if of_http.is_empty() {
            continue;
        }
        used.push(snapshot);
        if snapshot.kind == Kind::CensoredPlanetSignatures {
            let (innocent, pages): (Vec<_>, Vec<_>) = of_http.into_iter().partition(censored_planet_signatures::is_false_positive);
            false_positives.extend(innocent);
            overruled.extend(pages.iter().map(|page| page.name.clone()));
            found.extend(pages);
        } else {
            found.extend(of_http);
        }
    }
    if used.is_empty() {
        return Ok(FingerprintMatcher::empty());
    }
    let matcher = FingerprintMatcher::new(digest(used.into_iter(), NO_FINGERPRINTS), &found)?;
    Ok(matcher.overruled_by(&false_positives, overruled)?)
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
    match snapshot.kind {
        Kind::CensoredPlanetSignatures => censored_planet_signatures::parse(&snapshot.name, &snapshot.bytes),
        _ => ooni_fingerprints::parse(&snapshot.name, &snapshot.bytes),
    }
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
            && fingerprint.is_artefact()
        {
            add_forged_answer(refdata, answer.trim(), &fingerprint.name);
        }
        refdata.fingerprints.entry(fingerprint.name.clone()).or_insert(fingerprint);
    }
}

/// A forged answer is an address, or else the name of an alias.
fn add_forged_answer(refdata: &mut RefData, answer: &str, fingerprint: &str) {
    if let Ok(address) = answer.parse() {
        refdata.forged_answers.entry(address).or_insert_with(|| fingerprint.to_owned());
    } else if let Some(alias) = hostname::normalise(answer) {
        refdata.forged_aliases.entry(alias.into_owned()).or_insert_with(|| fingerprint.to_owned());
    }
}

/// One digest for many: of their digests, sorted.
fn digest<'a>(snapshots: impl Iterator<Item = &'a NamedSnapshot>, none: &str) -> String {
    let digests: BTreeSet<&str> = snapshots.map(|snapshot| snapshot.digest.as_str()).collect();
    if digests.is_empty() {
        return none.to_owned();
    }
    let mut sha256 = Sha256::default();
    for digest in digests {
        sha256.update(digest.as_bytes());
        sha256.update(b"\n");
    }
    sha256.finish_hex()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn snapshot(kind: Kind, name: &str, text: &str) -> NamedSnapshot {
        NamedSnapshot { kind, name: name.into(), digest: crate::sha256::of(text.as_bytes()), bytes: text.into() }
    }

    fn fingerprints(name: &str, rows: &str) -> NamedSnapshot {
        snapshot(Kind::OoniFingerprints, name, &format!("name,scope,location_found,pattern_type,pattern\n{rows}"))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_is_fine_and_has_a_name() {
        assert_eq!(load(&[]).unwrap().digest, "none");
        assert_eq!(matcher(&[]).unwrap().digest(), "none");
    }

    #[test]
    fn rules_find_forged_answers_networks_and_block_pages() {
        let snapshots = [
            fingerprints("dns.csv", "xa_1,nat,dns,full,192.0.2.66\nnot,fp,dns,full,192.0.2.67\ncname,nat,dns,full,Block.example.net\n"),
            fingerprints("http.csv", "page,nat,body,contains,this site is blocked\n"),
            snapshot(Kind::NetworksTable, "isp.tsv", "192.0.2.0\t192.0.2.255\t64500\tXA\tISP\n"),
            snapshot(Kind::NetworksTable, "customer.csv", "192.0.2.64/28,64501,Customer\n"),
        ];
        let refdata = load(&snapshots).unwrap();
        assert_eq!(refdata.forged_answers, [(address("192.0.2.66"), "xa_1".to_owned())].into());
        assert_eq!(refdata.forged_aliases, [("block.example.net".to_owned(), "cname".to_owned())].into());
        assert_eq!(refdata.fingerprints.len(), 4);
        assert_eq!(refdata.network_of(address("192.0.2.65")).unwrap().asn, 64501);
        assert_eq!(refdata.network_of(address("192.0.2.90")).unwrap().asn, 64500);
        assert_eq!(refdata.network_of(address("192.0.3.0")), None);
        assert_eq!(matcher(&snapshots).unwrap().matches(&[], b"... this site is blocked"), ["page"]);
    }

    #[test]
    fn a_page_that_only_looks_like_one_is_none_of_the_same_list() {
        let signatures = |name: &str, lines: &str| snapshot(Kind::CensoredPlanetSignatures, name, lines);
        let snapshots = [
            fingerprints("http.csv", "ooni,nat,body,contains,denied\ncp.b_nat_xa,nat,body,contains,withheld\n"),
            signatures("pages.json", "{\"fingerprint\":\"b_nat_xa\",\"pattern\":\"denied\"}\n"),
            signatures("false.json", "{\"fingerprint\":\"x_shop\",\"pattern\":\"Shop.*closed\"}\n"),
        ];
        let matcher = matcher(&snapshots).unwrap();
        assert_eq!(matcher.matches(&[], b"access denied"), ["cp.b_nat_xa", "ooni"]);
        assert_eq!(matcher.matches(&[], b"page withheld"), ["cp.b_nat_xa"]);
        assert_eq!(
            matcher.matches(&[], b"Shop\nclosed, access denied"),
            ["ooni"],
            "what looks like one is not told, and OONI's list stands"
        );
        assert!(matcher.matches(&[], b"Shop closed").is_empty());
        assert_eq!(
            load(&snapshots).unwrap().fingerprints["cp.b_nat_xa"].pattern,
            parallax_model::refdata::FingerprintPattern::Contains("withheld".into())
        );
    }

    #[test]
    fn the_order_does_not_matter_and_each_digest_means_what_it_covers() {
        let mut snapshots = vec![
            fingerprints("a.csv", "same,nat,body,contains,first page\n"),
            fingerprints("b.csv", "same,isp,body,contains,second page\n"),
            snapshot(Kind::NetworksTable, "n.csv", "192.0.2.0/24,64500,One\n"),
        ];
        let (one, matcher_one) = (load(&snapshots).unwrap(), matcher(&snapshots).unwrap());
        snapshots.reverse();
        let two = load(&snapshots).unwrap();
        assert_eq!((one.digest.as_str(), &one.fingerprints["same"].scope), (two.digest.as_str(), &"nat".to_owned()));
        assert_eq!(two.fingerprints, one.fingerprints);
        snapshots.retain(|snapshot| snapshot.kind == Kind::OoniFingerprints);
        assert_ne!(load(&snapshots).unwrap().digest, one.digest);
        assert_eq!(matcher(&snapshots).unwrap().digest(), matcher_one.digest());
    }
}
