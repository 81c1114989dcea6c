//! Nothing of the volunteer's survives, wherever and however a record holds it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::scrub::{Unshown, scrub};

/// Every text and key of a value, and what those that are base64 hold.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            found.push(text.clone());
            let inside = STANDARD.decode(text).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            found.extend(inside);
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.push(key.clone());
            texts(value, found);
        }),
        other => found.push(other.to_string()),
    }
}

/// All of a record that a reader could find in what is shown of it.
fn visible(record: &str) -> String {
    let scrubbed = scrub(record.as_bytes()).unwrap_or_else(|why| panic!("{why:?}: {record}"));
    let value: Value = serde_json::from_str(&scrubbed.text).unwrap_or_else(|error| panic!("{error}: {}", scrubbed.text));
    let mut found = vec![scrubbed.text];
    texts(&value, &mut found);
    found.join("\n")
}

/// Ways in which software writes an address.
fn spelling(address: [u8; 4], way: u8) -> String {
    let [a, b, c, d] = address;
    match way {
        0 => format!("{a}.{b}.{c}.{d}"),
        1 => format!("{a}-{b}-{c}-{d}.dsl.example"),
        2 => format!("{d}.{c}.{b}.{a}.in-addr.arpa"),
        3 => format!("https://x.example/?ip={a}%2E{b}%2e{c}%252e{d}&v=1"),
        4 => format!("<b>{a}&#46;{b}&#x2e;{c}&#46;{d}</b>"),
        5 => format!("::ffff:{a}.{b}.{c}.{d}"),
        6 => format!("{{\"ip\": \"{a}.{b}.{c}.{d}\"}}"),
        7 => format!("[{a}.{b}.{c}.{d}]:4711"),
        8 => STANDARD.encode(format!("Your address is {a}.{b}.{c}.{d}.")),
        9 => STANDARD.encode([&[0x81, 0x80, 0, 1, 0xff], &address[..], &[0xfe]].concat()),
        10 => format!("{a:02x}{b:02x}{c:02x}{d:02x}.hosts.example"),
        _ => format!("dial tcp {a}.{b}.{c}.{d}:55123->192.0.2.1:443: i/o timeout"),
    }
}

const WAYS: u8 = 12;

/// Where a record betrays whose it is.
fn with_address(place: u8, address: &str) -> (&'static str, Value) {
    match place {
        0 => ("probe_ip", json!(address)),
        1 => ("client_ip", json!(address)),
        2 => ("headers", json!({ "X-Forwarded-For": format!("{address}, 192.0.2.9") })),
        3 => ("headers_list", json!([["x-client-ip", address]])),
        4 => ("headers_list", json!([["X-Real-IP", { "format": "text", "data": address }]])),
        5 => ("resolver_ip", json!(address)),
        6 => ("client_resolver", json!(address)),
        _ => ("connection_info", json!({ "client": format!("{address}:4711"), "server": "192.0.2.1:443" })),
    }
}

