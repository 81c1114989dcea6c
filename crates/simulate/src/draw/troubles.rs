//! Draws innocent troubles: of each kind as many as wanted, each with a scope and a time of its own.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::censors::{hour_within, span};
use super::{DrawFile, DrawTrouble, stream};
use crate::error::wrong;
use crate::range::Range;
use crate::services::{HTTP_HEADERS, HTTP_REQUEST_LINE};
use crate::web_address::WebAddress;
use crate::world_file::{TroubleFile, WorldFile};
use crate::{Error, TroubleKind, time};

/// Whose fault a `helper_fault` is.
const HELPERS: [&str; 2] = [HTTP_HEADERS, HTTP_REQUEST_LINE];

pub(crate) fn draw(file: &mut WorldFile, wanted: &DrawFile) -> Result<(), Error> {
    for (number, kind) in wanted.trouble.iter().enumerate() {
        let rng = &mut stream(file.seed, &["troubles", &number.to_string()]);
        for _ in 0..kind.count.draw(rng) {
            let drawn = trouble(file, kind, rng)?;
            file.trouble.extend(drawn);
        }
    }
    Ok(())
}

/// None where the world has nothing that it could happen to.
fn trouble(file: &WorldFile, kind: &DrawTrouble, rng: &mut ChaCha8Rng) -> Result<Option<TroubleFile>, Error> {
    let known = TroubleKind::parse(&kind.kind).ok_or_else(|| wrong(format!("[[draw.trouble]]: there is no kind {:?}", kind.kind)))?;
    let targets = match (known, kind.targets) {
        (TroubleKind::Forger, _) => forgeable(file, rng),
        (TroubleKind::HelperFault, _) => HELPERS.map(String::from).to_vec(),
        (_, Some(count)) => sites(file, count.draw(rng) as usize, rng),
        (_, None) => Vec::new(),
    };
    if known.needs_targets() && targets.is_empty() {
        return Ok(None);
    }
    let (countries, networks) = scope(file, kind, rng);
    let (from, to) = period(file, kind, rng)?;
    Ok(Some(TroubleFile {
        kind: kind.kind.clone(),
        countries,
        networks,
        targets,
        // A burst draws its own for each.
        share: kind.share.map(|share| if known == TroubleKind::Burst { share } else { share.drawn(rng) }),
        from,
        to,
        daily: Vec::new(),
        failure: one_of(&kind.failures, rng),
        change: one_of(&kind.changes, rng),
        software_version: one_of(&kind.software_versions, rng),
        per_day: kind.per_day.map(|range| range.drawn(rng)),
        minutes: kind.minutes,
        volume: kind.volume.map(|range| range.drawn(rng)),
    }))
}

fn one_of(words: &Option<Vec<String>>, rng: &mut ChaCha8Rng) -> Option<String> {
    let words = words.as_ref().filter(|words| !words.is_empty())?;
    Some(words[rng.random_range(0..words.len())].clone())
}

fn sites(file: &WorldFile, count: usize, rng: &mut ChaCha8Rng) -> Vec<String> {
    let mut hosts: Vec<String> = file.target.iter().filter_map(|target| Some(WebAddress::parse(&target.url)?.host)).collect();
    let count = count.min(hosts.len());
    (0..count).map(|_| hosts.swap_remove(rng.random_range(0..hosts.len()))).collect()
}

/// A site that somebody sends people from to an address which a forger can vouch for.
fn forgeable(file: &WorldFile, rng: &mut ChaCha8Rng) -> Vec<String> {
    let injects = |name: &str| matches!(name, "dns.injection.blockpage" | "dns.injection.other");
    let sites: Vec<&String> = file
        .censor
        .iter()
        .filter(|censor| injects(&censor.mechanism))
        .flat_map(|censor| &censor.targets)
        .filter(|target| !target.contains('/'))
        .collect();
    if sites.is_empty() { Vec::new() } else { vec![sites[rng.random_range(0..sites.len())].clone()] }
}

fn scope(file: &WorldFile, kind: &DrawTrouble, rng: &mut ChaCha8Rng) -> (Vec<String>, Vec<u32>) {
    if kind.national {
        return (vec![file.country[rng.random_range(0..file.country.len())].cc.clone()], Vec::new());
    }
    let Some(count) = kind.networks else { return (Vec::new(), Vec::new()) };
    let mut asns: Vec<u32> = file.country.iter().flat_map(|country| &country.network).map(|network| network.asn).collect();
    let count = (count.draw(rng) as usize).min(asns.len());
    (Vec::new(), (0..count).map(|_| asns.swap_remove(rng.random_range(0..asns.len()))).collect())
}

fn period(file: &WorldFile, kind: &DrawTrouble, rng: &mut ChaCha8Rng) -> Result<(Option<String>, Option<String>), Error> {
    let Some(hours) = kind.hours.map(|hours: Range<u32>| i64::from(hours.draw(rng))) else { return Ok((None, None)) };
    let (first, last) = span(file)?;
    let from = hour_within(first + 6 * 3600, last - hours * 3600, rng);
    let to = from + hours.max(1) * 3600;
    Ok((Some(time::rfc3339(from)), Some(time::rfc3339(to))))
}
