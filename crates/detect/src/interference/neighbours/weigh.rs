//! Weighs an accusation that rests on a lost connection against its neighbours.

use std::cell::RefCell;

use foldhash::HashMap;
use parallax_model::Operation;
use parallax_model::column::Text;
use parallax_model::evidence::Evidence;
use parallax_model::tables::{Measurement, Observation};
use serde::Serialize;

use super::daily;
use super::elsewhere::{HOURS_AROUND, InOtherHands, InOtherNetworks, Who};
use super::loss::{Kind, Outcome, is_server_in_trouble};
use super::own::{Sides, Tally, USUAL_CHANCE};
use super::ratio::{Hour, log10_ratio};
use crate::interference::control::Site;
use crate::interference::judge::Fired;
use crate::interference::rule::Firing;
use crate::interference::rules;
use crate::interference::target::{NETWORKS_THAT_PROVE, Target};

/// The sum, log10, from which on an accusation stands. A single loss has a weight of 1.2 to 1.8: two to five neighbouring occasions that
/// all got through bring it below, and one that was lost as well brings it back over several more.
pub(crate) const STANDS_FROM: f64 = 1.2;

/// What other networks of the country can add at most: no more than two losses of the own network.
const MOST_OF_COMPATRIOTS: f64 = 2.0;
/// Of more networks so many count, in proportion: a thousand forged ones would make a likelihood that is no number.
const MOST_COMPATRIOTS: u32 = 24;

/// What it takes to accuse where the record itself has no control, and to see a schedule: so many other occasions were lost as well …
const FEWEST_OTHERS_LOST: u32 = 2;
/// … and so many times likelier (log10) are they all under interference than under chance.
const REPEATED_FROM: f64 = 1.0;

/// What the neighbours make of an accusation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Nobody else of the network tried: the record stands alone.
    Alone,
    Stands,
    /// Chance is the better explanation.
    Chance,
    /// Other countries lose the target as well.
    LostEverywhere,
    /// Only this release of the software loses it, in several networks.
    LostByRelease,
}

/// An accusation that rests on a lost connection, with everything it was weighed against.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighing {
    pub operation: Operation,
    pub over_tls: bool,
    /// log10 of what the loss itself is worth: the weight of the rule, less what an hour takes in which the network loses much.
    pub weight: f64,
    /// The network's occasions with the target in the hours before, in the same hour without this one, and in the hours after.
    pub before: Tally,
    pub same_hour: Tally,
    pub after: Tally,
    /// How far the farthest of them lies, in hours.
    pub within_hours: i64,
    /// How often the network lost connections to its other targets in this hour.
    pub chance: f64,
    /// log10 of how much likelier the neighbours are under interference than under chance.
    pub log10_ratio: f64,
    /// log10 of how much likelier it is, if the country interferes, that other networks of it lose the target at the same time.
    pub compatriots: f64,
    /// How often the network, and how often others of its country, lost the target at this time on other days.
    pub lost_on_other_days: u32,
    pub compatriots_lost_on_other_days: u32,
    /// log10 of how much likelier the occasions at this time of the day are under interference by the clock than under chance; nothing where
    /// the network never lost it at this time on another day, or only once and no other network of the country did.
    pub daily: Option<f64>,
    /// Weight and ratios together, and from where on an accusation stands.
    pub sum: f64,
    pub stands_from: f64,
    pub elsewhere: InOtherNetworks,
    /// How the same release of the software fares with the target in each network, this one among them.
    pub same_release: InOtherHands,
    pub finding: Finding,
}

/// The accusations among the fired rules that rest on lost connections, one for each operation, each weighed.
pub(crate) fn weighings(target: &Target<'_>, fired: &[Fired]) -> Vec<Weighing> {
    let mut heaviest: Vec<(Operation, f64)> = Vec::new();
    for rule in fired.iter().map(|fired| fired.rule).filter(|rule| rule.says.accuses()) {
        let Some(operation) = rule.lost else { continue };
        match heaviest.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, weight)) => *weight = weight.max(rule.weight),
            None => heaviest.push((operation, rule.weight)),
        }
    }
    heaviest.into_iter().filter_map(|(operation, weight)| weigh(target, operation, weight)).collect()
}

