//! A world: countries with networks, sites, censors and troubles, all decided before the first measurement is made.
//!
//! A world file is read in two levels. [`WorldFile`] is what was typed; [`World`] is what it means: names resolved to indexes,
//! addresses given out, certificates signed. Whatever could be wrong is found here, in one sentence, so that simulating cannot fail.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::addresses::{AddressBook, Behind, MAX_OWNERS, OwnerId};
use crate::censor::Censor;
use crate::certificates::Certificates;
use crate::error::wrong;
use crate::names::Names;
use crate::services::{self, TELEGRAM_DATA_CENTRES, TELEGRAM_POOL, TELEGRAM_RANGES};
use crate::site::{self, Hosting, Move, Site};
use crate::trouble::TroubleKind;
use crate::web_address::WebAddress;
use crate::window::{Window, moment};
use crate::world_file::{TargetFile, WorldFile};
use crate::{Error, Mechanism, Nettest, pages};

/// Ten years, more than any archive of one world needs.
const MAX_HOURS: u32 = 87_600;
/// Per network; above it the slots of one hour would no longer be a small thing to hold.
const MAX_PER_DAY: u32 = 1_000_000;
const MAX_PROBES: u32 = 1_000_000;
const MAX_BODY_BYTES: u32 = 4 << 20;
/// Of all pages together, which are all made before the first measurement.
const MAX_BODIES_BYTES: u64 = 256 << 20;
const MAX_SITES: usize = 2_000;
const DEFAULT_BODY_BYTES: u32 = 6_000;

pub(crate) struct Country {
    pub cc: String,
    pub name: String,
}

pub(crate) struct Network {
    pub asn: u32,
    pub name: String,
    pub country: usize,
    pub probes: u32,
    pub measurements_per_day: u32,
    pub resolver_ip: IpAddr,
    pub resolver_asn: u32,
    pub resolver_name: String,
}

/// What a web test is asked to fetch.
pub(crate) struct Target {
    pub url: WebAddress,
    pub site: usize,
    pub redirect: Option<WebAddress>,
}

pub(crate) struct Trouble {
    pub kind: TroubleKind,
    pub networks: Vec<bool>,
    pub sites: Vec<bool>,
    pub share: f64,
    pub window: Window,
    /// How a site is down, as the probe would write it.
    pub failure: &'static str,
    pub software_version: String,
    /// What forgers vouch for.
    pub forged: Vec<IpAddr>,
}

/// A described world, ready to be simulated.
pub struct World {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) start: i64,
    pub(crate) hours: u32,
    pub(crate) nettests: Vec<(Nettest, u32)>,
    pub(crate) countries: Vec<Country>,
    pub(crate) networks: Vec<Network>,
    pub(crate) sites: Vec<Site>,
    pub(crate) site_by_host: HashMap<String, usize>,
    pub(crate) targets: Vec<Target>,
    pub(crate) censors: Vec<Censor>,
    pub(crate) troubles: Vec<Trouble>,
    pub(crate) addresses: AddressBook,
    pub(crate) certificates: Certificates,
    pub(crate) portal_address: IpAddr,
    pub(crate) file: WorldFile,
    pub(crate) text: String,
}

/// The worlds that come with the program.
const BUILTIN: &[(&str, &str)] =
    &[("demo", include_str!("../worlds/demo.toml")), ("everything", include_str!("../worlds/everything.toml"))];

impl World {
    /// Reads a world file (version 1). `seed` replaces the one in the file.
    pub fn parse(text: &str, seed: Option<u64>) -> Result<Self, Error> {
        let mut file = WorldFile::parse(text)?;
        let text = seed.map_or_else(|| Ok(text.to_string()), |seed| with_seed(text, seed))?;
        file.seed = seed.unwrap_or(file.seed);
        Self::build(file, text)
    }

