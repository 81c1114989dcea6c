//! What the detectors of events count: how many measurements of a target, from a network, on a layer, in an hour, ended how.
//!
//! A row of the view `cells` is *one* combination of
//!
//! | column | type | from |
//! |---|---|---|
//! | `probe_cc` | text | `verdicts.probe_cc` |
//! | `probe_asn` | u32, null when not known | `verdicts.probe_asn` |
//! | `resolver_asn` | u32, null when not known; null for every layer but dns | `measurements.resolver_asn` |
//! | `target` | text | `verdicts.target` |
//! | `layer` | word | `verdicts.layer` |
//! | `hour` | timestamp, whole hours | `verdicts.measurement_start_time` |
//! | `mechanism` | path, null when nobody is accused | `verdicts.mechanism` where the state accuses |
//! | `software` | text | `measurements.software_name`, a space, `measurements.software_version` |
//! | `ruleset` | text | `verdicts.ruleset_version`, a space, `verdicts.refdata_digest` |
//! | `probe_id` | text, null when not known | `measurements.probe_id` |
//!
//! with these counts and one witness:
//!
//! | column | counts |
//! |---|---|
//! | `measurements` | rows of `verdicts` |
//! | `sessions` | distinct `measurements.report_id`; 0 when none has one |
//! | `insufficient`, `ok`, `impaired`, `down`, `interfered`, `likely_blocked`, `blocked` | verdicts of that state |
//! | `control_failures` | measurements with a `control_failure` |
//! | `ipv6_only` | accusing or impaired verdicts whose `instrument` has `broken_ipv6`, and whose target failed over no IPv4 address |
//! | `witness` | the smallest `measurement_uid` among the accusing ones, null when there is none |
//!
//! So the histograms of mechanisms, software and probes are the rows of a cell: what the statistic adds up, the explanations can still take
//! apart. Most cells of real archives hold one measurement, so that this costs hardly a row. Verdicts whose `locus` is `server`, and whose
//! `target_role` is `redirect`, are counted like all others; those whose `instrument` has `clock` are not, since their hour is wrong. Empty hours have no row and still count as time.
//!
//! **Invariant:** [`Cells`] is sorted and its names are ranked, so that the order of pushes leaves no trace.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parallax_model::{Layer, Mechanism};

use super::Hour;
use super::service::app_of;

/// How many measurements of a row ended how. Counts beyond 65,535 stay there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts {
    pub measurements: u16,
    pub sessions: u16,
    pub insufficient: u16,
    pub ok: u16,
    pub impaired: u16,
    pub down: u16,
    pub interfered: u16,
    pub likely_blocked: u16,
    pub blocked: u16,
    pub control_failures: u16,
    pub ipv6_only: u16,
}

impl Counts {
    pub fn accusing(&self) -> f64 {
        f64::from(self.interfered) + f64::from(self.likely_blocked) + f64::from(self.blocked)
    }

    /// How many independent occasions one measurement of this row is: a session that tests a target five times has seen it once.
    fn weight(&self) -> f64 {
        let told = self.sessions > 0 && self.sessions < self.measurements;
        if told { f64::from(self.sessions) / f64::from(self.measurements) } else { 1.0 }
    }

    /// Occasions on which somebody was accused, on which it worked, and on which it did not work for reasons unknown. `down` and
    /// `insufficient` are none of them: they do not say whether the network interferes.
    pub fn occasions(&self) -> (f64, f64, f64) {
        let weight = self.weight();
        (self.accusing() * weight, f64::from(self.ok) * weight, f64::from(self.impaired) * weight)
    }
}

/// One row as the view gives it.
#[derive(Clone, Copy, Debug)]
pub struct CellRow<'a> {
    pub probe_cc: &'a str,
    pub probe_asn: Option<u32>,
    pub resolver_asn: Option<u32>,
    pub target: &'a str,
    pub layer: Layer,
    pub hour: Hour,
    pub mechanism: Option<Mechanism>,
    pub software: &'a str,
    pub ruleset: &'a str,
    pub probe_id: Option<&'a str>,
    pub counts: Counts,
    pub witness: Option<&'a str>,
}

/// Whose hours these are. Numbers of names are ranks in alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    pub country: u16,
    pub target: u32,
    pub layer: Layer,
    pub network: Option<u32>,
    pub resolver: Option<u32>,
}

/// A row in memory: 48 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub series: u32,
    pub hour: Hour,
    pub software: u32,
    pub ruleset: u16,
    /// Index in [`MECHANISMS`](mechanism_at) from 1; 0 is none.
    pub mechanism: u8,
    pub probe: u32,
    pub witness: u32,
    pub counts: Counts,
}