proptest! {
    #[test]
    fn no_address_of_the_volunteer_survives(address in proptest::array::uniform4(1_u8..=254), place in 0..8_u8, ways in proptest::collection::vec(0..WAYS, 1..6), depth in 0..4_usize) {
        prop_assume!(address[0] != 127 && !super::secrets::is_private(address.into()));
        let [a, b, c, d] = address;
        let (key, value) = with_address(place, &format!("{a}.{b}.{c}.{d}"));
        let mut inner = json!({ "body": ways.iter().map(|way| spelling(address, *way)).collect::<Vec<_>>(), key: value });
        for _ in 0..depth {
            inner = json!({ "requests": [{ "response": inner }] });
        }
        let record = json!({ "probe_asn": "AS64500", "resolver_asn": "AS64500", key: inner[key], "test_keys": inner }).to_string();
        let seen = visible(&record);
        // What was written is gone, and what was hidden is not named by another spelling.
        for way in (0..WAYS).filter(|way| !matches!(way, 8 | 9)) {
            let written = spelling(address, way);
            prop_assert!(!seen.contains(&written), "{written} in {seen}");
        }
        prop_assert!(!seen.contains(&format!("{a}.{b}.{c}.{d}")) && !seen.contains(&format!("{a}-{b}-{c}-{d}")), "{seen}");
    }

    #[test]
    fn no_name_of_the_volunteer_survives(name in "[A-Za-z0-9_]{12,40}", place in 0..4_usize, escape in 0..2_usize) {
        prop_assume!(!"scrubbed".contains(&name));
        let key = ["probe_id", "report_id", "install_id", "x"][place];
        let echoed = [name.clone(), STANDARD.encode(format!("id={name}"))][escape].clone();
        let held = if place == 3 { json!({ "annotations": { "some_tracker": name } }) } else { json!({ key: name }) };
        let record = json!({ "a": held, "annotations": if place == 3 { json!({ "some_tracker": name }) } else { json!({}) },
            "test_keys": { "url": format!("https://x.example/?r={name}"), "echo": echoed, (name.clone()): 1 } }).to_string();
        let seen = visible(&record);
        prop_assert!(!seen.contains(&name), "{name} in {seen}");
    }

    #[test]
    fn any_bytes_are_scrubbed_or_refused(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:1\\u".to_vec())], 0..60)) {
        if let Ok(scrubbed) = scrub(&bytes) {
            prop_assert!(serde_json::from_str::<Value>(&scrubbed.text).is_ok(), "{}", scrubbed.text);
        }
    }

    #[test]
    fn a_home_network_does_not_survive(
        first in 0x2000_u16..0x4000,
        rest in proptest::array::uniform7(prop_oneof![Just(0_u16), any::<u16>()]),
    ) {
        let [b, c, d, e, f, g, h] = rest;
        let address = std::net::Ipv6Addr::new(first, b, c, d, e, f, g, h).to_string();
        let long = format!("{first:04X}:{b:04X}:{c:04X}:{d:04X}:{e:04X}:{f:04X}:{g:04X}:{h:04X}");
        let neighbour = std::net::Ipv6Addr::new(first, b, c, d, 9, 8, 7, 6).to_string();
        let body = [long.clone(), neighbour.clone(), format!("[{address}]:443"), format!("x={address}.")];
        let record = json!({ "probe_ip": address, "test_keys": { "body": body } }).to_string();
        let seen = visible(&record).to_lowercase();
        for written in [address, long.to_lowercase(), neighbour] {
            prop_assert!(!seen.contains(&written), "{written} in {seen}");
        }
    }
}

#[test]
fn escapes_and_repeated_keys_hide_nothing() {
    let record = r#"{"probe\u005fip": "198.51.100.7", "probe_ip": "203.0.113.9", "body": "\u0031\u003998.51.100.7 and 203.0.113.\u0039"}"#;
    let record = record.replace(r"\u0031\u003998", r"\u0031\u00398");
    let seen = visible(&record);
    assert!(!seen.contains("198.51.100.7") && !seen.contains("203.0.113.9"), "{seen}");
}

#[test]
fn what_says_nothing_of_the_volunteer_stays() {
    let record = json!({
        "annotations": { "platform": "linux", "engine_version": "3.20.0" }, "probe_asn": "AS64500", "probe_cc": "XA", "probe_ip": "127.0.0.1",
        "resolver_asn": "AS15169", "resolver_ip": "192.0.2.53", "test_keys": {
            "queries": [{ "answers": [{ "ipv4": "10.10.34.35" }], "resolver_address": "192.0.2.53:53" }],
            "network_events": [{ "address": "192.0.2.1:443", "num_bytes": 517, "t": 0.0731 }],
            "requests": [{ "response": { "headers": { "Server": "nginx" }, "body": "Hello 1.2.3.4" } }], "x": 1.50 } });
    let scrubbed = scrub(record.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&scrubbed.text).unwrap(), record);
}

