//! The record that each network of one country has of its targets, for one week.
//!
//! Kept are the targets of which a network lost a connection at all: nobody is asked about others. Of all others, and of these, the
//! *background* is kept: how often the network loses connections, hour by hour, to targets that it mostly reaches. Bursts and outages
//! hit them all, a block does not.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use super::daily::{DAYS, Day, Days, WINDOW};
use super::loss::Kind;
use super::ratio::Hour;

/// Occasions on one side of a loss that are looked at, the nearest. More would change little and make a forger's day longer than ours.
pub(super) const OCCASIONS: u32 = 12;
/// Hours with occasions that are kept of one country and week, and hours of background: some 100 MB at worst. What is beyond is not
/// known, and its accusations stand as if they were alone.
const MOST_HOURS: usize = 1_500_000;
const MOST_BACKGROUND_HOURS: usize = 1_000_000;

/// Occasions of one hour of another day, and networks, that are looked at.
const MOST_AT_ONCE: u32 = 4;
/// A day on which the target was lost at other times as well speaks of no schedule: of the hours between so many from the loss …
const OFF_THE_CLOCK: i64 = 4;
const HALF_A_DAY: i64 = 12;
/// … it must be reached so many times as often as it is lost.
const REACHED_BETWEEN: u32 = 4;
/// Hours of a country's targets, all networks together, that are kept.
const MOST_COUNTRY_HOURS: usize = 500_000;

/// How often a connection is lost by chance where nothing is known of the network: the middle of the one to five percent that volunteers'
/// lines lose.
pub(super) const USUAL_CHANCE: f64 = 0.03;
/// No network is trusted to be better than this, and in no outage is chance blamed for more.
const LEAST_CHANCE: f64 = 0.01;
const MOST_CHANCE: f64 = 0.5;
/// How many occasions the usual rate counts for beside the network's own week, and the week's rate beside the hour's own.
const USUAL_OCCASIONS: f64 = 20.0;
const WEEK_OCCASIONS: f64 = 4.0;
/// What one hour counts for in the week at most, in proportion: one hour of ten thousand occasions, an outage or a forger's, must not speak
/// for all the others.
const MOST_OF_AN_HOUR: u32 = 24;

/// What a network saw of one target in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourCount {
    /// Hours since 1970.
    pub hour: i64,
    pub reached: u32,
    pub lost: u32,
}

#[derive(Clone, Debug, Default)]
pub struct OwnRecord {
    targets: HashMap<String, u32>,
    hours: HashMap<(u32, Kind, u32), TargetRecord>,
    background: HashMap<(u32, Kind), Background>,
    /// Of the targets that some network lost: how many networks of the country reached it in an hour and lost nothing, and how many mostly
    /// lost it.
    country: HashMap<(Kind, u32), BTreeMap<i64, Tally>>,
}

#[derive(Clone, Debug)]
struct TargetRecord {
    /// In order, each once.
    hours: Vec<HourCount>,
    is_background: bool,
    /// What it counts for in the background of the week.
    week: Tally,
}

impl TargetRecord {
    fn new(mut hours: Vec<HourCount>, is_background: bool) -> Self {
        hours.sort_by_key(|count| count.hour);
        hours.dedup_by(|again, kept| {
            let is_same = again.hour == kept.hour;
            if is_same {
                kept.reached = kept.reached.saturating_add(again.reached);
                kept.lost = kept.lost.saturating_add(again.lost);
            }
            is_same
        });
        let mut week = Tally::default();
        for part in hours.iter().map(|count| Tally { reached: count.reached, lost: count.lost }.at_most(MOST_OF_AN_HOUR)) {
            week.add(part.reached, part.lost);
        }
        Self { hours, is_background, week }
    }
}

#[derive(Clone, Debug, Default)]
struct Background {
    hours: BTreeMap<i64, Tally>,
    week: Tally,
}

/// Occasions, by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    pub reached: u32,
    pub lost: u32,
}

impl Tally {
    pub fn occasions(self) -> u32 {
        self.reached.saturating_add(self.lost)
    }

    pub(super) fn add(&mut self, reached: u32, lost: u32) {
        self.reached = self.reached.saturating_add(reached);
        self.lost = self.lost.saturating_add(lost);
    }

    fn without(self, reached: u32, lost: u32) -> Self {
        Self { reached: self.reached.saturating_sub(reached), lost: self.lost.saturating_sub(lost) }
    }

    /// Without the occasion that is judged: it was lost, unless none was, because the same session also got through.
    fn without_its_own(self) -> Self {
        if self.lost > 0 { self.without(0, 1) } else { self.without(1, 0) }
    }

