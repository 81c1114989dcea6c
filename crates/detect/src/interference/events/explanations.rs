//! Innocent reasons, tried on every alarm before anybody is accused.
//!
//! Each answers *holds*, *does not hold*, or *cannot be told*, with its figures. One that holds explains the alarm: it is kept and not shown as
//! interference.

use std::collections::{BTreeMap, BTreeSet};

use parallax_model::{Explanation, Layer};

use super::alarm::Alarm;
use super::background::Background;
use super::cell::{Cell, Cells};
use super::elsewhere::Elsewhere;
use super::evidence::{Evidence, rows};
use super::service::services;

/// An alarm with what was tried on it and what stands behind it.
pub(super) struct Tried {
    pub alarm: Alarm,
    pub explained: Option<(Explanation, String)>,
    pub explanations: Vec<(Explanation, Outcome, String)>,
    pub evidence: Evidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Holds,
    DoesNotHold,
    CannotBeTold,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::DoesNotHold => "does not hold",
            Outcome::CannotBeTold => "cannot be told",
        }
    }
}

/// How long after an onset the same target is looked at elsewhere, and how long before.
const AFTER_HOURS: u32 = 72;
const BEFORE_HOURS: u32 = 14 * 24;
/// A storm lasts at most this long, and does not come over so many networks at once.
const STORM_HOURS: u32 = 24;
const STORM_NETWORKS: usize = 3;
/// Of an alarm's failures, so many come from the one release or probe that explains it, ...
const MOSTLY: f64 = 0.5;
/// ... while the others fail as often as innocent ones do.
const INNOCENT: f64 = 0.08;

pub(super) fn try_all(alarms: Vec<Alarm>, cells: &Cells, background: &Background, elsewhere: &Elsewhere<'_>) -> Vec<Tried> {
    let services = services(cells);
    let mut by_network: Vec<Vec<u32>> = vec![Vec::new(); background.networks.len()];
    for (series, network) in background.network_of.iter().enumerate() {
        by_network[*network as usize].push(series as u32);
    }
    let try_one = |alarm: Alarm| {
        let evidence = Evidence::of(&alarm, cells, background);
        let same_target = elsewhere.same_target(alarm.target, alarm.layer);
        let case = Case {
            alarm: &alarm,
            evidence: &evidence,
            same_target,
            elsewhere,
            by_network: &by_network,
            services: &services,
            cells,
            background,
        };
        let explanations = case.explanations();
        let explained = explanations.iter().find(|each| each.1 == Outcome::Holds).map(|each| (each.0, each.2.clone()));
        Tried { explained, explanations, evidence, alarm }
    };
    alarms.into_iter().map(try_one).collect()
}

/// One alarm in its surroundings.
struct Case<'a> {
    alarm: &'a Alarm,
    evidence: &'a Evidence,
    /// All series of the same target and layer.
    same_target: &'a [(u32, Layer, u32)],
    elsewhere: &'a Elsewhere<'a>,
    /// The series of each network.
    by_network: &'a [Vec<u32>],
    services: &'a [u32],
    cells: &'a Cells,
    background: &'a Background,
}

type Answer = (Outcome, String);