/// What was found out about one target's neighbours while it was judged: several rules ask the same.
#[derive(Default)]
pub(crate) struct Asked {
    /// A loss of no weight beside its neighbours.
    kinds: RefCell<HashMap<Kind, Option<Weighing>>>,
    accusations: RefCell<HashMap<Operation, Option<Weighing>>>,
}

/// Weighs a loss of some weight. Where a target lost requests both in the clear and over TLS, the one that stands better counts. `None`
/// when this measurement lost nothing of the kind, or comes from an unknown network.
fn weigh(target: &Target<'_>, operation: Operation, weight: f64) -> Option<Weighing> {
    let weighed = lost_kinds(target, operation).into_iter().filter_map(|kind| Some(neighbours_of(target, kind)?.of_weight(weight)));
    weighed.reduce(|one, other| if other.sum > one.sum { other } else { one })
}

fn neighbours_of(target: &Target<'_>, kind: Kind) -> Option<Weighing> {
    if let Some(known) = target.asked.kinds.borrow().get(&kind) {
        return known.clone();
    }
    let found = look_around(target, kind);
    target.asked.kinds.borrow_mut().insert(kind, found.clone());
    found
}

fn look_around(target: &Target<'_>, kind: Kind) -> Option<Weighing> {
    let (measurement, neighbours) = (&target.case.measurement, target.case.neighbours);
    let (asn, hour) = (measurement.probe_asn?, hour_of(measurement));
    let chance = neighbours.own.chance(asn, kind, target.name, hour);
    let sides = neighbours.own.neighbours(asn, kind, target.name, hour);
    let software = software_of(measurement);
    let who = Who { country: &measurement.probe_cc, asn, software: &software };
    let elsewhere = neighbours.elsewhere.around(who, kind, target.name, hour);
    let days = neighbours.own.days(asn, kind, target.name, hour);
    let (lost_on_other_days, compatriots_lost_on_other_days) = days.lost();
    let is_daily = lost_on_other_days > 0 && lost_on_other_days + compatriots_lost_on_other_days >= FEWEST_OTHERS_LOST;
    let alone = Weighing {
        operation: kind.operation,
        over_tls: kind.over_tls,
        weight: 0.0,
        before: Sides::tally(&sides.before),
        same_hour: Sides::tally(&sides.same),
        after: Sides::tally(&sides.after),
        within_hours: sides.reach_hours,
        chance,
        log10_ratio: log10_ratio(&sides.before, &sides.same, &sides.after),
        compatriots: compatriots_ratio(elsewhere, chance),
        lost_on_other_days,
        compatriots_lost_on_other_days,
        daily: is_daily.then(|| days.log10_ratio(is_alive_abroad(elsewhere))),
        sum: 0.0,
        stands_from: STANDS_FROM,
        elsewhere,
        same_release: neighbours.elsewhere.same_release(who, kind, target.name, hour),
        finding: Finding::Alone,
    };
    Some(alone.of_weight(0.0))
}

/// Other networks of the country that lose the target at the same time speak for a block that is the country's, and those that reach it
/// against it; that all of them reach it says nothing, since a network can block alone. Each speaks once, and only where the target is
/// known to be alive abroad: else they would share nothing but the site's trouble.
fn compatriots_ratio(elsewhere: InOtherNetworks, chance: f64) -> f64 {
    if !is_alive_abroad(elsewhere) {
        return 0.0;
    }
    let networks = Tally { reached: elsewhere.compatriots_reached, lost: elsewhere.compatriots_lost }.at_most(MOST_COMPATRIOTS);
    let hour = Hour { reached: networks.reached, lost: networks.lost, chance: chance.max(USUAL_CHANCE) };
    log10_ratio(&[], &[hour], &[]).clamp(0.0, MOST_OF_COMPATRIOTS)
}

fn is_alive_abroad(elsewhere: InOtherNetworks) -> bool {
    elsewhere.networks_reached >= NETWORKS_THAT_PROVE as u32 && elsewhere.networks_reached > elsewhere.networks_lost
}

