//! Which nettests are run how often: those of `[nettests]`, and each that is run beside them.
//!
//! **Invariant:** no draw of one plan is a draw of another, so that whatever runs beside the others leaves them as they were.

use std::collections::BTreeMap;

use crate::error::wrong;
use crate::volume::Volume;
use crate::{Error, Nettest};

pub(crate) struct Plan {
    pub nettests: Vec<(Nettest, u32)>,
    pub volume: Volume,
    /// Keeps its draws and its numbers apart from those of other plans.
    pub apart: u64,
}

impl Plan {
    /// The plan of `nettests`, and one for each that is run beside them, so many for each thousand of theirs. `volume` shares a number out
    /// among networks.
    pub fn all(
        nettests: Vec<(Nettest, u32)>,
        beside: Vec<(Nettest, u32)>,
        main: Volume,
        volume: impl Fn(u64) -> Result<Volume, Error>,
    ) -> Result<Vec<Self>, Error> {
        let total = u128::from(main.total());
        let mut plans = vec![Self { nettests, volume: main, apart: 0 }];
        for (nettest, per_thousand) in beside {
            let number = (total * u128::from(per_thousand) / 1000) as u64;
            plans.push(Self { nettests: vec![(nettest, 1)], volume: volume(number)?, apart: (nettest as u64 + 1) << NUMBER_BITS });
        }
        Ok(plans)
    }

    /// The number of a network's first measurement in the whole world.
    pub fn first(&self, network: usize) -> u64 {
        self.apart + self.volume.first(network)
    }
}

/// More than the numbers of a plan have: a world has at most ten thousand million measurements.
const NUMBER_BITS: u32 = 48;

/// The shares of all nettests; those that the file does not name have their usual one.
pub(crate) fn nettests(typed: &BTreeMap<String, u32>) -> Result<Vec<(Nettest, u32)>, Error> {
    check_names("nettests", typed)?;
    let shares: Vec<_> = Nettest::all().map(|nettest| (nettest, *typed.get(nettest.name()).unwrap_or(&nettest.usual_share()))).collect();
    let total: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    match total {
        1..=1_000_000 => Ok(shares),
        _ => Err(wrong("the shares in [nettests] must add up to between 1 and 1000000")),
    }
}

/// What is run beside them, for each thousand of theirs.
pub(crate) fn beside(typed: &BTreeMap<String, u32>) -> Result<Vec<(Nettest, u32)>, Error> {
    check_names("beside", typed)?;
    match typed.values().map(|count| u64::from(*count)).sum() {
        0..=1000_u64 => Ok(Nettest::all().filter_map(|nettest| Some((nettest, *typed.get(nettest.name())?))).collect()),
        _ => Err(wrong("[beside]: the numbers, which are for each thousand of the other measurements, must add up to at most 1000")),
    }
}

fn check_names(section: &str, typed: &BTreeMap<String, u32>) -> Result<(), Error> {
    match typed.keys().find(|name| Nettest::parse(name).is_none()) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<_> = Nettest::all().map(Nettest::name).collect();
            Err(wrong(format!("[{section}]: {name:?} is not one of {}", known.join(", "))))
        }
    }
}
