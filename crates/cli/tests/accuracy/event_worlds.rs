//! Worlds for single rows of the scorecard of events: small places, in each of which something happens once or twice.
//!
//! Networks are measured by the clock (`steady`), since the rows say how often; when and how somebody interferes hangs on the seed.

use std::fmt::Write;
use std::path::Path;

use parallax_simulate::World as Described;

/// A world file.
pub struct World {
    pub text: String,
}

/// Where and how often is measured.
struct Places {
    countries: u32,
    networks: u32,
    /// Targets over HTTPS and as many over plain HTTP.
    targets: u32,
    /// Measurements of each target in each network.
    a_day: f64,
    days: u32,
    transient: f64,
}

/// Every way of full blocking that leaves a trace, by what the target must be.
const ON_HTTPS: &[&str] = &[
    "dns.injection.bogon",
    "tls.reset.sni",
    "dns.nxdomain",
    "tcp.timeout",
    "dns.injection.blockpage",
    "tls.timeout",
    "tcp.reset",
    "tls.close",
    "dns.injection.other",
    "tls.mitm.self_signed",
];
const ON_HTTP: &[&str] =
    &["http.blockpage", "dns.refused", "http.redirect", "tcp.refused", "http.reset.host", "dns.timeout", "http.timeout"];

pub fn write(world: &World, folder: &Path) {
    let described = Described::parse(&world.text, None).expect("the world is well described");
    parallax_simulate::write_to_dir(&described, folder, std::num::NonZero::<usize>::MIN, |_| {}).expect("the world is simulated");
}

pub fn hourly(seed: u64, transient: f64) -> World {
    let places = Places { countries: 12, networks: 1, targets: 3, a_day: 24.0, days: 34, transient };
    blocked(seed, "hourly", &places, &Block { share: 1.0, networks: 1, each: 2, from: 8, every: 13, days: (2, 6) })
}

pub fn daily(seed: u64) -> World {
    let places = Places { countries: 22, networks: 1, targets: 4, a_day: 1.0, days: 150, transient: 0.01 };
    blocked(seed, "daily", &places, &Block { share: 1.0, networks: 1, each: 2, from: 40, every: 55, days: (14, 25) })
}

pub fn sparse(seed: u64) -> World {
    let places = Places { countries: 22, networks: 3, targets: 3, a_day: 2.0 / 3.0, days: 130, transient: 0.01 };
    blocked(seed, "sparse", &places, &Block { share: 1.0, networks: 3, each: 2, from: 40, every: 45, days: (10, 20) })
}

pub fn a_fifth(seed: u64) -> World {
    let places = Places { countries: 8, networks: 1, targets: 2, a_day: 240.0, days: 17, transient: 0.01 };
    blocked(seed, "a-fifth", &places, &Block { share: 0.2, networks: 1, each: 2, from: 4, every: 6, days: (2, 3) })
}

/// How somebody interferes in each country: `each` times, on another target each time.
struct Block {
    share: f64,
    /// How many of the country's networks are hit.
    networks: u32,
    each: u32,
    /// Not before this day, then every so many days, for so many days.
    from: u32,
    every: u32,
    days: (u32, u32),
}

fn blocked(seed: u64, name: &'static str, places: &Places, block: &Block) -> World {
    let mut text = frame(seed, name, places);
    for country in 0..places.countries {
        for time in 0..block.each {
            let draw = drawn(seed, u64::from(country), u64::from(time));
            let plain = time % 2 == 1;
            let ways = if plain { ON_HTTP } else { ON_HTTPS };
            let way = ways[(seed as usize + country as usize) % ways.len()];
            let hour = (block.from + time * block.every) * 24 + (draw % 96) as u32;
            let hours = (block.days.0 * 24) + (draw / 96 % u64::from((block.days.1 - block.days.0) * 24)) as u32;
            let asns: Vec<String> = (0..block.networks).map(|network| asn(country, network).to_string()).collect();
            write!(
                text,
                "\n[[censor]]\nmechanism = \"{way}\"\nnetworks = [{}]\ntargets = [\"{}\"]\nshare = {:?}\nfrom = \"{}\"\nto = \"{}\"\n",
                asns.join(", "),
                // Not the same target in most countries at once: it would have changed.
                host(country % places.targets, plain),
                block.share,
                moment(hour),
                moment(hour + hours),
            )
            .expect("text");
        }
    }
    World { text }
}

pub fn national(seed: u64) -> World {
    let places = Places { countries: 2, networks: 12, targets: 75, a_day: 2.0, days: 16, transient: 0.02 };
    let mut text = frame(seed, "national", &places);
    let hosts: Vec<String> =
        (0..75).flat_map(|number| [host(number, false), host(number, true)]).map(|host| format!("\"{host}\"")).collect();
    let (way, from) =
        (["dns.injection.bogon", "tcp.timeout", "dns.nxdomain"][seed as usize % 3], 11 * 24 + (drawn(seed, 1, 1) % 24) as u32);
    write!(
        text,
        "\n[[censor]]\nmechanism = \"{way}\"\ncountries = [\"XA\"]\ntargets = [{}]\nfrom = \"{}\"\nto = \"{}\"\n",
        hosts.join(", "),
        moment(from),
        moment(from + 72)
    )
    .expect("text");
    World { text }
}

