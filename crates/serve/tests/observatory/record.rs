//! The raw record on a measurement's page: whole, marked where rules looked, and without anything of the volunteer's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parallax_serve::{Options, urls};
use serde_json::{Value, json};

use crate::world::{Site, demo, ingested};

const UID: &str = "20240304101500.123456_XA_webconnectivity_00112233aabbccdd";

/// A record of the demo in which a rule fired, by its deciding rule, as the page offers it.
fn of_demo(rule: &str) -> Value {
    let site = demo();
    let rows = site.at("/api/v1/judgements?state=interference&limit=1000").json()["rows"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["deciding_rule"] == rule).unwrap_or_else(|| panic!("no measurement is decided by {rule}"));
    site.at(&urls::record(row["measurement_uid"].as_str().unwrap(), row["raw_digest"].as_str().unwrap())).json()
}

/// The same as if a volunteer had submitted it whose probe keeps nothing to itself.
fn careless(mut record: Value) -> Value {
    record["measurement_uid"] = json!(UID);
    record["probe_ip"] = json!("198.51.100.77");
    record["probe_id"] = json!("3fJq8volunteerWxYz");
    record["report_id"] = json!("20240304T101459Z_webconnectivity_XA_64500_n1_VolunteersReport");
    record["annotations"]["device_name"] = json!("Ada's telephone");
    record["test_keys"]["client_resolver"] = json!("203.0.113.201");
    record["test_keys"]["x_echo"] = json!([
        "Your address is 198.51.100.77, dial tcp 198.51.100.77:51234->192.0.2.1:443",
        "host-198-51-100-77.dsl.example",
        "77.100.51.198.in-addr.arpa",
        "https://portal.example/?ip=198%2E51%2E100%2E77&report=20240304T101459Z_webconnectivity_XA_64500_n1_VolunteersReport",
        STANDARD.encode("<p>You are 198.51.100.77</p>"),
        "::ffff:198.51.100.77 2001:db8:7:8::99",
        { "headers": { "X-Forwarded-For": "2001:db8:7:8:1:2:3:4", "Set-Cookie": "visitor=Ada" } },
        { "headers_list": [["X-Client-IP", "198.51.100.78"]] },
        "seen as 198.51.100.78",
    ]);
    record
}

/// Whatever must not be seen.
const SECRETS: &[&str] = &[
    "198.51.100.77",
    "198-51-100-77",
    "77.100.51.198",
    "198%2E51",
    "203.0.113.201",
    "2001:db8:7:8",
    "198.51.100.78",
    "3fJq8volunteerWxYz",
    "VolunteersReport",
    "Ada",
    "WW91IGFyZSAxOTguNTEuMTAwLjc3",
];

#[test]
fn nothing_of_the_volunteer_is_on_the_page_or_in_the_file() {
    let record = careless(of_demo("dns/bogon_not_in_control"));
    let site = Site::new(|dir| ingested(dir, &[record.to_string()], true), Options::default());
    let page = site.page(&urls::measurement(UID));
    let link = page.split("<a href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.contains("/record/")).unwrap();
    let file = site.page(link);
    for text in [&page, &file] {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is shown");
        }
        assert!(text.contains("[scrubbed]"));
    }
    let file: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(file["test_keys"]["queries"], record["test_keys"]["queries"], "the evidence stays");
    assert_eq!(file.as_object().unwrap().len(), record.as_object().unwrap().len());
}

#[test]
fn a_rule_leads_to_the_fields_that_it_looked_at() {
    let site = demo();
    let rows = site.at("/api/v1/judgements?state=interference&limit=200").json()["rows"].as_array().unwrap().clone();
    let mut marks = 0;
    for row in rows.iter().step_by(20) {
        let uid = row["measurement_uid"].as_str().unwrap();
        let page = site.page(&urls::measurement(uid));
        for link in page.split("href=\"#field-").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("<mark id=\"field-{link}\">")), "{uid}: nothing is marked as field-{link}");
            marks += 1;
        }
        assert_eq!(page.matches("<mark").count(), page.matches("</mark>").count(), "{uid}");
        assert!(page.contains("The raw record") && page.contains("All of it as a file"), "{uid}");
    }
    assert!(marks >= 10, "{marks}");
}

#[test]
fn a_huge_record_shows_its_marked_parts_and_can_be_had_whole() {
    let mut record = careless(of_demo("dns/bogon_not_in_control"));
    let filler: Vec<String> = (0..100_000).map(|number| format!("{number:0100}")).collect();
    record["test_keys"]["x_filler"] = json!(filler);
    let site = Site::new(|dir| ingested(dir, &[record.to_string()], true), Options::default());
    let page = site.page(&urls::measurement(UID));
    assert!(page.len() < 1_000_000, "{}", page.len());
    assert!(page.contains("too large to be shown here") && page.contains("<mark id=\"field-0-0\">"));
    let digest = site.at(&format!("/api/v1/measurements/{UID}")).json()[0]["source"]["record_sha256"].as_str().unwrap().to_owned();
    let file = site.page(&urls::record(UID, &digest));
    assert!(file.len() > 10_000_000 && SECRETS.iter().all(|secret| !file.contains(secret)));
    assert_eq!(site.at(&urls::record(UID, &"0".repeat(64))).status, 404);
}

#[test]
fn a_source_that_is_gone_or_has_changed_is_said_to_be() {
    let record = careless(of_demo("dns/bogon_not_in_control")).to_string();
    let site = Site::new(|dir| ingested(dir, &[record], false), Options::default());
    let file = site.dir.path().join("raw/records.jsonl");
    let page = || site.page(&urls::measurement(UID));
    assert!(page().contains("All of it as a file"));
    std::fs::write(&file, "{}\n").unwrap();
    assert!(page().contains("has changed since it was read, so the record cannot be shown"));
    std::fs::remove_file(&file).unwrap();
    let page = page();
    assert!(page.contains("is gone from where it was read, and the archive keeps no copy") && !page.contains("<mark"));
    assert!(SECRETS.iter().all(|secret| !page.contains(secret)));
}

#[test]
fn steps_stand_beside_the_control_and_chains_are_decoded() {
    let site = demo();
    let rows = site.at("/api/v1/judgements?state=ok&target=www.harbour-news.example&limit=50").json()["rows"].as_array().unwrap().clone();
    let pages: Vec<String> = rows.iter().map(|row| site.page(&urls::measurement(row["measurement_uid"].as_str().unwrap()))).collect();
    let has = |text: &str| pages.iter().filter(|page| page.contains(text)).count();
    assert!(has("<h2>Certificates</h2>") > 0 && has("The chain was validated here") > 0, "no chain is shown");
    assert!(has("CN=") > 0 && has("<th scope=\"col\">Control</th>") == pages.len());
    assert!(has(", after 1 redirect</h3>") > 0 || has("www.harbour-news.example</h3>") == pages.len());
}
