//! A kill at any step leaves an archive that is sound and that the next run completes to the very same files.
//!
//! The disk is copied at every step of a commit, as a kill at that instant would leave it; then each copy is taken on by the next run.

use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use parallax_model::packed::PackedRows;

use super::rows::{archive_of, copy_folder, pieces, staged, table_files};
use crate::{Archive, Input, InputState, Writer, fault};

/// Runs `work` on an archive and returns copies of its folder, one for each step, with the step's name.
fn copies_at_each_step(dir: &Path, copies: &Path, work: impl FnOnce()) -> Vec<(String, PathBuf)> {
    let (dir, copies) = (dir.to_owned(), copies.to_owned());
    let taken = Rc::new(RefCell::new(Vec::new()));
    let list = taken.clone();
    fault::observe(
        move |step| {
            let mut list = list.borrow_mut();
            let copy = copies.join(list.len().to_string());
            copy_folder(&dir, &copy);
            list.push((step.to_owned(), copy));
        },
        work,
    );
    taken.take()
}

fn first() -> Vec<PackedRows> {
    pieces(0..20)
}

/// Rows in partitions of the first commit as well as in new ones.
fn second() -> Vec<PackedRows> {
    pieces(15..40)
}

#[test]
fn a_kill_between_any_two_steps_of_a_commit_is_made_good_by_the_next_run() {
    let [work, reference, copies] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let archive = archive_of(work.path(), &first());
    let before = table_files(work.path());
    archive_of(reference.path(), &pieces(0..40));
    let expected = table_files(reference.path());

    let taken = copies_at_each_step(work.path(), copies.path(), || {
        commit_with_input(&mut archive.write("test").unwrap(), 30_000);
    });
    let steps: std::collections::BTreeSet<&str> = taken.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(steps.len(), 8, "{steps:?}");
    for (step, copy) in &taken {
        let archive = Archive::open(copy).unwrap();
        let found = archive.verify(&mut |_, _| {}).unwrap();
        assert!(found.is_sound(), "after {step:?}: {:?}", found.problems);
        let generation = archive.snapshot().unwrap().manifest().generation;
        assert!(generation == 1 || generation == 2, "after {step:?}");

        let mut writer = archive.write("test").unwrap();
        let wanted = if generation == 1 { &before } else { &expected };
        // Other tests start processes, and until it runs its own program such a process holds our locks as well: then nothing is swept.
        let swept = (0..1000).any(|_| table_files(copy) == *wanted || sweep_later(copy));
        assert!(swept, "after {step:?} the remains are not swept");
        commit_with_input(&mut writer, usize::MAX);
        assert_eq!(table_files(copy), expected, "after {step:?}");
        let snapshot = archive.snapshot().unwrap();
        let inputs: Vec<Input> = snapshot.inputs().unwrap().collect::<Result<_, _>>().unwrap();
        assert!(matches!(&inputs[..], [input] if matches!(snapshot.open_input(&input.sha256), Ok(InputState::Kept(_)))), "after {step:?}");
    }
}

/// Commits rows together with an input and its copy.
fn commit_with_input(writer: &mut Writer, buffer_bytes: usize) {
    let mut stage = staged(writer, &second(), buffer_bytes).unwrap();
    let mut copy = stage.keep_stream().unwrap();
    copy.write_all(b"{}\n").unwrap();
    let kept = copy.finish().unwrap();
    stage.note(Input { sha256: kept.source_digest, name: "-".into(), bytes: kept.bytes, ..Input::default() });
    writer.commit(stage, |_| {}).unwrap();
}

/// Asks for another sweep, as the next writer would; it is for the caller to look at what it came to.
fn sweep_later(dir: &Path) -> bool {
    std::thread::yield_now();
    crate::garbage::sweep(dir, &crate::Manifest::read(dir).unwrap());
    false
}

#[test]
fn a_kill_while_an_archive_is_made_leaves_a_folder_that_can_be_made_one() {
    let [work, copies] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let dir = work.path().to_owned();
    let taken = copies_at_each_step(work.path(), copies.path(), || drop(Archive::open_or_create(&dir).unwrap()));
    assert_eq!(taken.len(), 2);
    for (step, copy) in taken {
        Archive::open_or_create(&copy).unwrap_or_else(|error| panic!("after {step:?}: {error}"));
    }
}

#[test]
fn a_stage_that_is_dropped_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive_of(dir.path(), &first());
    let (before, mut writer) = (table_files(dir.path()), archive.write("test").unwrap());
    drop(staged(&mut writer, &second(), 0).unwrap());
    assert_eq!(table_files(dir.path()), before);
    assert_eq!(std::fs::read_dir(dir.path().join("staging")).unwrap().count(), 0);
}
