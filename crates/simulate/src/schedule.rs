//! Who measures what, and when: the hours of a world, each with its slots in the order of time.
//!
//! Slots are made hour by hour, so that memory does not grow with the length of the world. A probe makes its measurements in *runs*, some
//! one after the other; a run has its hour, its minute and its probe from a draw that depends on the run's number alone.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Nettest;
use crate::plan::Plan;
use crate::rng::fixed_share;
use crate::trouble::TroubleKind;
use crate::volume::hour_weight;
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
    /// Its number in the whole world.
    pub number: u64,
    /// What its run has in common: a report of one nettest begins with it.
    pub run: u64,
}

/// Keep the streams of the schedule apart from those of the measurements, and its draws from each other.
const SCHEDULE: u64 = 0x5c4e_d01e_5c4e_d01e;
const HOUR: u64 = 1;
const MINUTE: u64 = 2;
const PROBE: u64 = 3;
const LOST: u64 = 4;

const HOUR_MICROS: i64 = 3_600_000_000;
/// What a measurement takes within a run.
const STEP_MICROS: i64 = 20_000_000;

/// The slots of the networks that `wanted` names.
pub(crate) fn hour(world: &World, hour: u32, wanted: impl Fn(usize) -> bool) -> Vec<Slot> {
    let choice = Choice::at(world, hour);
    let mut slots = Vec::new();
    for network in (0..world.networks.len()).filter(|network| wanted(*network)) {
        for plan in &world.plans {
            Hour { world, plan, hour, network, nettests: choice.nettests(plan), targets: &choice.targets }.slots(&mut slots);
        }
    }
    slots.sort_unstable();
    slots
}

/// What can be measured in an hour: targets with the sums of their weights so far.
struct Choice {
    targets: Vec<(u64, usize)>,
}

impl Choice {
    fn at(world: &World, hour: u32) -> Self {
        let now = world.start + i64::from(hour) * 3600;
        let off_the_list = |target: usize| {
            let edits = world.troubles.iter().filter(|trouble| trouble.kind == TroubleKind::TestListEdit);
            let mut edits = edits.filter(|trouble| trouble.sites[world.targets[target].site]).peekable();
            edits.peek().is_some() && !edits.any(|trouble| trouble.window.contains(now, 0))
        };
        let listed = (0..world.targets.len()).filter(|target| !off_the_list(*target));
        Self { targets: sums(listed.map(|target| (u64::from(world.targets[target].weight), target))) }
    }

    /// The nettests of a plan with the sums of their shares. A list that is empty for an hour leaves the apps to be measured.
    fn nettests(&self, plan: &Plan) -> Vec<(u64, Nettest)> {
        let runs = |nettest: Nettest| !nettest.measures_targets() || !self.targets.is_empty();
        sums(plan.nettests.iter().filter(|(nettest, _)| runs(*nettest)).map(|(nettest, share)| (u64::from(*share), *nettest)))
    }
}

fn sums<T>(weighted: impl Iterator<Item = (u64, T)>) -> Vec<(u64, T)> {
    let mut sum = 0;
    weighted
        .filter(|(weight, _)| *weight > 0)
        .map(|(weight, item)| {
            sum += weight;
            (sum, item)
        })
        .collect()
}

/// One of a list of sums, as often as its weight says.
fn pick<T: Copy>(from: &[(u64, T)], rng: &mut ChaCha8Rng) -> Option<T> {
    let drawn = rng.random_range(0..from.last()?.0);
    from.get(from.partition_point(|(sum, _)| *sum <= drawn)).map(|(_, item)| *item)
}

struct Hour<'w> {
    world: &'w World,
    plan: &'w Plan,
    hour: u32,
    network: usize,
    nettests: Vec<(u64, Nettest)>,
    targets: &'w [(u64, usize)],
}

