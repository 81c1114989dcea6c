//! A run that is killed at any instant leaves a sound archive, and the next run ends with the very same tables.
//!
//! `PARALLAX_KILLS=50` is the release check; `PARALLAX_KILL_SEED` repeats a run whose seed was printed.

use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::program::{ARCHIVE, Numbers, Place, assert_same, told};
use crate::world::{REFERENCE, WORLD};

const EVERYDAY_KILLS: u64 = 4;
const EVERYDAY_SEED: u64 = 3;

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn ingest_arguments() -> Vec<&'static str> {
    ["ingest"].into_iter().chain(WORLD.inputs.iter().map(|path| path.to_str().unwrap())).collect()
}

/// How long a command takes when nobody disturbs it.
fn undisturbed(place: &Place, arguments: &[&str]) -> Duration {
    let began = Instant::now();
    place.ok(arguments);
    began.elapsed()
}

/// Lets a command run for a moment and kills it: SIGKILL, which no program can prepare for. Says whether it was still at work.
fn run_and_kill(place: &Place, arguments: &[&str], moment: Duration) -> bool {
    let mut child = place.start(arguments);
    std::thread::sleep(moment);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[test]
fn killed_at_any_moment_the_next_run_ends_with_the_same_tables() {
    let kills = number_from("PARALLAX_KILLS").unwrap_or(EVERYDAY_KILLS);
    let seed = number_from("PARALLAX_KILL_SEED").unwrap_or(EVERYDAY_SEED);
    let ingest = ingest_arguments();
    let place = WORLD.archive();
    let whole = [undisturbed(&place, &ingest), undisturbed(&place, &["judge"]), undisturbed(&place, &["detect"])];
    assert_same(&place.tables(), &REFERENCE.judged, "undisturbed");

    let mut numbers = Numbers(seed);
    let mut moment = |whole: Duration| whole.mul_f64(numbers.below(1000) as f64 / 1000.0);
    let mut hit = 0;
    for kill in 0..kills {
        let place = WORLD.archive();
        let moments = [moment(whole[0]), moment(whole[1]), moment(whole[2])];
        let what = format!("kill {kill} of seed {seed}, after {moments:?} of {whole:?}");
        for (arguments, moment) in [(ingest.as_slice(), moments[0]), (&["judge"], moments[1]), (&["detect"], moments[2])] {
            hit += u64::from(run_and_kill(&place, arguments, moment));
            let left = place.run(&["verify"]);
            assert_eq!(left.code, 0, "{what}: {left:?}");
            place.ok(arguments);
        }
        assert_same(&place.tables(), &REFERENCE.judged, &what);
        let told = place.ok(&["verify"]);
        assert!(told.starts_with("sound"), "{what}: {told}");
    }
    println!("seed {seed}: {kills} kills each of ingest, judge and detect, {hit} of them hit a process at work");
    assert!(hit > 0, "no kill came in time");
}

/// A run that came to its end, or is at work.
fn is_running(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_none()
}

#[test]
fn readers_never_fail_while_somebody_writes_and_never_see_half_a_run() {
    let place = WORLD.archive();
    let count = || place.rows("SELECT count(*) AS n FROM measurements")[0]["n"].as_u64().unwrap();
    let parts: Vec<&[PathBuf]> = WORLD.inputs.chunks(WORLD.inputs.len().div_ceil(4)).collect();
    let (mut before, mut reads) = (count(), 0);
    for part in parts {
        let arguments: Vec<&str> = ["ingest"].into_iter().chain(part.iter().map(|path| path.to_str().unwrap())).collect();
        let mut seen = vec![before];
        for arguments in [arguments.as_slice(), &["judge"]] {
            let mut writer = place.start(arguments);
            while is_running(&mut writer) {
                seen.push(count());
                reads += 1;
            }
            let run = told(writer.wait_with_output().unwrap());
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        seen.push(count());
        seen.dedup();
        assert_eq!(seen.len(), 2, "a run is seen as a whole or not at all: {seen:?}");
        before = seen[1];
    }
    println!("{reads} reads while somebody wrote");
    assert!(reads > 0);
    // A file that was replaced under a reader goes when the next writer comes.
    place.ok(&["judge"]);
    place.ok(&["detect"]);
    assert_same(&place.tables(), &REFERENCE.judged, "read all the while");
    assert!(!place.ok(&["verify"]).contains("belongs to nothing"), "{ARCHIVE}");
}