    /// The share that was lost, with some occasions at another rate beside them.
    fn rate(self, prior: f64, occasions: f64) -> f64 {
        (f64::from(self.lost) + prior * occasions) / (f64::from(self.occasions()) + occasions)
    }

    /// As many occasions at most, in the same proportion.
    pub(super) fn at_most(self, occasions: u32) -> Self {
        if self.occasions() <= occasions {
            return self;
        }
        let (all, most) = (u64::from(self.occasions()), u64::from(occasions));
        let lost = u32::try_from((u64::from(self.lost) * most + all / 2) / all).unwrap_or(occasions);
        Self { reached: occasions - lost, lost }
    }
}

/// The neighbouring occasions of a loss, the nearest hours first.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub(super) before: Vec<Hour>,
    pub(super) same: Vec<Hour>,
    pub(super) after: Vec<Hour>,
    /// How far the farthest of them lies, in hours.
    pub(super) reach_hours: i64,
}

impl Sides {
    pub(super) fn tally(hours: &[Hour]) -> Tally {
        let mut tally = Tally::default();
        hours.iter().for_each(|hour| tally.add(hour.reached, hour.lost));
        tally
    }
}

impl OwnRecord {
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }

    fn of(&self, asn: u32, kind: Kind, target: &str) -> Option<&TargetRecord> {
        self.hours.get(&(asn, kind, *self.targets.get(target)?))
    }

    /// How often the network loses a connection of this kind by chance in an hour, as its other targets tell.
    pub fn chance(&self, asn: u32, kind: Kind, target: &str, hour: i64) -> f64 {
        let Some(background) = self.background.get(&(asn, kind)) else { return USUAL_CHANCE };
        let (mut week, mut now) = (background.week, background.hours.get(&hour).copied().unwrap_or_default());
        if let Some(own) = self.of(asn, kind, target).filter(|record| record.is_background) {
            week = week.without(own.week.reached, own.week.lost);
            if let Ok(at) = own.hours.binary_search_by_key(&hour, |count| count.hour) {
                now = now.without(own.hours[at].reached, own.hours[at].lost);
            }
        }
        now.rate(week.rate(USUAL_CHANCE, USUAL_OCCASIONS), WEEK_OCCASIONS).clamp(LEAST_CHANCE, MOST_CHANCE)
    }

    /// The neighbours of a loss. Its own occasion is taken out of its hour.
    pub fn neighbours(&self, asn: u32, kind: Kind, target: &str, hour: i64) -> Sides {
        let Some(record) = self.of(asn, kind, target) else { return Sides::default() };
        let chance = |hour| self.chance(asn, kind, target, hour);
        let middle = record.hours.partition_point(|count| count.hour < hour);
        let (before, rest) = record.hours.split_at(middle);
        let (same, after) = rest.split_at(usize::from(rest.first().is_some_and(|count| count.hour == hour)));
        let mut sides = Sides::default();
        if let Some(own) = same.first() {
            let tally = Tally { reached: own.reached, lost: own.lost };
            let others = tally.without_its_own();
            sides.same.extend(nearest([HourCount { hour, reached: others.reached, lost: others.lost }].iter(), chance));
        }
        sides.before = nearest(before.iter().rev(), chance);
        sides.after = nearest(after.iter(), chance);
        let farthest = [before.iter().rev().nth(sides.before.len().wrapping_sub(1)), after.get(sides.after.len().wrapping_sub(1))];
        sides.reach_hours = farthest.into_iter().flatten().map(|count| (count.hour - hour).abs()).max().unwrap_or_default();
        sides
    }

    /// What the network and others of its country saw of the target at this time of the day, on this day and on those around it that show
    /// it to be lost at this time more than at others.
    pub(super) fn days(&self, asn: u32, kind: Kind, target: &str, hour: i64) -> Days {
        let day = |offset: i64| self.day(asn, kind, target, hour + 24 * offset, offset == 0);
        Days { before: (1..=DAYS).map(|days| day(-days)).collect(), today: day(0), after: (1..=DAYS).map(day).collect() }
    }

    fn day(&self, asn: u32, kind: Kind, target: &str, hour: i64, is_today: bool) -> Day {
        let Some(record) = self.of(asn, kind, target) else { return Day::default() };
        let within = |hours: i64| {
            let first = record.hours.partition_point(|count| count.hour < hour - hours);
            record.hours[first..].iter().take_while(move |count| count.hour <= hour + hours)
        };
        let window = || within(WINDOW);
        let mut between = Tally::default();
        within(HALF_A_DAY)
            .filter(|count| (count.hour - hour).abs() > OFF_THE_CLOCK)
            .for_each(|count| between.add(count.reached, count.lost));
        if !is_today && (between.reached == 0 || between.reached < between.lost.saturating_mul(REACHED_BETWEEN)) {
            return Day::default();
        }
        let own = window().map(|count| {
            let tally = Tally { reached: count.reached, lost: count.lost };
            let others = if is_today && count.hour == hour { tally.without_its_own() } else { tally };
            (count.hour, others)
        });
        let country = self.targets.get(target).and_then(|target| self.country.get(&(kind, *target)));
        let of_country = country.into_iter().flat_map(|hours| hours.range(hour - WINDOW..=hour + WINDOW)).map(|(at, tally)| {
            let own = window().find(|count| count.hour == *at).map_or(Tally::default(), |own| network_s_word(own.reached, own.lost));
            (*at, tally.without(own.reached, own.lost))
        });
        let chance = |at| self.chance(asn, kind, target, at);
        Day { own: of_day(hour, own, chance), compatriots: of_day(hour, of_country, |at| chance(at).max(USUAL_CHANCE)) }
    }

    /// One network's record of one target, as if nothing had been lost.
    pub(super) fn all_reached(&self, asn: u32, target: &str) -> Self {
        let Some(number) = self.targets.get(target) else { return Self::default() };
        let own = self.hours.iter().filter(|((network, _, known), _)| (*network, known) == (asn, number));
        let reached = |count: &HourCount| HourCount { reached: count.reached.saturating_add(count.lost), lost: 0, ..*count };
        let hours = own.map(|(key, record)| (*key, TargetRecord::new(record.hours.iter().map(reached).collect(), record.is_background)));
        let background = self.background.iter().filter(|((network, _), _)| *network == asn);
        Self {
            targets: HashMap::from_iter([(target.to_owned(), *number)]),
            hours: hours.collect(),
            country: HashMap::default(),
            background: background.map(|(key, background)| (*key, background.clone())).collect(),
        }
    }
}

