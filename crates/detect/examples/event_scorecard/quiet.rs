//! Series in which nobody interferes, with every trouble: how many events a year are false?

use parallax_detect::interference::events::Event;
use parallax_model::{EventKind, EventState};

use crate::chance::Chance;
use crate::world::{BEGIN, Plant, Scope, What, World};
use crate::{Asked, table};

/// Some months of four countries, each network measuring as often as it does, with troubles of all kinds.
pub fn world(seed: u64) -> World {
    let mut chance = Chance::of(&[seed, 77]);
    let days = 180;
    let mut world = World {
        seed,
        countries: 4,
        networks: 3,
        targets: 10,
        days,
        densities: vec![1.0 / 36.0, 1.0 / 24.0, 0.25, 1.0, 1.0, 4.0],
        failing: vec![0.01, 0.02, 0.03, 0.05],
        bursts: seed.is_multiple_of(2),
        regular: false,
        plants: Vec::new(),
    };
    for kind in 0..8 {
        let target = chance.below(world.targets as u32) as usize;
        let from = 24 * 30 + chance.below(days * 24 - 24 * 60);
        let until = from + 6 + chance.below(24 * 10);
        world.plants.push(trouble(kind, target, from, until, &mut chance));
    }
    world
}

/// An innocent trouble of each kind.
pub fn trouble(kind: usize, target: usize, from: u32, until: u32, chance: &mut Chance) -> Plant {
    let country = chance.below(4) as usize;
    let one = Scope { targets: Some(vec![target]), ..Scope::default() };
    let here = Scope { country: Some(country), networks: Some(vec![chance.below(3) as usize]), targets: None };
    let method = 1 + chance.below(5) as usize;
    match kind {
        0 => Plant { scope: one, from, until, what: What::TargetChanged { share: 0.5 + 0.5 * chance.uniform(), method } },
        1 => Plant { scope: one, from, until: u32::MAX, what: What::TargetChanged { share: 1.0, method } },
        2 => Plant { scope: one, from, until, what: What::ReleaseBug { release: chance.below(4) as usize, method } },
        3 => {
            Plant { scope: Scope { targets: Some(vec![target, (target + 1) % 10]), ..here }, from, until, what: What::BadProbe { method } }
        }
        4 => Plant { scope: one, from, until, what: What::ControlFails { method } },
        5 => Plant { scope: Scope { targets: Some(vec![target]), ..here }, from, until, what: What::BrokenIpv6 { method } },
        6 => Plant { scope: one, from, until: u32::MAX, what: What::NewRuleset { method } },
        _ => Plant { scope: Scope::default(), from, until: from + 6 + chance.below(24), what: What::Silence },
    }
}

pub fn print(asked: &Asked) {
    for (name, detector) in &asked.detectors {
        let (mut years, mut blocking, mut shutdowns, mut explained) = (0.0, 0, 0, 0);
        for seed in asked.seed..asked.seed + asked.quiet_worlds {
            let world = world(seed);
            years += world.series_years();
            let until = world.days * 24;
            let events = detector.detect(&world.cells(until), BEGIN.plus(until));
            let shown = |event: &&Event<'_>| event.state != EventState::Explained;
            blocking += events.iter().filter(shown).filter(|event| event.kind == EventKind::Blocking).count();
            shutdowns += events.iter().filter(shown).filter(|event| event.kind == EventKind::Shutdown).count();
            explained += events.iter().filter(|event| event.state == EventState::Explained).count();
            if asked.show {
                events.iter().filter(shown).for_each(|event| show(seed, &world, event));
            }
        }
        println!("{name}: false events per quiet series-year {}", table::rate(blocking + shutdowns, years));
        println!(
            "{name}:   blocking {blocking}, shutdowns {shutdowns}, explained {explained}; false share when 1 % of series-years hold a real event {:.3}",
            {
                let rate = (blocking + shutdowns) as f64 / years;
                rate / (rate + 0.01)
            }
        );
    }
}

pub fn show(seed: u64, world: &World, event: &Event<'_>) {
    println!(
        "  seed {seed} bursts {} {} {:?} {:?} {:?} {:?} {:?} onset {:?} {} end {:?} share {:.2} {}/{} strength {:.1} {:?}",
        world.bursts,
        event.event_id,
        event.state,
        event.networks,
        event.targets,
        event.layers,
        event.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect::<Vec<_>>(),
        event.onset_earliest.map(|time| time.to_string()),
        event.onset_latest,
        event.end_latest.map(|time| time.to_string()),
        event.share,
        event.n_interfered,
        event.n_measurements,
        event.strength,
        event.schedule
    );
    for plant in world.plants.iter().filter(|plant| {
        plant
            .scope
            .targets
            .as_ref()
            .is_none_or(|targets| targets.iter().any(|target| event.targets.contains(&crate::world::target_name(*target).into())))
    }) {
        println!("      {} to {}: {:?}", BEGIN.plus(plant.from), BEGIN.plus(plant.until.min(world.days * 24)), plant.what);
    }
    if std::env::var_os("EXPLAIN").is_some() {
        event.explanations.iter().for_each(|why| println!("      {why}"));
    }
}
