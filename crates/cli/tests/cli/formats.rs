//! What is printed for programs can be read back.

use crate::program::{ask, demo};

const SQL: &str =
    "SELECT measurement_uid, probe_asn, layers, weight_of FROM (SELECT *, 0.5 AS weight_of FROM judgements) ORDER BY 1, target LIMIT 5";

#[test]
fn json_and_json_lines_hold_the_same() {
    let array: Vec<serde_json::Value> = serde_json::from_str(&ask(&["query", "--format", "json", SQL]).stdout).unwrap();
    let text = ask(&["query", "--format", "jsonl", SQL]).stdout;
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, lines);
    assert_eq!(array.len(), 5);
    assert!(array[0]["layers"].is_array() && array[0]["probe_asn"].is_u64());
}

#[test]
fn csv_has_a_header_and_lists_are_json() {
    let text = ask(&["query", "--format", "csv", "SELECT layers FROM anomalies WHERE cardinality(layers) = 1 LIMIT 1"]).stdout;
    let (header, cell) = text.trim_end().split_once('\n').unwrap();
    assert_eq!(header, "layers");
    let cell = cell.trim_matches('"').replace("\"\"", "\"");
    assert_eq!(serde_json::from_str::<Vec<String>>(&cell).unwrap().len(), 1);
}

#[test]
fn parquet_is_a_file_and_nothing_else() {
    let run = ask(&["query", "--format", "parquet", "--output", "rows.parquet", SQL]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let bytes = std::fs::read(demo().path("rows.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    assert_eq!(ask(&["query", "--format", "parquet", SQL]).code, 2);
    assert_eq!(ask(&["tables", "--format", "parquet"]).code, 2);
}

#[test]
fn a_result_without_rows_is_still_valid_in_every_format() {
    let none = "SELECT target FROM judgements WHERE false";
    assert_eq!(ask(&["query", "--format", "json", none]).stdout, "[]\n");
    assert_eq!(ask(&["query", "--format", "jsonl", none]).stdout, "");
    assert_eq!(ask(&["query", "--format", "csv", none]).stdout, "target\n");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let binary = env!("CARGO_BIN_EXE_parallax");
    for format in ["csv", "json", "jsonl"] {
        let line = format!(
            "{binary} --archive parallax-demo/archive query --format {format} 'SELECT * FROM observations' | head -c 100; echo \"code ${{PIPESTATUS[0]}}\""
        );
        let output = std::process::Command::new("bash").args(["-c", &line]).current_dir(demo().path(".")).output().unwrap();
        assert!(output.stdout.ends_with(b"code 0\n"), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}
