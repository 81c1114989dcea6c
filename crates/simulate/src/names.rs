//! What censors and troubles mean: names in the world file become indexes, and what could never act is refused.

use std::net::IpAddr;

use crate::addresses::{AddressBook, Behind, OwnerId};
use crate::censor::{Censor, Lookups, bogon};
use crate::error::wrong;
use crate::places::{Country, Network};
use crate::range::Range;
use crate::services::{HTTP_HEADERS, HTTP_REQUEST_LINE, TELEGRAM_POOL, TOR_DIRECTORIES};
use crate::site::{Site, is_name};
use crate::trouble::{BadMoment, Burst, Bursts, Change, Trouble, TroubleKind};
use crate::window::{Typed, Window};
use crate::world::Target;
use crate::world_file::{CensorFile, TroubleFile};
use crate::{Error, Mechanism, Nettest};

/// Enough for the head of a page and too little for the page.
const DEFAULT_BYTES_PER_SECOND: u32 = 600;
/// A release that is older than all that probes otherwise run.
const DEFAULT_BROKEN_RELEASE: &str = "3.14.0";

/// How often a network has a burst by default, and how long it lasts.
const DEFAULT_BURSTS_PER_DAY: f64 = 0.2;
const DEFAULT_BURST_MINUTES: Range<u32> = Range::of(10, 240);
/// What a shutdown leaves of the volume by default.
const DEFAULT_VOLUME: f64 = 0.02;

