//! How long a small archive takes to answer.

use std::time::{Duration, Instant};

use crate::world::REFERENCE;

/// The floor of the release build; a debug build is only shown.
const MOST: Duration = Duration::from_millis(150);
const RUNS: usize = 7;

#[test]
fn a_small_archive_answers_at_once() {
    let place = &REFERENCE.place;
    let uid = place.rows("SELECT min(measurement_uid) AS uid FROM anomalies")[0]["uid"].as_str().unwrap().to_owned();
    let asked: [(&str, &[&str]); 3] = [
        ("query", &["query", "SELECT target, state, count(*) AS n FROM judgements GROUP BY ALL ORDER BY n DESC"]),
        ("query, all rows", &["query", "--format", "csv", "SELECT * FROM observations"]),
        ("explain", &["explain", &uid]),
    ];
    for (name, arguments) in asked {
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let began = Instant::now();
                place.ok(arguments);
                began.elapsed()
            })
            .collect();
        times.sort();
        println!("{name:<16} median {:>4} ms, worst {:>4} ms", times[RUNS / 2].as_millis(), times[RUNS - 1].as_millis());
        assert!(cfg!(debug_assertions) || times[RUNS / 2] < MOST, "{name}: {:?}", times[RUNS / 2]);
    }
}
