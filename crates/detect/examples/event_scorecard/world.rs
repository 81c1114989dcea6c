//! Worlds of counts with known truth: countries, networks, targets, innocent troubles, and what is planted in them.
//!
//! Much smaller and faster than the simulator of raw measurements, and made for one purpose: to choose and to check the statistic.

use parallax_detect::interference::events::{CellRow, Cells, CellsBuilder, Counts, Hour};
use parallax_model::{Layer, Mechanism};

use crate::chance::Chance;

/// 2024-01-01 00:00 UTC, a Monday.
pub const BEGIN: Hour = Hour(473_352);
pub const COUNTRIES: [&str; 8] = ["XA", "XB", "XC", "XD", "XE", "XF", "XG", "XH"];
const RELEASES: [&str; 4] = ["probe 3.17.0", "probe 3.18.0", "probe 3.18.1", "probe 3.19.0"];
const LAYERS: [Layer; 3] = [Layer::Dns, Layer::Tcp, Layer::Tls];
/// Innocent failures by layer, with their weights.
const INNOCENT: [&[(&str, f64)]; 3] = [
    &[("dns.timeout", 0.5), ("dns.nxdomain", 0.25), ("dns.refused", 0.25)],
    &[("tcp.timeout", 0.7), ("tcp.reset", 0.15), ("tcp.refused", 0.15)],
    &[("tls.timeout", 0.5), ("tls.reset", 0.35), ("tls.close", 0.15)],
];
/// How interference is done here.
pub const METHODS: [(usize, &str); 7] = [
    (0, "dns.injection.bogon"),
    (0, "dns.nxdomain"),
    (1, "tcp.timeout"),
    (1, "tcp.reset"),
    (2, "tls.reset.sni"),
    (2, "tls.timeout"),
    (2, "tls.mitm.self_signed"),
];

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct World {
    pub seed: u64,
    pub countries: usize,
    pub networks: usize,
    pub targets: usize,
    pub days: u32,
    /// Measurements of a target by a network in an hour, each network drawing one of these.
    pub densities: Vec<f64>,
    /// Share of measurements that fail innocently, each network drawing one of these.
    pub failing: Vec<f64>,
    /// Whether half of the innocent failures come in bursts over a whole network.
    pub bursts: bool,
    /// Whether what is measured once an hour or less is measured by the clock; else only what is measured once a day or less.
    pub regular: bool,
    pub plants: Vec<Plant>,
}

/// Where something happens. `None` is everywhere.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub country: Option<usize>,
    pub networks: Option<Vec<usize>>,
    pub targets: Option<Vec<usize>>,
}

impl Scope {
    pub fn holds(&self, country: usize, network: usize, target: usize) -> bool {
        self.country.is_none_or(|each| each == country)
            && self.networks.as_ref().is_none_or(|each| each.contains(&network))
            && self.targets.as_ref().is_none_or(|each| each.contains(&target))
    }
}

/// Something that happens from an hour of the world to another.
#[derive(Clone, Debug)]
pub struct Plant {
    pub scope: Scope,
    pub from: u32,
    pub until: u32,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    /// Interference with this share of connections, by a method.
    Block { share: f64, method: usize },
    /// The same, on some days of the week at some hours (UTC).
    Recurring { days: Vec<u32>, windows: Vec<(u32, u32)>, method: usize },
    /// Nothing is measured.
    Silence,
    /// The target fails for everybody, and the control does not see it.
    TargetChanged { share: f64, method: usize },
    /// One release has a bug.
    ReleaseBug { release: usize, method: usize },
    /// One probe (with a name) sees failures wherever it measures.
    BadProbe { method: usize },
    /// The control fails, and every failure with it looks like interference.
    ControlFails { method: usize },
    /// Connections over IPv6 fail.
    BrokenIpv6 { method: usize },
    /// Other rules judge, and see interference where there is none.
    NewRuleset { method: usize },
}

impl What {
    pub fn is_interference(&self) -> bool {
        matches!(self, What::Block { .. } | What::Recurring { .. })
    }
}

/// A network and its habits.
struct Habits {
    density: f64,
    failing: f64,
    /// Hours in which most of what it measures fails.
    burst: Vec<f32>,
    releases: [f64; 4],
    peak: f64,
}

