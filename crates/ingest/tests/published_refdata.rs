//! Reads reference data as it is published, where it lies beside the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use parallax_ingest::refdata::{Kind, NamedSnapshot, load, matcher, recognise, test_lists};

fn published() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/refdata");
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

fn snapshot(path: &Path) -> NamedSnapshot {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = fs::read(path).unwrap();
    NamedSnapshot { kind: recognise(&name, &bytes).unwrap(), digest: name.clone(), name, bytes }
}

#[test]
fn every_fingerprint_of_oonis_lists_can_be_used() {
    let Some(folder) = published() else { return };
    let snapshots = ["fingerprints_dns.csv", "fingerprints_http.csv"].map(|name| snapshot(&folder.join(name)));
    assert!(snapshots.iter().all(|snapshot| snapshot.kind == Kind::OoniFingerprints));
    let refdata = load(&snapshots).unwrap();
    assert!(refdata.fingerprints.len() >= 1900, "{}", refdata.fingerprints.len());
    assert!(refdata.forged_answers.len() >= 200, "{}", refdata.forged_answers.len());

    let matcher = matcher(&snapshots).unwrap();
    let headers = [("Location", "http://lighthouse.du.ae/x"), ("Content-Type", "text/html")];
    let found = matcher.matches(&headers, b"<p>Ask it-security-operations@etisalat.ae for help</p>");
    assert_eq!(found, ["cl.isp_ae_du_surfsafely_forward_2", "ooni.ae_2", "ooni.ae_3"]);
}

#[test]
fn every_signature_of_censored_planets_lists_can_be_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/censored-planet");
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    }
    let snapshots = ["blockpage_signatures.json", "false_positive_signatures.json"].map(|name| snapshot(&folder.join(name)));
    assert!(snapshots.iter().all(|snapshot| snapshot.kind == Kind::CensoredPlanetSignatures));
    let [pages, innocent] = [&snapshots[0], &snapshots[1]].map(|snapshot| load(std::slice::from_ref(snapshot)).unwrap().fingerprints);
    assert!(pages.len() >= 600 && pages.values().all(|page| page.scope != "fp"), "{}", pages.len());
    assert!(innocent.len() >= 400 && innocent.values().all(|page| page.scope == "fp"), "{}", innocent.len());
    let matcher = matcher(&snapshots).unwrap();
    assert_eq!(matcher.matches(&[], b"<p>Powered By Fortinet</p>"), ["cp.a_prod_fortinet_4"]);
    assert!(matcher.matches(&[], b"<p>Powered By Fortinet</p><p><em>Thank you for using nginx.</em></p>").is_empty());
}

#[test]
fn every_test_list_can_be_read() {
    let Some(folder) = published() else { return };
    for name in ["global.csv", "cn.csv", "ir.csv", "ke.csv", "ru.csv"] {
        let snapshot = snapshot(&folder.join("test-lists").join(name));
        assert_eq!(snapshot.kind, Kind::TestList, "{name}");
        let urls = test_lists::parse(name, &snapshot.bytes).unwrap();
        assert!(urls.len() > 10 && urls.iter().all(|tested| tested.url.contains("://")), "{name}");
    }
}
