//! The bytes of a partition depend on the set of its rows and on nothing else.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use parallax_model::packed::PackedRows;
use parallax_model::table::Row;
use parallax_model::tables::{Measurement, Observation, ObservationRows};
use parallax_model::{Table, Timestamp};
use proptest::prelude::*;

use super::rows::{Numbers, archive_of, commit, crumbs, measurement, pieces, slice, table_files};
use crate::Archive;
use crate::limits::Limits;

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_rows_gives_the_same_files(
        rows in 1u64..60,
        seed in any::<u64>(),
        commits in 1usize..5,
        buffer_bytes in prop_oneof![Just(0usize), Just(20_000), Just(usize::MAX)],
        repeated in 0usize..20,
    ) {
        let pieces = pieces(0..rows);
        let reference = tempfile::tempdir().unwrap();
        archive_of(reference.path(), &pieces);

        let mut crumbs = crumbs(&pieces);
        let mut numbers = Numbers(seed);
        numbers.shuffle(&mut crumbs);
        let again: Vec<PackedRows> = (0..repeated).map(|_| crumbs[numbers.below(crumbs.len() as u64) as usize].clone()).collect();
        crumbs.extend(again);

        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(dir.path()).unwrap();
        for part in crumbs.chunks(crumbs.len().div_ceil(commits)) {
            commit(&mut archive.write("test").unwrap(), part, buffer_bytes).unwrap();
        }
        prop_assert_eq!(table_files(dir.path()), table_files(reference.path()));
        let verification = archive.verify(&mut |_, _| {}).unwrap();
        prop_assert!(verification.problems.is_empty(), "{:?}", verification.problems);
    }
}

#[test]
fn many_runs_are_merged_in_passes_to_the_same_files() {
    let pieces = pieces(0..100);
    let reference = tempfile::tempdir().unwrap();
    archive_of(reference.path(), &pieces);
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    // Every row becomes a run: 300 of observations alone, which takes several passes.
    commit(&mut archive.write("test").unwrap(), &crumbs(&pieces), 0).unwrap();
    assert_eq!(table_files(dir.path()), table_files(reference.path()));
}

/// Rows of one partition that take several files when those are small.
const SMALL_FILES: Limits = Limits { buffer_bytes: 200_000, group_rows: 1024, group_bytes: 64 << 20, file_groups: 2 };

#[test]
fn a_partition_of_several_files_is_the_same_for_any_split() {
    let mut rows = ObservationRows::default();
    let mut numbers = Numbers(7);
    for number in 0..6000 {
        let second = numbers.below(600_000) as i64;
        rows.push(&Observation {
            measurement_start_time: Timestamp::from_microseconds(1_707_700_000_000_000 + second * 1_000_000),
            measurement_uid: format!("uid-{number}").into(),
            probe_cc: "XA".into(),
            ..Observation::default()
        });
    }
    let rows = rows.take();
    let files: Vec<_> = [6000, 1500, 700].map(|length| files_of_split(&rows, length)).into();
    assert_eq!(files[0].len(), 3, "6000 rows, 2048 in a file: {:?}", files[0]);
    assert!(files.iter().all(|other| *other == files[0]));
}

/// The files after commits of so many rows each, the last rows first.
fn files_of_split(rows: &PackedRows, length: usize) -> BTreeMap<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    for start in (0..rows.len()).step_by(length).rev() {
        let mut stage = writer.stage().unwrap();
        stage.limit(SMALL_FILES);
        stage.push(slice(rows, start..(start + length).min(rows.len()))).unwrap();
        writer.commit(stage, |_| {}).unwrap();
    }
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, []);
    table_files(dir.path())
}

#[test]
fn the_same_rows_twice_change_nothing_not_even_the_manifest() {
    let dir = tempfile::tempdir().unwrap();
    let pieces = pieces(0..50);
    let archive = archive_of(dir.path(), &pieces);
    let (files, manifest) = (table_files(dir.path()), std::fs::read(dir.path().join("manifest.json")).unwrap());
    commit(&mut archive.write("test").unwrap(), &pieces, usize::MAX).unwrap();
    assert_eq!(table_files(dir.path()), files);
    assert_eq!(std::fs::read(dir.path().join("manifest.json")).unwrap(), manifest);
}

#[test]
fn the_same_rows_twice_in_memory_are_there_once() {
    let (dir, reference) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pieces = pieces(0..50);
    archive_of(reference.path(), &pieces);
    archive_of(dir.path(), &[pieces.clone(), pieces].concat());
    assert_eq!(table_files(dir.path()), table_files(reference.path()));
}