/// The kinds of connections that this measurement lost with the target.
fn lost_kinds(target: &Target<'_>, operation: Operation) -> Vec<Kind> {
    let is_lost = |failure: Option<&str>| Outcome::of(failure) == Outcome::Lost;
    let plain = |lost: bool| if lost { vec![Kind { operation, over_tls: false }] } else { Vec::new() };
    let attempts = match operation {
        Operation::Tcp => &target.tcp,
        Operation::Tls => &target.tls,
        Operation::Quic => &target.quic,
        Operation::Http => {
            let is_lost =
                |row: &Observation<'_>| is_lost(row.failure.as_deref()) || row.http_response_status_code.is_some_and(is_server_in_trouble);
            let lost = |over_tls| target.http.iter().any(|attempt| is_lost(attempt.row) && target.is_encrypted(attempt) == over_tls);
            return [false, true].into_iter().filter(|over_tls| lost(*over_tls)).map(|over_tls| Kind { operation, over_tls }).collect();
        }
        Operation::Dns => return plain(target.user_lookups().any(|lookup| is_lost(lookup.failure()) || lookup.leads_nowhere())),
        // A session belongs to no layer and accuses nobody.
        _ => return Vec::new(),
    };
    plain(attempts.iter().any(|attempt| is_lost(attempt.failure())))
}

/// The heaviest accusation of this measurement that rests on a lost connection of this kind, weighed.
fn accusation(target: &Target<'_>, operation: Operation) -> Option<Weighing> {
    if let Some(known) = target.asked.accusations.borrow().get(&operation) {
        return known.clone();
    }
    let found = find_accusation(target, operation);
    target.asked.accusations.borrow_mut().insert(operation, found.clone());
    found
}

fn find_accusation(target: &Target<'_>, operation: Operation) -> Option<Weighing> {
    if target.case.neighbours.is_empty() || lost_kinds(target, operation).is_empty() {
        return None;
    }
    let accusing = rules::ALL.iter().filter(|rule| rule.lost == Some(operation) && rule.says.accuses());
    let weights = accusing.filter(|rule| (rule.fires)(target).is_some()).map(|rule| rule.weight);
    weigh(target, operation, weights.reduce(f64::max)?)
}

/// What a rule says that puts a loss down to chance.
pub(crate) fn by_chance(target: &Target<'_>, operation: Operation) -> Option<Firing> {
    let weighing = accusation(target, operation).filter(|weighing| weighing.finding == Finding::Chance)?;
    let all = weighing.others().map(Tally::occasions).sum();
    Some(Firing::new(weighing.evidence()).against_own_record(all))
}

/// What a rule says that puts a loss down to the site or the app.
pub(crate) fn everywhere(target: &Target<'_>, operation: Operation) -> Option<Firing> {
    let weighing = accusation(target, operation).filter(|weighing| weighing.finding == Finding::LostEverywhere)?;
    Some(Firing::new(weighing.evidence()).against_other_networks(weighing.elsewhere.networks_lost))
}

/// What a rule says that puts a loss down to the release of the software.
pub(crate) fn by_release(target: &Target<'_>, operation: Operation) -> Option<Firing> {
    let weighing = accusation(target, operation).filter(|weighing| weighing.finding == Finding::LostByRelease)?;
    Some(Firing::new(weighing.evidence()).against_other_networks(weighing.same_release.networks_lost))
}

/// How many other networks reach the target in the same hours, when they show that it is alive.
pub(crate) fn alive_elsewhere(target: &Target<'_>, operation: Operation) -> Option<u32> {
    let (measurement, kind) = (&target.case.measurement, Kind { operation, over_tls: false });
    let who = Who { country: &measurement.probe_cc, asn: measurement.probe_asn.unwrap_or_default(), software: "" };
    let found = target.case.neighbours.elsewhere.around(who, kind, target.name, hour_of(measurement));
    found.is_alive().then(|| found.witnesses())
}

/// Whether other networks of the same country reach a target in the same hours, so that no site turns the country away.
pub(crate) fn reached_by_compatriots(target: &Target<'_>, operation: Operation) -> bool {
    weigh(target, operation, 0.0).is_some_and(|weighing| weighing.elsewhere.compatriots_reached >= NETWORKS_THAT_PROVE as u32)
}

