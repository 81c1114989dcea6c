//! What is innocent and usual: how often a network fails, which failures are common, when a network was stormy, and how much it measures.
//!
//! One pass over all cells before any series is looked at.
//!
//! **Invariant:** only raises what an accusation needs. A quiet series of another network or target never makes an event likelier.

use std::collections::{BTreeMap, HashMap};

use parallax_model::{Layer, Mechanism};

use super::Hour;
use super::cell::{Cell, Cells, mechanism_at};
use super::service::app_of;

/// A network in a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Network {
    pub country: u16,
    pub asn: Option<u32>,
}

pub(super) struct Background {
    pub networks: Vec<Network>,
    /// The network of each series, as an index in `networks`.
    pub network_of: Vec<u32>,
    pub first: Hour,
    pub hours: usize,
    /// Hours that one place of the arrays stands for; more than one only where the window is larger than memory should be.
    pub step: u32,
    /// How many measurements each network made, by place.
    pub volume: Vec<Vec<u32>>,
    /// For how many places most of what a network tested has been failing; 0 when it is not.
    storm: Vec<Vec<u8>>,
    /// The same of what failed or did not work, whoever is to blame.
    losing: Vec<Vec<u8>>,
    /// How often a layer of a network fails, and loses what it tests, when nothing is going on.
    quiet_rate: BTreeMap<(u32, Layer), (f64, f64)>,
    /// How often an innocent failure looks like this, by mechanism.
    mechanism_share: Vec<f64>,
}

/// Places of all arrays together: 6 bytes each, and as much again while storms are counted, so at most 360 MB.
const PLACES: usize = 30_000_000;
/// At least so many other targets fail in a storm, ...
const STORM_TARGETS: u16 = 3;
/// ... and by at least this share of what was tested more than usual, ...
const STORM_SHARE: f64 = 0.35;
/// ... within the time in which about so many tests are made, which is at least and at most so many hours.
const STORM_TESTS: f64 = 6.0;
const STORM_WINDOW: (f64, f64) = (3.0, 12.0);
/// A series that fails so often is not usual and says nothing about what is.
const UNUSUAL: f64 = 0.15;
/// Innocent failures by the last word of their mechanism, before any was seen; the sum stands for `SHARE_STRENGTH` failures.
const USUAL_SHARES: &[(&str, f64)] =
    &[("timeout", 0.5), ("reset", 0.25), ("close", 0.1), ("refused", 0.1), ("nxdomain", 0.3), ("error", 0.1)];
const OTHER_SHARE: f64 = 0.1;
const SHARE_STRENGTH: f64 = 20.0;
const MECHANISMS: usize = 64;

impl Background {
    pub fn of(cells: &Cells) -> Self {
        let (networks, network_of) = networks(cells);
        let first = cells.rows.iter().map(|cell| cell.hour).min().unwrap_or_default();
        let last = cells.last_hour().unwrap_or_default();
        let hours = last.since(first) as usize + 1;
        let step = (hours * networks.len()).div_ceil(PLACES).max(1) as u32;
        let places = hours.div_ceil(step as usize);
        let mut background = Self {
            volume: vec![vec![0; places]; networks.len()],
            storm: vec![vec![0; places]; networks.len()],
            losing: vec![vec![0; places]; networks.len()],
            networks,
            network_of,
            first,
            hours,
            step,
            quiet_rate: BTreeMap::new(),
            mechanism_share: Vec::new(),
        };
        background.count_storms_and_volume(cells);
        background.learn_rates(cells);
        background
    }

    pub fn place(&self, hour: Hour) -> usize {
        (hour.since(self.first) / self.step) as usize
    }

    pub fn hour(&self, place: usize) -> Hour {
        self.first.plus(place as u32 * self.step)
    }

    /// For how many hours most of what this network tests has been failing.
    pub fn storm_age(&self, series: usize, hour: Hour) -> u32 {
        u32::from(self.storm[self.network_of[series] as usize][self.place(hour)]) * self.step
    }

    /// Whether most of what this network tests fails or does not work.
    pub fn is_losing(&self, series: usize, hour: Hour) -> bool {
        self.losing[self.network_of[series] as usize][self.place(hour)] > 0
    }