#[test]
fn what_is_the_volunteers_is_hidden_where_it_stands() {
    let record = json!({
        "annotations": { "platform": "linux", "note": "flat 7" }, "probe_asn": "AS64500", "resolver_asn": "AS64500", "resolver_ip": "192.168.1.1",
        "report_id": "20240304T000000Z_webconnectivity_XA_64500_n1_AbCdEfGh", "test_keys": {
            "client_resolver": "198.51.100.53", "x_dns_whoami": { "udp_v4": { "8.8.8.8:53": [{ "address": "198.51.100.53" }] } },
            "queries": [{ "resolver_address": "192.168.1.1:53" }],
            "requests": [{ "request": { "headers_list": [["Cookie", "sid=1"]] }, "response": { "headers": { "Set-Cookie": "sid=secret" } } }] } });
    let found: Value = serde_json::from_str(&scrub(record.to_string().as_bytes()).unwrap().text).unwrap();
    for pointer in [
        "/annotations/note",
        "/resolver_ip",
        "/report_id",
        "/test_keys/client_resolver",
        "/test_keys/x_dns_whoami/udp_v4/8.8.8.8:53/0/address",
        "/test_keys/queries/0/resolver_address",
        "/test_keys/requests/0/request/headers_list/0/1",
        "/test_keys/requests/0/response/headers/Set-Cookie",
    ] {
        assert_eq!(found.pointer(pointer), Some(&json!("[scrubbed]")), "{pointer}");
    }
    assert_eq!(found["annotations"]["platform"], "linux");
}

#[test]
fn of_an_envelope_the_measurement_is_shown() {
    let inner = json!({ "probe_ip": "198.51.100.7", "test_keys": { "body": "198.51.100.7" } });
    for raw in [json!(inner.to_string()), inner] {
        let record = json!({ "probe_cc": "XA", "raw_measurement": raw, "report_id": "x" }).to_string();
        let scrubbed = scrub(record.as_bytes()).unwrap();
        assert!(scrubbed.was_in_envelope);
        assert_eq!(scrubbed.text, r#"{"probe_ip":"[scrubbed]","test_keys":{"body":"[scrubbed]"}}"#);
    }
}

#[test]
fn what_nobody_can_be_sure_of_is_not_shown() {
    let many: Vec<Value> = (0..100).map(|number| json!({ "client_ip": format!("198.51.100.{number}") })).collect();
    assert_eq!(scrub(json!(many).to_string().as_bytes()).err(), Some(Unshown::TooMany));
    assert_eq!(scrub(b"probe_ip: 198.51.100.7").err(), Some(Unshown::NotJson));
}

/// Nobody on this project made these, and none of what they hold is printed.
#[test]
fn real_records_are_whole_after_scrubbing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ooni");
    let Ok(folders) = std::fs::read_dir(folder) else {
        eprintln!("skipped: {folder} is missing");
        return;
    };
    let mut n = 0;
    let files = folders.flatten().filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flatten().flatten();
    for file in files.filter(|file| file.path().extension().is_some_and(|ending| ending == "json")) {
        let text = std::fs::read_to_string(file.path()).unwrap_or_default();
        let Ok(before) = serde_json::from_str::<Value>(&text) else { continue };
        if !before["test_keys"].is_object() {
            continue;
        }
        let scrubbed = scrub(text.as_bytes()).unwrap_or_else(|why| panic!("{why:?}: {:?}", file.path()));
        let after: Value = serde_json::from_str(&scrubbed.text).unwrap();
        let keys = |value: &Value| value["test_keys"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&before), keys(&after));
        assert_eq!(before["input"], after["input"]);
        for field in ["report_id", "probe_id"].into_iter().filter_map(|field| before[field].as_str()).filter(|id| id.len() >= 8) {
            assert!(!scrubbed.text.contains(field), "{:?}", file.path());
        }
        n += 1;
    }
    assert!(n > 20, "{n}");
}