/// A target which this network loses on other occasions as well, and which works: the record's own control says so, or, where it has
/// none, other networks that reach it in the same hours. The evidence begins with the measurement's own.
pub(crate) fn lost_only_here(target: &Target<'_>, operation: Operation, own: impl Iterator<Item = Evidence>) -> Option<Firing> {
    if target.control.site() == Site::Fails || target.case.neighbours.is_empty() {
        return None;
    }
    let weighing = weigh(target, operation, 0.0)?;
    let now = weighing.others().map(|tally| tally.lost).sum::<u32>() + weighing.elsewhere.compatriots_lost;
    let goes_on = now >= FEWEST_OTHERS_LOST && weighing.log10_ratio + weighing.compatriots >= REPEATED_FROM;
    let is_repeated = goes_on || (weighing.daily.is_some() && weighing.neighbours() >= REPEATED_FROM);
    let firing = || Firing::new(own.chain(weighing.evidence()).collect());
    match target.control.site() {
        _ if !is_repeated => None,
        Site::Works => Some(firing().against_control(target)),
        _ => weighing.elsewhere.is_alive().then(|| firing().against_other_networks(weighing.elsewhere.witnesses())),
    }
}

fn software_of(measurement: &Measurement<'_>) -> String {
    let part = |part: &Option<Text<'_>>| part.as_deref().unwrap_or_default().to_owned();
    format!("{} {}", part(&measurement.software_name), part(&measurement.software_version)).trim().to_owned()
}

fn hour_of(measurement: &Measurement<'_>) -> i64 {
    measurement.measurement_start_time.seconds().div_euclid(3600)
}

impl Weighing {
    /// The same neighbours beside a loss of another weight.
    fn of_weight(mut self, weight: f64) -> Self {
        self.weight = (weight - (self.chance / USUAL_CHANCE).log10().max(0.0)).max(0.0);
        self.sum = self.weight + self.neighbours();
        self.finding = match () {
            () if self.elsewhere.is_lost_everywhere() => Finding::LostEverywhere,
            () if self.same_release.is_its_fault() => Finding::LostByRelease,
            () if self.sum < STANDS_FROM => Finding::Chance,
            () if self.others().all(|tally| tally.occasions() == 0) => Finding::Alone,
            () => Finding::Stands,
        };
        self
    }

    /// log10 of how much likelier all neighbours together are under interference, without a break or by the clock.
    pub fn neighbours(&self) -> f64 {
        let goes_on = self.log10_ratio + self.compatriots;
        self.daily.map_or(goes_on, |daily| daily::beside(goes_on, daily))
    }

    /// The network's other occasions with the target.
    fn others(&self) -> impl Iterator<Item = Tally> {
        [self.before, self.same_hour, self.after].into_iter()
    }

    /// The counts in words. They stand in no raw record, so they have no place there: the table `reachability` has them.
    fn evidence(&self) -> Vec<Evidence> {
        let of = |tally: Tally| format!("{} reached, {} lost", tally.reached, tally.lost);
        let elsewhere = format!(
            "{} networks reached it, {} of {} countries lost it, within {HOURS_AROUND} hours; within an hour {} of the same country reached it, {} lost it",
            self.elsewhere.networks_reached,
            self.elsewhere.networks_lost,
            self.elsewhere.countries_lost,
            self.elsewhere.compatriots_reached,
            self.elsewhere.compatriots_lost
        );
        let release = format!(
            "lost it in {} networks where others got through, reached it in {}",
            self.same_release.networks_lost, self.same_release.networks_reached
        );
        let around = format!("before: {}; same hour: {}; after: {}", of(self.before), of(self.same_hour), of(self.after));
        let sum = format!("{:.2} + {:.2} = {:.2}, stands from {:.1}", self.weight, self.neighbours(), self.sum, self.stands_from);
        let daily =
            format!("lost here {}, and in other networks of the country {}", self.lost_on_other_days, self.compatriots_lost_on_other_days);
        let line = |field: &'static str, value: String| Evidence { json_pointer: String::new(), field, value };
        vec![
            line("other occasions of this network", format!("{around}; within {} hours", self.within_hours)),
            line("at this time on other days", daily),
            line("lost by chance in this hour", format!("{:.1} % of its connections to other targets", 100.0 * self.chance)),
            line("log10 of likelihoods", sum),
            line("other networks", elsewhere),
            line("the same release of the software", release),
        ]
    }
}
