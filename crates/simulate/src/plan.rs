//! Which nettests are run how often: those of `[nettests]`, and those that are run beside them.
//!
//! **Invariant:** no draw of one plan is a draw of the other, so that whatever runs beside the others leaves them as they were.

use std::collections::BTreeMap;

use crate::error::wrong;
use crate::volume::Volume;
use crate::{Error, Nettest};

/// Keeps the draws about what runs beside the others apart.
const BESIDE: u64 = 0xbe51_de00_0000_0000;

pub(crate) struct Plan {
    pub nettests: Vec<(Nettest, u32)>,
    pub volume: Volume,
    /// Of its draws.
    pub salt: u64,
}

impl Plan {
    pub fn main(nettests: Vec<(Nettest, u32)>, volume: Volume) -> Self {
        Self { nettests, volume, salt: 0 }
    }

    /// `nettests` are counted for each thousand measurements of `main`; their numbers come after all of its.
    pub fn beside(nettests: Vec<(Nettest, u32)>, main: &Self, volume: impl Fn(u64) -> Result<Volume, Error>) -> Result<Self, Error> {
        let per_thousand: u64 = nettests.iter().map(|(_, count)| u64::from(*count)).sum();
        let number = u128::from(main.volume.total()) * u128::from(per_thousand) / 1000;
        Ok(Self { nettests, volume: volume(number as u64)?.after(&main.volume), salt: BESIDE })
    }
}

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