impl Case<'_> {
    fn explanations(&self) -> Vec<(Explanation, Outcome, String)> {
        let tried = [
            (Explanation::ControlFailing, self.control_failing()),
            (Explanation::Ipv6Only, self.ipv6_only()),
            (Explanation::NewRuleset, self.new_ruleset()),
            // Before the target: a bug of a release shows in other countries too, and says more.
            (Explanation::SoftwareRelease, self.software_release()),
            (Explanation::TargetChanged, self.target_changed()),
            (Explanation::OneProbe, self.one_probe()),
            (Explanation::NetworkBurst, self.network_burst()),
            (Explanation::TestListEdit, self.test_list_edit()),
        ];
        tried.into_iter().map(|(explanation, (outcome, why))| (explanation, outcome, why)).collect()
    }

    fn control_failing(&self) -> Answer {
        let Evidence { control_failures, failing_measurements, .. } = self.evidence;
        let holds = control_failures * 2.0 >= *failing_measurements;
        (outcome(holds), format!("the control failed in {control_failures} of {failing_measurements} measurements that were hit"))
    }

    fn ipv6_only(&self) -> Answer {
        let Evidence { ipv6_only, failing_measurements, .. } = self.evidence;
        // Some failures of other kinds are innocent ones among them.
        let holds = *ipv6_only >= failing_measurements * 0.6;
        (outcome(holds), format!("{ipv6_only} of {failing_measurements} measurements that were hit failed over IPv6 alone"))
    }

    fn new_ruleset(&self) -> Answer {
        let Evidence { rulesets, rulesets_before, .. } = self.evidence;
        if rulesets_before.is_empty() {
            return (Outcome::CannotBeTold, "nothing was measured before it".into());
        }
        // A failure or two under the old rules may be innocent ones just before.
        let old: f64 =
            rulesets.iter().filter(|(ruleset, _)| rulesets_before.contains(ruleset)).map(|(_, failed)| failed).sum::<f64>() + 0.0;
        let holds = old <= 2.0 && old <= self.evidence.failed * 0.2;
        (
            outcome(holds),
            format!(
                "{old} of {} failures were judged by the same rules and reference data as what was measured before",
                self.evidence.failed
            ),
        )
    }

    fn network_burst(&self) -> Answer {
        let networks: BTreeSet<Option<u32>> = self.alarm.series.iter().map(|series| self.cells.series[*series as usize].network).collect();
        let short = self.alarm.last.since(self.alarm.onset.1) <= STORM_HOURS && networks.len() < STORM_NETWORKS;
        let Evidence { stormy, failed, .. } = self.evidence;
        if !short || *stormy >= failed * 0.5 {
            return (
                outcome(short),
                format!("{stormy} of {failed} failures fell into hours in which most of what the network tested failed"),
            );
        }
        self.other_targets()
    }

    /// What the same networks saw of all other targets while it lasted.
    fn other_targets(&self) -> Answer {
        let hours = self.alarm.onset.1.minus(1)..self.alarm.last.plus(1);
        // By target: failures on any layer, and occasions on the layer that most came to.
        let mut targets: BTreeMap<(u32, u32), (f64, f64)> = BTreeMap::new();
        let mine_is = self.services[self.alarm.target as usize];
        let mine: BTreeSet<u32> = self.alarm.series.iter().map(|series| self.background.network_of[*series as usize]).collect();
        for network in &mine {
            for series in &self.by_network[*network as usize] {
                let mut sum = (0.0, 0.0);
                add(&mut sum, rows(self.cells, *series, hours.clone()), self.alarm.lost > 0.0);
                let target = self.cells.series[*series as usize].target;
                // Of one app, all services fail together when the app is interfered with.
                if self.services[target as usize] != mine_is {
                    let all = targets.entry((*network, target)).or_default();
                    *all = (all.0 + sum.0, all.1.max(sum.1));
                }
            }
        }
        let tested = targets.values().filter(|counts| counts.1 > 0.0);
        let failing: Vec<&(f64, f64)> = tested.clone().filter(|counts| counts.0 > 0.0).collect();
        let (failed, all) = tested.clone().fold((0.0, 0.0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let wholly = failing.iter().fold((0.0, 0.0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        // Targets that fail wholly beside targets that work wholly are a list, and no storm.
        let listed = wholly.1 >= 6.0 && wholly.0 >= wholly.1 * 0.9 && failed < all * 0.9;
        let share = self.alarm.failed / self.alarm.all.max(1.0);
        let holds = failing.len() >= 2 && failing.len() * 3 >= tested.count() && failed >= all * share * 0.3 && !listed;
        (outcome(holds), format!("of other targets in the same networks {failed} of {all} failed while it lasted"))
    }

    fn test_list_edit(&self) -> Answer {
        match self.alarm.onset.0 {
            Some(_) => (Outcome::DoesNotHold, "the target was tested before it".into()),
            None => (Outcome::CannotBeTold, "the target was not tested here before, so that it may have begun earlier".into()),
        }
    }

    /// The same target in the same hours, in other countries: did it change there too?
    fn target_changed(&self) -> Answer {
        let (onset, bulk) = (self.alarm.onset.1.minus(1), self.evidence.bulk_onset());
        let lasting = bulk..self.alarm.last.plus(1).min(bulk.plus(AFTER_HOURS));
        let day = lasting.start..lasting.end.max(bulk.plus(24));
        let mut countries: BTreeMap<u16, [(f64, f64); 4]> = BTreeMap::new();
        for (_, _, series) in self.same_target {
            let country = self.cells.series[*series as usize].country;
            if country != self.alarm.country {
                let sums = countries.entry(country).or_default();
                let before = [onset.minus(BEFORE_HOURS)..onset.minus(1), onset.minus(AFTER_HOURS)..onset.minus(1)];
                for (sum, hours) in sums.iter_mut().zip(before.into_iter().chain([lasting.clone(), day.clone()])) {
                    add(sum, rows(self.cells, *series, hours), self.alarm.lost > 0.0);
                }
            }
        }
        // What is measured once a day there is not seen in an hour; and where it is measured often, what was long before does not matter.
        let mut countries: BTreeMap<u16, [(f64, f64); 2]> =
            countries.into_iter().map(|(country, sums)| (country, [enough(sums[1], sums[0]), enough(sums[2], sums[3])])).collect();
        countries.retain(|_, [_, now]| now.1 > 0.0);
        let share = self.alarm.failed / self.alarm.all.max(1.0);
        let changed = |[before, now]: &&[(f64, f64); 2]| {
            let (was, is) = ((before.0 + 0.1) / (before.1 + 2.0), now.0 / now.1);
            now.0 > 0.0 && is >= share * 0.4 && is >= was * 3.0
        };
        let all = countries.len();
        let hit = countries.values().filter(changed).count();
        let failed: f64 = countries.values().filter(changed).map(|[_, now]| now.0).sum();
        let why = format!("it changed in {hit} of {all} other countries that measured it then");
        if all == 0 {
            return (Outcome::CannotBeTold, "no other country measured it then".into());
        }
        (outcome(hit * 2 >= all && failed >= 2.0), why)
    }

    /// One release sees it, and others that looked at the same do not.
    fn software_release(&self) -> Answer {
        // Apps of several names are built from one release.
        let mut seen: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (software, (failed, all)) in &self.evidence.software {
            let counts = seen.entry(self.release(*software)).or_default();
            *counts = (counts.0 + failed, counts.1 + all);
        }
        let Some((name, (failed, all))) = seen.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0)) else {
            return (Outcome::CannotBeTold, "no measurement names its software".into());
        };
        if *failed < self.evidence.failed * MOSTLY {
            return (Outcome::DoesNotHold, format!("{} releases see it", seen.values().filter(|counts| counts.0 > 0.0).count()));
        }
        let others =
            seen.iter().filter(|(other, _)| *other != name).fold((0.0, 0.0), |sum, (_, counts)| (sum.0 + counts.0, sum.1 + counts.1));
        let (rate, other_rate) = (failed / all.max(1.0), others.0 / f64::max(others.1, 1.0));
        let here = format!("release {name}: {failed} of {all}, other releases in the same networks: {} of {}", others.0, others.1);
        if others.1 >= 3.0 && other_rate <= f64::max(rate * 0.25, INNOCENT).min(rate * 0.5) && chance_of_none(rate, others.1) {
            return (Outcome::Holds, here);
        }
        let elsewhere = self.release_elsewhere(name);
        // What others only lost here accuses nobody; what they accuse somebody of is not this release's doing.
        let accused = self.evidence.accused.iter().filter(|(software, _)| self.release(**software) != *name).map(|(_, accused)| accused);
        match elsewhere.0 {
            Outcome::Holds if accused.sum::<f64>() < 1.0 => elsewhere,
            _ if others.1 >= 3.0 => (Outcome::DoesNotHold, here),
            // Where others hardly measured here, one accusation of theirs keeps it open.
            Outcome::Holds => (Outcome::CannotBeTold, here),
            _ => elsewhere,
        }
    }

    /// The version of a software, whatever the app that it is in is called.
    fn release(&self, software: u32) -> &str {
        let name = &self.cells.software[software as usize];
        name.rsplit(' ').next().unwrap_or(name)
    }

    /// What the same release and others see of the target elsewhere. What does not work counts, whether or not it accuses somebody: a release with a
    /// bug loses connections wherever it runs. A layer that nothing is said of was passed: the layer that most came to counts them all.
    fn release_elsewhere(&self, release: &str) -> Answer {
        let hours = self.alarm.onset.1.minus(1)..self.alarm.last.plus(1);
        let (mut same, mut other, mut networks) = ((0.0, 0.0), (0.0, 0.0), BTreeSet::new());
        for layer in Layer::ALL {
            let (mut same_all, mut other_all) = (0.0, 0.0);
            let series = self.elsewhere.same_target(self.alarm.target, *layer).iter().map(|each| each.2);
            for series in series.filter(|series| !self.is_here(*series)) {
                for row in rows(self.cells, series, hours.clone()) {
                    let mut counts = (0.0, 0.0);
                    add(&mut counts, std::slice::from_ref(row), true);
                    let is_same = self.release(row.software) == release;
                    let (failed, all) = if is_same { (&mut same.0, &mut same_all) } else { (&mut other.0, &mut other_all) };
                    *all += counts.1;
                    if *layer == self.alarm.layer {
                        *failed += counts.0;
                        if is_same && counts.0 > 0.0 {
                            networks.insert(self.cells.series[series as usize].network);
                        }
                    }
                }
            }
            (same.1, other.1) = (f64::max(same.1, same_all), f64::max(other.1, other_all));
        }
        let why =
            format!("release {release} failed elsewhere in {} of {} and other releases in {} of {}", same.0, same.1, other.0, other.1);
        if same.1 < 3.0 || other.1 < 3.0 {
            return (Outcome::CannotBeTold, why);
        }
        (outcome(networks.len() >= 2 && same.0 / same.1 >= 0.5 && other.0 / other.1 <= 0.1), why)
    }

    /// Whether a series is of a network that the alarm is about.
    fn is_here(&self, series: u32) -> bool {
        let network = self.background.network_of[series as usize];
        self.alarm.series.iter().any(|mine| self.background.network_of[*mine as usize] == network)
    }

    fn one_probe(&self) -> Answer {
        if self.evidence.failing_sessions == 1 && self.evidence.failing_measurements > 1.0 {
            return (Outcome::Holds, "all failures were measured in one session".into());
        }
        let Some(probes) = self.evidence.probes() else {
            let why = format!("few measurements name their probe; it was seen in {} sessions at most", self.evidence.failing_sessions);
            return (Outcome::CannotBeTold, why);
        };
        let seen = &self.evidence.probes;
        let named = seen.iter().filter(|(probe, _)| **probe > 0);
        let Some((probe, (failed, all))) = named.max_by(|a, b| a.1.0.total_cmp(&b.1.0)) else {
            return (Outcome::CannotBeTold, "no measurement names its probe".into());
        };
        if *failed < self.evidence.failed * MOSTLY {
            return (Outcome::DoesNotHold, format!("{} probes with a name saw it", probes.len()));
        }
        let others = seen.iter().filter(|(other, _)| *other != probe).fold((0.0, 0.0), |sum, (_, each)| (sum.0 + each.0, sum.1 + each.1));
        let why =
            format!("one probe saw it in {failed} of {all} measurements, others in the same networks in {} of {}", others.0, others.1);
        if others.1 < 1.0 {
            return (Outcome::CannotBeTold, why);
        }
        let (rate, other_rate) = (failed / all.max(1.0), others.0 / others.1);
        (outcome(other_rate <= f64::max(rate * 0.25, INNOCENT).min(rate * 0.5) && chance_of_none(rate, others.1)), why)
    }
}

/// The counts of the narrow window where there are any to speak of, else those of the wide one.
fn enough(narrow: (f64, f64), wide: (f64, f64)) -> (f64, f64) {
    if narrow.1 >= 2.0 { narrow } else { wide }
}

/// What is lost counts as failed where it counts in the alarm as well.
fn add(sum: &mut (f64, f64), rows: &[Cell], lost_counts: bool) {
    for row in rows {
        let (accused, worked, lost) = row.counts.occasions();
        let failed = if lost_counts { accused + lost } else { accused };
        *sum = (sum.0 + failed, sum.1 + failed + worked);
    }
}

/// Whether so many occasions without a failure are unlikely (at most one in twenty) when this share is hit.
fn chance_of_none(share: f64, occasions: f64) -> bool {
    occasions * (1.0 - share.min(0.95)).log10() <= -1.3
}

fn outcome(holds: bool) -> Outcome {
    if holds { Outcome::Holds } else { Outcome::DoesNotHold }
}
