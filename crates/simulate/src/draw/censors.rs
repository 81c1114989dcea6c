//! Draws censors, one after the other, until the wanted share of measurements is interfered with.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{DrawCensor, DrawFile, stream};
use crate::error::wrong;
use crate::range::Range;
use crate::web_address::WebAddress;
use crate::window::moment;
use crate::world_file::{CensorFile, WorldFile};
use crate::{Error, Mechanism, Nettest, time};

/// After so many the share is out of reach: all targets are blocked as far as they can be.
const MAX_CENSORS: usize = 400;
/// A page must be longer than what comes through until patience ends, or slowness would not show.
const THROTTLED_SECONDS: f64 = 15.0;
/// Apps that can be blocked, with their nettests.
const APPS: [(&str, Nettest); 6] = [
    ("telegram/*", Nettest::Telegram),
    ("whatsapp/*", Nettest::Whatsapp),
    ("signal/*", Nettest::Signal),
    ("facebook_messenger/*", Nettest::FacebookMessenger),
    ("tor/*", Nettest::Tor),
    ("psiphon/tunnel", Nettest::Psiphon),
];

/// A target and how much of all that is measured is measured of it.
struct Choice {
    target: String,
    weight: f64,
    https: bool,
    is_app: bool,
    /// Whether it has a name that could be looked up, or shown in a handshake.
    is_named: bool,
    body_bytes: f64,
}

pub(crate) fn draw(file: &mut WorldFile, wanted: &DrawFile) -> Result<(), Error> {
    let rng = &mut stream(file.seed, &["censors"]);
    let (choices, goal) = (choices(file), wanted.interference.draw(rng));
    let volume: f64 = networks(file).map(|(_, _, volume)| volume).sum();
    let mut reached = 0.0;
    for number in 0..MAX_CENSORS {
        if reached >= goal {
            break;
        }
        let Some(kind) = kind(&wanted.censor, rng) else { break };
        let period = Period::draw(file, kind, rng)?;
        let Some((first, weight)) = censor(file, kind, &choices, &period, rng)? else { continue };
        reached += weight * period.part * of_networks(file, &first) / volume.max(1.0) * first.share.map_or(1.0, Range::value);
        add(file, kind, first, &period, number, rng);
    }
    Ok(())
}

fn kind<'a>(kinds: &'a [DrawCensor], rng: &mut ChaCha8Rng) -> Option<&'a DrawCensor> {
    let total: u32 = kinds.iter().map(|kind| kind.odds).sum();
    let mut pick = rng.random_range(0..total.max(1));
    kinds.iter().find(|kind| {
        let here = pick < kind.odds;
        pick = pick.saturating_sub(kind.odds);
        here
    })
}

/// `(cc, asn, volume)` of every network.
fn networks(file: &WorldFile) -> impl Iterator<Item = (&str, u32, f64)> {
    file.country.iter().flat_map(|country| {
        country.network.iter().map(|network| (country.cc.as_str(), network.asn, f64::from(network.measurements_per_day.value())))
    })
}

fn of_networks(file: &WorldFile, censor: &CensorFile) -> f64 {
    let inside = |cc: &str, asn: u32| censor.countries.iter().any(|known| known == cc) || censor.networks.contains(&asn);
    networks(file).filter(|(cc, asn, _)| inside(cc, *asn)).map(|(.., volume)| volume).sum()
}

fn choices(file: &WorldFile) -> Vec<Choice> {
    let share = |nettest: Nettest| f64::from(*file.nettests.get(nettest.name()).unwrap_or(&nettest.usual_share()));
    let all: f64 = Nettest::all().map(share).sum();
    let web = (share(Nettest::WebConnectivity05) + share(Nettest::WebConnectivity04)) / all.max(1.0);
    let weights: f64 = file.target.iter().map(|target| f64::from(target.weight.value())).sum();
    let site = |target: &crate::world_file::TargetFile| {
        let url = WebAddress::parse(&target.url)?;
        Some(Choice {
            https: url.https,
            target: url.host,
            weight: web * f64::from(target.weight.value()) / weights,
            is_app: false,
            is_named: true,
            // A redirect has no page to be slowed down.
            body_bytes: if target.redirect.is_some() { 0.0 } else { target.body_bytes.map_or(0.0, |bytes| f64::from(bytes.value())) },
        })
    };
    let app = |(target, nettest): &(&str, Nettest)| Choice {
        target: (*target).into(),
        weight: share(*nettest) / all.max(1.0),
        https: true,
        is_app: true,
        is_named: !is_nameless(*nettest),
        body_bytes: 0.0,
    };
    file.target.iter().filter_map(site).chain(APPS.iter().map(app)).collect()
}