impl Hour<'_> {
    fn slots(&self, slots: &mut Vec<Slot>) {
        let (day, batch) = (self.hour / 24, u64::from(self.world.networks[self.network].batch));
        let weights = self.weights(day);
        let (mut run, mut here) = (u64::MAX, false);
        let planned = self.plan.volume.day(self.network, day);
        let count = planned.end - planned.start;
        for number in planned.clone() {
            if number / batch != run {
                run = number / batch;
                here = match self.world.networks[self.network].steady {
                    true => day * 24 + ((number - planned.start) * weights.len() as u64 / count) as u32 == self.hour,
                    false => self.hour_of(run, day, &weights) == self.hour,
                };
            }
            if here {
                slots.extend(self.slot(number, run, batch));
            }
        }
    }

    /// The hours of a day with the sums of their weights.
    fn weights(&self, day: u32) -> Vec<(f64, u32)> {
        let mut sum = 0.0;
        let night = self.world.networks[self.network].night;
        let local =
            |hour: u32| (self.world.start + i64::from(hour) * 3600 + self.world.utc_offset(self.network)).div_euclid(3600).rem_euclid(24);
        (day * 24..self.world.hours.min(day * 24 + 24))
            .map(|hour| {
                sum += hour_weight(night, local(hour));
                (sum, hour)
            })
            .collect()
    }

    fn hour_of(&self, run: u64, day: u32, weights: &[(f64, u32)]) -> u32 {
        let whole = weights.last().map_or(0.0, |(sum, _)| *sum);
        let drawn = self.draw(HOUR, run << 12 ^ u64::from(day)) * whole;
        let index = weights.partition_point(|(sum, _)| *sum <= drawn);
        // Where no hour has any weight (a night alone, and nobody measures at night), the first is as good as any.
        weights.get(index).or(weights.first()).map_or(0, |(_, hour)| *hour)
    }

    fn slot(&self, number: u64, run: u64, batch: u64) -> Option<Slot> {
        let (world, network) = (self.world, self.network);
        let overall = self.plan.first(network) + number;
        let mut rng = ChaCha8Rng::seed_from_u64(world.seed ^ SCHEDULE);
        rng.set_stream(overall);
        let hour_began = (world.start + i64::from(self.hour) * 3600) * 1_000_000;
        let free = HOUR_MICROS - STEP_MICROS * batch as i64;
        let run_began = (self.draw(MINUTE, run) * free as f64) as i64;
        let within = STEP_MICROS * (number % batch) as i64 + rng.random_range(0..STEP_MICROS);
        let micros = hour_began + run_began + within;
        if self.is_lost(micros.div_euclid(1_000_000), number) {
            return None;
        }
        let nettest = pick(&self.nettests, &mut rng)?;
        let target = match nettest.inputs().len() {
            _ if nettest.measures_targets() && world.networks[network].steady => self.in_turn(number)?,
            _ if nettest.measures_targets() => pick(self.targets, &mut rng)?,
            0 => 0,
            inputs => rng.random_range(0..inputs),
        };
        let probe = (self.draw(PROBE, run) * f64::from(world.networks[network].probes)) as u32;
        Some(Slot { micros, network, probe, nettest, target, number: overall, run: run ^ self.plan.apart })
    }

    /// The target whose turn it is, where a network is measured by the clock.
    fn in_turn(&self, number: u64) -> Option<usize> {
        self.targets.get((number % self.targets.len().max(1) as u64) as usize).map(|(_, target)| *target)
    }

    /// Whether a shutdown keeps it from being made or submitted.
    fn is_lost(&self, now: i64, number: u64) -> bool {
        let (world, network) = (self.world, self.network);
        let cut = |index: &&usize| {
            let trouble = &world.troubles[**index];
            trouble.kind == TroubleKind::Shutdown
                && trouble.window.contains(now, world.utc_offset(network))
                && self.draw(LOST + **index as u64, number) >= trouble.volume
        };
        world.troubles_of[network].iter().any(|index| cut(&index))
    }

    fn draw(&self, what: u64, number: u64) -> f64 {
        fixed_share(self.world.seed ^ SCHEDULE ^ self.plan.apart, what, self.network as u64, number)
    }
}