    pub fn quiet_rate(&self, series: usize, layer: Layer) -> (f64, f64) {
        self.quiet_rate.get(&(self.network_of[series], layer)).copied().unwrap_or((0.0, 0.0))
    }

    /// How often an innocent failure has this mechanism.
    pub fn mechanism_share(&self, mechanism: u8) -> f64 {
        self.mechanism_share.get(usize::from(mechanism)).copied().unwrap_or(OTHER_SHARE)
    }

    fn count_storms_and_volume(&mut self, cells: &Cells) {
        let mut tested = vec![vec![Tested::default(); self.volume.first().map_or(0, Vec::len)]; self.networks.len()];
        let windows = self.windows(cells);
        let mut seen: Vec<Seen> = Vec::new();
        // What the services of the app at hand were measured so far, by network and place: one measurement of an app has verdicts on each of them.
        let (mut app, mut of_app): (Option<(u16, &str)>, HashMap<(usize, usize), u32>) = (None, HashMap::new());
        let mut start = 0;
        for together in cells.series.chunk_by(|a, b| (a.country, a.target) == (b.country, b.target)) {
            seen.clear();
            let name = app_of(&cells.targets[together[0].target as usize]).map(|name| (together[0].country, name));
            if name.is_none() || name != app {
                (app, of_app) = (name, HashMap::new());
            }
            for series in start..start + together.len() {
                let (network, layer) = (self.network_of[series], cells.series[series].layer);
                let look = |cell: &Cell| {
                    let (accusing, impaired) = (cell.counts.accusing() > 0.0, cell.counts.impaired > 0);
                    (network, cell.hour, layer, u32::from(cell.counts.measurements), (accusing, accusing || impaired))
                };
                seen.extend(cells.rows_of(series).iter().map(look));
            }
            start += together.len();
            seen.sort_unstable();
            for of_network in seen.chunk_by(|a, b| a.0 == b.0) {
                let network = of_network[0].0 as usize;
                let mut until = [0; 3];
                for hour in of_network.chunk_by(|a, b| a.1 == b.1) {
                    let place = self.place(hour[0].1);
                    // A measurement has a verdict on each layer that it came to: the layer that most came to counts them all.
                    let volume = hour.chunk_by(|a, b| a.2 == b.2).map(|layer| layer.iter().map(|row| row.3).sum()).max().unwrap_or(0);
                    let known = if app.is_some() { of_app.entry((network, place)).or_default() } else { &mut 0 };
                    self.volume[network][place] += u32::saturating_sub(volume, *known);
                    *known = volume.max(*known);
                    // A target counts once at each place within a window after it was tested, and after it failed.
                    let end = (place + windows[network]).min(tested[network].len());
                    let happened = [true, hour.iter().any(|row| row.4.0), hour.iter().any(|row| row.4.1)];
                    for (what, _) in happened.iter().enumerate().filter(|(_, happened)| **happened) {
                        let places = &mut tested[network][place.max(until[what])..end.max(until[what])];
                        places.iter_mut().for_each(|counts| counts[what] = counts[what].saturating_add(1));
                        until[what] = until[what].max(end);
                    }
                }
            }
        }
        for (network, tested) in tested.iter().enumerate() {
            mark_storms(tested, 1, &mut self.storm[network]);
            mark_storms(tested, 2, &mut self.losing[network]);
        }
    }

    /// Over how many places each network is looked at to tell a storm: the less it measures, the longer.
    fn windows(&self, cells: &Cells) -> Vec<usize> {
        let mut hours = vec![0_usize; self.networks.len()];
        for (series, network) in self.network_of.iter().enumerate() {
            // A measurement has verdicts on several layers, most often three.
            hours[*network as usize] += cells.rows_of(series).len();
        }
        let window = |rows: usize| {
            let an_hour = rows as f64 / 3.0 / self.hours as f64;
            (STORM_TESTS / an_hour.max(1e-9)).ceil().clamp(STORM_WINDOW.0, STORM_WINDOW.1) as usize
        };
        hours.into_iter().map(|rows| window(rows).div_ceil(self.step as usize)).collect()
    }

