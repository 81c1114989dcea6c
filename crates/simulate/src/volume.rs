//! How much is measured: each network's plan, day by day.
//!
//! A day's measurements are planned as a number, and each finds its hour by a draw of its own (see `schedule`), so that hourly counts scatter
//! as those of independent volunteers do. **Invariant:** a planned measurement has a number of its own in the whole world, which every
//! draw about it begins with; so it does not matter in which order, or by which thread, measurements are made.

use crate::Error;
use crate::error::wrong;
use crate::places::Network;
use crate::rng;

const HOURS_A_DAY: u32 = 24;
/// Keeps draws about volume apart from others.
const VOLUME: u64 = 0x766f_6c75_6d65;
/// Local hours with less volume, and those between.
const NIGHT: std::ops::Range<i64> = 1..6;
const DUSK_AND_DAWN: [i64; 4] = [23, 0, 6, 7];

pub(crate) struct Volume {
    /// By network: the number of its first measurement, and how many are planned before each day and before the end.
    plans: Vec<(u64, Vec<u64>)>,
    total: u64,
}

impl Volume {
    /// `measurements`: as many in all, or as many as the networks say.
    pub fn plan(seed: u64, hours: u32, measurements: Option<u64>, networks: &[Network]) -> Result<Self, Error> {
        let daily: u64 = networks.iter().map(|network| u64::from(network.measurements_per_day)).sum();
        if measurements.is_some_and(|wanted| wanted > 0) && daily == 0 {
            return Err(wrong("`measurements` are shared out by `measurements_per_day`, which is 0 in every network"));
        }
        let (mut plans, mut total, mut before) = (Vec::new(), 0, 0u64);
        for (index, network) in networks.iter().enumerate() {
            let own = u64::from(network.measurements_per_day);
            let number = match measurements {
                None => own * u64::from(hours) / u64::from(HOURS_A_DAY),
                Some(wanted) => share(wanted, before + own, daily) - share(wanted, before, daily),
            };
            before += own;
            plans.push((total, days(seed, index, network, hours, number)));
            total += number;
        }
        Ok(Self { plans, total })
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    /// The numbers of the measurements that a network plans for a day of the world; the first of a network is 0 here.
    pub fn day(&self, network: usize, day: u32) -> std::ops::Range<u64> {
        let plan = &self.plans[network].1;
        plan[day as usize]..plan[day as usize + 1]
    }

    /// The number of a network's first measurement in the whole plan.
    pub fn first(&self, network: usize) -> u64 {
        self.plans[network].0
    }
}

/// `part` of `whole` parts of a number, rounded down.
fn share(number: u64, part: u64, whole: u64) -> u64 {
    (u128::from(number) * u128::from(part) / u128::from(whole.max(1))) as u64
}

fn days(seed: u64, index: usize, network: &Network, hours: u32, number: u64) -> Vec<u64> {
    let days = hours.div_ceil(HOURS_A_DAY);
    let weight = |day: u32| {
        let length = f64::from((hours - day * HOURS_A_DAY).min(HOURS_A_DAY));
        length * (1.0 + network.variation * (2.0 * rng::fixed_share(seed ^ VOLUME, index as u64, u64::from(day), 0) - 1.0))
    };
    let whole: f64 = (0..days).map(weight).sum();
    let mut so_far = 0.0;
    let mut plan = vec![0];
    for day in 0..days {
        so_far += weight(day);
        // A network that strays by everything can have days without any weight, and be left with none at all.
        let share = if whole > 0.0 { (so_far / whole).min(1.0) } else { 1.0 };
        plan.push(if day + 1 == days { number } else { (number as f64 * share) as u64 });
    }
    plan
}

/// How much is measured in a local hour, relative to others.
pub(crate) fn hour_weight(night: f64, local_hour: i64) -> f64 {
    match local_hour {
        hour if NIGHT.contains(&hour) => night,
        hour if DUSK_AND_DAWN.contains(&hour) => (1.0 + night) / 2.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(measurements_per_day: u32, variation: f64) -> Network {
        Network {
            asn: 64500,
            name: "A".into(),
            country: 0,
            probes: 1,
            measurements_per_day,
            batch: 1,
            steady: false,
            night: 1.0,
            variation,
            resolver_ip: "192.0.2.1".parse().unwrap(),
            resolver_asn: 64500,
            resolver_name: "A".into(),
        }
    }

    #[test]
    fn a_wanted_number_is_met_to_the_measurement_and_shared_out_by_volume() {
        let networks = [network(10, 0.0), network(90, 0.5), network(7, 1.0)];
        let volume = Volume::plan(1, 80, Some(100_003), &networks).unwrap();
        assert_eq!(volume.total(), 100_003);
        let own = |index: usize| (0..4).map(|day| volume.day(index, day).count()).sum::<usize>();
        assert_eq!((0..3).map(own).sum::<usize>(), 100_003);
        assert_eq!(own(0), 9_346);
        assert_eq!(volume.first(1), 9_346);
    }

    #[test]
    fn days_stray_as_far_as_they_may() {
        let volume = Volume::plan(1, 24 * 50, None, &[network(1000, 0.3)]).unwrap();
        let days: Vec<usize> = (0..50).map(|day| volume.day(0, day).count()).collect();
        assert!(days.iter().all(|day| (600..1400).contains(day)) && days.iter().any(|day| *day < 850), "{days:?}");
    }
}
