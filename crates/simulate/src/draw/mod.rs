//! Drawing: what a world file leaves to its seed becomes fixed. Ranges become numbers, and a `[draw]` section becomes countries, networks,
//! targets, censors and troubles.
//!
//! What was drawn is a world file again, without anything to draw. **Invariant:** it describes the same world as the one it was drawn from,
//! since every draw has a stream of its own and nothing else is derived from whether something was drawn.

mod beside;
mod censors;
mod places;
mod targets;
mod troubles;
mod words;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::wrong;
use crate::range::{Number, Range};
use crate::rng;
use crate::world_file::WorldFile;

/// More of one kind of thing could not be given addresses.
const MAX_NETWORKS: u32 = 400;
const MAX_TARGETS: u32 = 1_500;
const MAX_COUNTRIES: u32 = 23;
const MAX_TROUBLES: u32 = 1_000;
const MAX_BESIDE: u32 = 100;

/// `[draw]`: how many of what, and what they are like.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawFile {
    pub countries: Range<u32>,
    /// In all countries together.
    pub networks: Range<u32>,
    pub targets: Range<u32>,
    pub probes: Range<u32>,
    /// Of each network; with `measurements` it only says how they are shared out.
    pub measurements_per_day: Range<u32>,
    pub batch: Range<u32>,
    pub night: Range<f64>,
    pub variation: Range<f64>,
    /// How often a target is measured, relative to the others.
    pub weight: Range<u32>,
    /// Of each page before all are stretched so that a measurement has `mean_body_bytes` of it.
    pub body_bytes: Range<u32>,
    pub mean_body_bytes: Range<u32>,
    /// The share of targets that are fetched over plain HTTP, that redirect there from another name, that have IPv6.
    pub plain: Range<f64>,
    pub redirected: Range<f64>,
    pub ipv6: Range<f64>,
    /// The share of measurements that somebody interferes with; censors are drawn until it is reached.
    pub interference: Range<f64>,
    pub censor: Vec<DrawCensor>,
    /// Whoever acts on nothing but nettests that are run beside the others; drawn apart, and not a part of `interference`.
    #[serde(default)]
    pub beside: Vec<DrawBeside>,
    pub trouble: Vec<DrawTrouble>,
}

/// A kind of censor.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawCensor {
    /// How often it is this kind, relative to the others.
    pub odds: u32,
    pub mechanisms: Vec<String>,
    pub targets: Range<u32>,
    /// How often it concerns a whole country and not one network.
    #[serde(default = "half")]
    pub national: f64,
    #[serde(default = "always")]
    pub share: Range<f64>,
    /// How often it begins, and how often it ends, within the world.
    #[serde(default)]
    pub begins: f64,
    #[serde(default)]
    pub ends: f64,
    /// How often another mechanism follows after some time.
    #[serde(default)]
    pub changes: f64,
    /// `exams` on weekdays in two sittings, `nights`, or nothing.
    pub schedule: Option<String>,
    pub bytes_per_second: Option<Range<u32>>,
}

/// A kind of censor or of proxy that other censors know nothing of.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawBeside {
    /// How many of them; fewer where there is no place that has none yet.
    pub count: Range<u32>,
    pub mechanisms: Vec<String>,
    pub targets: Vec<String>,
    #[serde(default = "half")]
    pub national: f64,
    #[serde(default)]
    pub begins: f64,
}

/// A kind of trouble.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawTrouble {
    pub kind: String,
    /// How many of them.
    pub count: Range<u32>,
    /// How many targets each concerns; none for all.
    pub targets: Option<Range<u32>>,
    /// How many networks each concerns; none for all.
    pub networks: Option<Range<u32>>,
    /// Whether it concerns one whole country instead.
    #[serde(default)]
    pub national: bool,
    /// How long it lasts; none for as long as the world.
    pub hours: Option<Range<u32>>,
    pub share: Option<Range<f64>>,
    pub failures: Option<Vec<String>>,
    pub changes: Option<Vec<String>>,
    pub software_versions: Option<Vec<String>>,
    pub per_day: Option<Range<f64>>,
    pub minutes: Option<Range<u32>>,
    pub volume: Option<Range<f64>>,
}

fn half() -> f64 {
    0.5
}

fn always() -> Range<f64> {
    Range::just(1.0)
}

