//! Worlds with known truth: archives of network measurements in OONI's format, made from a description of who interferes with what.
//!
//! A newcomer meets the nouns in this order. A *world* is a small TOML file: countries with *networks* in which volunteers run
//! *probes*; *targets* to measure; *censors*; and innocent *troubles*. Simulating it makes *measurements*, each as the JSON that
//! a real probe would have submitted, and beside each the *truth*: what an observer who knows everything says about it. Whatever a world leaves to its seed
//! is *drawn* before anything else.
//!
//! ```no_run
//! use parallax_simulate::{World, write_to_dir};
//! let world = World::builtin("demo", None)?;
//! let summary = write_to_dir(&world, "demo-world".as_ref(), std::num::NonZero::<usize>::MIN, |_| {})?;
//! println!("{} measurements", summary.measurements);
//! # Ok::<(), parallax_simulate::Error>(())
//! ```
//!
//! The truth about measurements is a line of `truth.jsonl` each ([`Truth`]), that about censors' periods and troubles one of
//! `truth-events.jsonl` ([`Event`]); `docs/simulator.md` explains both field by field.
//!
//! **Invariant:** nothing here touches a network. **Invariant:** the output depends on the world and its seed alone, to the byte.

mod addresses;
mod censor;
mod certificates;
mod control;
mod draw;
mod error;
mod events;
mod log;
mod mechanism;
mod names;
mod nettests;
mod ooni;
mod output;
mod pages;
mod path;
mod places;
mod plan;
mod probe;
mod range;
mod refdata;
mod report;
mod rng;
mod schedule;
mod services;
mod single;
mod site;
mod sites;
mod time;
mod trouble;
mod truth;
mod volume;
mod web_address;
mod window;
mod world;
mod world_file;

pub use error::Error;
pub use events::{Event, Schedule};
pub use mechanism::Mechanism;
pub use nettests::Nettest;
pub use output::{Summary, write_to_dir};
pub use single::{Case, single};
pub use trouble::TroubleKind;
pub use truth::Truth;
pub use world::World;

/// One measurement, as it is submitted.
#[derive(Clone, Debug)]
pub struct Simulated<'a> {
    /// Seconds since 1970, by a clock that is right.
    pub submitted: i64,
    pub probe_cc: &'a str,
    pub nettest: Nettest,
    pub json: String,
    pub truths: Vec<Truth>,
}

/// The truth about what happened in a world, without the counts that only simulating it gives.
pub fn events(world: &World) -> Vec<Event> {
    events::events(world, &std::collections::BTreeMap::new())
}

/// Makes every measurement of a world in the order of time and hands each to `sink`, whose error ends it. Memory does not grow.
pub fn simulate(world: &World, mut sink: impl FnMut(&Simulated) -> Result<(), Error>) -> Result<(), Error> {
    for hour in 0..world.hours {
        for slot in schedule::hour(world, hour, |_| true) {
            sink(&measure(world, slot)?)?;
        }
    }
    Ok(())
}

fn measure(world: &World, slot: schedule::Slot) -> Result<Simulated<'_>, Error> {
    let (submitted, nettest) = (slot.micros.div_euclid(1_000_000), slot.nettest);
    let probe_cc = &world.countries[world.networks[slot.network].country].cc;
    let finished = report::measure(world, slot)?;
    Ok(Simulated { submitted, probe_cc, nettest, json: finished.json, truths: finished.truths })
}
