//! Every page in a real browser (`browser/check.mjs`): Debian's Chromium, driven by Playwright, with axe. Where one of them is missing, this
//! says so and passes; CI installs them. What the browser has downloaded is compared with queries here.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use parallax_engine::write::{Format, write};
use parallax_engine::{Engine, Limits};
use parallax_model::tables::Judgement;
use parallax_serve::Filter;
use parallax_serve::urls::Parameters;

use crate::world::{demo, served};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/check.mjs");

#[test]
fn every_page_holds_in_a_real_browser() {
    if let Some(missing) = missing() {
        eprintln!("skipped: {missing} is missing; CONTRIBUTING.md says how to install it");
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let output = Command::new("node").arg(SCRIPT).arg(served()).arg(folder.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    println!("{}", text(&output.stdout));
    assert!(output.status.success(), "{}{}", text(&output.stderr), text(&output.stdout));
    assert!(text(&output.stdout).contains(" 0 troubles"));
    downloads_are_what_queries_give(folder.path());
}

fn downloads_are_what_queries_give(folder: &Path) {
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("downloads.json")).unwrap()).unwrap();
    let engine = demo().engine();
    let mut kinds = BTreeSet::new();
    for download in saved.as_array().unwrap() {
        let address = download["address"].as_str().unwrap();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let [kind, ending] = path.trim_start_matches("/download/").split('/').collect::<Vec<_>>()[..] else { panic!("{address}") };
        let found = std::fs::read(folder.join(download["file"].as_str().unwrap())).unwrap();
        let parameters = Parameters::parse(query);
        match kind {
            "counts" => assert_eq!(sums(&found, ending), sums(&asked(&engine, &counted(&parameters), ending), ending), "{address}"),
            "judgements" => assert!(found == asked(&engine, &judged(&parameters), ending), "{address}"),
            "query" => assert!(found == asked(&engine, parameters.text("sql").unwrap(), ending), "{address}"),
            other => panic!("{other}"),
        }
        kinds.insert((kind.to_owned(), ending.to_owned()));
    }
    assert_eq!(kinds.len(), 9, "every kind in every form: {kinds:?}");
}

/// What `parallax query --output` writes.
fn asked(engine: &Engine, sql: &str, ending: &str) -> Vec<u8> {
    let format = match ending {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => Format::Parquet,
    };
    let mut result = engine.query(sql, &Limits::default()).unwrap();
    let (schema, mut bytes) = (result.schema(), Vec::new());
    write(&mut result, &schema, format, &mut bytes).unwrap();
    bytes
}

fn judged(parameters: &Parameters) -> String {
    let table = Judgement::TABLE_INFO;
    let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let condition = Filter::read(parameters).unwrap().condition();
    format!("SELECT {} FROM judgements WHERE {condition} ORDER BY {}", columns.join(", "), table.sort_key.join(", "))
}

fn counted(parameters: &Parameters) -> String {
    let condition = Filter::read(parameters).unwrap().condition();
    format!(
        "SELECT probe_cc, probe_asn, target, CAST(CAST(measurement_start_time AS DATE) AS VARCHAR) AS day, state, count(*) AS n \
         FROM judgements WHERE {condition} GROUP BY 1, 2, 3, 4, 5"
    )
}

/// The rows of a file of counts as texts, in one order.
fn sums(bytes: &[u8], ending: &str) -> Vec<String> {
    let text = || String::from_utf8(bytes.to_vec()).unwrap();
    let mut rows: Vec<String> = match ending {
        "parquet" => crate::files::parquet(bytes.to_vec())
            .iter()
            .flat_map(|batch| {
                let value = |row: usize, column: usize| arrow::util::display::array_value_to_string(batch.column(column), row).unwrap();
                (0..batch.num_rows())
                    .map(|row| (0..batch.num_columns()).map(|column| value(row, column)).collect::<Vec<_>>().join(","))
                    .collect::<Vec<_>>()
            })
            .collect(),
        _ => text().lines().map(str::to_owned).collect(),
    };
    rows.sort();
    rows
}

fn missing() -> Option<&'static str> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let has_packages = Path::new(SCRIPT).with_file_name("node_modules").is_dir();
    match (Path::new(&chromium).exists(), Command::new("node").arg("--version").output().is_ok(), has_packages) {
        (false, _, _) => Some("Chromium"),
        (_, false, _) => Some("Node"),
        (_, _, false) => Some("browser/node_modules"),
        _ => None,
    }
}