    pub fn builtin(name: &str, seed: Option<u64>) -> Result<Self, Error> {
        match BUILTIN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(text, seed),
            None => Err(Error::NoSuchWorld { name: name.into(), known: Self::builtin_names().collect() }),
        }
    }

    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The world file, with the seed that is used.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hostnames and service roles that a truth record can be about.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.sites.iter().map(Site::target)
    }

    /// The mechanisms of its censors.
    pub fn mechanisms(&self) -> impl Iterator<Item = Mechanism> {
        self.censors.iter().map(|censor| censor.mechanism)
    }

    /// The kinds of its troubles.
    pub fn troubles(&self) -> impl Iterator<Item = TroubleKind> {
        self.troubles.iter().map(|trouble| trouble.kind)
    }

    /// How many measurements it makes.
    pub fn measurements(&self) -> u64 {
        let hours = u64::from(self.hours);
        self.networks.iter().map(|network| u64::from(network.measurements_per_day) * hours / 24).sum()
    }

    /// The authority that signed every genuine certificate, for whoever wants to verify them.
    pub fn root_certificates_pem(&self) -> &str {
        self.certificates.root_pem()
    }

    pub(crate) fn build(file: WorldFile, text: String) -> Result<Self, Error> {
        let hours = hours(&file)?;
        let start = moment("world", &file.start)?;
        if !(0..=4_000_000_000).contains(&start) {
            return Err(wrong("`start` must lie between 1970 and 2096"));
        }
        let nettests = nettests(&file)?;
        let mut book = AddressBook::default();
        let (countries, networks, owners) = places(&file, &mut book)?;
        let local = regions(&mut book, &countries, &networks, &owners);
        let mut sites = sites(&file, &mut book, &local)?;
        let site_by_host: HashMap<String, usize> = sites.iter().enumerate().map(|(index, site)| (site.host.clone(), index)).collect();
        let targets = targets(&file, &site_by_host)?;

        let names = Names { countries: &countries, networks: &networks, sites: &sites, targets: &targets };
        let mut censors = Vec::new();
        for (index, typed) in file.censor.iter().enumerate() {
            censors.push(names.censor(index, typed, &mut book, &owners)?);
        }
        let mut troubles = Vec::new();
        for (index, typed) in file.trouble.iter().enumerate() {
            troubles.push(names.trouble(index, typed, &censors)?);
        }
        move_sites(&mut sites, &troubles, &mut book, &local);
        let anywhere = book.owner(64511, "Coffeehouse Wi-Fi", "ZZ");
        let portal_address = book.new_v4(anywhere, Behind::Nothing);
        if book.owner_count() > MAX_OWNERS {
            return Err(wrong(format!("more than {MAX_OWNERS} networks and hosters")));
        }

        let window = (start, start + i64::from(hours) * 3600);
        let hosts: Vec<&str> = sites.iter().filter(|site| site.host != TELEGRAM_POOL).map(|site| site.host.as_str()).collect();
        let certificates = Certificates::new(file.seed, window, hosts.iter().copied(), &intercepted(&sites, &censors))?;
        Ok(Self {
            name: file.name.clone(),
            seed: file.seed,
            start,
            hours,
            nettests,
            countries,
            networks,
            sites,
            site_by_host,
            targets,
            censors,
            troubles,
            addresses: book,
            certificates,
            portal_address,
            file,
            text,
        })
    }

    /// The country that stands in a region; the test helper's region has none.
    pub(crate) fn region(&self, network: usize) -> usize {
        1 + self.networks[network].country
    }
}

/// The same world file with another seed, so that a kept copy makes the same world again.
fn with_seed(text: &str, seed: u64) -> Result<String, Error> {
    let is_seed = |line: &str| line.trim_start().strip_prefix("seed").is_some_and(|rest| rest.trim_start().starts_with('='));
    let lines: Vec<String> = text.lines().map(|line| if is_seed(line) { format!("seed = {seed}") } else { line.to_string() }).collect();
    let text = lines.join("\n") + "\n";
    match WorldFile::parse(&text) {
        Ok(file) if file.seed == seed => Ok(text),
        _ => Err(wrong("to be given another seed, the file must have its `seed = …` on a line of its own, and no other line like it")),
    }
}

fn hours(file: &WorldFile) -> Result<u32, Error> {
    let hours = match (file.days, file.hours) {
        (Some(days), None) => days.saturating_mul(24),
        (None, Some(hours)) => hours,
        _ => return Err(wrong("say how long the world lasts with either `days` or `hours`")),
    };
    match hours {
        1..=MAX_HOURS => Ok(hours),
        _ => Err(wrong(format!("a world lasts 1 to {MAX_HOURS} hours"))),
    }
}

fn nettests(file: &WorldFile) -> Result<Vec<(Nettest, u32)>, Error> {
    let shares = &file.nettests;
    let shares = vec![
        (Nettest::WebConnectivity05, shares.web_connectivity_05),
        (Nettest::WebConnectivity04, shares.web_connectivity_04),
        (Nettest::Telegram, shares.telegram),
        (Nettest::Whatsapp, shares.whatsapp),
        (Nettest::Signal, shares.signal),
        (Nettest::FacebookMessenger, shares.facebook_messenger),
    ];
    let total: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    match total {
        1..=1_000_000 => Ok(shares),
        _ => Err(wrong("the shares in [nettests] must add up to between 1 and 1000000")),
    }
}