/// Networks that volunteers measure, by chance and in runs of one to twenty-five; each is cut off once.
pub fn shutdowns(seed: u64) -> World {
    let (countries, networks, days) = (8, 4, 24);
    let mut text = head(seed, "shutdowns", days, 0.02, APPS);
    for country in 0..countries {
        write!(text, "\n[[country]]\ncc = \"X{}\"\nname = \"Land {country}\"\n", letter(country)).expect("text");
        for network in 0..networks {
            let draw = drawn(seed, u64::from(country) + 100, u64::from(network));
            let batch = [1, 2, 3, 1, 2, 4, 8, 25][(draw % 8) as usize];
            write!(
                text,
                "\n[[country.network]]\nasn = {}\nname = \"Network {country} {network}\"\nprobes = {}\nmeasurements_per_day = [250, 400]\nbatch = {batch}\nnight = [0.4, 0.9]\nvariation = [0.1, 0.5]\n",
                asn(country, network),
                4 + draw / 8 % 40,
            )
            .expect("text");
        }
    }
    text += &targets(4);
    for country in 0..countries {
        for network in 0..networks {
            let draw = drawn(seed, u64::from(country), u64::from(network));
            let (from, hours) = (15 * 24 + (draw % 144) as u32, 6 + (draw / 144 % 42) as u32);
            write!(
                text,
                "\n[[trouble]]\nkind = \"shutdown\"\nnetworks = [{}]\nfrom = \"{}\"\nto = \"{}\"\nvolume = [0.0, 0.1]\nshare = [0.3, 1.0]\n",
                asn(country, network),
                moment(from),
                moment(from + hours)
            )
            .expect("text");
        }
    }
    World { text }
}

fn frame(seed: u64, name: &str, places: &Places) -> String {
    let mut text = head(seed, name, places.days, places.transient, NO_APPS);
    for country in 0..places.countries {
        write!(text, "\n[[country]]\ncc = \"X{}\"\nname = \"Land {country}\"\n", letter(country)).expect("text");
        for network in 0..places.networks {
            let a_day = (places.a_day * f64::from(places.targets) * 2.0).round();
            write!(
                text,
                "\n[[country.network]]\nasn = {}\nname = \"Network {country} {network}\"\nprobes = 40\nmeasurements_per_day = {a_day}\nsteady = true\n",
                asn(country, network)
            )
            .expect("text");
        }
    }
    text + &targets(places.targets)
}

/// A few in a hundred.
const APPS: &str = "telegram = 5\nwhatsapp = 4\nsignal = 5\nfacebook_messenger = 3\n";

/// Apps are not measured where a row counts the measurements of one target.
const NO_APPS: &str = "telegram = 0\nwhatsapp = 0\nsignal = 0\nfacebook_messenger = 0\n";

fn head(seed: u64, name: &str, days: u32, transient: f64, apps: &str) -> String {
    format!(
        "version = 1\nname = \"{name}\"\nseed = {seed}\nstart = \"2024-01-01\"\ndays = {days}\n\n[nettests]\nweb_connectivity_05 = 66\nweb_connectivity_04 = 10\n{apps}\n[[trouble]]\nkind = \"transient\"\nshare = {transient:?}\n"
    )
}

fn targets(pairs: u32) -> String {
    let target = |number: u32, plain: bool| {
        let scheme = if plain { "http" } else { "https" };
        format!("\n[[target]]\nurl = \"{scheme}://{}/\"\ntitle = \"Pages of {number}\"\nbody_bytes = 1800\n", host(number, plain))
    };
    (0..pairs).flat_map(|number| [target(number, false), target(number, true)]).collect()
}

fn host(number: u32, plain: bool) -> String {
    format!("{}-{number}.example", if plain { "almanac" } else { "letters" })
}

fn asn(country: u32, network: u32) -> u32 {
    64_512 + country * 20 + network
}

/// `XA`, `XB` and on, without `XX`.
fn letter(country: u32) -> char {
    ('A'..='Z').filter(|letter| *letter != 'X').nth(country as usize).unwrap_or('Z')
}

/// An hour of the world as the file writes it.
fn moment(hour: u32) -> String {
    let start: parallax_model::Timestamp = "2024-01-01 00:00:00".parse().expect("a time");
    let time = parallax_model::Timestamp::from_microseconds(start.microseconds() + i64::from(hour) * 3_600_000_000);
    time.format("%Y-%m-%dT%H:00:00Z")
}

/// SplitMix64 of three numbers.
fn drawn(seed: u64, one: u64, two: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (one << 32) ^ two;
    for _ in 0..2 {
        mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
    }
    mixed
}
