//! `verify` finds whatever happened to an archive.

use std::fs;

use parallax_model::tables::Observation;

use super::rows::{archive_of, pieces};
use crate::{Archive, Manifest, Problem, Verification};

fn verify(archive: &Archive) -> Verification {
    let mut last = (0, 0);
    let found = archive.verify(&mut |done, total| last = (done, total)).unwrap();
    assert_eq!(last.0, last.1, "the progress ends at its end");
    found
}

fn some_file(archive: &Archive) -> String {
    archive.snapshot().unwrap().manifest().tables[Observation::TABLE_INFO.name].values().next().unwrap()[0].path.clone()
}

#[test]
fn a_new_archive_is_sound_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let found = verify(&archive_of(dir.path(), &pieces(0..30)));
    assert_eq!(found.problems, []);
    assert_eq!(found.rows, 30 + 90 + 7 + 30);
    assert!(found.is_sound() && found.files >= 4 && found.bytes > 0);
}

#[test]
fn one_flipped_bit_anywhere_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    let path = some_file(&archive);
    let content = fs::read(dir.path().join(&path)).unwrap();
    for at in [0, content.len() / 2, content.len() - 1] {
        let mut flipped = content.clone();
        flipped[at] ^= 1;
        fs::write(dir.path().join(&path), flipped).unwrap();
        let found = verify(&archive);
        assert_eq!(found.problems, [Problem::Changed { path: path.clone() }], "byte {at}");
        assert!(!found.is_sound());
    }
}

#[test]
fn a_missing_file_and_a_stray_are_found_and_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    let path = some_file(&archive);
    let stray = path.replace(".parquet", "-copy.parquet");
    fs::rename(dir.path().join(&path), dir.path().join(&stray)).unwrap();
    fs::write(dir.path().join("notes.txt"), "").unwrap();
    let expected = [Problem::Missing { path }, Problem::Stray { path: "notes.txt".into() }, Problem::Stray { path: stray }];
    assert_eq!(verify(&archive).problems, expected);
}

/// Changes the manifest behind the archive's back.
fn tamper(archive: &Archive, change: impl FnOnce(&mut Manifest)) {
    let mut manifest = Manifest::read(archive.dir()).unwrap();
    change(&mut manifest);
    manifest.write(archive.dir()).unwrap();
}

#[test]
fn a_manifest_that_counts_wrongly_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    tamper(&archive, |manifest| manifest.tables.get_mut("rejects").unwrap().get_mut("all").unwrap()[0].rows = 29);
    assert!(matches!(verify(&archive).problems[0], Problem::RowCount { expected: 29, found: 30, .. }));
}

#[test]
fn rows_under_a_wrong_name_or_twice_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    tamper(&archive, |manifest| {
        let observations = manifest.tables.get_mut("observations").unwrap();
        let (name, files) = observations.pop_first().unwrap();
        observations.insert("XQ/2024-02-12".into(), files.clone());
        observations.insert(name, [files.clone(), files].concat());
    });
    let reasons: Vec<String> = verify(&archive).problems.iter().map(ToString::to_string).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons.iter().any(|reason| reason.contains("XQ/2024-02-12 of observations: its rows are not all of the partition XQ/2024-02-12"))
    );
    assert!(reasons.iter().any(|reason| reason.contains("not sorted") || reason.contains("occur twice")), "{reasons:?}");
}

#[test]
fn a_damaged_file_is_an_error_and_not_a_panic_for_its_reader() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    let path = some_file(&archive);
    let content = fs::read(dir.path().join(&path)).unwrap();
    fs::write(dir.path().join(&path), &content[..content.len() / 2]).unwrap();
    let snapshot = archive.snapshot().unwrap();
    let partition = snapshot.partitions(Observation::TABLE_INFO).next().unwrap();
    let error = snapshot.read(Observation::TABLE_INFO, partition).unwrap().find_map(Result::err).unwrap();
    assert!(error.to_string().contains("`parallax verify`"), "{error}");
}

#[test]
fn a_manifest_that_announces_more_than_a_number_holds_is_read_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &pieces(0..30));
    tamper(&archive, |manifest| {
        manifest.generation = u64::MAX;
        let files = manifest.tables.values_mut().flat_map(|partitions| partitions.values_mut()).flatten();
        files.for_each(|file| (file.rows, file.bytes) = (u64::MAX, u64::MAX));
    });
    let found = verify(&archive);
    assert!(found.problems.iter().all(|problem| matches!(problem, Problem::RowCount { .. })) && !found.is_sound());
    let mut writer = archive.write("test").unwrap();
    let stage = writer.stage().unwrap();
    writer.commit(stage, |manifest| drop(manifest.derived.insert("a".into(), "b".into()))).unwrap();
}
