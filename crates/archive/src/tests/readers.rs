//! Readers are never disturbed, and there is one writer.

use parallax_model::tables::{Judgement, Observation};

use super::rows::{archive_of, commit, pieces, table_files};
use crate::{Archive, Error};

#[test]
fn a_reader_keeps_its_files_while_a_writer_commits_twice() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    let snapshot = archive.snapshot().unwrap();
    let read = |snapshot: &crate::Snapshot| -> Vec<_> {
        let partitions = snapshot.partitions(Observation::TABLE_INFO);
        partitions.flat_map(|partition| snapshot.read(Observation::TABLE_INFO, partition).unwrap().map(Result::unwrap)).collect()
    };
    let before = read(&snapshot);
    let half_read = snapshot.read(Observation::TABLE_INFO, snapshot.partitions(Observation::TABLE_INFO).next().unwrap()).unwrap();

    let mut writer = archive.write("test").unwrap();
    commit(&mut writer, &pieces(30..60), usize::MAX).unwrap();
    commit(&mut writer, &pieces(60..90), usize::MAX).unwrap();
    assert_eq!(read(&snapshot), before);
    assert_eq!(snapshot.manifest().generation, 1);
    assert_eq!(archive.snapshot().unwrap().manifest().generation, 3);

    drop((writer, snapshot));
    assert!(half_read.map(Result::unwrap).count() > 0, "a reader outlives the snapshot that made it");
}

#[test]
fn what_readers_needed_is_removed_by_the_next_writer() {
    let [dir, reference] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let archive = archive_of(dir.path(), &pieces(0..30));
    archive_of(reference.path(), &pieces(0..60));
    let snapshot = archive.snapshot().unwrap();
    commit(&mut archive.write("test").unwrap(), &pieces(30..60), usize::MAX).unwrap();
    assert!(table_files(dir.path()).len() > table_files(reference.path()).len());
    drop(snapshot);
    drop(archive.write("test").unwrap());
    assert_eq!(table_files(dir.path()), table_files(reference.path()));
}

#[test]
fn a_table_without_rows_has_no_partitions_and_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = Archive::open_or_create(dir.path()).unwrap().snapshot().unwrap();
    assert_eq!(snapshot.partitions(Judgement::TABLE_INFO).count(), 0);
    assert!(snapshot.files(Judgement::TABLE_INFO).is_empty());
    assert_eq!(snapshot.read(Judgement::TABLE_INFO, "XA/2024-02-12").unwrap().count(), 0);
}

#[test]
fn the_second_writer_is_refused_and_told_why() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let _writer = archive.write("parallax ingest a.jsonl").unwrap();
    let error = archive.write("parallax judge").err().unwrap();
    let message = error.to_string();
    assert!(message.contains("`parallax ingest a.jsonl` (process "), "{message}");
    archive.snapshot().expect("readers do not wait");
}

#[test]
fn an_archive_is_not_made_in_a_folder_with_other_things() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Archive::open(dir.path()), Err(Error::NotFound { .. })));
    std::fs::write(dir.path().join("thesis.tex"), "").unwrap();
    assert!(matches!(Archive::open_or_create(dir.path()), Err(Error::NotAnArchive { .. })));
}

#[test]
fn a_file_that_somebody_put_into_the_archive_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..3));
    let note = dir.path().join("tables/observations/notes.txt");
    std::fs::write(&note, "mine").unwrap();
    commit(&mut archive.write("test").unwrap(), &pieces(3..6), usize::MAX).unwrap();
    assert_eq!(std::fs::read_to_string(&note).unwrap(), "mine");
}