/// A censor and the share of measurements that are of its targets; none where nothing can be done in this way.
fn censor(
    file: &WorldFile,
    kind: &DrawCensor,
    choices: &[Choice],
    period: &Period,
    rng: &mut ChaCha8Rng,
) -> Result<Option<(CensorFile, f64)>, Error> {
    if kind.mechanisms.is_empty() {
        return Err(wrong("[[draw.censor]] needs `mechanisms`"));
    }
    let name = &kind.mechanisms[rng.random_range(0..kind.mechanisms.len())];
    let mechanism = Mechanism::parse(name).ok_or_else(|| wrong(format!("[[draw.censor]]: there is no mechanism {name:?}")))?;
    let bytes_per_second = kind.bytes_per_second.map(|range| range.drawn(rng));
    let speed = f64::from(bytes_per_second.map_or(0, Range::value));
    let (countries, networks) = scope(file, kind.national, rng);
    let taken: Vec<&str> = file
        .censor
        .iter()
        .filter(|known| meets(file, known, &countries, &networks))
        .flat_map(|known| known.targets.iter().map(String::as_str))
        .collect();
    let fits = |choice: &&Choice| {
        let seen = match mechanism {
            Mechanism::TlsThrottleSni => choice.https && !choice.is_app && choice.body_bytes > speed * THROTTLED_SECONDS,
            Mechanism::HttpThrottleHost => !choice.https && choice.body_bytes > speed * THROTTLED_SECONDS,
            Mechanism::QuicTimeout => false,
            _ if mechanism.layer() == "http" => !choice.https,
            _ if mechanism.layer() == "tls" => choice.https && choice.is_named,
            _ if mechanism.layer() == "dns" => choice.is_named,
            _ => true,
        };
        // One way at a time: a second censor of the same target would only be in the way of the truth.
        seen && !taken.contains(&choice.target.as_str())
    };
    let mut fitting: Vec<&Choice> = choices.iter().filter(fits).collect();
    let count = (kind.targets.draw(rng) as usize).min(fitting.len());
    let chosen: Vec<&Choice> = (0..count).map(|_| fitting.swap_remove(rng.random_range(0..fitting.len()))).collect();
    if chosen.is_empty() {
        return Ok(None);
    }
    let censor = CensorFile {
        mechanism: name.clone(),
        countries,
        networks,
        targets: chosen.iter().map(|choice| choice.target.clone()).collect(),
        share: Some(kind.share.drawn(rng)),
        from: period.from.map(time::rfc3339),
        to: period.to.map(time::rfc3339),
        daily: period.daily.clone(),
        weekdays: period.weekdays.clone(),
        bytes_per_second,
        ..CensorFile::default()
    };
    Ok(Some((censor, chosen.iter().map(|choice| choice.weight).sum())))
}

pub(crate) fn scope(file: &WorldFile, national: f64, rng: &mut ChaCha8Rng) -> (Vec<String>, Vec<u32>) {
    let country = &file.country[rng.random_range(0..file.country.len())];
    match rng.random_bool(national) {
        true => (vec![country.cc.clone()], Vec::new()),
        false => (Vec::new(), vec![country.network[rng.random_range(0..country.network.len())].asn]),
    }
}

/// Whether a censor acts somewhere in a scope.
pub(crate) fn meets(file: &WorldFile, censor: &CensorFile, countries: &[String], asns: &[u32]) -> bool {
    let inside = |countries: &[String], asns: &[u32], cc: &str, asn: u32| countries.iter().any(|known| known == cc) || asns.contains(&asn);
    networks(file).any(|(cc, asn, _)| inside(countries, asns, cc, asn) && inside(&censor.countries, &censor.networks, cc, asn))
}

