use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::{Archive, Error, Problem, disk, layout};

fn digest(number: u8) -> String {
    disk::digest(&mut &[number][..], &mut |_| {}).unwrap().0
}

fn input(number: u8, name: &str) -> Input {
    Input { sha256: digest(number), name: name.into(), bytes: number.into(), records: 1, ..Input::default() }
}

fn commit(archive: &Archive, inputs: impl IntoIterator<Item = Input>) {
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    inputs.into_iter().for_each(|input| stage.note(input));
    writer.commit(stage, |_| ()).unwrap();
}

fn list_file(archive: &Archive) -> std::path::PathBuf {
    layout::resolve(archive.dir(), &archive.snapshot().unwrap().manifest().inputs.as_ref().unwrap().path)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_list_is_a_function_of_what_was_noted_last(notes in prop::collection::vec((any::<u8>(), "[a-c]"), 0..40), cuts in prop::collection::vec(0usize..40, 0..4)) {
        let dirs: [_; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
        let [whole, parts] = dirs.each_ref().map(|dir| Archive::open_or_create(dir.path()).unwrap());
        commit(&whole, notes.iter().map(|(number, name)| input(*number, name)));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(notes.len())).chain([0, notes.len()]).collect();
        cuts.sort_unstable();
        for cut in cuts.windows(2) {
            commit(&parts, notes[cut[0]..cut[1]].iter().map(|(number, name)| input(*number, name)));
        }

        let expected: BTreeMap<String, Input> = notes.iter().map(|(number, name)| (digest(*number), input(*number, name))).collect();
        let read: Vec<Input> = parts.snapshot().unwrap().inputs().unwrap().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(&read, &expected.values().cloned().collect::<Vec<_>>());
        let list = |archive: &Archive| archive.snapshot().unwrap().manifest().inputs.clone();
        prop_assert_eq!(list(&whole), list(&parts));
        let known: Vec<&str> = expected.keys().map(String::as_str).step_by(2).collect();
        let asked = known.iter().copied().chain(["nobody's"]).collect();
        let found: Vec<String> = parts.snapshot().unwrap().inputs().unwrap().among(&asked).map(|input| input.unwrap().sha256).collect();
        prop_assert_eq!(found, known);
    }

    #[test]
    fn a_damaged_list_never_panics_and_is_told(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let dir = tempfile::tempdir().unwrap();
        let archive = Archive::open_or_create(dir.path()).unwrap();
        commit(&archive, (0..20).map(|number| input(number, "a.jsonl")));
        let path = list_file(&archive);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        let was = std::mem::replace(&mut bytes[at], to);
        fs::write(&path, bytes).unwrap();
        if let Ok(inputs) = archive.snapshot().unwrap().inputs() {
            prop_assert!(inputs.count() <= 21, "reading ends after an error");
        }
        prop_assert_eq!(was == to, archive.verify(&mut |_, _| {}).unwrap().is_sound());
    }
}

/// Lines that nobody of us wrote, as a list that the manifest names.
fn strange(lines: &[u8]) -> (tempfile::TempDir, Archive) {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    commit(&archive, [input(0, "a.jsonl")]);
    fs::write(list_file(&archive), zstd::encode_all(lines, 1).unwrap()).unwrap();
    (dir, archive)
}

#[test]
fn a_strangers_list_is_refused_where_it_is_no_list() {
    let line = |digest: &str| format!("{{\"sha256\":\"{digest}\"}}\n");
    let [first, second] = [digest(0), digest(1)].map(|digest| line(&digest));
    let (first, second) = if first < second { (first, second) } else { (second, first) };
    let long = format!("{{\"sha256\":\"{}\",\"name\":\"{}\"}}\n", digest(0), "a".repeat(17 << 20));
    for (lines, reason) in [
        ([second.clone(), first.clone()].concat(), "out of order"),
        ([first.clone(), first.clone()].concat(), "out of order"),
        (line("../../etc/passwd"), "no SHA-256"),
        ("{\"name\":\"a\"}\n".into(), "missing field"),
        ("[]\n".into(), "invalid"),
        (first.trim_end().into(), "end of file"),
        (long, "too long"),
    ] {
        let (_dir, archive) = strange(lines.as_bytes());
        let error = archive.snapshot().unwrap().inputs().unwrap().find_map(Result::err).unwrap();
        assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains(reason), "{error}");
    }
    let (_dir, archive) = strange([first, second].concat().as_bytes());
    assert_eq!(archive.snapshot().unwrap().inputs().unwrap().filter_map(Result::ok).count(), 2);
    let problems = archive.verify(&mut |_, _| {}).unwrap().problems;
    assert!(matches!(&problems[..], [Problem::Changed { path }] if path.starts_with("inputs/")), "{problems:?}");
}

#[test]
fn neither_a_copy_that_nobody_kept_nor_a_digest_that_is_none_can_be_noted() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let mut writer = archive.write("test").unwrap();
    let mut stage = writer.stage().unwrap();
    stage.note(Input { kept: true, ..input(0, "a.jsonl") });
    assert!(matches!(writer.commit(stage, |_| ()), Err(Error::NotStaged { .. })));
    let mut stage = writer.stage().unwrap();
    stage.note(Input { sha256: "../../etc/passwd".into(), ..Input::default() });
    assert!(matches!(writer.commit(stage, |_| ()), Err(Error::WrongDigest { .. })));
}

#[cfg(unix)]
#[test]
fn a_name_of_any_bytes_comes_back() {
    use std::os::unix::ffi::OsStrExt;
    let paths = [&b"/a/b.jsonl"[..], b"/a/\xff\xfe.jsonl", "/a/\u{e9}.jsonl".as_bytes()];
    let locations: BTreeSet<_> = paths.map(|bytes| Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned()).into();
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let noted = Input { locations, ..input(0, "b.jsonl") };
    commit(&archive, [noted.clone()]);
    assert_eq!(archive.snapshot().unwrap().inputs().unwrap().next().unwrap().unwrap(), noted);
}
