//! A world file is refused in a sentence or makes a world that can be simulated: the same bytes each time, and records that are read.
#![no_main]

use std::io;

use libfuzzer_sys::fuzz_target;
use parallax_fuzz::read::read;
use parallax_simulate::{Error, World, simulate};

/// Measurements of a world that are made.
const MEASUREMENTS: usize = 3;
/// Worlds that would make more in one hour are left alone: they are slow and no different.
const MAX_MEASUREMENTS: u64 = 100_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let world = match World::parse(text, None) {
        Ok(world) => world,
        Err(error) => return assert!(!error.to_string().contains('\n'), "one sentence: {error}"),
    };
    assert_eq!(world.text(), text);
    if world.measurements() > MAX_MEASUREMENTS {
        return;
    }
    let records = first_measurements(&world);
    for record in &records {
        assert_eq!(read(record.as_bytes()).measurements.num_rows(), 1, "{record}");
    }
    let again = World::parse(text, None).expect("what was read once is read again");
    assert_eq!(first_measurements(&again), records, "the same world gives the same bytes");
    if let Ok(seeded) = World::parse(text, Some(7)) {
        let kept = World::parse(seeded.text(), None).expect("the text with another seed is a world file");
        assert_eq!((kept.seed(), first_measurements(&kept)), (7, first_measurements(&seeded)));
    }
});

fn first_measurements(world: &World) -> Vec<String> {
    let mut records = Vec::new();
    let made = simulate(world, |done| {
        records.push(done.json.clone());
        if records.len() < MEASUREMENTS { Ok(()) } else { Err(Error::Record(io::ErrorKind::Interrupted.into())) }
    });
    assert!(made.is_ok() || records.len() == MEASUREMENTS, "a world that was read can be simulated: {made:?}");
    records
}