/// Everything that censors and troubles can name.
pub(crate) struct Names<'a> {
    pub seed: u64,
    /// From when to when the world lasts.
    pub window: (i64, i64),
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
            window: Window::parse(
                &place,
                Typed { from: typed.from.as_deref(), to: typed.to.as_deref(), daily: &typed.daily, weekdays: &typed.weekdays },
            )?,
            lookups,
            race: typed.race,
            bytes_per_second: typed.bytes_per_second.map_or(DEFAULT_BYTES_PER_SECOND, Range::value).max(1),
            forged,
            country: self.countries[self.networks[home].country].name.clone(),
            incident: typed.incident.clone(),
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
        let window =
            Window::parse(&place, Typed { from: typed.from.as_deref(), to: typed.to.as_deref(), daily: &typed.daily, weekdays: &[] })?;
        check_trouble(&place, kind, typed, everywhere)?;
        let forged = if kind == TroubleKind::Forger { forged_addresses(&place, censors, &sites)? } else { Vec::new() };
        let bursts = if kind == TroubleKind::Burst { self.bursts(&place, typed, &networks, &window)? } else { Vec::new() };
        Ok(Trouble {
            kind,
            networks,
            sites,
            share: share(&place, typed.share, 1.0)?,
            window,
            failure: down_failure(&place, typed)?,
            layer: bug_layer(&place, typed)?,
            change: change(&place, typed)?,
            software_version: typed.software_version.clone().unwrap_or_else(|| DEFAULT_BROKEN_RELEASE.into()),
            volume: share(&place, typed.volume, DEFAULT_VOLUME)?,
            bursts,
            forged,
        })
    }

    /// The bad times of each network that the trouble concerns.
    fn bursts(&self, place: &str, typed: &TroubleFile, networks: &[bool], window: &Window) -> Result<Vec<Vec<Burst>>, Error> {
        let shares = typed.share.unwrap_or(Range::just(1.0));
        share(place, Some(Range::just(shares.low)), 1.0)?;
        share(place, Some(Range::just(shares.high)), 1.0)?;
        let per_day = typed.per_day.map_or(DEFAULT_BURSTS_PER_DAY, Range::value);
        if !(0.0..=1000.0).contains(&per_day) {
            return Err(wrong(format!("{place}: per_day = {per_day} is not within 0 to 1000")));
        }
        let drawn = Bursts { per_day, minutes: typed.minutes.unwrap_or(DEFAULT_BURST_MINUTES), share: shares };
        let (from, to) = (self.window.0.max(window.from), self.window.1.min(window.to));
        let of_network = |(index, network): (usize, &Network)| match networks[index] && from < to {
            true => drawn.draw(self.seed, &["bursts", place, &network.asn.to_string()], from, to),
            false => Vec::new(),
        };
        Ok(self.networks.iter().enumerate().map(of_network).collect())
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
        let plain = |site: &Site| {
            [TELEGRAM_POOL, TOR_DIRECTORIES, HTTP_HEADERS, HTTP_REQUEST_LINE].contains(&site.host.as_str())
                || urls().any(|url| !url.https && url.host == site.host)
        };
        let touched = || self.sites.iter().zip(sites).filter(|(_, touched)| **touched).map(|(site, _)| site);
        let shows = match mechanism {
            Mechanism::HttpTamperingHeader => Some(HTTP_HEADERS),
            Mechanism::HttpTamperingRequestLine => Some(HTTP_REQUEST_LINE),
            _ => None,
        };
        if let Some(helper) = shows.filter(|helper| !touched().any(|site| site.host == *helper)) {
            return Err(wrong(format!(
                "{place}: {mechanism} only shows where a server sends back what it is sent, which {helper} alone does"
            )));
        }
        if mechanism.layer() == "http" && !touched().any(plain) {
            return Err(wrong(format!("{place}: {mechanism} only sees plain http://, and none of its targets is fetched that way")));
        }
        if mechanism.layer() == "dns" && touched().all(|site| !is_name(&site.host)) {
            return Err(wrong(format!("{place}: {mechanism} cannot touch pools of addresses, which have no name in the DNS")));
        }
        if mechanism.layer() == "quic" && !touched().any(|site| Nettest::Dnscheck.inputs().iter().any(|url| url.contains(&site.host))) {
            return Err(wrong(format!("{place}: {mechanism} only sees QUIC, which is spoken with the resolvers of dnscheck alone")));
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

/// What a kind of trouble cannot do without.
fn check_trouble(place: &str, kind: TroubleKind, typed: &TroubleFile, everywhere: bool) -> Result<(), Error> {
    let bounded = typed.from.is_some() && typed.to.is_some();
    let missing = match kind {
        _ if kind.needs_targets() && typed.targets.is_empty() => "`targets`",
        TroubleKind::ServerGeoBlock if everywhere => "`countries` that the server refuses",
        TroubleKind::CdnChange if !bounded => "`from` and `to`, between which resolvers disagree",
        TroubleKind::SiteChange if typed.from.is_none() => "`from`, when the site changes",
        TroubleKind::Shutdown if everywhere || !bounded => "`from`, `to`, and the `countries` or `networks` that it cuts off",
        _ => return Ok(()),
    };
    Err(wrong(format!("{place}: {kind} needs {missing}")))
}

fn down_failure(place: &str, typed: &TroubleFile) -> Result<&'static str, Error> {
    match typed.failure.as_deref() {
        Some("refused") => Ok("connection_refused"),
        Some("nxdomain") => Ok("dns_nxdomain_error"),
        Some("timeout" | "dns" | "tcp" | "tls" | "http") | None => Ok("generic_timeout_error"),
        Some(other) => Err(wrong(format!("{place}: failure {other:?} is not one of refused, timeout, nxdomain"))),
    }
}

fn bug_layer(place: &str, typed: &TroubleFile) -> Result<BadMoment, Error> {
    match typed.failure.as_deref() {
        Some(layer) if typed.kind == TroubleKind::BuggyRelease.as_str() => {
            BadMoment::parse(layer).ok_or_else(|| wrong(format!("{place}: failure {layer:?} is not one of dns, tcp, tls, http")))
        }
        _ => Ok(BadMoment::Tls),
    }
}

fn change(place: &str, typed: &TroubleFile) -> Result<Change, Error> {
    let name = typed.change.as_deref().unwrap_or("page");
    Change::parse(name).ok_or_else(|| wrong(format!("{place}: change {name:?} is not one of page, certificate, expired, challenge")))
}

fn share(place: &str, share: Option<Range<f64>>, default: f64) -> Result<f64, Error> {
    let share = share.map_or(default, Range::value);
    match (0.0..=1.0).contains(&share) {
        true => Ok(share),
        false => Err(wrong(format!("{place}: share = {share} is not within 0 to 1"))),
    }
}
