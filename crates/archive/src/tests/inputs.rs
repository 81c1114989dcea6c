//! Raw data: kept, or remembered where it lies.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::{Archive, Error, Input, InputState, Problem, disk};

const CONTENT: &[u8] = b"{\"first\": 1}\n{\"second\": 2}\n";

fn digest_of(bytes: &[u8]) -> String {
    disk::digest(&mut &bytes[..], &mut |_| {}).unwrap().0
}

fn input(bytes: &[u8], locations: &[&Path]) -> Input {
    let locations = locations.iter().map(|path| path.to_path_buf()).collect::<BTreeSet<PathBuf>>();
    Input { sha256: digest_of(bytes), name: "a.jsonl".into(), locations, bytes: bytes.len() as u64, ..Input::default() }
}

/// An archive that knows `CONTENT` at some places, and keeps a copy or not.
fn archive_with(dir: &Path, bytes: &[u8], locations: &[&Path], keep: bool) -> (Archive, String) {
    let archive = Archive::open_or_create(dir).unwrap();
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let digest = digest_of(bytes);
    if keep {
        let mut copy = stage.keep_raw(&digest).unwrap();
        copy.write_all(bytes).unwrap();
        copy.finish().unwrap();
    }
    stage.note(input(bytes, locations));
    writer.commit(stage, |_| ()).unwrap();
    (archive, digest)
}

#[test]
fn an_input_is_found_where_it_lies_until_it_changes_or_goes() {
    let [dir, outside] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let path = outside.path().join("a.jsonl");
    fs::write(&path, CONTENT).unwrap();
    let (archive, digest) = archive_with(dir.path(), CONTENT, &[&path], false);
    let state = || archive.snapshot().unwrap().open_input(&digest).unwrap();
    let problems = || archive.verify(&mut |_, _| {}).unwrap().problems;
    assert_eq!((state(), problems()), (InputState::At(path.clone()), vec![]));

    let mut other = CONTENT.to_vec();
    other[3] ^= 1;
    fs::write(&path, other).unwrap();
    assert_eq!(state(), InputState::Changed { path: path.clone() });
    assert_eq!(problems(), [Problem::InputChanged { name: "a.jsonl".into(), path: path.clone() }]);
    assert!(matches!(state().open(&digest).err(), Some(Error::InputChanged { .. })));

    fs::remove_file(&path).unwrap();
    assert_eq!(state(), InputState::Gone { last_seen: Some(path.clone()) });
    assert_eq!(problems(), [Problem::InputGone { name: "a.jsonl".into(), last_seen: Some(path) }]);
    assert!(archive.verify(&mut |_, _| {}).unwrap().is_sound());
}

#[cfg(unix)]
#[test]
fn nobody_waits_at_a_pipe_that_a_strangers_manifest_names() {
    let [dir, outside] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let pipe = outside.path().join("a.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (archive, digest) = archive_with(dir.path(), CONTENT, &[&pipe], false);
    assert_eq!(archive.snapshot().unwrap().open_input(&digest).unwrap(), InputState::Changed { path: pipe });
}

#[test]
fn a_kept_input_needs_no_file_outside() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, digest) = archive_with(dir.path(), CONTENT, &[], true);
    let snapshot = archive.snapshot().unwrap();
    let InputState::Kept(path) = snapshot.open_input(&digest).unwrap() else { panic!("not kept") };
    assert_eq!(path, archive.dir().join(format!("raw/{digest}.zst")));
    assert_eq!(snapshot.record(&digest, 13, 13).unwrap(), b"{\"second\": 2}");
    assert!(snapshot.record(&digest, 20, 13).is_err(), "a record does not reach beyond its input");
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, []);
}

#[test]
fn a_record_is_found_in_whatever_the_input_was_compressed_with() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CONTENT).unwrap();
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(CONTENT).unwrap();
    let (gzip, zstd) = (gzip.finish().unwrap(), |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap());
    let twice = zstd(&gzip);
    for bytes in [CONTENT.to_vec(), gzip, lz4.finish().unwrap(), zstd(CONTENT), twice] {
        let dir = tempfile::tempdir().unwrap();
        let (archive, digest) = archive_with(dir.path(), &bytes, &[], true);
        assert_eq!(archive.snapshot().unwrap().record(&digest, 13, 13).unwrap(), b"{\"second\": 2}");
    }
}

#[test]
fn a_broken_copy_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, digest) = archive_with(dir.path(), CONTENT, &[], true);
    let path = format!("raw/{digest}.zst");
    fs::write(dir.path().join(&path), zstd::encode_all(&b"something else"[..], 1).unwrap()).unwrap();
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, [Problem::Changed { path: path.clone() }]);
    assert!(matches!(archive.snapshot().unwrap().open_input(&digest), Err(Error::Damaged { .. })));
    fs::remove_file(dir.path().join(&path)).unwrap();
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, [Problem::Missing { path }]);
}

#[test]
fn a_stream_is_kept_under_the_digest_that_it_turns_out_to_have() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let mut copy = stage.keep_stream().unwrap();
    copy.write_all(CONTENT).unwrap();
    let kept = copy.finish().unwrap();
    assert_eq!((kept.source_digest.as_str(), kept.bytes), (digest_of(CONTENT).as_str(), CONTENT.len() as u64));
    let mut read = Vec::new();
    stage.open_raw(&kept.source_digest).unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, CONTENT);
    stage.note(input(CONTENT, &[]));
    writer.commit(stage, |_| ()).unwrap();
    assert!(matches!(archive.snapshot().unwrap().open_input(&kept.source_digest), Ok(InputState::Kept(_))));
}

#[test]
fn a_copy_of_something_else_is_refused_and_an_unfinished_one_is_no_copy() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let digest = digest_of(CONTENT);
    assert!(matches!(stage.keep_raw("../../etc/passwd").err(), Some(Error::WrongDigest { .. })));
    let mut wrong = stage.keep_raw(&digest).unwrap();
    wrong.write_all(b"something else").unwrap();
    assert!(matches!(wrong.finish(), Err(Error::WrongDigest { .. })));
    let mut unfinished = stage.keep_raw(&digest).unwrap();
    unfinished.write_all(CONTENT).unwrap();
    drop(unfinished);
    stage.note(input(CONTENT, &[]));
    writer.commit(stage, |_| ()).unwrap();
    assert_eq!(archive.snapshot().unwrap().open_input(&digest).unwrap(), InputState::Gone { last_seen: None });
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems.len(), 1);
}

#[test]
fn reference_data_is_kept_by_digest_and_named_by_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    let file = stage.keep_refdata("fingerprints", "http.csv", &mut &b"name,pattern\n"[..]).unwrap();
    let forgotten = stage.keep_refdata("fingerprints", "dns.csv", &mut &b"other\n"[..]).unwrap();
    writer.commit(stage, |manifest| manifest.refdata.push(file.clone())).unwrap();
    assert_eq!(fs::read(dir.path().join(&file.path)).unwrap(), b"name,pattern\n");
    assert!(!dir.path().join(&forgotten.path).exists());
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, []);

    let stage = writer.stage().unwrap();
    let error = writer.commit(stage, |manifest| manifest.refdata.push(forgotten)).unwrap_err();
    assert!(matches!(error, Error::NotStaged { .. }), "{error}");
}
