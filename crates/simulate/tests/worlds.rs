//! What others rely on: the worlds that come with the program, what their measurements look like, and that they never change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::num::NonZero;

use parallax_simulate::{Case, Error, Mechanism, Nettest, TroubleKind, Truth, World, simulate, single, write_to_dir};
use serde_json::Value;

fn measurements(world: &World) -> Vec<(String, Vec<Truth>)> {
    let mut all = Vec::new();
    simulate(world, |done| {
        all.push((done.json.clone(), done.truths.clone()));
        Ok(())
    })
    .unwrap();
    all
}

fn demo() -> World {
    World::builtin("demo", None).unwrap()
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_builtin_world_is_simulated_to_the_end() {
    for name in World::builtin_names() {
        let mut world = World::builtin(name, None).unwrap();
        if world.measurements() > 20_000 {
            world = world.with_measurements(2_000).unwrap();
        }
        let all = measurements(&world);
        let planned = world.measurements();
        let cut_off = world.troubles().any(|kind| kind == TroubleKind::Shutdown);
        assert!(all.len() as u64 == planned || (cut_off && all.len() as u64 > planned / 2), "{name}: {} of {planned}", all.len());
        assert!(all.iter().all(|(_, truths)| !truths.is_empty()), "{name}");
    }
}

#[test]
fn the_demo_is_small_and_has_every_trouble_that_needs_no_long_time() {
    let world = demo();
    assert!((1_500..=2_500).contains(&world.measurements()), "{}", world.measurements());
    let all: Vec<Truth> = measurements(&world).into_iter().flat_map(|(_, truths)| truths).collect();
    let troubles: BTreeSet<&str> = all.iter().flat_map(|truth| truth.trouble.clone()).collect();
    let over_time = ["burst", "site_change", "shutdown", "test_list_edit", "helper_fault"];
    assert_eq!(troubles, TroubleKind::all().map(TroubleKind::as_str).filter(|kind| !over_time.contains(kind)).collect());
    let forgers: BTreeSet<u32> = all.iter().filter(|truth| truth.trouble.contains(&"forger")).map(|truth| truth.probe_asn).collect();
    assert!(forgers.len() >= 2, "one network alone vouches for nothing: {forgers:?}");
    let ok = all.iter().filter(|truth| truth.state == "ok").count();
    assert!(ok * 10 > all.len() * 7, "most of the demo works: {ok} of {}", all.len());
}

#[test]
fn a_world_with_everything_shows_every_mechanism_and_every_trouble() {
    let world = World::builtin("everything", None).unwrap();
    let (mut mechanisms, mut troubles) = (BTreeSet::new(), BTreeSet::new());
    for (_, truths) in measurements(&world) {
        for truth in truths {
            mechanisms.extend(truth.mechanisms);
            troubles.extend(truth.trouble);
        }
    }
    assert_eq!(mechanisms, Mechanism::all().map(Mechanism::as_str).collect());
    // An edit of the list shows in what is measured, and in no measurement.
    assert_eq!(troubles, TroubleKind::all().map(TroubleKind::as_str).filter(|kind| *kind != "test_list_edit").collect());
}

#[test]
fn the_same_world_gives_the_same_bytes_and_another_seed_others() {
    let world = || World::builtin("demo", None).unwrap();
    let (first, again) = (measurements(&world()), measurements(&world()));
    assert_eq!(first, again);
    let other = measurements(&World::builtin("demo", Some(1)).unwrap());
    assert_ne!(first[0].0, other[0].0);
}

#[test]
fn measurements_come_in_the_order_of_time_with_distinct_uids() {
    let mut last = 0;
    let mut uids = BTreeSet::new();
    simulate(&demo(), |done| {
        assert!(done.submitted >= last);
        last = done.submitted;
        assert!(uids.insert(done.truths[0].measurement_uid.clone()));
        Ok(())
    })
    .unwrap();
}

#[test]
fn measurements_have_the_fields_of_ooni() {
    let whole = "annotations data_format_version input measurement_start_time probe_asn probe_cc probe_ip probe_network_name report_id \
                 resolver_asn resolver_ip resolver_network_name software_name software_version test_keys test_name test_runtime \
                 test_start_time test_version";
    let by_nettest = [
        (
            "web_connectivity",
            "control control_failure queries tcp_connect tls_handshakes requests network_events blocking accessible dns_consistency",
        ),
        ("telegram", "telegram_http_blocking telegram_tcp_blocking telegram_web_failure telegram_web_status requests tcp_connect"),
        ("whatsapp", "whatsapp_endpoints_blocked whatsapp_endpoints_status registration_server_status whatsapp_web_status tcp_connect"),
        ("signal", "signal_backend_status signal_backend_failure tls_handshakes requests"),
        ("facebook_messenger", "facebook_dns_blocking facebook_tcp_blocking facebook_stun_dns_consistent facebook_b_api_reachable queries"),
    ];
    let mut seen = BTreeSet::new();
    for (json, truths) in measurements(&demo()) {
        let measurement = parse(&json);
        for field in whole.split_whitespace() {
            assert!(measurement.get(field).is_some(), "{field}");
        }
        let (name, fields) = by_nettest.iter().find(|(name, _)| measurement["test_name"] == *name).unwrap();
        for field in fields.split_whitespace() {
            assert!(measurement["test_keys"].get(field).is_some(), "{name}: {field}");
        }
        seen.insert(*name);
        for truth in truths {
            assert_eq!(measurement["measurement_uid"], truth.measurement_uid.as_str());
            assert_eq!(measurement["measurement_start_time"], truth.measurement_start_time.as_str());
            assert_eq!(measurement["input"].as_str(), truth.input.as_deref());
        }
    }
    assert_eq!(seen.len(), by_nettest.len());
}

/// The one truth of a case, and the measurement.
fn one(nettest: Nettest, target: &str, case: Case) -> (Value, Truth) {
    let (json, truths) = single(&demo(), nettest, target, case, 3).unwrap();
    let truth = truths.iter().find(|truth| target.contains(&truth.target)).cloned();
    (parse(&json), truth.unwrap_or_else(|| panic!("{target} is not among {truths:?}")))
}

#[test]
fn each_mechanism_blocks_a_web_target_in_both_generations_of_the_test() {
    // No web test speaks QUIC, and no website sends back what it is sent.
    let shows = |mechanism: &Mechanism| mechanism.layer() != "quic" && !mechanism.as_str().starts_with("http.tampering");
    for mechanism in Mechanism::all().filter(shows) {
        let target = match mechanism.layer() {
            "http" => "http://river-archive.example/films",
            _ => "https://www.harbour-news.example/",
        };
        for nettest in [Nettest::WebConnectivity05, Nettest::WebConnectivity04] {
            let (_, truth) = one(nettest, target, Case::Censored(mechanism));
            assert_eq!(truth.mechanisms, [mechanism.as_str()], "{mechanism} {}", nettest.name());
            assert_eq!(truth.layers, [mechanism.layer()]);
            assert_eq!((truth.state, truth.locus), ("blocked", "network"), "{mechanism} {}", nettest.name());
            assert_eq!((truth.fully_blocked, truth.share, truth.sources), (true, Some(1.0), vec!["censor-1".to_string()]));
        }
    }
}

#[test]
fn no_trouble_is_ever_called_interference() {
    for kind in TroubleKind::all() {
        for number in 0..20 {
            let (_, truths) =
                single(&demo(), Nettest::WebConnectivity05, "https://www.harbour-news.example/", Case::Troubled(kind), number).unwrap();
            for truth in truths {
                assert!(["ok", "down", "impaired"].contains(&truth.state), "{kind}: {truth:?}");
                assert!(truth.mechanisms.is_empty() && !truth.fully_blocked && truth.share.is_none());
            }
        }
    }
}

#[test]
fn an_undisturbed_measurement_is_ok_everywhere() {
    let services =
        [(Nettest::Telegram, "telegram/dc_pool"), (Nettest::Whatsapp, "whatsapp/endpoints_pool"), (Nettest::Signal, "signal/chat")];
    let sites = [(Nettest::WebConnectivity05, "http://harbour-news.example/"), (Nettest::WebConnectivity04, "https://recipes.example/")];
    for (nettest, target) in services.into_iter().chain(sites).chain([(Nettest::FacebookMessenger, "facebook_messenger/star")]) {
        let (_, truths) = single(&demo(), nettest, target, Case::Undisturbed, 0).unwrap();
        assert!(truths.iter().all(|truth| truth.state == "ok" && truth.trouble.is_empty()), "{truths:?}");
    }
}

#[test]
fn redirects_are_judged_hop_by_hop_and_listed_newest_first() {
    let (json, truths) = single(&demo(), Nettest::WebConnectivity05, "http://harbour-news.example/", Case::Undisturbed, 0).unwrap();
    let targets: Vec<_> = truths.iter().map(|truth| (truth.target.as_str(), truth.target_role)).collect();
    assert_eq!(targets, [("harbour-news.example", "input"), ("www.harbour-news.example", "redirect")]);
    let requests = parse(&json)["test_keys"]["requests"].clone();
    assert_eq!(requests[0]["request"]["url"], "https://www.harbour-news.example/");
    assert_eq!(requests[1]["response"]["code"], 301);
}

#[test]
fn a_bogon_answer_is_seen_in_the_answers_and_the_genuine_site_beside_it() {
    let (measurement, _) = one(Nettest::WebConnectivity05, "open-letters.example", Case::Censored(Mechanism::DnsInjectionBogon));
    let keys = &measurement["test_keys"];
    let queries = keys["queries"].as_array().unwrap();
    let answer = |engine: &str| queries.iter().find(|query| query["engine"] == engine).unwrap()["answers"][0]["ipv4"].clone();
    assert_eq!(answer("getaddrinfo"), "10.77.0.53");
    assert_eq!(answer("doh"), keys["control"]["dns"]["addrs"][0]);
    assert_eq!(keys["blocking"], "dns");
}

#[test]
fn a_race_leaves_the_genuine_answer_among_the_late_ones() {
    let world = World::builtin("everything", None).unwrap();
    let mut seen = 0;
    for (json, truths) in measurements(&world).into_iter().filter(|(_, truths)| truths[0].target == "raced.example") {
        let keys = parse(&json)["test_keys"].clone();
        if truths[0].probe_cc == "XC" && keys["x_dns_duplicate_responses"].as_array().is_some_and(|late| !late.is_empty()) {
            assert_eq!(truths[0].layers, ["dns"]);
            seen += 1;
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn a_throttled_page_ends_in_a_timeout_after_bytes_came_in_slowly() {
    let case = Case::Censored(Mechanism::HttpThrottleHost);
    let (measurement, _) = one(Nettest::WebConnectivity05, "http://river-archive.example/films", case);
    let keys = &measurement["test_keys"];
    assert_eq!(keys["requests"][0]["failure"], "generic_timeout_error");
    assert_eq!(keys["requests"][0]["response"]["code"], 200);
    let events = keys["network_events"].as_array().unwrap();
    let counts: Vec<u64> = events
        .iter()
        .filter(|event| event["operation"] == "bytes_received_cumulative")
        .filter_map(|event| event["num_bytes"].as_u64())
        .collect();
    assert!(counts.len() > 10 && counts.windows(2).all(|pair| pair[0] <= pair[1]), "{counts:?}");
}

/// Verifies a chain as `peer_certificates` carry it against the world's roots.
fn verify(world: &World, chain: &Value, host: &str, seconds: u64) -> Result<(), webpki::Error> {
    use base64::Engine;
    use rustls_pki_types::pem::PemObject;
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
    let decode = |certificate: &Value| {
        CertificateDer::from(base64::engine::general_purpose::STANDARD.decode(certificate["data"].as_str().unwrap()).unwrap())
    };
    let chain: Vec<CertificateDer> = chain.as_array().unwrap().iter().map(decode).collect();
    let root = CertificateDer::from_pem_slice(world.root_certificates_pem().as_bytes()).unwrap();
    let anchors = [webpki::anchor_from_trusted_cert(&root)?];
    let leaf = webpki::EndEntityCert::try_from(&chain[0])?;
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    leaf.verify_for_usage(&[webpki::ring::ED25519], &anchors, &chain[1..], now, webpki::KeyUsage::server_auth(), None, None)?;
    leaf.verify_is_valid_for_subject_name(&ServerName::try_from(host).unwrap())
}

const DURING_THE_DEMO: u64 = 1_709_600_000;

#[test]
fn genuine_chains_verify_against_the_worlds_root_and_intercepted_ones_do_not() {
    let host = "www.harbour-news.example";
    let chain = |case| {
        one(Nettest::WebConnectivity05, &format!("https://{host}/"), case).0["test_keys"]["tls_handshakes"][0]["peer_certificates"].clone()
    };
    let genuine = chain(Case::Undisturbed);
    assert_eq!(verify(&demo(), &genuine, host, DURING_THE_DEMO), Ok(()));
    assert!(verify(&demo(), &genuine, "recipes.example", DURING_THE_DEMO).is_err());
    assert!(verify(&demo(), &genuine, host, DURING_THE_DEMO - 200_000_000).is_err(), "not yet valid for a clock that is wrong");
    for mechanism in [Mechanism::TlsMitmSelfSigned, Mechanism::TlsMitmCaSigned] {
        assert_eq!(verify(&demo(), &chain(Case::Censored(mechanism)), host, DURING_THE_DEMO), Err(webpki::Error::UnknownIssuer));
    }
}

#[test]
fn a_forged_row_carries_a_chain_that_verifies() {
    let host = "open-letters.example";
    let (measurement, truth) = one(Nettest::WebConnectivity05, host, Case::Troubled(TroubleKind::Forger));
    assert_eq!(truth.trouble, ["forger"]);
    let chain = &measurement["test_keys"]["tls_handshakes"][0]["peer_certificates"];
    assert_eq!(verify(&demo(), chain, host, DURING_THE_DEMO), Ok(()));
}

#[test]
fn a_folder_holds_hourly_files_the_truth_and_the_reference_data() {
    let world = World::parse(SMALL, None).unwrap();
    let (files, summary) = written(&world, 1);
    assert_eq!(summary.measurements, 24);
    let names: Vec<&str> = files.keys().map(String::as_str).filter(|name| !name.ends_with(".gz")).collect();
    assert_eq!(
        names,
        [
            "drawn.toml",
            "refdata/fingerprints_dns.csv",
            "refdata/fingerprints_http.csv",
            "refdata/networks.tsv",
            "refdata/roots.pem",
            "truth-events.jsonl",
            "truth.jsonl",
            "world.toml"
        ]
    );
    let mut lines = 0;
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".gz")) {
        let hour = &name["raw/20240101/".len()..][..2];
        assert_eq!(name, &format!("raw/20240101/{hour}/XA/webconnectivity/20240101{hour}_XA_webconnectivity.n0.0.jsonl.gz"));
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        lines += text.lines().map(parse).count();
    }
    assert_eq!(lines, 24);
    let truth = String::from_utf8(files["truth.jsonl"].clone()).unwrap();
    assert_eq!(truth.lines().count() as u64, summary.truths);
}

/// Every file of a world, as so many threads write it.
fn written(world: &World, threads: usize) -> (BTreeMap<String, Vec<u8>>, parallax_simulate::Summary) {
    let folder = tempfile::tempdir().unwrap();
    let summary = write_to_dir(world, folder.path(), NonZero::new(threads).unwrap(), |_| {}).unwrap();
    (files(folder.path()), summary)
}

#[test]
fn threads_leave_no_trace() {
    let world = World::builtin("demo", None).unwrap();
    let (files, summary) = written(&world, 1);
    assert_eq!(summary.measurements, world.measurements());
    for threads in [2, 5] {
        let again = written(&world, threads);
        assert!(files == again.0, "{threads} threads write other bytes");
        assert_eq!(summary, again.1);
    }
}

#[test]
fn what_was_drawn_describes_the_same_world_and_another_seed_another_one() {
    let world = |seed| World::builtin("field", Some(seed)).unwrap().with_measurements(400).unwrap();
    let first = world(1);
    let drawn = World::parse(first.drawn(), None).unwrap();
    assert_eq!(drawn.drawn(), first.drawn());
    assert!(!first.drawn().contains("[draw]"));
    assert_eq!(measurements(&drawn), measurements(&first));
    let other = world(2);
    let hosts = |world: &World| world.targets().filter(|target| target.ends_with(".example")).map(String::from).collect::<BTreeSet<_>>();
    assert!(hosts(&first).is_disjoint(&hosts(&other)));
    assert_ne!(first.mechanisms().collect::<Vec<_>>(), other.mechanisms().collect::<Vec<_>>());
}

#[test]
fn the_field_has_the_shape_that_it_promises_with_every_seed() {
    for seed in 1..=8 {
        let world = World::builtin("field", Some(seed)).unwrap().with_measurements(4_000).unwrap();
        let truths: Vec<Truth> = measurements(&world).into_iter().flat_map(|(_, truths)| truths).collect();
        let countries: BTreeSet<&str> = truths.iter().map(|truth| truth.probe_cc.as_str()).collect();
        assert!((6..=12).contains(&countries.len()), "seed {seed}: {countries:?}");
        let interfered = truths.iter().filter(|truth| !truth.mechanisms.is_empty()).count() as f64 / truths.len() as f64;
        assert!((0.05..0.30).contains(&interfered), "seed {seed}: {interfered}");
        let kinds: BTreeSet<TroubleKind> = world.troubles().collect();
        let sometimes = [TroubleKind::Forger, TroubleKind::HelperFault];
        assert!(TroubleKind::all().all(|kind| kinds.contains(&kind) || sometimes.contains(&kind)), "seed {seed}: {kinds:?}");
        assert!(world.mechanisms().collect::<BTreeSet<_>>().len() >= 8, "seed {seed}");
    }
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let error = write_to_dir(&World::parse(SMALL, None).unwrap(), folder.path(), NonZero::<usize>::MIN, |_| {}).unwrap_err();
    assert!(matches!(error, Error::Write { .. }), "{error}");
    assert_eq!(files(folder.path()).len(), 1);
}

fn files(folder: &std::path::Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Two hours, one network, one site.
const SMALL: &str = r#"
version = 1
name = "small"
seed = 1
start = "2024-01-01"
hours = 2

[nettests]
web_connectivity_05 = 1
web_connectivity_04 = 1
telegram = 0
whatsapp = 0
signal = 0
facebook_messenger = 0

[[country]]
cc = "XA"
name = "Alandia"
network = [{ asn = 64500, name = "Alandia Telecom", probes = 2, measurements_per_day = 288 }]

[[target]]
url = "https://a.example/"

[[censor]]
mechanism = "dns.injection.blockpage"
countries = ["XA"]
targets = ["a.example"]
"#;

/// What is wrong with `SMALL` after an edit, as a person reads it.
fn complaint(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    match World::parse(&SMALL.replacen(from, to, 1), None) {
        Ok(_) => panic!("{to} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_wrong_world_file_is_one_clear_sentence() {
    let cases = [
        ("version = 1", "version = 2", "world file: version 2 is not known to this program, which reads version 1"),
        ("seed = 1", "seed = 1\nsede = 2", "world file: line 5: unknown field `sede`"),
        ("seed = 1", "seed = \"one\"", "world file: line 4: invalid type: string \"one\", expected u64"),
        ("hours = 2", "hours = 0", "world file: a world lasts 1 to 87600 hours"),
        ("hours = 2", "days = 4294967295", "world file: a world lasts 1 to 87600 hours"),
        ("hours = 2", "", "world file: say how long the world lasts with either `days` or `hours`"),
        (
            "2024-01-01",
            "next week",
            "world file: world: \"next week\" is neither a day like 2024-03-04 nor a time like 2024-03-04T06:00:00Z",
        ),
        ("cc = \"XA\"", "cc = \"xa\"", "world file: country 1: \"xa\" is not a two-letter country code in capitals"),
        ("probes = 2", "probes = 0", "world file: network AS64500: probes must be 1 to 1000000 and measurements_per_day at most 1000000"),
        (
            "https://a.example/",
            "https://a.example:8443/",
            "world file: target 1: \"https://a.example:8443/\" is not a plain http:// or https:// URL",
        ),
        ("https://a.example/", "https://192.0.2.1/", "world file: target 1: a target needs a name, and 192.0.2.1 is an address"),
        (
            "targets = [\"a.example\"]",
            "targets = [\"b.example\"]",
            "world file: censor 1: \"b.example\" is neither the host of a [[target]] nor a service such as telegram/dc_pool",
        ),
        ("countries = [\"XA\"]", "countries = [\"XB\"]", "world file: censor 1: \"XB\" is not the `cc` of any [[country]]"),
        (
            "dns.injection.blockpage",
            "http.close",
            "world file: censor 1: http.close only sees plain http://, and none of its targets is fetched that way",
        ),
        ("dns.injection.blockpage", "magic", "world file: censor 1: mechanism \"magic\" is not one of dns.injection.bogon"),
        ("countries = [\"XA\"]", "countries = [\"XA\"]\nshare = 1.5", "world file: censor 1: share = 1.5 is not within 0 to 1"),
    ];
    for (from, to, sentence) in cases {
        let complaint = complaint(from, to);
        assert!(complaint.starts_with(sentence), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn many_large_pages_are_refused_before_any_is_made() {
    let targets: String =
        (0..100).map(|number| format!("[[target]]\nurl = \"https://b{number}.example/\"\nbody_bytes = 4194304\n")).collect();
    let error = World::parse(&format!("{SMALL}{targets}"), None).err().unwrap().to_string();
    assert_eq!(error, "world file: the pages of all targets together must have at most 268435456 bytes");
}

#[test]
fn a_seed_that_cannot_be_replaced_in_the_text_is_not_replaced_in_the_world() {
    let quoted = SMALL.replace("seed = 1", "\"seed\" = 1");
    assert_eq!(World::parse(&quoted, None).unwrap().seed(), 1);
    assert!(World::parse(&quoted, Some(2)).err().unwrap().to_string().contains("on a line of its own"));
    assert!(World::parse(SMALL, Some(2)).unwrap().text().contains("seed = 2"));
}

#[test]
fn a_name_that_is_not_there_is_said_to_be_missing() {
    assert_eq!(
        World::builtin("paradise", None).err().unwrap().to_string(),
        "there is no built-in world \"paradise\"; there are demo, everything, field"
    );
    let error = single(&demo(), Nettest::Signal, "www.harbour-news.example.org", Case::Undisturbed, 0).unwrap_err();
    assert_eq!(error.to_string(), "the world has no target \"www.harbour-news.example.org\"");
}
