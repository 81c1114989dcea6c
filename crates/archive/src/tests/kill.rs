//! The real thing: a process that ingests is killed at a random moment, and the next one ends with the very same tables.
//!
//! `PARALLAX_KILLS=50` is the release check; `PARALLAX_KILL_SEED` repeats a run whose seed was printed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::rows::{Numbers, pieces, table_files};
use crate::limits::Limits;
use crate::{Archive, Error, Input};

/// Tells the child which archive to write.
pub const CHILD_ARCHIVE: &str = "PARALLAX_TEST_ARCHIVE";
const INPUTS: u64 = 6;
const ROWS_PER_INPUT: u64 = 400;
const EVERYDAY_KILLS: u64 = 5;

/// What the child does: a few inputs, each in a commit of its own that keeps a copy, and none twice.
pub fn ingest_all(dir: &Path) -> Result<(), Error> {
    let archive = Archive::open_or_create(dir)?;
    let mut writer = archive.write("test")?;
    for number in 0..INPUTS {
        let content = format!("input {number}").repeat(1000).into_bytes();
        let (digest, bytes) = crate::disk::digest(&mut content.as_slice(), &mut |_| {}).expect("memory can be read");
        if writer.inputs()?.among(&BTreeSet::from([digest.as_str()])).next().is_some() {
            continue;
        }
        let mut stage = writer.stage()?;
        stage.limit(Limits { buffer_bytes: 100_000, ..Limits::USUAL });
        let mut copy = stage.keep_raw(&digest)?;
        copy.write_all(&content).map_err(|error| Error::writing(dir, error))?;
        copy.finish()?;
        let first = number * ROWS_PER_INPUT;
        for start in (first..first + ROWS_PER_INPUT).step_by(50) {
            for piece in pieces(start..start + 50) {
                stage.push(piece)?;
            }
        }
        stage.note(Input { sha256: digest, name: format!("{number}"), bytes, ..Input::default() });
        writer.commit(stage, |_| ())?;
    }
    Ok(())
}

#[test]
#[ignore = "run by the other tests as a process of its own"]
fn child() {
    let Some(dir) = std::env::var_os(CHILD_ARCHIVE) else { return };
    if let Err(error) = ingest_all(Path::new(&dir)) {
        panic!("{error}");
    }
}

/// This very test program, told to run [`child`] and nothing else.
pub fn child_arguments() -> [&'static str; 4] {
    ["--exact", "tests::kill::child", "--ignored", "--nocapture"]
}

fn start(dir: &Path) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(child_arguments()).env(CHILD_ARCHIVE, dir).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn killed_at_any_moment_the_next_run_ends_with_the_same_tables() {
    let kills = number_from("PARALLAX_KILLS").unwrap_or(EVERYDAY_KILLS);
    let seed = number_from("PARALLAX_KILL_SEED").unwrap_or(2);
    println!("seed {seed}");
    let mut numbers = Numbers(seed);

    let reference = tempfile::tempdir().unwrap();
    let began = Instant::now();
    assert!(start(reference.path()).wait().unwrap().success());
    let whole = began.elapsed();
    let expected = (table_files(reference.path()), raw_files(reference.path()));

    for kill in 0..kills {
        let dir = tempfile::tempdir().unwrap();
        let moment = whole.mul_f64(numbers.below(1000) as f64 / 1000.0);
        kill_after(start(dir.path()), moment);
        if let Ok(archive) = Archive::open(dir.path()) {
            let found = archive.verify(&mut |_, _| {}).unwrap();
            let damage: Vec<_> = found.problems.iter().filter(|problem| problem.is_damage()).collect();
            assert!(damage.is_empty(), "kill {kill} of seed {seed} after {moment:?}: {damage:?}");
        }
        ingest_all(dir.path()).unwrap_or_else(|error| panic!("kill {kill} of seed {seed} after {moment:?}: {error}"));
        let found = Archive::open(dir.path()).unwrap().verify(&mut |_, _| {}).unwrap();
        assert_eq!(found.problems, [], "kill {kill} of seed {seed} after {moment:?}");
        assert!((table_files(dir.path()), raw_files(dir.path())) == expected, "kill {kill} of seed {seed} after {moment:?}");
    }
}

/// SIGKILL, which no program can prepare for.
fn kill_after(mut child: Child, moment: Duration) {
    std::thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn raw_files(dir: &Path) -> Vec<String> {
    crate::disk::files_below(dir, "raw").unwrap()
}