/// Draws everything that the file leaves open.
pub(crate) fn all(file: &mut WorldFile) -> Result<(), Error> {
    let seed = file.seed;
    if let Some(days) = &mut file.days {
        fix(seed, "world", "days", days);
    }
    if let Some(wanted) = file.draw.take() {
        wanted.check()?;
        places::draw(file, &wanted);
        targets::draw(file, &wanted);
        censors::draw(file, &wanted)?;
        beside::draw(file, &wanted)?;
        troubles::draw(file, &wanted)?;
    }
    ranges(file);
    Ok(())
}

impl DrawFile {
    fn check(&self) -> Result<(), Error> {
        let limits = [
            ("countries", self.countries, MAX_COUNTRIES),
            ("networks", self.networks, MAX_NETWORKS),
            ("targets", self.targets, MAX_TARGETS),
        ];
        for (name, range, most) in limits {
            if range.low == 0 || range.high > most {
                return Err(wrong(format!("[draw]: {name} must be 1 to {most}")));
            }
        }
        let odds: u64 = self.censor.iter().map(|kind| u64::from(kind.odds)).sum();
        let chances = self.censor.iter().flat_map(|kind| [kind.national, kind.begins, kind.ends, kind.changes]);
        let chances = chances.chain(self.beside.iter().flat_map(|kind| [kind.national, kind.begins]));
        let shares = [self.plain, self.redirected, self.ipv6, self.interference].map(|range| [range.low, range.high]);
        if odds > 1_000_000 || shares.as_flattened().iter().copied().chain(chances).any(|share| !(0.0..=1.0).contains(&share)) {
            return Err(wrong("[draw]: shares must be 0 to 1, and the odds of all kinds of censors together at most 1000000"));
        }
        if self.interference.high > 0.0 && odds == 0 {
            return Err(wrong("[draw]: interference needs a [[draw.censor]] with odds"));
        }
        if self.beside.iter().map(|kind| u64::from(kind.count.high)).sum::<u64>() > u64::from(MAX_BESIDE) {
            return Err(wrong(format!("[draw]: more than {MAX_BESIDE} in [[draw.beside]]")));
        }
        match self.trouble.iter().map(|kind| u64::from(kind.count.high)).sum::<u64>() > u64::from(MAX_TROUBLES) {
            true => Err(wrong(format!("[draw]: more than {MAX_TROUBLES} troubles"))),
            false => Ok(()),
        }
    }
}

/// Every range of the file becomes a number.
fn ranges(file: &mut WorldFile) {
    let seed = file.seed;
    for network in file.country.iter_mut().flat_map(|country| &mut country.network) {
        let place = format!("network AS{}", network.asn);
        fix(seed, &place, "probes", &mut network.probes);
        fix(seed, &place, "measurements_per_day", &mut network.measurements_per_day);
        fix(seed, &place, "batch", &mut network.batch);
        fix(seed, &place, "night", &mut network.night);
        fix(seed, &place, "variation", &mut network.variation);
    }
    for target in &mut file.target {
        fix(seed, &target.url, "weight", &mut target.weight);
        fix_some(seed, &target.url, "body_bytes", &mut target.body_bytes);
    }
    for (index, censor) in file.censor.iter_mut().enumerate() {
        let place = format!("censor {}", index + 1);
        fix_some(seed, &place, "share", &mut censor.share);
        fix_some(seed, &place, "bytes_per_second", &mut censor.bytes_per_second);
    }
    for (index, trouble) in file.trouble.iter_mut().enumerate() {
        let place = format!("trouble {}", index + 1);
        // A burst's share and length are drawn for each burst anew.
        if trouble.kind != crate::TroubleKind::Burst.as_str() {
            fix_some(seed, &place, "share", &mut trouble.share);
            fix_some(seed, &place, "minutes", &mut trouble.minutes);
        }
        fix_some(seed, &place, "per_day", &mut trouble.per_day);
        fix_some(seed, &place, "volume", &mut trouble.volume);
    }
}

fn fix<T: Number>(seed: u64, place: &str, field: &str, range: &mut Range<T>) {
    *range = range.drawn(&mut stream(seed, &[place, field]));
}

fn fix_some<T: Number>(seed: u64, place: &str, field: &str, range: &mut Option<Range<T>>) {
    if let Some(range) = range {
        fix(seed, place, field, range);
    }
}

fn stream(seed: u64, names: &[&str]) -> ChaCha8Rng {
    rng::stream(seed, &[&["draw"], names].concat())
}