#[test]
fn of_two_copies_of_a_measurement_the_first_by_file_stays_whichever_comes_first() {
    for order in [["a.jsonl", "b.jsonl"], ["b.jsonl", "a.jsonl"]] {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(dir.path()).unwrap();
        for source_file in order {
            let mut rows = parallax_model::tables::MeasurementRows::default();
            rows.push(&measurement(1, source_file));
            commit(&mut archive.write("test").unwrap(), &[rows.take()], usize::MAX).unwrap();
        }
        assert_eq!(texts(&archive, Measurement::TABLE_INFO, "source_file"), ["a.jsonl"]);
    }
}

#[test]
fn what_is_read_is_what_was_pushed_each_row_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..200));
    let key = |row: &Measurement| (row.measurement_start_time, row.measurement_uid.to_string());
    let mut expected: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
    for row in (0..200).map(|number| measurement(number, "a.jsonl")) {
        let country = if row.probe_cc == "../x" { "ZZ" } else { &*row.probe_cc };
        expected.entry(format!("{country}/{}", row.measurement_start_time.week())).or_default().push(row);
    }
    let snapshot = archive.snapshot().unwrap();
    assert!(snapshot.partitions(Measurement::TABLE_INFO).eq(expected.keys()));
    for (partition, mut rows) in expected {
        rows.sort_by_key(key);
        let batches: Vec<_> = snapshot.read(Measurement::TABLE_INFO, &partition).unwrap().map(Result::unwrap).collect();
        let read: Vec<Measurement> = batches.iter().flat_map(Measurement::all).collect();
        assert_eq!(read, rows, "{partition}");
    }
}

#[test]
fn a_replaced_partition_holds_the_new_rows_and_those_pushed_beside_them() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..60));
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let snapshot = archive.snapshot().unwrap();
    let table = Observation::TABLE_INFO;
    let partitions: Vec<String> = snapshot.partitions(table).map(str::to_owned).collect();
    for partition in &partitions {
        writer.replace_partition(&mut stage, table, partition, std::iter::empty::<Result<_, crate::Error>>()).unwrap();
    }
    let kept = &partitions[0];
    writer.replace_partition(&mut stage, table, kept, snapshot.read(table, kept).unwrap()).unwrap();
    let extra = pieces(100..101).remove(1);
    stage.push(extra).unwrap();
    writer.commit(stage, |_| {}).unwrap();

    let before = snapshot.read(table, kept).unwrap().map(|batch| batch.unwrap().num_rows()).sum::<usize>();
    let uids = texts(&archive, table, "measurement_uid");
    assert_eq!(uids.len(), before + 3);
    assert_eq!(uids.iter().filter(|uid| *uid == "uid-100").count(), 3);
}

#[test]
fn rows_that_are_not_sorted_or_of_another_partition_do_not_replace_anything() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..60));
    let files = table_files(dir.path());
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let table = Observation::TABLE_INFO;
    let all = pieces(0..60).remove(1).to_batch();
    for (partition, complaint) in [("XA/2024-02-12", "not all of the partition"), ("nowhere", "has no partition")] {
        let rows = std::iter::once(Ok::<_, crate::Error>(all.clone()));
        let error = writer.replace_partition(&mut stage, table, partition, rows).unwrap_err();
        assert!(error.to_string().contains(complaint), "{error}");
    }
    let snapshot = archive.snapshot().unwrap();
    let sorted = snapshot.read(table, "XA/2024-02-12").unwrap().next().unwrap().unwrap();
    let backwards: Vec<_> = (0..sorted.num_rows()).rev().map(|row| Ok::<_, crate::Error>(sorted.slice(row, 1))).collect();
    let error = writer.replace_partition(&mut stage, table, "XA/2024-02-12", backwards.into_iter()).unwrap_err();
    assert!(error.to_string().contains("not sorted"), "{error}");
    drop(stage);
    assert_eq!(table_files(dir.path()), files);
}

#[test]
fn rows_of_another_table_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..3));
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let batches = std::iter::once(Ok::<_, crate::Error>(pieces(0..3)[0].to_batch()));
    let error = writer.replace_partition(&mut stage, Observation::TABLE_INFO, "XA/2024-02-12", batches).unwrap_err();
    assert!(error.to_string().starts_with("rows for table observations: its columns are not the table's"), "{error}");
}

/// One text of every row of a table.
fn texts(archive: &Archive, table: &'static Table, column: &str) -> Vec<String> {
    let snapshot = archive.snapshot().unwrap();
    let mut texts = Vec::new();
    for partition in snapshot.partitions(table) {
        for batch in snapshot.read(table, partition).unwrap() {
            let batch = batch.unwrap();
            texts.extend(batch.column_by_name(column).unwrap().as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    texts
}
