//! Worlds with one planted event each: is it found, when, and what is said about it?

use parallax_detect::interference::events::{Event, Hour};
use parallax_model::{EventKind, EventState};

use crate::chance::Chance;
use crate::world::{BEGIN, Plant, Scope, What, World, asn, target_name};
use crate::{Asked, Detector, quiet, table};

/// A row of the scorecard: how its worlds are made.
struct Row {
    name: &'static str,
    floor: &'static str,
    make: fn(u64, &mut Chance) -> World,
}

const ROWS: &[Row] = &[
    Row { name: "full, 6 a day", floor: "found >= 0.97", make: |seed, chance| one(seed, chance, 0.25, 1.0, &[0.01, 0.03, 0.05]) },
    Row { name: "full, hourly, 1 %", floor: "median <= 3 h", make: |seed, chance| one(seed, chance, 1.0, 1.0, &[0.01]) },
    Row { name: "full, hourly, 5 %", floor: "median <= 6 h", make: |seed, chance| one(seed, chance, 1.0, 1.0, &[0.05]) },
    Row { name: "full, 10 an hour", floor: "found >= 0.97", make: |seed, chance| one(seed, chance, 10.0, 1.0, &[0.01, 0.03, 0.05]) },
    Row { name: "full, once a day", floor: "median <= 72 h", make: |seed, chance| one(seed, chance, 1.0 / 24.0, 1.0, &[0.01, 0.03]) },
    Row { name: "full, every 36 h, 3 networks", floor: "<= 96 h", make: sparse },
    Row { name: "20 %, 10 an hour", floor: "<= 24 h", make: |seed, chance| one(seed, chance, 10.0, 0.2, &[0.01, 0.03]) },
    Row { name: "national, 12 x 150", floor: "1 event", make: national },
    Row { name: "recurring, hourly", floor: "schedule right", make: recurring },
    Row { name: "shutdown, 10 an hour", floor: "<= 4 h", make: shutdown },
    Row { name: "troubles", floor: "<= 0.01 shown", make: troubles },
];

/// Days of the week and windows of hours.
type Pattern = (Vec<u32>, Vec<(u32, u32)>);

/// Hours after the onset until which an event is looked for.
const PATIENCE: u32 = 14 * 24;

fn base(seed: u64) -> World {
    World {
        seed,
        countries: 3,
        networks: 3,
        targets: 5,
        days: 75,
        densities: vec![1.0],
        failing: vec![0.01],
        bursts: seed.is_multiple_of(2),
        regular: true,
        plants: Vec::new(),
    }
}

fn one(seed: u64, chance: &mut Chance, density: f64, share: f64, failing: &[f64]) -> World {
    let from = 24 * 40 + chance.below(24 * 5);
    let until = from + 24 * (4 + chance.below(16));
    let scope = Scope { country: Some(0), networks: Some(vec![0]), targets: Some(vec![0]) };
    let plants = vec![Plant { scope, from, until, what: What::Block { share, method: chance.below(7) as usize } }];
    let (countries, networks) = if density > 5.0 { (2, 1) } else { (3, 3) };
    World { densities: vec![density], failing: failing.to_vec(), plants, countries, networks, ..base(seed) }
}

fn sparse(seed: u64, chance: &mut Chance) -> World {
    let mut world = one(seed, chance, 1.0 / 36.0, 1.0, &[0.01, 0.03]);
    world.plants[0].scope.networks = None;
    world
}

fn national(seed: u64, chance: &mut Chance) -> World {
    let from = 24 * 20 + chance.below(24);
    let scope = Scope { country: Some(0), ..Scope::default() };
    let plants = vec![Plant { scope, from, until: from + 24 * 5, what: What::Block { share: 0.97, method: chance.below(7) as usize } }];
    World {
        countries: 1,
        networks: 12,
        targets: 150,
        days: 30,
        densities: vec![0.05, 0.1, 0.25],
        failing: vec![0.01, 0.03],
        plants,
        ..base(seed)
    }
}

fn recurring(seed: u64, chance: &mut Chance) -> World {
    let from = 24 * (35 + chance.below(4));
    let patterns: [Pattern; 4] = [
        (vec![0, 1, 2, 3, 4], vec![(4, 8), (10, 14)]),
        ((0..7).collect(), vec![(19, 24)]),
        ((0..7).collect(), vec![(0, 3), (22, 24)]),
        (vec![5, 6], vec![(6, 20)]),
    ];
    let (days, windows) = chance.one_of(&patterns).clone();
    let scope = Scope { country: Some(0), networks: Some(vec![0]), targets: Some(vec![0]) };
    let plants =
        vec![Plant { scope, from, until: from + 24 * 24, what: What::Recurring { days, windows, method: chance.below(7) as usize } }];
    World { plants, ..base(seed) }
}

