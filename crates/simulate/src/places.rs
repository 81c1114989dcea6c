//! Where volunteers are: countries and their networks.

use std::net::IpAddr;

use crate::Error;
use crate::addresses::{AddressBook, Behind, OwnerId};
use crate::error::{check_name, wrong};
use crate::window::utc_offset;
use crate::world_file::{NetworkFile, WorldFile};

/// Per network; above it the slots of one hour would no longer be a small thing to hold.
const MAX_PER_DAY: u32 = 1_000_000;
const MAX_PROBES: u32 = 1_000_000;
/// A probe that makes more one after the other would not be done within an hour.
const MAX_BATCH: u32 = 60;

pub(crate) struct Country {
    pub cc: String,
    pub name: String,
    /// Seconds that local time is ahead of UTC.
    pub utc_offset: i64,
}

pub(crate) struct Network {
    pub asn: u32,
    pub name: String,
    pub country: usize,
    pub probes: u32,
    pub measurements_per_day: u32,
    /// Measurements that one probe makes one after the other.
    pub batch: u32,
    /// Measured by the clock, and not by chance.
    pub steady: bool,
    /// How much is measured at night, relative to the day.
    pub night: f64,
    /// How far a day's volume strays from the mean.
    pub variation: f64,
    pub resolver_ip: IpAddr,
    pub resolver_asn: u32,
    pub resolver_name: String,
}

/// Countries, networks, and the owner of each network's addresses.
pub(crate) struct Places {
    pub countries: Vec<Country>,
    pub networks: Vec<Network>,
    pub owners: Vec<OwnerId>,
}

impl Places {
    pub fn of(file: &WorldFile, book: &mut AddressBook) -> Result<Self, Error> {
        let mut places = Self { countries: Vec::new(), networks: Vec::new(), owners: Vec::new() };
        for (index, typed) in file.country.iter().enumerate() {
            let place = format!("country {}", index + 1);
            if typed.cc.len() != 2 || !typed.cc.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(wrong(format!("{place}: {:?} is not a two-letter country code in capitals", typed.cc)));
            }
            if typed.network.is_empty() || places.countries.iter().any(|known| known.cc == typed.cc) {
                return Err(wrong(format!("{place}: {} has no [[country.network]] or stands twice", typed.cc)));
            }
            check_name(&place, &typed.name)?;
            let utc_offset = typed.utc_offset.as_deref().map_or(Ok(0), |text| utc_offset(&place, text))?;
            for network in &typed.network {
                places.add(network, index, &typed.cc, book)?;
            }
            places.countries.push(Country { cc: typed.cc.clone(), name: typed.name.clone(), utc_offset });
        }
        match places.networks.is_empty() {
            true => Err(wrong("there is no [[country]] with a network to measure from")),
            false => Ok(places),
        }
    }

    fn add(&mut self, typed: &NetworkFile, country: usize, cc: &str, book: &mut AddressBook) -> Result<(), Error> {
        let place = format!("network AS{}", typed.asn);
        check_name(&place, &typed.name)?;
        if typed.asn == 0 || self.networks.iter().any(|known| known.asn == typed.asn) {
            return Err(wrong(format!("{place} stands twice or is no network")));
        }
        let (probes, measurements_per_day, batch) = (typed.probes.value(), typed.measurements_per_day.value(), typed.batch.value());
        if !(1..=MAX_PROBES).contains(&probes) || measurements_per_day > MAX_PER_DAY {
            return Err(wrong(format!("{place}: probes must be 1 to {MAX_PROBES} and measurements_per_day at most {MAX_PER_DAY}")));
        }
        let (night, variation) = (typed.night.value(), typed.variation.value());
        if !(1..=MAX_BATCH).contains(&batch) || !(0.0..=1.0).contains(&night) || !(0.0..=1.0).contains(&variation) {
            return Err(wrong(format!("{place}: batch must be 1 to {MAX_BATCH}, night and variation 0 to 1")));
        }
        let owner = book.owner(typed.asn, &typed.name, cc);
        let own_resolver = book.new_v4(owner, Behind::Nothing);
        self.networks.push(Network {
            asn: typed.asn,
            name: typed.name.clone(),
            country,
            probes,
            measurements_per_day,
            batch,
            steady: typed.steady,
            night,
            variation,
            resolver_ip: typed.resolver_ip.unwrap_or(own_resolver),
            resolver_asn: typed.resolver_asn.unwrap_or(typed.asn),
            resolver_name: if typed.resolver_asn.is_some() { "Public Resolver".into() } else { typed.name.clone() },
        });
        self.owners.push(owner);
        Ok(())
    }

    /// The network that serves each region's own copies of sites, the test helper's first.
    pub fn regions(&self, book: &mut AddressBook) -> Vec<OwnerId> {
        let test_helper = book.owner(65540, "Quiet Hosting", "ZZ");
        let first_of = |country: usize| {
            self.networks.iter().position(|network| network.country == country).map_or(test_helper, |index| self.owners[index])
        };
        std::iter::once(test_helper).chain((0..self.countries.len()).map(first_of)).collect()
    }
}
