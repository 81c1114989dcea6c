//! Draws the sites that are measured.

use rand::Rng;

use super::{DrawFile, stream, words};
use crate::range::Range;
use crate::world_file::{TargetFile, WorldFile};

/// Shorter than a page can be.
const LEAST_BODY_BYTES: f64 = 300.0;
const MOST_BODY_BYTES: f64 = 400_000.0;

pub(crate) fn draw(file: &mut WorldFile, wanted: &DrawFile) {
    let rng = &mut stream(file.seed, &["targets"]);
    let (plain, redirected, ipv6) = (wanted.plain.draw(rng), wanted.redirected.draw(rng), wanted.ipv6.draw(rng));
    let count = wanted.targets.draw(rng) as usize;
    let mut targets: Vec<TargetFile> = Vec::new();
    while targets.len() < count {
        let host = words::host(rng, targets.len() + 1);
        let scheme = if rng.random_bool(plain) { "http" } else { "https" };
        let target = TargetFile {
            url: format!("{scheme}://{host}/"),
            hosting: ["fixed", "fixed", "cdn", "cdn", "geo"][rng.random_range(0..5)].into(),
            title: Some(format!("{} {}", words::name(rng), words::name(rng))),
            body_bytes: Some(wanted.body_bytes.drawn(rng)),
            ipv6: rng.random_bool(ipv6),
            redirect: None,
            weight: wanted.weight.drawn(rng),
        };
        // Some are on the list under a name that only leads to another.
        if scheme == "https" && targets.len() + 1 < count && rng.random_bool(redirected) {
            let url = format!("http://go.{host}/");
            targets.push(TargetFile { url, redirect: Some(target.url.clone()), weight: wanted.weight.drawn(rng), ..target.clone() });
        }
        targets.push(target);
    }
    stretch(&mut targets, f64::from(wanted.mean_body_bytes.draw(rng)));
    file.target.extend(targets);
}

/// Makes all pages longer or shorter, so that a fetch has the wanted length on average over all that is measured.
fn stretch(targets: &mut [TargetFile], mean: f64) {
    let length = |target: &TargetFile| target.body_bytes.map_or(0.0, |bytes| f64::from(bytes.value()));
    let weight: f64 = targets.iter().map(|target| f64::from(target.weight.value())).sum();
    let sum: f64 = targets.iter().map(|target| f64::from(target.weight.value()) * length(target)).sum();
    for target in targets {
        let bytes = (length(target) * mean * weight / sum.max(1.0)).clamp(LEAST_BODY_BYTES, MOST_BODY_BYTES);
        target.body_bytes = Some(Range::just(bytes as u32));
    }
}