/// All rows, grouped by series and sorted by hour.
#[derive(Debug, Default)]
pub struct Cells {
    pub(super) rows: Vec<Cell>,
    pub(super) series: Vec<Series>,
    /// Where the rows of each series begin; one more than there are series.
    pub(super) starts: Vec<u32>,
    pub(super) countries: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) software: Vec<String>,
    pub(super) witnesses: Vec<String>,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The end of the last hour that was measured.
    pub fn last_hour(&self) -> Option<Hour> {
        self.rows.iter().map(|cell| cell.hour).max()
    }

    pub fn first_hour(&self) -> Option<Hour> {
        self.rows.iter().map(|cell| cell.hour).min()
    }

    /// The cells of the hours before this one: what was known then.
    pub fn before(&self, until: Hour) -> Cells {
        let rows: Vec<Cell> = self.rows.iter().filter(|cell| cell.hour < until).copied().collect();
        let starts = (0..=self.series.len()).map(|series| rows.partition_point(|cell| (cell.series as usize) < series) as u32).collect();
        let (series, countries, targets) = (self.series.clone(), self.countries.clone(), self.targets.clone());
        Cells { rows, series, starts, countries, targets, software: self.software.clone(), witnesses: self.witnesses.clone() }
    }

    /// The cells of some countries, and those of some targets wherever they were measured: all that an event there depends on, but for how common
    /// each kind of innocent failure is.
    pub fn about(&self, countries: &[String], targets: &[String]) -> Cells {
        let is_kept = |series: &Series| {
            let (country, target) = (&self.countries[usize::from(series.country)], &self.targets[series.target as usize]);
            countries.contains(country) || targets.contains(target)
        };
        let kept: Vec<usize> = (0..self.series.len()).filter(|index| is_kept(&self.series[*index])).collect();
        let (mut rows, mut starts) = (Vec::new(), vec![0]);
        for (number, index) in kept.iter().enumerate() {
            rows.extend(self.rows_of(*index).iter().map(|cell| Cell { series: number as u32, ..*cell }));
            starts.push(rows.len() as u32);
        }
        let series = kept.into_iter().map(|index| self.series[index]).collect();
        let (countries, targets) = (self.countries.clone(), self.targets.clone());
        Cells { rows, series, starts, countries, targets, software: self.software.clone(), witnesses: self.witnesses.clone() }
    }

    /// Every country, network and target that was measured.
    pub fn places(&self) -> BTreeSet<(&str, Option<u32>, &str)> {
        let place = |series: &Series| {
            (self.countries[usize::from(series.country)].as_str(), series.network, self.targets[series.target as usize].as_str())
        };
        self.series.iter().map(place).collect()
    }

    /// Measurements of each country, network and target in some hours; of its layers the one that most came to.
    pub fn measured(&self, hours: std::ops::Range<Hour>) -> BTreeMap<(&str, Option<u32>, &str), u32> {
        let mut by_layer: BTreeMap<(&str, Option<u32>, &str, Layer), u32> = BTreeMap::new();
        for (index, series) in self.series.iter().enumerate() {
            let rows = self.rows_of(index).iter().filter(|cell| hours.contains(&cell.hour));
            let sum: u32 = rows.map(|cell| u32::from(cell.counts.measurements)).sum();
            let (country, target) = (&self.countries[usize::from(series.country)], &self.targets[series.target as usize]);
            *by_layer.entry((country, series.network, target, series.layer)).or_default() += sum;
        }
        let mut places: BTreeMap<(&str, Option<u32>, &str), u32> = BTreeMap::new();
        for ((country, network, target, _), sum) in by_layer {
            let most = places.entry((country, network, target)).or_default();
            *most = sum.max(*most);
        }
        places
    }

    /// Measurements of each network in some hours. One of an app has verdicts on each of its services, and counts once.
    pub fn measurements(&self, hours: std::ops::Range<Hour>) -> BTreeMap<(&str, Option<u32>), u32> {
        let mut once: BTreeMap<(&str, Option<u32>, &str), u32> = BTreeMap::new();
        for ((country, network, target), sum) in self.measured(hours) {
            let most = once.entry((country, network, app_of(target).unwrap_or(target))).or_default();
            *most = sum.max(*most);
        }
        let mut networks: BTreeMap<(&str, Option<u32>), u32> = BTreeMap::new();
        once.into_iter().for_each(|((country, network, _), sum)| *networks.entry((country, network)).or_default() += sum);
        networks
    }

    /// In how many of some hours each network was measured, whatever the target.
    pub fn hours_measured(&self, hours: std::ops::Range<Hour>) -> BTreeMap<(&str, Option<u32>), usize> {
        let mut seen: BTreeMap<(&str, Option<u32>), BTreeSet<Hour>> = BTreeMap::new();
        for (index, series) in self.series.iter().enumerate() {
            let rows = self.rows_of(index).iter().filter(|cell| hours.contains(&cell.hour));
            let country = self.countries[usize::from(series.country)].as_str();
            seen.entry((country, series.network)).or_default().extend(rows.map(|cell| cell.hour));
        }
        seen.into_iter().map(|(network, hours)| (network, hours.len())).collect()
    }

    pub(super) fn rows_of(&self, series: usize) -> &[Cell] {
        &self.rows[self.starts[series] as usize..self.starts[series + 1] as usize]
    }
}

