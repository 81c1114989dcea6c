//! What happens over time and to whom: schedules, shutdowns, bursts, releases and changes are seen in the records as the truth says, and
//! nowhere else.

use std::collections::BTreeSet;

use parallax_simulate::{Case, Mechanism, Nettest, TroubleKind, Truth, World, simulate, single};
use serde_json::Value;

fn demo() -> World {
    World::builtin("demo", None).unwrap()
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Everything that a world makes, as JSON with the truths.
fn parsed(world: &World) -> Vec<(Value, Vec<Truth>)> {
    let mut all = Vec::new();
    simulate(world, |made| {
        all.push((parse(&made.json), made.truths.clone()));
        Ok(())
    })
    .unwrap();
    all
}

const OVER_TIME: &str = r#"
version = 1
name = "over-time"
seed = 5
start = "2024-01-01"
days = 4

[nettests]
web_connectivity_05 = 1
web_connectivity_04 = 0
telegram = 0
whatsapp = 0
signal = 0
facebook_messenger = 0

[[country]]
cc = "XA"
name = "Alandia"
utc_offset = "+03:00"
network = [{ asn = 64500, name = "A", probes = 40, measurements_per_day = 480 }, { asn = 64501, name = "B", probes = 40, measurements_per_day = 480 }]

[[target]]
url = "https://a.example/"

[[target]]
url = "https://b.example/"
"#;

fn over_time(more: &str) -> Vec<(Value, Vec<Truth>)> {
    parsed(&World::parse(&format!("{OVER_TIME}{more}"), None).unwrap())
}

/// Hour of the day (UTC) and day of the world.
fn hour_and_day(truth: &Truth) -> (u32, u32) {
    let number = |range: std::ops::Range<usize>| truth.measurement_start_time[range].parse::<u32>().unwrap();
    (number(11..13), number(8..10))
}

#[test]
fn a_schedule_acts_in_local_time_on_its_days_and_nowhere_else() {
    // 1 January 2024 was a Monday.
    let censor = "[[censor]]\nmechanism = \"tcp.timeout\"\nnetworks = [64500]\ntargets = [\"a.example\"]\ndaily = [\"08:00-11:00\"]\nweekdays = [\"mon\", \"wed\"]\n";
    let (mut hit, mut spared) = (0, 0);
    for (_, truths) in over_time(censor) {
        let truth = &truths[0];
        let (hour, day) = hour_and_day(truth);
        let due = truth.probe_asn == 64500 && truth.target == "a.example" && (5..8).contains(&hour) && [1, 3].contains(&day);
        assert_eq!(truth.state == "blocked", due, "{truth:?}");
        if due { hit += 1 } else { spared += 1 }
    }
    assert!(hit > 20 && spared > 1000, "{hit} hit, {spared} spared");
}

#[test]
fn a_shutdown_takes_the_volume_and_what_is_left_fails() {
    let shutdown = "[[trouble]]\nkind = \"shutdown\"\nnetworks = [64501]\nfrom = \"2024-01-02T06:00:00Z\"\nto = \"2024-01-02T18:00:00Z\"\nvolume = 0.1\n";
    let (mut during, mut elsewhere) = (0, 0);
    for (_, truths) in over_time(shutdown) {
        let truth = &truths[0];
        let (hour, day) = hour_and_day(truth);
        let due = day == 2 && (6..18).contains(&hour);
        match truth.probe_asn {
            64501 if due => {
                during += 1;
                assert_eq!((truth.state, truth.trouble.as_slice()), ("impaired", ["shutdown"].as_slice()));
            }
            64500 if due => elsewhere += 1,
            _ => assert!(truth.trouble.is_empty()),
        }
    }
    assert!((5..60).contains(&during) && elsewhere > 150, "{during} of about 240 are left, and {elsewhere} elsewhere");
}

#[test]
fn a_bug_follows_the_release_and_not_the_network() {
    let bug =
        "[[trouble]]\nkind = \"buggy_release\"\nshare = 0.3\nfailure = \"tls\"\nsoftware_version = \"3.25.0\"\nfrom = \"2024-01-02\"\n";
    let mut networks = BTreeSet::new();
    for (measurement, truths) in over_time(bug) {
        let fails = measurement["software_version"] == "3.25.0";
        assert_eq!(truths[0].trouble == ["buggy_release"], fails);
        assert_eq!(measurement["test_keys"]["tls_handshakes"][0]["failure"].is_string(), fails);
        if fails {
            networks.insert(truths[0].probe_asn);
        }
    }
    assert_eq!(networks.len(), 2);
}

#[test]
fn a_burst_hits_one_network_for_a_while_and_is_listed_as_an_event() {
    let burst = "[[trouble]]\nkind = \"burst\"\nnetworks = [64500]\nper_day = 2\nminutes = [60, 180]\nshare = 0.9\n";
    let world = World::parse(&format!("{OVER_TIME}{burst}"), None).unwrap();
    let events = parallax_simulate::events(&world);
    assert_eq!(events.len(), 8);
    let within = |time: &str| {
        let time = format!("{}Z", time.replace(' ', "T"));
        events.iter().any(|event| event.from.as_ref().is_some_and(|from| *from <= time) && event.to.as_ref().is_some_and(|to| time < *to))
    };
    let (mut failed, mut spared) = (0, 0);
    for (_, truths) in parsed(&world) {
        let truth = &truths[0];
        match truth.trouble.contains(&"burst") {
            true => {
                assert!(truth.probe_asn == 64500 && within(&truth.measurement_start_time), "{truth:?}");
                failed += 1;
            }
            false => spared += usize::from(truth.probe_asn == 64500 && within(&truth.measurement_start_time)),
        }
    }
    assert!(failed > 100 && failed > 3 * spared, "{failed} failed and {spared} did not");
}

#[test]
fn targets_appear_on_the_list_and_vanish() {
    let edit = "[[trouble]]\nkind = \"test_list_edit\"\ntargets = [\"b.example\"]\nfrom = \"2024-01-02\"\nto = \"2024-01-03\"\n";
    let days: BTreeSet<u32> = over_time(edit)
        .iter()
        .filter(|(_, truths)| truths[0].target == "b.example")
        .map(|(_, truths)| hour_and_day(&truths[0]).1)
        .collect();
    assert_eq!(days, BTreeSet::from([2]));
}

#[test]
fn a_site_changes_for_everybody_at_once_and_the_control_sees_it() {
    for (change, state) in [("page", "ok"), ("certificate", "ok"), ("expired", "down"), ("challenge", "ok")] {
        let text = format!(
            "[[trouble]]\nkind = \"site_change\"\ntargets = [\"a.example\"]\nchange = \"{change}\"\nfrom = \"2024-01-02T12:00:00Z\"\n"
        );
        for (measurement, truths) in over_time(&text) {
            let truth = &truths[0];
            let (hour, day) = hour_and_day(truth);
            let due = truth.target == "a.example" && (day, hour) >= (2, 12);
            assert_eq!((truth.state, truth.trouble.is_empty()), (if due { state } else { "ok" }, !due), "{change}: {truth:?}");
            let keys = &measurement["test_keys"];
            let new_title = keys["control"]["http_request"]["title"].as_str().is_some_and(|title| title.ends_with(", new"));
            assert_eq!(new_title, due && change == "page");
            assert_eq!(keys["control"]["http_request"]["failure"].is_string(), due && change == "expired");
            assert_eq!(keys["requests"][0]["response"]["code"] == 403, due && change == "challenge");
        }
    }
}

#[test]
fn what_nobody_touches_shows_no_failure_and_what_is_touched_shows_the_layer() {
    let world = World::parse(&World::builtin("everything", None).unwrap().text().replace("days = 3", "days = 1"), None).unwrap();
    let mut seen = 0;
    for (measurement, truths) in parsed(&world).into_iter().filter(|(measurement, _)| measurement["test_version"] == "0.5.28") {
        let keys = &measurement["test_keys"];
        let failures = |array: &str, pointer: &str| -> usize {
            keys[array].as_array().unwrap().iter().filter(|row| row.pointer(pointer).is_some_and(Value::is_string)).count()
        };
        let quiet = truths.iter().all(|truth| truth.sources.is_empty());
        if quiet {
            let broken =
                failures("tcp_connect", "/status/failure") + failures("tls_handshakes", "/failure") + failures("requests", "/failure");
            assert_eq!(broken, 0, "{truths:?}");
        }
        for truth in truths.iter().filter(|truth| truth.fully_blocked && truth.trouble.is_empty()) {
            let shown = match truth.mechanisms[0] {
                name if name.starts_with("tcp") || name.starts_with("ip") => failures("tcp_connect", "/status/failure") > 0,
                name if name.starts_with("tls") => failures("tls_handshakes", "/failure") + failures("requests", "/failure") > 0,
                "dns.nxdomain" | "dns.refused" | "dns.timeout" => failures("queries", "/failure") > 0,
                _ => true,
            };
            assert!(shown, "{truth:?}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_nettest_is_fine_undisturbed_and_shows_what_is_done_to_it() {
    let cases = [
        (Nettest::Dnscheck, "cloudflare-dns.com", Mechanism::TlsResetSni, "/test_keys/lookups"),
        (Nettest::Dnscheck, "dns.google", Mechanism::DnsNxdomain, "/test_keys/bootstrap_failure"),
        (Nettest::Tor, "tor/or_port_dirauth", Mechanism::TcpTimeout, "/test_keys/targets"),
        (Nettest::VanillaTor, "tor/bootstrap", Mechanism::TcpReset, "/test_keys/failure"),
        (Nettest::Psiphon, "psiphon/tunnel", Mechanism::IpUnreachable, "/test_keys/failure"),
        (Nettest::Stunreachability, "stun.antisip.com", Mechanism::IpUnreachable, "/test_keys/failure"),
        (Nettest::Echcheck, "cloudflare-ech.com", Mechanism::TlsClose, "/test_keys/tls_handshakes/2/failure"),
        (Nettest::Openvpn, "openvpn/riseup", Mechanism::TcpRefused, "/test_keys/failure"),
        (Nettest::Openvpn, "openvpn/riseup", Mechanism::TlsTimeout, "/test_keys/success"),
        (Nettest::SniBlocking, "www.harbour-news.example", Mechanism::TlsResetSni, "/test_keys/target/failure"),
        (Nettest::SniBlocking, "www.harbour-news.example", Mechanism::TlsTimeoutSni, "/test_keys/result"),
    ];
    for (nettest, target, mechanism, pointer) in cases {
        let (calm, truths) = single(&demo(), nettest, target, Case::Undisturbed, 3).unwrap();
        assert!(truths.iter().all(|truth| truth.state == "ok" && truth.sources.is_empty()), "{truths:?}");
        let (disturbed, truths) = single(&demo(), nettest, target, Case::Censored(mechanism), 3).unwrap();
        let (disturbed, truth) = (parse(&disturbed), truths.into_iter().find(|truth| truth.target == target).unwrap());
        assert_eq!((truth.state, truth.mechanisms.as_slice()), ("blocked", [mechanism.as_str()].as_slice()), "{truth:?}");
        let calm = parse(&calm);
        assert_ne!(calm.pointer(pointer), disturbed.pointer(pointer), "{target}");
        assert_eq!(calm["input"].as_str(), truth.input.as_deref());
        assert_eq!(truth.target, target);
    }
}

#[test]
fn a_name_is_tested_without_its_site() {
    // Whatever is done to the site itself, or to its address, a handshake with somebody else under its name does not meet.
    let of_sites = |mechanism: &Mechanism| {
        let name = mechanism.as_str();
        !name.ends_with(".sni") && !name.starts_with("http.tampering") && mechanism.layer() != "quic"
    };
    for mechanism in Mechanism::all().filter(of_sites) {
        let target = if mechanism.layer() == "http" { "river-archive.example" } else { "www.harbour-news.example" };
        let (record, truths) = single(&demo(), Nettest::SniBlocking, target, Case::Censored(mechanism), 3).unwrap();
        assert_eq!(parse(&record)["test_keys"]["result"], "success.got_server_hello", "{mechanism}");
        assert!(truths.iter().all(|truth| truth.state == "ok" && truth.sources.is_empty()), "{truths:?}");
    }
}

/// What middleboxes and helpers make of both tests for them, by instance.
fn at_a_helper(nettest: Nettest, target: &str, case: Case, number: u64) -> (Value, Truth) {
    let (record, truths) = single(&demo(), nettest, target, case, number).unwrap();
    (parse(&record)["test_keys"].clone(), truths[0].clone())
}

#[test]
fn a_proxy_changes_requests_and_keeps_nobody_from_anything() {
    let cases = [
        (
            Nettest::HttpHeaderFieldManipulation,
            "middlebox/http_headers",
            Mechanism::HttpTamperingHeader,
            "/tampering/header_name_capitalization",
        ),
        (Nettest::HttpInvalidRequestLine, "middlebox/http_request_line", Mechanism::HttpTamperingRequestLine, "/tampering"),
    ];
    for (nettest, target, mechanism, pointer) in cases {
        let (keys, truth) = at_a_helper(nettest, target, Case::Undisturbed, 1);
        assert_eq!((truth.state, keys.pointer(pointer)), ("ok", Some(&Value::Bool(false))), "{target}");
        let (keys, truth) = at_a_helper(nettest, target, Case::Censored(mechanism), 1);
        assert_eq!((truth.state, truth.mechanisms.as_slice()), ("interfered", [mechanism.as_str()].as_slice()), "{target}");
        assert_eq!(keys.pointer(pointer), Some(&Value::Bool(true)), "{target}");
        assert!(!truth.fully_blocked);
    }
    let everything = parsed(&World::builtin("everything", None).unwrap());
    let tampered = |truth: &&Truth| truth.mechanisms.iter().any(|mechanism| mechanism.starts_with("http.tampering"));
    let states: Vec<_> = everything.iter().flat_map(|(_, truths)| truths.iter().filter(tampered)).map(|truth| truth.state).collect();
    assert!(states.len() > 50 && states.iter().all(|state| *state == "interfered"), "{states:?}");
}

#[test]
fn a_helper_that_is_not_what_it_should_be_is_nobodys_interference() {
    let helpers = [
        (Nettest::HttpHeaderFieldManipulation, "middlebox/http_headers", "ok"),
        (Nettest::HttpInvalidRequestLine, "middlebox/http_request_line", "impaired"),
    ];
    for (nettest, target, state) in helpers {
        let (keys, truth) = at_a_helper(nettest, target, Case::Troubled(TroubleKind::HelperFault), 1);
        assert_eq!((truth.state, truth.trouble.as_slice()), (state, ["helper_fault"].as_slice()));
        assert_ne!(keys["tampering"], at_a_helper(nettest, target, Case::Undisturbed, 1).0["tampering"], "{target}");
    }
}

#[test]
fn what_runs_beside_the_others_leaves_them_as_they_were() {
    let with = World::builtin("field", Some(5)).unwrap().with_measurements(2_000).unwrap();
    let (before, rest) = with.text().split_once("[beside]").unwrap();
    let after = &rest[rest.find("[draw]").unwrap()..];
    let without = World::parse(&format!("{before}{after}"), None).unwrap();
    let of = |world: &World| -> BTreeSet<String> {
        let mut records = BTreeSet::new();
        simulate(world, |made| {
            records.insert(made.json.clone());
            Ok(())
        })
        .unwrap();
        records
    };
    let (with_records, without_records) = (of(&with), of(&without));
    assert!(without_records.is_subset(&with_records), "a record of the others is another one");
    let beside = with.measurements() - without.measurements();
    assert!(beside > 10 && with_records.len() > without_records.len(), "{beside} are planned beside the others");
    assert_eq!(without.measurements(), 2_000);
}

#[test]
fn quic_is_cut_off_where_it_is_spoken() {
    let mut cut = 0;
    for (measurement, truths) in parsed(&World::builtin("everything", None).unwrap()) {
        let truth = &truths[0];
        if measurement["test_keys"]["x_http3_enabled"] == true && truth.probe_cc == "XC" && truth.trouble.is_empty() {
            assert_eq!((truth.state, truth.layers.as_slice()), ("blocked", ["quic"].as_slice()));
            let lookups = measurement["test_keys"]["lookups"].as_object().unwrap();
            assert!(lookups.values().all(|lookup| lookup["quic_handshakes"][0]["failure"] == "generic_timeout_error"));
            cut += 1;
        }
    }
    assert!(cut > 2, "{cut}");
}
