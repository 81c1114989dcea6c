//! Records to begin with: one of each nettest, each way of interfering and each innocent trouble, from the project's own simulator.

use std::fs;
use std::num::NonZero;
use std::sync::LazyLock;

use parallax_ingest::refdata::{NamedSnapshot, recognise};
use parallax_simulate::{Case, Mechanism, Nettest, TroubleKind, World, single, write_to_dir};

/// The web site and the services that the records are about.
const SITE: &str = "https://www.example.org/";
const SERVICES: &[(Nettest, &str)] = &[
    (Nettest::Telegram, "telegram/web"),
    (Nettest::Whatsapp, "whatsapp/web"),
    (Nettest::Signal, "signal/chat"),
    (Nettest::FacebookMessenger, "facebook_messenger/b_api"),
];
/// One country, one small page: what matters is in the operations, and short records are changed more often.
const WORLD: &str = r#"
version = 1
name = "fuzzing"
seed = 1
start = "2024-03-04"
hours = 1
[[country]]
cc = "XA"
name = "Alandia"
[[country.network]]
asn = 64500
name = "Alandia Telecom"
probes = 1
measurements_per_day = 24
[[target]]
url = "https://www.example.org/"
hosting = "cdn"
body_bytes = 300
ipv6 = true
[[target]]
url = "http://news.example.org/"
redirect = "https://www.example.org/"
body_bytes = 300
[[censor]]
mechanism = "http.blockpage"
countries = ["XA"]
targets = ["news.example.org"]
[[censor]]
mechanism = "dns.injection.blockpage"
countries = ["XA"]
targets = ["www.example.org"]
"#;

pub struct Record {
    pub name: String,
    pub json: String,
}

pub fn world() -> World {
    World::parse(WORLD, None).expect("the world of the fuzz targets is sound")
}

pub fn world_text() -> &'static str {
    WORLD
}

/// All records, in an order that never changes.
pub static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let world = world();
    let record = |nettest: Nettest, target: &str, case: Case, what: &str| {
        let (json, _) = single(&world, nettest, target, case, 0).ok()?;
        Some(Record { name: format!("{}-{what}", format!("{nettest:?}").to_lowercase()), json })
    };
    let mut records = Vec::new();
    for nettest in [Nettest::WebConnectivity05, Nettest::WebConnectivity04] {
        records.extend(record(nettest, SITE, Case::Undisturbed, "undisturbed"));
        records.extend(record(nettest, "http://news.example.org/", Case::Undisturbed, "redirected"));
        records.extend(Mechanism::all().filter_map(|mechanism| record(nettest, SITE, Case::Censored(mechanism), mechanism.as_str())));
        records.extend(TroubleKind::all().filter_map(|kind| record(nettest, SITE, Case::Troubled(kind), kind.as_str())));
    }
    for (nettest, target) in SERVICES {
        records.extend(record(*nettest, target, Case::Undisturbed, "undisturbed"));
        records.extend(record(*nettest, target, Case::Censored(Mechanism::TlsResetSni), "tls.reset.sni"));
    }
    records
});

/// The reference data of the simulated world: fingerprints of its block pages, its networks, its root certificate.
pub fn refdata() -> Vec<NamedSnapshot> {
    let folder = tempfile::tempdir().expect("a folder for the world");
    write_to_dir(&world(), folder.path(), NonZero::<usize>::MIN, |_| {}).expect("the world can be written");
    let files = fs::read_dir(folder.path().join("refdata")).expect("its reference data");
    let mut snapshots: Vec<_> = files
        .map(|file| {
            let file = file.expect("a file");
            let (name, bytes) = (file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).expect("its bytes"));
            NamedSnapshot { kind: recognise(&name, &bytes).expect("reference data"), digest: name.clone(), name, bytes }
        })
        .collect();
    snapshots.sort_by(|one, other| one.name.cmp(&other.name));
    snapshots
}
