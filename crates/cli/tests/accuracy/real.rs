//! Real measurements, old and odd ones among them: every file is read or rejected with a reason, and every verdict stands in a table
//! that was read by eye. The lists of block pages are used, as they would be in the field.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{Archive, files, shared_data};
use crate::table::{hold, markdown, words};

#[test]
fn every_file_is_read_or_rejected_and_every_verdict_stands_in_a_table() {
    let (Some(real), Some(nettests), Some(refdata)) = (shared_data("ooni/real"), shared_data("ooni/nettests"), shared_data("refdata"))
    else {
        return;
    };
    let archive = Archive::new();
    for list in ["fingerprints_dns.csv", "fingerprints_http.csv"] {
        archive.run(&["refdata", "add", &refdata.join(list).display().to_string()]);
    }
    let inputs: Vec<_> = files(&real).into_iter().chain(files(&nettests)).collect();
    archive.ingest_and_judge(&inputs);
    let mut rows = Vec::new();
    for path in &inputs {
        let file = path.file_name().expect("a file").to_string_lossy().into_owned();
        let found = rows_of(&archive, &file);
        assert!(!found.is_empty() || is_copy(path, &inputs), "{file} left no trace");
        rows.extend(found);
    }
    hold(
        "real_measurements.md",
        &markdown(&["file", "test", "target", "verdict", "mechanisms", "locus", "instrument", "decided by"], &rows),
    );
}

/// Whether another file has the same bytes; rows carry the first of their names.
fn is_copy(path: &Path, inputs: &[PathBuf]) -> bool {
    let read = |path: &Path| std::fs::read(path).expect("a file");
    inputs.iter().any(|other| other < &path.to_owned() && read(other) == read(path))
}

fn rows_of(archive: &Archive, file: &str) -> Vec<Vec<String>> {
    let cells = |row: &Value, keys: &[&str]| -> Vec<String> {
        std::iter::once(file.to_owned()).chain(keys.iter().map(|key| words(&row[*key]))).collect()
    };
    let judged = archive.query(&format!(
        "SELECT test_name, target, state, mechanisms, locus, instrument, deciding_rule FROM judgements WHERE source_file = '{file}' ORDER BY measurement_uid, target"
    ));
    if !judged.is_empty() {
        let keys = ["test_name", "target", "state", "mechanisms", "locus", "instrument", "deciding_rule"];
        return judged.iter().map(|row| cells(row, &keys)).collect();
    }
    let measured = archive.query(&format!("SELECT DISTINCT test_name FROM measurements WHERE source_file = '{file}' ORDER BY 1"));
    let rejected = archive.query(&format!(
        "SELECT reason, count(*) AS n FROM rejects WHERE source_file = '{file}' AND scope <> 'part' GROUP BY reason ORDER BY reason"
    ));
    let read = measured.iter().map(|row| cells(row, &["test_name", "", "", "", "", "", ""]));
    let unread = rejected.iter().map(|row| {
        let reason = format!("rejected: {} (n = {})", words(&row["reason"]), words(&row["n"]));
        vec![file.to_owned(), String::new(), String::new(), reason, String::new(), String::new(), String::new(), String::new()]
    });
    read.chain(unread).collect()
}