pub(super) fn mechanism_at(index: u8) -> Option<Mechanism> {
    Mechanism::all().nth(usize::from(index).checked_sub(1)?)
}

pub(super) fn mechanism_index(mechanism: Option<Mechanism>) -> u8 {
    let place = mechanism.and_then(|mechanism| Mechanism::all().position(|each| each == mechanism));
    place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0)
}

/// Gathers rows; [`CellsBuilder::finish`] makes [`Cells`] of them.
#[derive(Debug, Default)]
pub struct CellsBuilder {
    rows: Vec<Cell>,
    series: Interner<Series>,
    countries: Interner<String>,
    targets: Interner<String>,
    software: Interner<String>,
    rulesets: Interner<String>,
    probes: Interner<String>,
    witnesses: Vec<String>,
}

impl CellsBuilder {
    pub fn push(&mut self, row: &CellRow<'_>) {
        let series = Series {
            country: u16::try_from(self.countries.number(row.probe_cc)).unwrap_or(u16::MAX),
            target: self.targets.number(row.target),
            layer: row.layer,
            network: row.probe_asn,
            resolver: row.resolver_asn,
        };
        let witness = row.witness.map_or(0, |witness| {
            self.witnesses.push(witness.to_owned());
            self.witnesses.len() as u32
        });
        self.rows.push(Cell {
            series: self.series.number(&series),
            hour: row.hour,
            software: self.software.number(row.software),
            ruleset: u16::try_from(self.rulesets.number(row.ruleset)).unwrap_or(u16::MAX),
            mechanism: mechanism_index(row.mechanism),
            probe: row.probe_id.map_or(0, |probe| self.probes.number(probe) + 1),
            witness,
            counts: row.counts,
        });
    }

    /// Leaves out the rows of all other hours; gives how many.
    pub fn keep_hours(&mut self, hours: std::ops::Range<Hour>) -> usize {
        let before = self.rows.len();
        self.rows.retain(|row| hours.contains(&row.hour));
        before - self.rows.len()
    }

    /// Ranks the names, sorts the rows and groups them.
    pub fn finish(self) -> Cells {
        let Self { mut rows, series, countries, targets, software, rulesets, probes, witnesses } = self;
        let (countries, country_rank) = countries.ranked();
        let (targets, target_rank) = targets.ranked();
        let (software, software_rank) = software.ranked();
        let (_, ruleset_rank) = rulesets.ranked();
        let (_, probe_rank) = probes.ranked();
        let (witnesses, witness_rank) = rank(witnesses);
        let series = series.names.into_iter().map(|series| Series {
            country: country_rank[usize::from(series.country)] as u16,
            target: target_rank[series.target as usize],
            ..series
        });
        let (series, series_rank) = rank(series.collect());
        for row in &mut rows {
            row.series = series_rank[row.series as usize];
            row.software = software_rank[row.software as usize];
            row.ruleset = ruleset_rank[usize::from(row.ruleset)] as u16;
            row.probe = row.probe.checked_sub(1).map_or(0, |probe| probe_rank[probe as usize] + 1);
            row.witness = row.witness.checked_sub(1).map_or(0, |witness| witness_rank[witness as usize] + 1);
        }
        rows.sort_unstable();
        let mut starts = vec![0; series.len() + 1];
        for row in &rows {
            starts[row.series as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        Cells { rows, series, starts, countries, targets, software, witnesses }
    }
}

/// Names and the order in which they were first met.
#[derive(Debug)]
struct Interner<T> {
    numbers: HashMap<T, u32>,
    names: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), names: Vec::new() }
    }
}

impl<T: Clone + Eq + Ord + std::hash::Hash> Interner<T> {
    fn number<Q>(&mut self, name: &Q) -> u32
    where
        T: std::borrow::Borrow<Q>,
        Q: Eq + std::hash::Hash + ToOwned<Owned = T> + ?Sized,
    {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn ranked(self) -> (Vec<T>, Vec<u32>) {
        rank(self.names)
    }
}

/// The distinct names in order, and for each old number the new one.
fn rank<T: Ord>(names: Vec<T>) -> (Vec<T>, Vec<u32>) {
    let mut numbered: Vec<(T, usize)> = names.into_iter().enumerate().map(|(number, name)| (name, number)).collect();
    numbered.sort_unstable();
    let mut ranks = vec![0; numbered.len()];
    let mut ranked: Vec<T> = Vec::with_capacity(numbered.len());
    for (name, number) in numbered {
        if ranked.last() != Some(&name) {
            ranked.push(name);
        }
        ranks[number] = (ranked.len() - 1) as u32;
    }
    (ranked, ranks)
}