    fn learn_rates(&mut self, cells: &Cells) {
        let mut quiet: BTreeMap<(u32, Layer), (f64, f64, f64)> = BTreeMap::new();
        let mut mechanisms = vec![0.0; MECHANISMS];
        for (series, info) in cells.series.iter().enumerate() {
            let rows = cells.rows_of(series);
            let (failed, worked, lost) = rows.iter().fold((0.0, 0.0, 0.0), |sum, cell| {
                let (failed, worked, lost) = cell.counts.occasions();
                (sum.0 + failed, sum.1 + worked, sum.2 + lost)
            });
            if failed > (failed + worked) * UNUSUAL {
                continue;
            }
            let sum = quiet.entry((self.network_of[series], info.layer)).or_default();
            // What is lost more often is not usual either, and says nothing about how often it is lost.
            let lost = if lost > (worked + lost) * UNUSUAL { 0.0 } else { lost };
            *sum = (sum.0 + failed, sum.1 + failed + worked, sum.2 + lost);
            for cell in rows.iter().filter(|cell| cell.mechanism > 0 && usize::from(cell.mechanism) < MECHANISMS) {
                mechanisms[usize::from(cell.mechanism)] += cell.counts.accusing();
            }
        }
        // One failure more than were seen, of fifty measurements more, would lower nothing that is known well and says little where little is known.
        self.quiet_rate =
            quiet.into_iter().map(|(key, (failed, all, lost))| (key, (failed / (all + 50.0), lost / (all + lost + 50.0)))).collect();
        self.mechanism_share = mechanism_shares(&mechanisms);
    }
}

fn networks(cells: &Cells) -> (Vec<Network>, Vec<u32>) {
    let of = |series: &super::cell::Series| Network { country: series.country, asn: series.network };
    let mut networks: Vec<Network> = cells.series.iter().map(of).collect();
    networks.sort_unstable();
    networks.dedup();
    let find = |series| networks.binary_search(&of(series)).expect("it was just put there") as u32;
    let network_of = cells.series.iter().map(find).collect();
    (networks, network_of)
}

/// Network, hour, layer, measurements, and whether somebody was accused, or that or something did not work.
type Seen = (u32, Hour, Layer, u32, (bool, bool));
/// Targets that were tested, that somebody was accused of, and that were accused or did not work.
type Tested = [u16; 3];

/// An hour is stormy when in it and those before most of what was tested failed, beside the one target that somebody may be asking about.
fn mark_storms(tested: &[Tested], what: usize, storm: &mut [u8]) {
    let sum = tested.iter().fold((0.0, 0.0), |sum, counts| (sum.0 + f64::from(counts[what]), sum.1 + f64::from(counts[0])));
    let usual = if sum.1 > 0.0 { sum.0 / sum.1 } else { 0.0 };
    for place in 0..tested.len() {
        let (failing, all) = (tested[place][what].saturating_sub(1), tested[place][0].saturating_sub(1));
        let stormy = failing >= STORM_TARGETS && f64::from(failing) >= f64::from(all) * (usual + STORM_SHARE).min(0.8);
        storm[place] = if stormy { if place > 0 { storm[place - 1].saturating_add(1) } else { 1 } } else { 0 };
    }
}

fn mechanism_shares(seen: &[f64]) -> Vec<f64> {
    let mut by_layer: BTreeMap<Option<Layer>, f64> = BTreeMap::new();
    let layer = |index: usize| u8::try_from(index).ok().and_then(mechanism_at).and_then(Mechanism::layer);
    for (index, count) in seen.iter().enumerate() {
        *by_layer.entry(layer(index)).or_default() += count;
    }
    let share = |(index, count): (usize, &f64)| {
        let path = u8::try_from(index).ok().and_then(mechanism_at).map_or("", Mechanism::as_str);
        let usual = USUAL_SHARES.iter().find(|(word, _)| path.ends_with(word)).map_or(OTHER_SHARE, |(_, share)| *share);
        (count + usual * SHARE_STRENGTH) / (by_layer[&layer(index)] + SHARE_STRENGTH)
    };
    seen.iter().enumerate().map(share).collect()
}