/// The occasions of a day's hours around one, some of each.
fn of_day(hour: i64, tallies: impl Iterator<Item = (i64, Tally)>, chance: impl Fn(i64) -> f64) -> Vec<(i64, Hour)> {
    let some = tallies.map(|(at, tally)| (at, tally.at_most(MOST_AT_ONCE))).filter(|(_, tally)| tally.occasions() > 0);
    some.map(|(at, tally)| (at - hour, Hour { reached: tally.reached, lost: tally.lost, chance: chance(at) })).collect()
}

/// What a network says of an hour as one of several: that it reached the target, that it lost it, or nothing.
fn network_s_word(reached: u32, lost: u32) -> Tally {
    Tally { reached: u32::from(reached > 0 && lost == 0), lost: u32::from(lost > reached) }
}

fn nearest<'h>(hours: impl Iterator<Item = &'h HourCount>, chance: impl Fn(i64) -> f64) -> Vec<Hour> {
    let mut left = OCCASIONS;
    let mut found = Vec::new();
    for count in hours.filter(|count| count.reached > 0 || count.lost > 0) {
        let tally = Tally { reached: count.reached, lost: count.lost }.at_most(left);
        left -= tally.occasions();
        found.push(Hour { reached: tally.reached, lost: tally.lost, chance: chance(count.hour) });
        if left == 0 {
            break;
        }
    }
    found
}

/// Puts an [`OwnRecord`] together, one network's week with one target after the other.
#[derive(Default)]
pub struct OwnRecordBuilder {
    record: OwnRecord,
    hours: usize,
    background_hours: usize,
    country_hours: usize,
}

impl OwnRecordBuilder {
    /// The hours of a network with a target, in order; `lost_any` says whether any connection was lost, even where others succeeded.
    pub fn push(&mut self, asn: u32, kind: Kind, target: &str, hours: &[HourCount], lost_any: bool) {
        let mut week = Tally::default();
        hours.iter().for_each(|count| week.add(count.reached, count.lost));
        let is_background = week.reached >= week.lost && self.add_background(asn, kind, hours);
        if self.country_hours + hours.len() <= MOST_COUNTRY_HOURS {
            let number = self.number(target);
            self.add_country(kind, number, hours);
        }
        if !lost_any || self.hours + hours.len() > MOST_HOURS {
            return;
        }
        self.hours += hours.len();
        let number = self.number(target);
        self.record.hours.insert((asn, kind, number), TargetRecord::new(hours.to_vec(), is_background));
    }