fn shutdown(seed: u64, chance: &mut Chance) -> World {
    let from = 24 * 40 + chance.below(24 * 5);
    let scope = Scope { country: Some(0), networks: Some(vec![0]), targets: None };
    let plants = vec![Plant { scope, from, until: from + 12 + chance.below(72), what: What::Silence }];
    World { densities: vec![2.0, 4.0], plants, ..base(seed) }
}

fn troubles(seed: u64, chance: &mut Chance) -> World {
    let from = 24 * 40 + chance.below(24 * 5);
    let mut plant = quiet::trouble((seed % 8) as usize, 0, from, from + 24 * (1 + chance.below(10)), chance);
    // These worlds have three countries.
    plant.scope.country = plant.scope.country.map(|country| country % 3);
    World { densities: vec![0.25, 1.0, 4.0], failing: vec![0.01, 0.03, 0.05], plants: vec![plant], ..base(seed) }
}

/// What came of one world.
struct Outcome {
    delay: Option<u32>,
    shown: usize,
    onset_holds: Option<bool>,
    end_delay: Option<u32>,
    end_holds: Option<bool>,
    method_holds: Option<bool>,
    schedule: Option<String>,
    wanted: String,
}

pub fn print(asked: &Asked) {
    for row in ROWS.iter().filter(|row| asked.rows.as_ref().is_none_or(|word| row.name.contains(word.as_str()))) {
        println!("## {} (floor: {})", row.name, row.floor);
        for (name, detector) in &asked.detectors {
            let worlds = if row.name.starts_with("national") { asked.worlds.min(4) } else { asked.worlds };
            let outcomes: Vec<Outcome> = (asked.seed..asked.seed + worlds).map(|seed| outcome(row, seed, *detector, asked.show)).collect();
            println!("{name}: {}", line(row, &outcomes));
        }
    }
}

fn line(row: &Row, outcomes: &[Outcome]) -> String {
    let shown: usize = outcomes.iter().map(|outcome| outcome.shown).sum();
    if row.name == "troubles" {
        return format!(
            "worlds with a trouble shown as interference {}",
            table::share(outcomes.iter().filter(|outcome| outcome.shown > 0).count(), outcomes.len())
        );
    }
    let delays: Vec<Option<u32>> = outcomes.iter().map(|outcome| outcome.delay).collect();
    let counted = |which: fn(&Outcome) -> Option<bool>| {
        let known: Vec<bool> = outcomes.iter().filter_map(which).collect();
        table::share(known.iter().filter(|holds| **holds).count(), known.len())
    };
    let ends: Vec<Option<u32>> = outcomes.iter().filter(|outcome| outcome.delay.is_some()).map(|outcome| outcome.end_delay).collect();
    let mut text = format!(
        "{}; events shown {shown}\n    onset inside its interval {}, end inside {}, method {}; end: {}",
        table::delays(&delays),
        counted(|o| o.onset_holds),
        counted(|o| o.end_holds),
        counted(|o| o.method_holds),
        table::delays(&ends)
    );
    if row.name.starts_with("recurring") {
        let right = outcomes.iter().filter(|outcome| outcome.schedule.as_deref() == Some(&outcome.wanted)).count();
        text += &format!("\n    schedule right to the hour {}", table::share(right, outcomes.len()));
    }
    text
}

