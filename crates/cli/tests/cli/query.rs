//! SQL through the program.

use crate::program::{ask, demo};

#[test]
fn a_query_can_come_from_standard_input() {
    let run = demo().run_with_input(&["--archive", "parallax-demo/archive", "query", "-", "--format", "csv"], "SELECT 1 AS x;\n");
    assert_eq!((run.code, run.stdout.as_str()), (0, "x\n1\n"));
}

#[test]
fn nothing_can_be_changed_and_no_file_can_be_reached() {
    for sql in [
        "COPY judgements TO 'stolen.csv'",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "INSERT INTO judgements SELECT * FROM judgements",
        "SET datafusion.execution.batch_size = 1",
        "DROP TABLE judgements",
        "SELECT * FROM '/etc/passwd'",
    ] {
        let run = ask(&["query", sql]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{sql}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: could not answer the query: "), "{}", run.stderr);
    }
    assert!(!demo().path("stolen.csv").exists());
}

#[test]
fn every_table_and_view_can_be_asked() {
    let names = ask(&["tables", "--format", "csv"]).stdout;
    let names: Vec<_> = names.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert!(names.len() >= 12);
    for name in names {
        let run = ask(&["query", &format!("SELECT * FROM {name} LIMIT 3")]);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);
    }
}

#[test]
fn rows_beyond_what_anybody_reads_are_cut_off_with_a_note() {
    let run = ask(&["query", "SELECT * FROM generate_series(1, 5000) AS s(n)"]);
    assert!(run.stderr.starts_with("note: only the first 1000 rows are shown"), "{}", run.stderr);
    assert_eq!(ask(&["query", "--format", "csv", "SELECT * FROM generate_series(1, 5000) AS s(n)"]).stdout.lines().count(), 5001);
}