    fn number(&mut self, target: &str) -> u32 {
        let next = u32::try_from(self.record.targets.len()).unwrap_or(u32::MAX);
        match self.record.targets.get(target) {
            Some(number) => *number,
            None => *self.record.targets.entry(target.to_owned()).or_insert(next),
        }
    }

    fn add_country(&mut self, kind: Kind, target: u32, hours: &[HourCount]) {
        let country = self.record.country.entry((kind, target)).or_default();
        let before = country.len();
        for count in hours {
            let word = network_s_word(count.reached, count.lost);
            if word.occasions() > 0 {
                country.entry(count.hour).or_default().add(word.reached, word.lost);
            }
        }
        self.country_hours += country.len() - before;
    }

    fn add_background(&mut self, asn: u32, kind: Kind, hours: &[HourCount]) -> bool {
        if self.background_hours + hours.len() > MOST_BACKGROUND_HOURS {
            return false;
        }
        let background = self.record.background.entry((asn, kind)).or_default();
        let before = background.hours.len();
        for count in hours {
            background.hours.entry(count.hour).or_default().add(count.reached, count.lost);
        }
        self.background_hours += background.hours.len() - before;
        true
    }

    pub fn finish(mut self) -> OwnRecord {
        for background in self.record.background.values_mut() {
            for tally in background.hours.values().map(|tally| tally.at_most(MOST_OF_AN_HOUR)) {
                background.week.add(tally.reached, tally.lost);
            }
        }
        self.record.country.retain(|_, hours| hours.values().any(|tally| tally.lost > 0));
        let used: HashSet<u32> = self.record.hours.keys().map(|(_, _, target)| *target).collect();
        self.record.targets.retain(|_, number| used.contains(number));
        self.record
    }
}

#[cfg(test)]
mod tests {
    use parallax_model::Operation;

    use super::*;

    const TCP: Kind = Kind { operation: Operation::Tcp, over_tls: false };

    fn record(targets: &[(&str, &[(i64, u32, u32)])]) -> OwnRecord {
        let mut builder = OwnRecordBuilder::default();
        for (target, hours) in targets {
            let hours: Vec<_> =
                hours.iter().map(|(hour, reached, lost)| HourCount { hour: *hour, reached: *reached, lost: *lost }).collect();
            builder.push(64500, TCP, target, &hours, hours.iter().any(|count| count.lost > 0));
        }
        builder.finish()
    }

    #[test]
    fn the_own_occasion_is_no_neighbour_of_itself() {
        let sides = record(&[("t", &[(7, 0, 1)])]).neighbours(64500, TCP, "t", 7);
        assert!(sides.before.is_empty() && sides.same.is_empty() && sides.after.is_empty());
        let sides = record(&[("t", &[(7, 2, 1)])]).neighbours(64500, TCP, "t", 7);
        assert_eq!(Sides::tally(&sides.same), Tally { reached: 2, lost: 0 });
    }

    #[test]
    fn twelve_occasions_on_either_side_are_enough_and_hours_of_many_count_in_proportion() {
        let sides = record(&[("t", &[(1, 50, 0), (2, 100, 300), (7, 0, 1), (8, 3, 0), (9, 30, 1)])]).neighbours(64500, TCP, "t", 7);
        assert_eq!(Sides::tally(&sides.before), Tally { reached: 3, lost: 9 });
        assert_eq!(Sides::tally(&sides.after), Tally { reached: 12, lost: 0 });
        assert_eq!(sides.reach_hours, 5);
    }

    #[test]
    fn an_outage_raises_the_rate_of_its_hour_and_a_blocked_target_does_not() {
        let works: &[(i64, u32, u32)] = &[(1, 9, 0), (2, 1, 8), (3, 9, 0)];
        let blocked: &[(i64, u32, u32)] = &[(1, 0, 9), (2, 0, 9), (3, 0, 9)];
        let record = record(&[("a", works), ("b", works), ("blocked", blocked), ("t", &[(2, 0, 1), (3, 1, 0)])]);
        assert!(record.chance(64500, TCP, "t", 2) > 0.45);
        assert!(record.chance(64500, TCP, "t", 3) < 0.1);
        assert_eq!(record.chance(64999, TCP, "t", 2), USUAL_CHANCE);
    }

    #[test]
    fn a_target_is_not_its_own_background() {
        let alone = record(&[("t", &[(1, 9, 5), (2, 9, 0)])]);
        assert!((alone.chance(64500, TCP, "t", 1) - USUAL_CHANCE).abs() < 1e-9);
    }
}