pub fn asn(country: usize, network: usize) -> u32 {
    64_500 + country as u32 * 32 + network as u32
}

pub fn target_name(target: usize) -> String {
    format!("site{target:03}.example")
}

impl World {
    /// All cells, of the hours before `until` (counted from the beginning of the world).
    pub fn cells(&self, until: u32) -> Cells {
        let mut builder = CellsBuilder::default();
        for country in 0..self.countries {
            for network in 0..self.networks {
                let mut chance = Chance::of(&[self.seed, country as u64, network as u64]);
                let habits = self.habits(&mut chance);
                for target in 0..self.targets {
                    let mut chance = Chance::of(&[self.seed, country as u64, network as u64, target as u64 + 1000]);
                    self.series(country, network, target, &habits, &mut chance, until, &mut builder);
                }
            }
        }
        builder.finish()
    }

    pub fn series_years(&self) -> f64 {
        (self.countries * self.networks * self.targets) as f64 * f64::from(self.days) / 365.25
    }

    fn habits(&self, chance: &mut Chance) -> Habits {
        let failing = *chance.one_of(&self.failing);
        let hours = self.days as usize * 24;
        let mut burst = vec![0.0; hours];
        if self.bursts {
            // Half of all failures, in bursts of about three hours that hit about half of what is measured.
            let mut hour = 0;
            let pause = 3.0 * 0.5 / (failing / 2.0);
            loop {
                hour += (chance.exponential() * pause) as usize + 1;
                let (length, share) = (1 + (chance.exponential() * 2.0).min(8.0) as usize, 0.25 + 0.5 * chance.uniform());
                if hour >= hours {
                    break;
                }
                let end = (hour + length).min(hours);
                burst[hour..end].fill(share as f32);
                hour = end;
            }
        }
        let mut releases = [0.0; 4];
        for release in &mut releases {
            *release = 0.1 + chance.uniform();
        }
        Habits {
            density: *chance.one_of(&self.densities),
            failing: if self.bursts { failing / 2.0 } else { failing },
            burst,
            releases,
            peak: 24.0 * chance.uniform(),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn series(
        &self,
        country: usize,
        network: usize,
        target: usize,
        habits: &Habits,
        chance: &mut Chance,
        until: u32,
        builder: &mut CellsBuilder,
    ) {
        let name = target_name(target);
        let plants: Vec<&Plant> = self.plants.iter().filter(|plant| plant.scope.holds(country, network, target)).collect();
        // Now and then one path alone has a bad hour or two.
        let mut bad_path = (chance.exponential() * 8766.0) as u32;
        for hour in 0..until.min(self.days * 24) {
            if hour >= bad_path + 2 {
                bad_path = hour + (chance.exponential() * 8766.0) as u32 + 1;
            }
            let rhythm = 1.0 + 0.7 * ((f64::from(hour % 24) - habits.peak) * std::f64::consts::TAU / 24.0).cos();
            // Once a day or less is an appointment more than a chance.
            let count = if habits.density >= 0.2 && !(self.regular && habits.density <= 1.0) {
                chance.poisson(habits.density * rhythm)
            } else {
                let every = (1.0 / habits.density).round() as u32;
                let phase = (habits.peak * 1000.0) as u32 + target as u32 * 7;
                u32::from((hour + phase).is_multiple_of(every))
            };
            let path = self.bursts && hour >= bad_path;
            let mut hourly = Hourly::default();
            for _ in 0..count {
                self.measure(hour, &plants, habits, path, chance, &mut hourly);
            }
            for (key, counts) in &hourly.rows {
                builder.push(&CellRow {
                    probe_cc: COUNTRIES[country],
                    probe_asn: Some(asn(country, network)),
                    resolver_asn: (key.layer == 0).then_some(asn(country, network)),
                    target: &name,
                    layer: LAYERS[key.layer],
                    hour: BEGIN.plus(hour),
                    mechanism: (!key.mechanism.is_empty())
                        .then(|| key.mechanism.parse::<Mechanism>().expect("the words are from the list")),
                    software: RELEASES[key.release],
                    ruleset: if key.new_rules { "2" } else { "1" },
                    probe_id: key.probe.map(|probe| ["a", "b", "c"][probe]),
                    counts: *counts,
                    witness: (!key.mechanism.is_empty()).then_some("a measurement"),
                });
            }
        }
    }

    fn measure(&self, hour: u32, plants: &[&Plant], habits: &Habits, bad_path: bool, chance: &mut Chance, hourly: &mut Hourly) {
        // As many draws for each measurement whatever happens, so that a plant does not change the rest of the world.
        let (release, named, failing, burst, layer, word, unclear, hit) = (
            chance.weighted(&habits.releases),
            chance.uniform(),
            chance.uniform(),
            chance.uniform(),
            chance.weighted(&[0.2, 0.45, 0.35]),
            chance.uniform(),
            chance.uniform(),
            chance.uniform(),
        );
        let probe = (named < 0.3).then_some((named * 10.0) as usize);
        let burst_share = f64::from(habits.burst[hour as usize]).max(if bad_path { 0.5 } else { 0.0 });
        let mut seen = (failing < habits.failing || burst < burst_share).then(|| (layer, word_of(layer, word)));
        let mut key = Key { release, probe, ..Key::default() };
        let (mut ipv6, mut control) = (false, false);
        for plant in plants.iter().filter(|plant| (plant.from..plant.until).contains(&hour)) {
            let how = |method: usize| Some(METHODS[method]);
            match &plant.what {
                What::Block { share, method } | What::TargetChanged { share, method } if hit < *share => seen = how(*method),
                What::Recurring { days, windows, method } => {
                    let now = days.contains(&(hour / 24 % 7)) && windows.iter().any(|(from, to)| (*from..*to).contains(&(hour % 24)));
                    if now && hit < 0.97 {
                        seen = how(*method);
                    }
                }
                What::Silence if hit < 0.99 => return,
                What::ReleaseBug { release: bad, method } if release == *bad => seen = how(*method),
                What::BadProbe { method } if probe == Some(0) => seen = how(*method),
                What::ControlFails { method } if hit < 0.9 => (seen, control) = (how(*method), true),
                What::BrokenIpv6 { method } if hit < 0.6 => (seen, ipv6) = (how(*method), true),
                What::NewRuleset { method } => {
                    key.new_rules = true;
                    if hit < 0.8 {
                        seen = how(*method);
                    }
                }
                _ => {}
            }
        }
        let mut add = |layer: usize, mechanism: &'static str, what: fn(&mut Counts) -> &mut u16| {
            let counts = hourly.row(Key { layer, mechanism, ..key });
            counts.measurements += 1;
            counts.sessions += 1;
            counts.control_failures += u16::from(control);
            counts.ipv6_only += u16::from(ipv6 && !mechanism.is_empty());
            *what(counts) += 1;
        };
        let reached = seen.map_or(LAYERS.len(), |(layer, _)| layer);
        for layer in 0..reached {
            add(layer, "", |counts| &mut counts.ok);
        }
        if let Some((layer, mechanism)) = seen {
            // A fifth of what fails innocently is seen for what it is: unclear.
            let innocent = !plants.iter().any(|plant| (plant.from..plant.until).contains(&hour));
            if innocent && unclear < 0.2 {
                add(layer, "", |counts| &mut counts.impaired);
            } else {
                add(layer, mechanism, |counts| &mut counts.likely_blocked);
            }
        }
    }
}

fn word_of(layer: usize, chance: f64) -> &'static str {
    let mut sum = 0.0;
    INNOCENT[layer]
        .iter()
        .find(|(_, weight)| {
            sum += weight;
            chance < sum
        })
        .map_or(INNOCENT[layer][0].0, |(word, _)| word)
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Key {
    layer: usize,
    mechanism: &'static str,
    release: usize,
    probe: Option<usize>,
    new_rules: bool,
}

/// The rows of one hour of a series.
#[derive(Default)]
struct Hourly {
    rows: Vec<(Key, Counts)>,
}

impl Hourly {
    fn row(&mut self, key: Key) -> &mut Counts {
        let place = self.rows.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.rows.push((key, Counts::default()));
            self.rows.len() - 1
        });
        &mut self.rows[place].1
    }
}