fn outcome(row: &Row, seed: u64, detector: Detector, show: bool) -> Outcome {
    let mut chance = Chance::of(&[seed, 5]);
    let world = (row.make)(seed, &mut chance);
    let plant = &world.plants[0];
    let events_at = |hour: u32| detector.detect(&world.cells(hour), BEGIN.plus(hour));
    let last = world.days * 24;
    let all = events_at(last);
    let shown: Vec<&Event<'_>> = all.iter().filter(|event| event.state != EventState::Explained).collect();
    if show {
        println!("-- seed {seed}: {plant:?} from {} to {}", BEGIN.plus(plant.from), BEGIN.plus(plant.until.min(last)));
        all.iter().for_each(|event| quiet::show(seed, &world, event));
    }
    let about = |event: &Event<'_>| is_about(plant, event);
    let found = |hour: u32| events_at(hour).iter().any(about);
    let limit = (plant.from + PATIENCE).min(plant.until.saturating_add(48)).min(last);
    let interference = plant.what.is_interference() || row.name.starts_with("shutdown");
    let delay = (interference && found(limit)).then(|| first(plant.from, limit, found) - plant.from);
    let event = shown.iter().find(|event| about(event));
    let ended = |hour: u32| {
        events_at(hour).iter().any(|event| {
            about(event) && event.state == EventState::Ended && event.end_latest.is_some_and(|end| end >= BEGIN.plus(plant.until).start())
        })
    };
    let end_limit = (plant.until.min(last) + 168).min(last);
    let end_delay = (interference && delay.is_some() && plant.until < last && ended(end_limit))
        .then(|| first(plant.until, end_limit, ended) - plant.until);
    let within = |earliest: Option<parallax_model::Timestamp>, latest: parallax_model::Timestamp, hour: u32| {
        earliest.is_none_or(|earliest| earliest <= BEGIN.plus(hour).start()) && BEGIN.plus(hour).start() <= latest
    };
    let method = match plant.what {
        What::Block { method, .. } | What::Recurring { method, .. } => Some(crate::world::METHODS[method].1),
        _ => None,
    };
    Outcome {
        delay,
        shown: if row.name == "troubles" { shown.iter().filter(|event| comes_from(plant, event)).count() } else { shown.len() },
        onset_holds: event.map(|event| within(event.onset_earliest, event.onset_latest, plant.from)),
        end_holds: event.and_then(|event| event.end_latest.map(|latest| within(event.end_earliest, latest, plant.until))),
        end_delay,
        method_holds: event.and_then(|event| method.map(|method| event.mechanisms.first().is_some_and(|first| first.as_str() == method))),
        schedule: event.and_then(|event| event.schedule.as_ref().map(|schedule| schedule.to_string())),
        wanted: wanted(plant),
    }
}

/// The first hour from which on it is found, given that it is at `limit`.
fn first(from: u32, limit: u32, found: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (from, limit);
    while high - low > 1 {
        let middle = low + (high - low).div_ceil(2).min(((high - low) / 4).max(1));
        if found(middle) { high = middle } else { low = middle }
    }
    high
}

/// Whether an event is what a trouble looks like.
fn comes_from(plant: &Plant, event: &Event<'_>) -> bool {
    let country = plant.scope.country.is_none_or(|country| event.probe_cc == crate::world::COUNTRIES[country]);
    let target = plant
        .scope
        .targets
        .as_ref()
        .is_none_or(|targets| targets.iter().any(|target| event.targets.contains(&target_name(*target).into())));
    let time = event.onset_latest <= BEGIN.plus(plant.until.saturating_add(1)).start()
        && event.end_latest.is_none_or(|end| end >= BEGIN.plus(plant.from).start());
    country && time && (target || event.kind == EventKind::Shutdown && matches!(plant.what, What::Silence))
}

fn is_about(plant: &Plant, event: &Event<'_>) -> bool {
    let kind = if matches!(plant.what, What::Silence) { EventKind::Shutdown } else { EventKind::Blocking };
    let begin = BEGIN.plus(plant.from.saturating_sub(24)).start();
    let target = plant
        .scope
        .targets
        .as_ref()
        .is_none_or(|targets| targets.iter().any(|target| event.targets.contains(&target_name(*target).into())));
    let network =
        plant.scope.networks.as_ref().is_none_or(|networks| networks.iter().any(|network| event.networks.contains(&asn(0, *network))));
    let time = event.onset_latest >= begin && event.onset_latest <= Hour(BEGIN.0 + plant.until + 1).start();
    event.state != EventState::Explained && event.kind == kind && event.probe_cc == "XA" && target && network && time
}

/// The schedule as it should be told.
fn wanted(plant: &Plant) -> String {
    let What::Recurring { days, windows, .. } = &plant.what else { return String::new() };
    let days = match days.len() {
        7 => "every day",
        5 => "Mon-Fri",
        _ => "Sat-Sun",
    };
    let windows = if windows.len() == 2 && windows[1].1 == 24 { vec![(windows[1].0, windows[0].1)] } else { windows.clone() };
    let text: Vec<String> = windows.iter().map(|(from, to)| format!("{from:02}:00-{to:02}:00")).collect();
    format!("{days} {} (UTC+00:00)", text.join(", "))
}
