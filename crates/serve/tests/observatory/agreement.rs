//! The same number everywhere: pages, interface, files, SQL and proofs.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use parallax_engine::Limits;
use serde_json::Value;

use crate::world::{Site, demo};

fn one_number(site: &Site, sql: &str) -> u64 {
    let batch = site.engine().query(sql, &Limits::default()).unwrap().next().unwrap().unwrap();
    u64::try_from(batch.column(0).as_primitive::<Int64Type>().value(0)).unwrap()
}

/// A filter as a URL, and the same in the words of whoever asks in SQL.
const FILTERS: &[(&str, &str)] = &[
    ("", "true"),
    ("cc=XA", "probe_cc = 'XA'"),
    ("asn=64502", "probe_asn = 64502"),
    ("asn=unknown", "probe_asn IS NULL"),
    ("target=www.harbour-news.example", "target = 'www.harbour-news.example'"),
    ("from=2024-03-05", "measurement_start_time >= '2024-03-05T00:00:00Z'"),
    ("to=2024-03-04", "measurement_start_time < '2024-03-05T00:00:00Z'"),
    ("state=insufficient", "state = 'insufficient'"),
    ("state=interference", "state IN ('blocked', 'likely_blocked', 'interfered')"),
    ("layer=tls", "array_has(layers, 'tls')"),
    ("mechanism=dns.injection", "array_to_string(mechanisms, ' ') LIKE '%dns.injection%'"),
    ("mechanism=tls.reset", "array_to_string(mechanisms, ' ') LIKE '%tls.reset%'"),
    (
        "cc=XB&state=interference&from=2024-03-04&to=2024-03-04",
        "probe_cc = 'XB' AND state IN ('blocked', 'likely_blocked', 'interfered') AND measurement_start_time < '2024-03-05T00:00:00Z' AND measurement_start_time >= '2024-03-04'",
    ),
];

#[test]
fn counts_in_memory_are_the_counts_of_sql() {
    let site = demo();
    for (query, condition) in FILTERS {
        let wanted = one_number(site, &format!("SELECT count(*) FROM judgements WHERE {condition}"));
        let reply = site.at(&format!("/api/v1/counts?by=target&{query}"));
        assert_eq!(reply.json()["total"]["n"], wanted, "{query}");
        assert_eq!(site.at(&format!("/api/v1/judgements?limit=1&{query}")).json()["n"], wanted, "{query}");
    }
}

#[test]
fn a_filter_in_sql_gives_what_the_page_shows() {
    let site = demo();
    let parameters = |query: &str| parallax_serve::Filter::read(&parallax_serve::urls::Parameters::parse(query)).unwrap();
    for (query, condition) in FILTERS {
        let ours = parameters(query).condition();
        let count = |condition: &str| one_number(site, &format!("SELECT count(*) FROM judgements WHERE {condition}"));
        assert_eq!(count(&ours), count(condition), "{ours}");
    }
}

#[test]
fn rows_by_any_key_sum_up_to_the_total() {
    let site = demo();
    for by in ["country", "network", "target", "day"] {
        let reply = site.at(&format!("/api/v1/counts?by={by}&limit=1000")).json();
        let sum: u64 = reply["rows"].as_array().unwrap().iter().map(|row| row["judgements"]["n"].as_u64().unwrap()).sum();
        let clocks = one_number(site, "SELECT count(*) FROM judgements WHERE array_has(instrument, 'clock')");
        let left_out = if by == "day" { clocks } else { 0 };
        assert_eq!(sum + left_out, reply["total"]["n"].as_u64().unwrap(), "{by}");
        assert!(reply["groups"].as_u64().unwrap() as usize == reply["rows"].as_array().unwrap().len(), "{by}");
    }
}

#[test]
fn a_proof_on_a_page_says_what_the_archive_says() {
    let site = demo();
    let rows = site.at("/api/v1/judgements?state=interference&limit=12").json()["rows"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 12);
    for row in rows {
        let uid = row["measurement_uid"].as_str().unwrap();
        let proof = site.at(&format!("/api/v1/measurements/{uid}")).json();
        let targets = proof[0]["targets"].as_array().unwrap().clone();
        let target = targets.iter().find(|target| target["target"] == row["target"]).unwrap();
        assert_eq!(target["state"], row["state"], "{uid}");
        assert_eq!(proof[0]["source"]["path"], Value::Null, "a folder of this machine is shown");
        let page = site.page(&format!("/measurement/{uid}"));
        assert!(page.contains(&format!("<span class=\"state {0}\">{0}</span>", row["state"].as_str().unwrap())), "{uid}");
    }
}

#[test]
fn a_page_of_judgements_is_a_page_of_the_table() {
    let site = demo();
    let sql = "SELECT measurement_uid, target FROM judgements WHERE probe_cc = 'XB' ORDER BY measurement_start_time DESC, measurement_uid, raw_digest, target LIMIT 60 OFFSET 20";
    let mut wanted = Vec::new();
    for batch in site.engine().query(sql, &Limits::default()).unwrap() {
        let batch = batch.unwrap();
        let (uid, target) = (batch.column(0).as_string::<i32>().clone(), batch.column(1).as_string::<i32>().clone());
        wanted.extend((0..batch.num_rows()).map(|row| (uid.value(row).to_owned(), target.value(row).to_owned())));
        assert_eq!(uid.null_count(), 0);
    }
    let page =
        |number: usize| site.at(&format!("/api/v1/judgements?cc=XB&limit=20&page={number}")).json()["rows"].as_array().unwrap().clone();
    let found: Vec<_> = (2..=4)
        .flat_map(page)
        .map(|row| (row["measurement_uid"].as_str().unwrap().to_owned(), row["target"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(found, wanted);
}