/// Countries, networks, and the owner of each network's addresses.
fn places(file: &WorldFile, book: &mut AddressBook) -> Result<(Vec<Country>, Vec<Network>, Vec<OwnerId>), Error> {
    let (mut countries, mut networks, mut owners) = (Vec::new(), Vec::<Network>::new(), Vec::new());
    for (index, typed) in file.country.iter().enumerate() {
        let place = format!("country {}", index + 1);
        if typed.cc.len() != 2 || !typed.cc.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(wrong(format!("{place}: {:?} is not a two-letter country code in capitals", typed.cc)));
        }
        if typed.network.is_empty() || countries.iter().any(|known: &Country| known.cc == typed.cc) {
            return Err(wrong(format!("{place}: {} has no [[country.network]] or stands twice", typed.cc)));
        }
        check_name(&place, &typed.name)?;
        for network in &typed.network {
            let place = format!("network AS{}", network.asn);
            check_name(&place, &network.name)?;
            if network.asn == 0 || networks.iter().any(|known| known.asn == network.asn) {
                return Err(wrong(format!("{place} stands twice or is no network")));
            }
            if !(1..=MAX_PROBES).contains(&network.probes) || network.measurements_per_day > MAX_PER_DAY {
                return Err(wrong(format!("{place}: probes must be 1 to {MAX_PROBES} and measurements_per_day at most {MAX_PER_DAY}")));
            }
            let owner = book.owner(network.asn, &network.name, &typed.cc);
            let own_resolver = book.new_v4(owner, Behind::Nothing);
            networks.push(Network {
                asn: network.asn,
                name: network.name.clone(),
                country: index,
                probes: network.probes,
                measurements_per_day: network.measurements_per_day,
                resolver_ip: network.resolver_ip.unwrap_or(own_resolver),
                resolver_asn: network.resolver_asn.unwrap_or(network.asn),
                resolver_name: if network.resolver_asn.is_some() { "Public Resolver".into() } else { network.name.clone() },
            });
            owners.push(owner);
        }
        countries.push(Country { cc: typed.cc.clone(), name: typed.name.clone() });
    }
    if networks.is_empty() {
        return Err(wrong("there is no [[country]] with a network to measure from"));
    }
    Ok((countries, networks, owners))
}

/// The network that serves each region's own copies of sites, the test helper's first.
fn regions(book: &mut AddressBook, countries: &[Country], networks: &[Network], owners: &[OwnerId]) -> Vec<OwnerId> {
    let test_helper = book.owner(65540, "Quiet Hosting", "ZZ");
    let first_of =
        |country: usize| networks.iter().position(|network| network.country == country).map_or(test_helper, |index| owners[index]);
    std::iter::once(test_helper).chain((0..countries.len()).map(first_of)).collect()
}

fn sites(file: &WorldFile, book: &mut AddressBook, local: &[OwnerId]) -> Result<Vec<Site>, Error> {
    let hosters =
        [(65536, "Basalt Hosting"), (65537, "Chalk Servers"), (65538, "Amber CDN")].map(|(asn, name)| book.owner(asn, name, "ZZ"));
    if file.target.iter().map(|typed| u64::from(typed.body_bytes.unwrap_or(DEFAULT_BODY_BYTES))).sum::<u64>() > MAX_BODIES_BYTES {
        return Err(wrong(format!("the pages of all targets together must have at most {MAX_BODIES_BYTES} bytes")));
    }
    let mut sites: Vec<Site> = Vec::new();
    for (index, typed) in file.target.iter().enumerate() {
        let place = format!("target {}", index + 1);
        let url = WebAddress::parse(&typed.url)
            .ok_or_else(|| wrong(format!("{place}: {:?} is not a plain http:// or https:// URL", typed.url)))?;
        if url.address().is_some() {
            return Err(wrong(format!("{place}: a target needs a name, and {} is an address", url.host)));
        }
        if sites.iter().any(|known| known.host == url.host) {
            continue;
        }
        let hosting = match typed.hosting.as_str() {
            "fixed" => Hosting::Fixed,
            "cdn" => Hosting::Cdn,
            "geo" => Hosting::Geo,
            other => return Err(wrong(format!("{place}: hosting {other:?} is not one of fixed, cdn, geo"))),
        };
        let owner = if hosting == Hosting::Cdn { hosters[2] } else { hosters[index % 2] };
        let pools = site::pools(book, hosting, owner, local, sites.len(), typed.ipv6);
        sites.push(web_site(file.seed, &place, typed, &url.host, pools)?);
    }
    for service in services::all() {
        let owner = book.owner(service.asn, service.owner, "ZZ");
        let index = sites.len();
        let pools = if service.host == TELEGRAM_POOL {
            TELEGRAM_RANGES.iter().for_each(|(first, last)| book.claim_range(*first, *last, owner));
            let centres = TELEGRAM_DATA_CENTRES.iter().map(|centre| book.note((*centre).into(), Behind::Site(index))).collect();
            site::fixed_pools(centres, local.len())
        } else {
            site::pools(book, Hosting::Fixed, owner, local, index, false)
        };
        sites.push(Site {
            host: service.host.into(),
            role: Some(service.role),
            pools,
            moves: None,
            status: service.status,
            content_type: if service.body.starts_with('{') { "application/json" } else { "text/html" },
            title: String::new(),
            page: (service.body.into(), String::new()),
        });
    }
    match sites.len() {
        0..=MAX_SITES => Ok(sites),
        _ => Err(wrong(format!("more than {MAX_SITES} sites"))),
    }
}

