//! A world: countries with networks, sites, censors and troubles, all decided before the first measurement is made.
//!
//! A world file is read in two levels. [`WorldFile`] is what was typed; [`World`] is what it means: names resolved to indexes,
//! addresses given out, certificates signed. Whatever could be wrong is found here, in one sentence, so that simulating cannot fail.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::addresses::{AddressBook, Behind, MAX_OWNERS};
use crate::censor::Censor;
use crate::certificates::Certificates;
use crate::draw;
use crate::error::wrong;
use crate::names::Names;
use crate::places::{Country, Network, Places};
use crate::plan::{self, Plan};
use crate::range::Range;
use crate::site::{Site, is_name};
use crate::sites;
use crate::trouble::{Trouble, TroubleKind};
use crate::volume::Volume;
use crate::web_address::WebAddress;
use crate::window::moment;
use crate::world_file::WorldFile;
use crate::{Error, Mechanism};

/// Ten years, more than any archive of one world needs.
const MAX_HOURS: u32 = 87_600;
const MAX_MEASUREMENTS: u64 = 10_000_000_000;
const MAX_CERTIFICATE_BYTES: u32 = 50_000;

/// What a web test is asked to fetch.
pub(crate) struct Target {
    /// As it stands on the list, which may hold letters that URLs do not.
    pub input: String,
    pub url: WebAddress,
    pub site: usize,
    pub redirect: Option<WebAddress>,
    /// How often it is measured, relative to the others.
    pub weight: u32,
}

/// A described world, ready to be simulated.
pub struct World {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) start: i64,
    pub(crate) hours: u32,
    pub(crate) countries: Vec<Country>,
    pub(crate) networks: Vec<Network>,
    pub(crate) sites: Vec<Site>,
    pub(crate) site_by_host: HashMap<String, usize>,
    pub(crate) targets: Vec<Target>,
    pub(crate) redirects: HashMap<WebAddress, WebAddress>,
    pub(crate) censors: Vec<Censor>,
    pub(crate) troubles: Vec<Trouble>,
    /// By network: the censors and the troubles that concern it, as indexes.
    pub(crate) censors_of: Vec<Vec<usize>>,
    pub(crate) troubles_of: Vec<Vec<usize>>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) addresses: AddressBook,
    pub(crate) certificates: Certificates,
    pub(crate) portal_address: IpAddr,
    pub(crate) file: WorldFile,
    text: String,
    drawn: String,
}

/// The worlds that come with the program.
const BUILTIN: &[(&str, &str)] = &[
    ("demo", include_str!("../worlds/demo.toml")),
    ("everything", include_str!("../worlds/everything.toml")),
    ("field", include_str!("../worlds/field.toml")),
];

impl World {
    /// Reads a world file (version 1). `seed` replaces the one in the file.
    pub fn parse(text: &str, seed: Option<u64>) -> Result<Self, Error> {
        let mut file = WorldFile::parse(text)?;
        let text = seed.map_or_else(|| Ok(text.to_string()), |seed| with_seed(text, seed))?;
        file.seed = seed.unwrap_or(file.seed);
        Self::build(file, text)
    }

