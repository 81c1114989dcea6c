//! A disk without space is a clear error that loses nothing.
//!
//! The child gets a limit on the size of its files, which makes writes fail in the middle as a full disk does.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use super::kill::{CHILD_ARCHIVE, child_arguments, ingest_all};
use super::rows::{archive_of, pieces, table_files};

/// What the child said; its files may have so many blocks (of 512 or 1024 bytes, as the shell has it).
fn ingest_with_limit(dir: &Path, blocks: u32) -> (bool, String) {
    let program = std::env::current_exe().unwrap();
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(program).args(child_arguments()).env(CHILD_ARCHIVE, dir);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}

#[test]
fn a_full_disk_is_a_clear_error_and_what_was_there_stays() {
    let [dir, reference] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let archive = archive_of(dir.path(), &pieces(0..10));
    let before = table_files(dir.path());
    for blocks in [1, 4, 16] {
        let (success, said) = ingest_with_limit(dir.path(), blocks);
        assert!(!success && said.contains("no space is left to write"), "with {blocks} blocks: {said}");
        let found = archive.verify(&mut |_, _| {}).unwrap();
        assert!(found.is_sound(), "{:?}", found.problems);
        drop(archive.write("test").unwrap());
        assert!(table_files(dir.path()) == before, "with {blocks} blocks");
    }
    ingest_all(dir.path()).unwrap();
    archive_of(reference.path(), &pieces(0..10));
    ingest_all(reference.path()).unwrap();
    assert_eq!(table_files(dir.path()), table_files(reference.path()));
}
