//! Who measures what, and when: the hours of a world, each with its slots in the order of time.
//!
//! Slots are made hour by hour, so that memory does not grow with the length of the world.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Nettest;
use crate::world::World;

/// One measurement to be made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    /// When it is submitted, in microseconds since 1970.
    pub micros: i64,
    pub network: usize,
    pub probe: u32,
    pub nettest: Nettest,
    /// For web tests, what is fetched.
    pub target: usize,
}

/// Keeps the stream of the schedule apart from those of the measurements.
const SCHEDULE: u64 = 0x5c4e_d01e_5c4e_d01e;

pub(crate) fn hour(world: &World, hour: u32) -> Vec<Slot> {
    let mut slots = Vec::new();
    for network in 0..world.networks.len() {
        let mut rng = ChaCha8Rng::seed_from_u64(world.seed ^ SCHEDULE);
        rng.set_stream(u64::from(hour) << 16 | network as u64);
        let daily = u64::from(world.networks[network].measurements_per_day);
        let until = |hours: u32| daily * u64::from(hours) / 24;
        for _ in until(hour)..until(hour + 1) {
            slots.push(slot(world, network, i64::from(hour), &mut rng));
        }
    }
    slots.sort_unstable();
    slots
}

fn slot(world: &World, network: usize, hour: i64, rng: &mut ChaCha8Rng) -> Slot {
    let micros = (world.start + hour * 3600) * 1_000_000 + rng.random_range(0..3_600_000_000);
    let total: u32 = world.nettests.iter().map(|(_, share)| share).sum();
    let mut pick = rng.random_range(0..total);
    let mut nettest = Nettest::WebConnectivity05;
    for (candidate, share) in &world.nettests {
        nettest = *candidate;
        if pick < *share {
            break;
        }
        pick -= share;
    }
    let target = if nettest.is_web() { rng.random_range(0..world.targets.len()) } else { 0 };
    Slot { micros, network, probe: rng.random_range(0..world.networks[network].probes), nettest, target }
}
