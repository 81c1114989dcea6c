//! Downloads hold what the page is about, whole, in every form.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, UInt64Type};
use parallax_engine::Limits;

use crate::world::{Site, demo};

fn count(site: &Site, condition: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM judgements WHERE {condition}");
    let batch = site.engine().query(&sql, &Limits::default()).unwrap().next().unwrap().unwrap();
    u64::try_from(batch.column(0).as_primitive::<Int64Type>().value(0)).unwrap()
}

pub fn parquet(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let bytes = axum::body::Bytes::from(bytes);
    parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 1000).unwrap().map(Result::unwrap).collect()
}

#[test]
fn judgements_come_whole_in_every_form() {
    let site = demo();
    let wanted = count(site, "probe_cc = 'XA'");
    let csv = site.page("/download/judgements/csv?cc=XA");
    assert!(csv.starts_with("measurement_uid,raw_digest,"));
    let lines = site.page("/download/judgements/jsonl?cc=XA");
    assert_eq!(lines.lines().count() as u64, wanted);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["probe_cc"] == "XA"));
    let rows: usize = parquet(site.at("/download/judgements/parquet?cc=XA").bytes).iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows as u64, wanted);
    // No value of the demo has a line break.
    assert_eq!(csv.lines().count() as u64, wanted + 1);
}

#[test]
fn counts_sum_up_to_the_judgements() {
    let site = demo();
    for (filter, condition) in [
        ("", "true"),
        ("?cc=XB&state=interference", "probe_cc = 'XB' AND state IN ('interfered', 'likely_blocked', 'blocked')"),
        ("?target=www.harbour-news.example", "target = 'www.harbour-news.example'"),
    ] {
        let batches = parquet(site.at(&format!("/download/counts/parquet{filter}")).bytes);
        let n: u64 = batches.iter().flat_map(|batch| batch.column(5).as_primitive::<UInt64Type>().values().to_vec()).sum();
        assert_eq!(n, count(site, condition), "{filter}");
        assert!(batches.iter().all(|batch| batch.column(0).null_count() == 0));
    }
}

#[test]
fn a_query_is_downloaded_as_it_is_shown() {
    let site = demo();
    let sql = parallax_serve::urls::segment("SELECT state, count(*) AS n FROM judgements GROUP BY state ORDER BY state");
    let csv = site.page(&format!("/download/query/csv?sql={sql}"));
    let page = site.page(&format!("/query?sql={sql}"));
    for line in csv.lines().skip(1) {
        let (state, n) = line.split_once(',').unwrap();
        assert!(page.contains(&format!("<td>{state}</td><td>{n}</td>")), "{line}");
    }
    assert_eq!(site.at("/download/query/csv?sql=nonsense").status, 400);
    assert_eq!(site.at("/download/query/exe?sql=SELECT%201").status, 404);
}

#[test]
fn a_file_has_a_name_and_a_type() {
    let reply = demo().at("/download/counts/csv");
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"parallax-counts.csv\"");
    assert!(reply.header("content-type").starts_with("text/csv"));
}

#[test]
fn the_same_archive_gives_the_same_bytes() {
    for address in [
        "/download/judgements/csv",
        "/download/counts/parquet",
        "/country/XA",
        "/feed.atom",
        "/events.atom",
        "/download/events/parquet",
        "/api/v1/counts?by=network",
    ] {
        assert!(demo().at(address).bytes == demo().at(address).bytes, "{address}");
    }
}
