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
            let read: Vec<_> = inputs.take(22).collect();
            prop_assert!(read.len() <= 21, "reading ends after an error");
            prop_assert_eq!(read.iter().all(Result::is_ok), was == to, "whoever reads to the end knows");
        }
        prop_assert_eq!(was == to, archive.verify(&mut |_, _| {}).unwrap().is_sound());
    }
}

/// Lines that nobody of us wrote, as a list that the manifest names.
fn strange(lines: &[u8]) -> (tempfile::TempDir, Archive) {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    commit(&archive, [input(0, "a.jsonl")]);
    rewrite(&archive, lines);
    (dir, archive)
}

/// Puts another list in the place of the one that there is, under its name, and its digest into the manifest.
fn rewrite(archive: &Archive, lines: &[u8]) {
    let bytes = zstd::encode_all(lines, 1).unwrap();
    let sha256 = disk::digest(&mut bytes.as_slice(), &mut |_| {}).unwrap().0;
    fs::write(list_file(archive), bytes).unwrap();
    let mut manifest = archive.snapshot().unwrap().manifest().clone();
    manifest.inputs.as_mut().unwrap().sha256 = sha256;
    manifest.write(archive.dir()).unwrap();
}

#[test]
fn a_strangers_list_is_refused_where_it_is_no_list() {
    let line = |digest: &str| format!("{{\"sha256\":\"{digest}\"}}\n");
    let [first, second] = [digest(0), digest(1)].map(|digest| line(&digest));
    let (first, second) = if first < second { (first, second) } else { (second, first) };
    let long = format!("{{\"sha256\":\"{}\",\"name\":\"{}\"}}\n", digest(0), "a".repeat(1 << 20));
    let places: Vec<String> = (0..40).map(|number| format!("\"/{number}\"")).collect();
    let scattered = format!("{{\"sha256\":\"{}\",\"locations\":[{}]}}\n", digest(0), places.join(","));
    for (lines, reason) in [
        ([second.clone(), first.clone()].concat(), "out of order"),
        ([first.clone(), first.clone()].concat(), "out of order"),
        (line("../../etc/passwd"), "no SHA-256"),
        ("{\"name\":\"a\"}\n".into(), "missing field"),
        ("[]\n".into(), "invalid"),
        (first.trim_end().into(), "end of file"),
        (long, "too long"),
        (scattered, "at most 32 paths"),
    ] {
        let (_dir, archive) = strange(lines.as_bytes());
        let error = archive.snapshot().unwrap().inputs().unwrap().find_map(Result::err).unwrap();
        assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains(reason), "{error}");
    }
    let (_dir, archive) = strange([first, second].concat().as_bytes());
    assert_eq!(archive.snapshot().unwrap().inputs().unwrap().filter_map(Result::ok).count(), 2);
    let problems = archive.verify(&mut |_, _| {}).unwrap().problems;
    let is_told = problems.iter().any(|problem| matches!(problem, Problem::Unreadable { path, .. } if path.starts_with("inputs/")));
    assert!(is_told, "one line was announced: {problems:?}");
}

#[test]
fn a_file_that_lies_everywhere_is_remembered_at_its_first_places() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let at = |numbers: std::ops::Range<u32>| numbers.map(|number| format!("/{number:06}").into()).collect();
    commit(&archive, [Input { locations: at(10..100_000), ..input(0, "a.jsonl") }]);
    let only = || archive.snapshot().unwrap().inputs().unwrap().next().unwrap().unwrap();
    assert_eq!(only().locations, at(10..42));
    let mut seen = only();
    seen.locations.append(&mut at(0..5));
    commit(&archive, [seen]);
    assert_eq!(only().locations, at(0..5).into_iter().chain(at(10..37)).collect());
    commit(&archive, [Input { locations: ["/".repeat(2 << 20).into()].into(), ..input(0, "a.jsonl") }]);
    assert_eq!(only().locations, at(0..0));
}

#[test]
fn a_list_is_read_to_its_end_whatever_is_committed_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    commit(&archive, (0..100).map(|number| input(number, "old")));
    let mut inputs = archive.snapshot().unwrap().inputs().unwrap();
    let first = inputs.next().unwrap().unwrap();
    let old = list_file(&archive);
    commit(&archive, (0..200).map(|number| input(number, "new")));
    assert!(old.exists() && list_file(&archive) != old);
    let rest: Vec<Input> = inputs.by_ref().collect::<Result<_, _>>().unwrap();
    assert_eq!(rest.len(), 99);
    assert!(rest.iter().chain([&first]).all(|input| input.name == "old"));
    drop(inputs);
    // Other tests start processes, which hold our locks until they run their own programs.
    assert!((0..1000).any(|_| {
        drop(archive.write("test").unwrap());
        !old.exists()
    }));
}

#[test]
fn a_list_that_was_changed_by_hand_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let known = Input { locations: ["/nowhere/a.jsonl".into()].into(), ..input(0, "a.jsonl") };
    commit(&archive, [known.clone()]);
    let without = serde_json::to_string(&input(0, "a.jsonl")).unwrap() + "\n";
    rewrite(&archive, without.as_bytes());
    let by_hand = list_file(&archive);
    commit(&archive, [known.clone()]);
    assert_ne!(list_file(&archive), by_hand);
    assert!(archive.verify(&mut |_, _| {}).unwrap().is_sound());
    assert_eq!(archive.snapshot().unwrap().inputs().unwrap().next().unwrap().unwrap(), known);
}

#[test]
fn a_copy_stays_whoever_reads_the_input_again_and_a_stray_one_goes() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open_or_create(dir.path()).unwrap();
    let content = [0];
    let keep = |writer: &mut crate::Writer, keep: bool, kept: bool| {
        let mut stage = writer.stage().unwrap();
        if keep {
            let mut copy = stage.keep_raw(&digest(0)).unwrap();
            std::io::Write::write_all(&mut copy, &content).unwrap();
            copy.finish().unwrap();
        }
        stage.note(Input { bytes: 1, kept, ..input(0, "a.jsonl") });
        writer.commit(stage, |_| ()).unwrap();
    };
    let is_kept = || archive.snapshot().unwrap().inputs().unwrap().next().unwrap().unwrap().kept;
    for (with_copy, known_as_kept, expected) in [(false, false, false), (true, false, true), (false, false, true), (true, true, true)] {
        keep(&mut archive.write("test").unwrap(), with_copy, known_as_kept);
        assert_eq!(is_kept(), expected);
    }
    let stray = dir.path().join(layout::raw_file(&digest(1)));
    fs::write(&stray, "left by a killed run").unwrap();
    assert!((0..1000).any(|_| {
        drop(archive.write("test").unwrap());
        !stray.exists()
    }));
    assert_eq!(archive.verify(&mut |_, _| {}).unwrap().problems, []);
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
