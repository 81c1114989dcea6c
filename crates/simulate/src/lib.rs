//! Worlds with known truth: archives of network measurements in OONI's format, made from a description of who interferes with what.
//!
//! A newcomer meets the nouns in this order. A *world* is a small TOML file: countries with *networks* in which volunteers run
//! *probes*; *targets* to measure; *censors*; and innocent *troubles*. Simulating it makes *measurements*, each as the JSON that
//! a real probe would have submitted, and beside each the *truth*: what an observer who knows everything says about it.
//!
//! ```no_run
//! use parallax_simulate::{World, write_to_dir};
//! let world = World::builtin("demo", None)?;
//! let summary = write_to_dir(&world, "demo-world".as_ref(), |_| {})?;
//! println!("{} measurements", summary.measurements);
//! # Ok::<(), parallax_simulate::Error>(())
//! ```
//!
//! **Invariant:** nothing here touches a network. **Invariant:** the output depends on the world and its seed alone, to the byte.

mod addresses;
mod censor;
mod certificates;
mod control;
mod error;
mod log;
mod mechanism;
mod names;
mod nettests;
mod ooni;
mod output;
mod pages;
mod path;
mod probe;
mod refdata;
mod report;
mod rng;
mod schedule;
mod services;
mod single;
mod site;
mod time;
mod trouble;
mod truth;
mod web_address;
mod window;
mod world;
mod world_file;

pub use error::Error;
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

/// Makes every measurement of a world in the order of time and hands each to `sink`, whose error ends it. Memory does not grow.
pub fn simulate(world: &World, mut sink: impl FnMut(&Simulated) -> Result<(), Error>) -> Result<(), Error> {
    let mut index = 0;
    for hour in 0..world.hours {
        for slot in schedule::hour(world, hour) {
            let (submitted, nettest) = (slot.micros.div_euclid(1_000_000), slot.nettest);
            let probe_cc = &world.countries[world.networks[slot.network].country].cc;
            let finished = (nettest.info().run)(report::Report::new(world, slot, index))?;
            index += 1;
            sink(&Simulated { submitted, probe_cc, nettest, json: finished.json, truths: finished.truths })?;
        }
    }
    Ok(())
}
