//! What censors and troubles mean: names in the world file become indexes, and what could never act is refused.

use std::net::IpAddr;

use crate::addresses::{AddressBook, Behind, OwnerId};
use crate::censor::{Censor, Lookups, bogon};
use crate::error::wrong;
use crate::services::TELEGRAM_POOL;
use crate::site::Site;
use crate::trouble::TroubleKind;
use crate::window::Window;
use crate::world::{Country, Network, Target, Trouble};
use crate::world_file::{CensorFile, TroubleFile};
use crate::{Error, Mechanism};

/// Enough for the head of a page and too little for the page.
const DEFAULT_BYTES_PER_SECOND: u32 = 600;
/// A release that is older than all that probes otherwise run.
const DEFAULT_BROKEN_RELEASE: &str = "3.14.0";

/// Everything that censors and troubles can name.
pub(crate) struct Names<'a> {
    pub countries: &'a [Country],
    pub networks: &'a [Network],
    pub sites: &'a [Site],
    pub targets: &'a [Target],
}

impl Names<'_> {
    pub fn censor(&self, index: usize, typed: &CensorFile, book: &mut AddressBook, owners: &[OwnerId]) -> Result<Censor, Error> {
        let place = format!("censor {}", index + 1);
        let mechanism = Mechanism::parse(&typed.mechanism).ok_or_else(|| {
            let known: Vec<_> = Mechanism::all().map(Mechanism::as_str).collect();
            wrong(format!("{place}: mechanism {:?} is not one of {}", typed.mechanism, known.join(", ")))
        })?;
        let networks = self.networks(&place, &typed.countries, &typed.networks)?;
        let sites = self.sites(&place, &typed.targets)?;
        self.check_layer(&place, mechanism, &sites)?;
        let home = networks.iter().position(|inside| *inside).ok_or_else(|| wrong(format!("{place} has no network")))?;
        let lookups = match typed.lookups.as_deref() {
            Some("resolver") => Lookups::Resolver,
            Some("path") => Lookups::Path,
            Some("public") => Lookups::Public,
            None if matches!(mechanism, Mechanism::DnsNxdomain | Mechanism::DnsRefused) => Lookups::Resolver,
            None => Lookups::Path,
            Some(other) => return Err(wrong(format!("{place}: lookups {other:?} is not one of resolver, path, public"))),
        };
        let forged = match mechanism {
            Mechanism::DnsInjectionBogon => vec![bogon(index)],
            Mechanism::DnsInjectionBlockpage | Mechanism::HttpRedirect => vec![book.new_v4(owners[home], Behind::BlockPage(index))],
            Mechanism::DnsInjectionOther if typed.proxy => vec![book.new_v4(owners[home], Behind::Proxy)],
            Mechanism::DnsInjectionOther => {
                let elsewhere = book.owner(65541, "Elsewhere Networks", "ZZ");
                vec![book.new_v4(elsewhere, if index.is_multiple_of(2) { Behind::Stray } else { Behind::Nothing })]
            }
            _ => Vec::new(),
        };
        Ok(Censor {
            mechanism,
            sites,
            share: share(&place, typed.share, 1.0)?,
            window: Window::parse(&place, typed.from.as_deref(), typed.to.as_deref(), typed.hours)?,
            lookups,
            race: typed.race,
            bytes_per_second: typed.bytes_per_second.unwrap_or(DEFAULT_BYTES_PER_SECOND).max(1),
            forged,
            country: self.countries[self.networks[home].country].name.clone(),
            networks,
        })
    }

    pub fn trouble(&self, index: usize, typed: &TroubleFile, censors: &[Censor]) -> Result<Trouble, Error> {
        let place = format!("trouble {}", index + 1);
        let kind = TroubleKind::parse(&typed.kind).ok_or_else(|| {
            let known: Vec<_> = TroubleKind::all().map(TroubleKind::as_str).collect();
            wrong(format!("{place}: kind {:?} is not one of {}", typed.kind, known.join(", ")))
        })?;
        let everywhere = typed.countries.is_empty() && typed.networks.is_empty();
        let networks = if everywhere { vec![true; self.networks.len()] } else { self.networks(&place, &typed.countries, &typed.networks)? };
        let sites = if typed.targets.is_empty() { vec![true; self.sites.len()] } else { self.sites(&place, &typed.targets)? };
        let window = Window::parse(&place, typed.from.as_deref(), typed.to.as_deref(), typed.hours)?;
        let concerns_a_site =
            matches!(kind, TroubleKind::SiteDown | TroubleKind::CdnChange | TroubleKind::ServerGeoBlock | TroubleKind::Forger);
        if concerns_a_site && typed.targets.is_empty() {
            return Err(wrong(format!("{place}: {kind} needs `targets`")));
        }
        if kind == TroubleKind::ServerGeoBlock && everywhere {
            return Err(wrong(format!("{place}: {kind} needs `countries` that the server refuses")));
        }
        if kind == TroubleKind::CdnChange && (typed.from.is_none() || typed.to.is_none()) {
            return Err(wrong(format!("{place}: {kind} needs `from` and `to`, between which resolvers disagree")));
        }
        let forged = if kind == TroubleKind::Forger { forged_addresses(&place, censors, &sites)? } else { Vec::new() };
        let failure = match typed.failure.as_deref() {
            Some("refused") => "connection_refused",
            Some("nxdomain") => "dns_nxdomain_error",
            Some("timeout") | None => "generic_timeout_error",
            Some(other) => return Err(wrong(format!("{place}: failure {other:?} is not one of refused, timeout, nxdomain"))),
        };
        Ok(Trouble {
            kind,
            networks,
            sites,
            share: share(&place, typed.share, 1.0)?,
            window,
            failure,
            software_version: typed.software_version.clone().unwrap_or_else(|| DEFAULT_BROKEN_RELEASE.into()),
            forged,
        })
    }

    fn networks(&self, place: &str, countries: &[String], asns: &[u32]) -> Result<Vec<bool>, Error> {
        if let Some(cc) = countries.iter().find(|cc| self.countries.iter().all(|known| known.cc != **cc)) {
            return Err(wrong(format!("{place}: {cc:?} is not the `cc` of any [[country]]")));
        }
        if let Some(asn) = asns.iter().find(|asn| self.networks.iter().all(|known| known.asn != **asn)) {
            return Err(wrong(format!("{place}: AS{asn} is not the `asn` of any [[country.network]]")));
        }
        let inside = |network: &Network| asns.contains(&network.asn) || countries.contains(&self.countries[network.country].cc);
        Ok(self.networks.iter().map(inside).collect())
    }

    /// Targets are hostnames, service roles, or `prefix*`.
    fn sites(&self, place: &str, targets: &[String]) -> Result<Vec<bool>, Error> {
        let mut chosen = vec![false; self.sites.len()];
        for target in targets {
            let matches = |site: &Site| match target.strip_suffix('*') {
                Some(prefix) => site.target().starts_with(prefix),
                None => site.target() == target || site.host == *target,
            };
            let before: Vec<usize> = (0..self.sites.len()).filter(|index| matches(&self.sites[*index])).collect();
            if before.is_empty() {
                return Err(wrong(format!(
                    "{place}: {target:?} is neither the host of a [[target]] nor a service such as telegram/dc_pool"
                )));
            }
            before.into_iter().for_each(|index| chosen[index] = true);
        }
        match targets.is_empty() {
            true => Err(wrong(format!("{place} needs `targets`"))),
            false => Ok(chosen),
        }
    }

    /// A censor that could never act is a mistake in the file.
    fn check_layer(&self, place: &str, mechanism: Mechanism, sites: &[bool]) -> Result<(), Error> {
        let urls = || self.targets.iter().flat_map(|target| std::iter::once(&target.url).chain(&target.redirect));
        let plain = |site: &Site| site.host == TELEGRAM_POOL || urls().any(|url| !url.https && url.host == site.host);
        let touched = || self.sites.iter().zip(sites).filter(|(_, touched)| **touched).map(|(site, _)| site);
        if mechanism.layer() == "http" && !touched().any(plain) {
            return Err(wrong(format!("{place}: {mechanism} only sees plain http://, and none of its targets is fetched that way")));
        }
        if mechanism.layer() == "dns" && touched().all(|site| site.host == TELEGRAM_POOL) {
            return Err(wrong(format!("{place}: {mechanism} cannot touch {TELEGRAM_POOL}, which has no name in the DNS")));
        }
        Ok(())
    }
}

fn forged_addresses(place: &str, censors: &[Censor], sites: &[bool]) -> Result<Vec<IpAddr>, Error> {
    let injects = |censor: &&Censor| matches!(censor.mechanism, Mechanism::DnsInjectionBlockpage | Mechanism::DnsInjectionOther);
    let shared = |censor: &&Censor| censor.sites.iter().zip(sites).any(|(left, right)| *left && *right);
    let forged: Vec<IpAddr> = censors.iter().filter(injects).filter(shared).flat_map(|censor| censor.forged.clone()).collect();
    match forged.is_empty() {
        true => Err(wrong(format!("{place}: a forger vouches for a censor's address, and no dns.injection censor touches its targets"))),
        false => Ok(forged),
    }
}

fn share(place: &str, share: Option<f64>, default: f64) -> Result<f64, Error> {
    let share = share.unwrap_or(default);
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err(wrong(format!("{place}: share = {share} is not within 0 to 1"))),
    }
}