fn web_site(seed: u64, place: &str, typed: &TargetFile, host: &str, pools: Vec<site::Pool>) -> Result<Site, Error> {
    let title = typed.title.clone().unwrap_or_else(|| host.into());
    check_name(place, &title)?;
    let bytes = typed.body_bytes.unwrap_or(DEFAULT_BODY_BYTES);
    if bytes > MAX_BODY_BYTES {
        return Err(wrong(format!("{place}: body_bytes must be at most {MAX_BODY_BYTES}")));
    }
    let page = pages::site(seed, host, &title, bytes as usize);
    Ok(Site { host: host.into(), role: None, pools, moves: None, status: 200, content_type: "text/html; charset=utf-8", title, page })
}

fn targets(file: &WorldFile, site_by_host: &HashMap<String, usize>) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for (index, typed) in file.target.iter().enumerate() {
        let place = format!("target {}", index + 1);
        let parse =
            |url: &str| WebAddress::parse(url).ok_or_else(|| wrong(format!("{place}: {url:?} is not a plain http:// or https:// URL")));
        let url = parse(&typed.url)?;
        let redirect = typed.redirect.as_deref().map(parse).transpose()?;
        if let Some(next) = redirect.as_ref().filter(|next| !site_by_host.contains_key(&next.host)) {
            return Err(wrong(format!("{place}: the redirect leads to {}, which is not the host of any [[target]]", next.host)));
        }
        if redirect.as_ref() == Some(&url) || targets.iter().any(|known| known.url == url) {
            return Err(wrong(format!("{place}: {url} stands twice or redirects to itself")));
        }
        let site = site_by_host[&url.host];
        targets.push(Target { url, site, redirect });
    }
    let web = file.nettests.web_connectivity_05 + file.nettests.web_connectivity_04;
    match targets.is_empty() && web > 0 {
        true => Err(wrong("there is no [[target]] for the web tests to fetch")),
        false => Ok(targets),
    }
}

/// Gives the sites that a `cdn_change` concerns their second place.
fn move_sites(sites: &mut [Site], troubles: &[Trouble], book: &mut AddressBook, local: &[OwnerId]) {
    let new_home = book.owner(65539, "Drift CDN", "ZZ");
    for trouble in troubles.iter().filter(|trouble| trouble.kind == TroubleKind::CdnChange) {
        for index in (0..sites.len()).filter(|index| trouble.sites[*index]) {
            let pools = site::pools(book, Hosting::Cdn, new_home, local, index, false);
            sites[index].moves = Some(Move { from: trouble.window.from, to: trouble.window.to, pools });
        }
    }
}

/// The sites that some censor shows a false certificate for.
fn intercepted<'a>(sites: &'a [Site], censors: &[Censor]) -> Vec<&'a str> {
    let mitm = |censor: &&Censor| matches!(censor.mechanism, Mechanism::TlsMitmSelfSigned | Mechanism::TlsMitmCaSigned);
    let touched = |index: usize| censors.iter().filter(mitm).any(|censor| censor.sites[index]);
    let named = sites.iter().enumerate().filter(|(_, site)| site.host != TELEGRAM_POOL);
    named.filter(|(index, _)| touched(*index)).map(|(_, site)| site.host.as_str()).collect()
}

fn check_name(place: &str, name: &str) -> Result<(), Error> {
    let plain = name.chars().all(|character| !character.is_control() && !"<>&\"".contains(character));
    match plain && (1..=200).contains(&name.len()) {
        true => Ok(()),
        false => Err(wrong(format!("{place}: {name:?} must be 1 to 200 plain characters without <, >, & and quotes"))),
    }
}