    /// The same world with so many measurements: the same places and the same interference, measured more or less often.
    pub fn with_measurements(self, measurements: u64) -> Result<Self, Error> {
        Self::parse(&with_measurements(&self.text, measurements)?, None)
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

    /// The world file with everything in it that was drawn. It describes the same world.
    pub fn drawn(&self) -> &str {
        &self.drawn
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

    /// How many measurements are planned. Only a shutdown leaves some of them out.
    pub fn measurements(&self) -> u64 {
        self.plans.iter().map(|plan| plan.volume.total()).sum()
    }

    /// The authority that signed every genuine certificate, for whoever wants to verify them.
    pub fn root_certificates_pem(&self) -> &str {
        self.certificates.root_pem()
    }

    /// Draws what is not said and works out what is.
    pub(crate) fn build(mut file: WorldFile, text: String) -> Result<Self, Error> {
        draw::all(&mut file)?;
        let drawn = toml::to_string(&file).map_err(|error| wrong(format!("cannot be written again: {error}")))?;
        let hours = hours(&file)?;
        let start = moment("world", &file.start)?;
        if !(0..=4_000_000_000).contains(&start) {
            return Err(wrong("`start` must lie between 1970 and 2096"));
        }
        // Files are made for full hours.
        if start % 3600 != 0 {
            return Err(wrong("`start` must be a full hour"));
        }
        if file.certificate_bytes > MAX_CERTIFICATE_BYTES {
            return Err(wrong(format!("certificate_bytes must be at most {MAX_CERTIFICATE_BYTES}")));
        }
        let (nettests, beside) = (plan::nettests(&file.nettests)?, plan::beside(&file.beside)?);
        let mut book = AddressBook::default();
        let places = Places::of(&file, &mut book)?;
        let local = places.regions(&mut book);
        let mut sites = sites::sites(&file, &mut book, &local)?;
        let site_by_host: HashMap<String, usize> = sites.iter().enumerate().map(|(index, site)| (site.host.clone(), index)).collect();
        let needs_targets = nettests.iter().chain(&beside).any(|(nettest, share)| nettest.measures_targets() && *share > 0);
        let targets = sites::targets(&file, &site_by_host, needs_targets)?;

        let window = (start, start + i64::from(hours) * 3600);
        let (censors, troubles) = {
            let Places { countries, networks, owners } = &places;
            let names = Names { seed: file.seed, window, countries, networks, sites: &sites, targets: &targets };
            let mut censors = Vec::new();
            for (index, typed) in file.censor.iter().enumerate() {
                censors.push(names.censor(index, typed, &mut book, owners)?);
            }
            let troubles = file.trouble.iter().enumerate().map(|(index, typed)| names.trouble(index, typed, &censors));
            let troubles = troubles.collect::<Result<Vec<_>, Error>>()?;
            (censors, troubles)
        };
        sites::move_sites(&mut sites, &troubles, &mut book, &local);
        sites::renew_sites(file.seed, &mut sites, &troubles);
        let anywhere = book.owner(64511, "Coffeehouse Wi-Fi", "ZZ");
        let portal_address = book.new_v4(anywhere, Behind::Nothing);
        if book.owner_count() > MAX_OWNERS {
            return Err(wrong(format!("more than {MAX_OWNERS} networks and hosters")));
        }

        let hosts: Vec<&str> = sites.iter().filter(|site| is_name(&site.host)).map(|site| site.host.as_str()).collect();
        let certificates =
            Certificates::new(file.seed, window, file.certificate_bytes, &hosts, &sites::intercepted(&sites, &censors), &sites)?;
        let Places { countries, networks, .. } = places;
        let concern = |networks_of: &dyn Fn(usize) -> Vec<usize>| (0..networks.len()).map(networks_of).collect::<Vec<_>>();
        let censors_of = concern(&|network| (0..censors.len()).filter(|index| censors[*index].networks[network]).collect());
        let troubles_of = concern(&|network| (0..troubles.len()).filter(|index| troubles[*index].networks[network]).collect());
        let volume = |measurements| Volume::plan(file.seed, hours, measurements, &networks);
        let plans = Plan::all(nettests, beside, volume(file.measurements)?, |number| volume(Some(number)))?;
        let redirects = targets.iter().filter_map(|target| Some((target.url.clone(), target.redirect.clone()?))).collect();
        Ok(Self {
            name: file.name.clone(),
            seed: file.seed,
            start,
            hours,
            countries,
            networks,
            sites,
            site_by_host,
            targets,
            redirects,
            censors,
            troubles,
            censors_of,
            troubles_of,
            plans,
            addresses: book,
            certificates,
            portal_address,
            file,
            text,
            drawn,
        })
    }

    /// Seconds that local time in a network is ahead of UTC.
    pub(crate) fn utc_offset(&self, network: usize) -> i64 {
        self.countries[self.networks[network].country].utc_offset
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

/// The same world file with another number of measurements.
fn with_measurements(text: &str, measurements: u64) -> Result<String, Error> {
    let is_number = |line: &&str| !line.trim_start().strip_prefix("measurements").is_some_and(|rest| rest.trim_start().starts_with('='));
    let kept: Vec<&str> = text.lines().filter(is_number).collect();
    let text = format!("measurements = {measurements}\n{}\n", kept.join("\n"));
    match WorldFile::parse(&text) {
        Ok(file) if file.measurements == Some(measurements) => Ok(text),
        _ => Err(wrong("to be given another size, the file must have at most one `measurements = …`, on a line of its own")),
    }
}

fn hours(file: &WorldFile) -> Result<u32, Error> {
    let hours = match (file.days.map(Range::value), file.hours) {
        (Some(days), None) => days.saturating_mul(24),
        (None, Some(hours)) => hours,
        _ => return Err(wrong("say how long the world lasts with either `days` or `hours`")),
    };
    if file.measurements.is_some_and(|measurements| measurements > MAX_MEASUREMENTS) {
        return Err(wrong(format!("`measurements` must be at most {MAX_MEASUREMENTS}")));
    }
    match hours {
        1..=MAX_HOURS => Ok(hours),
        _ => Err(wrong(format!("a world lasts 1 to {MAX_HOURS} hours"))),
    }
}