/// Adds a censor; where its method changes, two with a moment between them.
fn add(file: &mut WorldFile, kind: &DrawCensor, first: CensorFile, period: &Period, number: usize, rng: &mut ChaCha8Rng) {
    let (from, to) = (period.from.unwrap_or(period.world.0), period.to.unwrap_or(period.world.1));
    let another = kind.mechanisms.iter().filter(|name| **name != first.mechanism).nth(rng.random_range(0..kind.mechanisms.len()));
    // Only ways that need nothing of their targets can follow each other.
    let changes = another.filter(|_| rng.random_bool(kind.changes) && to - from >= 4 * 3600);
    let Some(another) = changes.filter(|name| can_touch(name, &first.targets)) else {
        file.censor.push(first);
        return;
    };
    let between = time::rfc3339(hour_within(from + 3600, to - 3600, rng));
    let incident = Some(format!("incident-{}", number + 1));
    let second = CensorFile { mechanism: another.clone(), from: Some(between.clone()), incident: incident.clone(), ..first.clone() };
    file.censor.push(CensorFile { to: Some(between), incident, ..first });
    file.censor.push(second);
}

/// Whether a way of interfering sees any of these targets: pools of addresses have no name to be looked up.
fn can_touch(mechanism: &str, targets: &[String]) -> bool {
    let nameless = |target: &String| APPS.iter().any(|(name, nettest)| name == target && is_nameless(*nettest));
    !mechanism.starts_with("dns.") || !targets.iter().all(nameless)
}

fn is_nameless(nettest: Nettest) -> bool {
    matches!(nettest, Nettest::Tor | Nettest::Psiphon)
}

/// When a censor acts.
struct Period {
    world: (i64, i64),
    from: Option<i64>,
    to: Option<i64>,
    daily: Vec<String>,
    weekdays: Vec<String>,
    /// Of the world's time.
    part: f64,
}

impl Period {
    fn draw(file: &WorldFile, kind: &DrawCensor, rng: &mut ChaCha8Rng) -> Result<Self, Error> {
        let world = span(file)?;
        let length = world.1 - world.0;
        let from = rng.random_bool(kind.begins).then(|| hour_within(world.0 + length / 8, world.0 + length * 3 / 4, rng));
        let earliest_end = from.unwrap_or(world.0) + length / 10;
        let to = rng.random_bool(kind.ends).then(|| hour_within(earliest_end, world.1 - length / 20, rng));
        let to = to.filter(|to| *to > from.unwrap_or(world.0));
        let (daily, weekdays, of_week) = schedule(kind, rng)?;
        let part = (to.unwrap_or(world.1) - from.unwrap_or(world.0)) as f64 / length.max(1) as f64 * of_week;
        Ok(Self { world, from, to, daily, weekdays, part })
    }
}

/// From when to when the world lasts.
pub(crate) fn span(file: &WorldFile) -> Result<(i64, i64), Error> {
    let start = moment("world", &file.start)?;
    let hours = file.days.map_or(file.hours.unwrap_or(1), |days| days.value().saturating_mul(24));
    Ok((start, start + i64::from(hours) * 3600))
}

/// A full hour between two moments.
pub(crate) fn hour_within(first: i64, last: i64, rng: &mut ChaCha8Rng) -> i64 {
    let (first, last) = (first.div_euclid(3600) + 1, last.div_euclid(3600));
    if first < last { rng.random_range(first..last) * 3600 } else { first * 3600 }
}

/// Spans of the day, days of the week, and the part of a week that they make.
fn schedule(kind: &DrawCensor, rng: &mut ChaCha8Rng) -> Result<(Vec<String>, Vec<String>, f64), Error> {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
    match kind.schedule.as_deref() {
        None => Ok((Vec::new(), Vec::new(), 1.0)),
        Some("exams") => {
            let first = 7 * 60 + 30 * rng.random_range(0..4);
            let (morning, noon) =
                (format!("{}-{}", clock(first), clock(first + 210)), format!("{}-{}", clock(first + 330), clock(first + 540)));
            let weekdays = ["mon", "tue", "wed", "thu", "fri"].map(String::from).to_vec();
            Ok((vec![morning, noon], weekdays, 420.0 / 1440.0 * 5.0 / 7.0))
        }
        Some("nights") => {
            let first = 60 * rng.random_range(20..24);
            let length = 60 * rng.random_range(4..9);
            Ok((vec![format!("{}-{}", clock(first), clock(first + length))], Vec::new(), length as f64 / 1440.0))
        }
        Some(other) => Err(wrong(format!("[[draw.censor]]: schedule {other:?} is neither exams nor nights"))),
    }
}
