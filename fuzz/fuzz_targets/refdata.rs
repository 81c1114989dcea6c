//! A file of reference data that is recognised is loaded or refused with a reason; networks come out sorted and apart; the same file
//! gives the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parallax_ingest::refdata::{Kind, NamedSnapshot, load, matcher, recognise, test_lists};
use parallax_model::refdata::RefData;

fuzz_target!(|bytes: &[u8]| {
    let Ok(kind) = recognise("file", bytes) else { return };
    let snapshot = NamedSnapshot { kind, name: "file".into(), digest: "digest".into(), bytes: bytes.to_vec() };
    if kind == Kind::TestList {
        let urls = test_lists::parse("file", bytes).unwrap_or_default();
        assert!(urls.iter().all(|tested| !tested.url.is_empty()));
        return;
    }
    let snapshots = std::slice::from_ref(&snapshot);
    if let Ok(refdata) = load(snapshots) {
        check(&refdata);
        let again = load(snapshots).expect("what was read once is read again");
        assert_eq!(
            (again.networks, again.fingerprints, again.forged_answers),
            (refdata.networks, refdata.fingerprints, refdata.forged_answers)
        );
    }
    if let Ok(matcher) = matcher(snapshots) {
        let found = matcher.matches(&[("Server", "gate"), ("Location", "http://block.example/")], bytes);
        assert!(found.is_sorted());
    }
});

fn check(refdata: &RefData) {
    for (start, end, network) in &refdata.networks {
        assert!(start.is_ipv4() == end.is_ipv4() && start <= end && network.asn != 0);
        assert_eq!(refdata.network_of(*start), Some(network));
        assert_eq!(refdata.network_of(*end), Some(network));
    }
    assert!(refdata.networks.windows(2).all(|pair| pair[0].1 < pair[1].0), "networks are sorted and apart");
    assert!(refdata.forged_answers.values().all(|name| refdata.fingerprints.contains_key(name)));
    assert!(refdata.root_certificates.is_sorted());
}
