//! The truth about events: each censor's period and each trouble's, with its scope, its schedule, and when it began and ended.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::path::Cause;
use crate::time;
use crate::trouble::TroubleKind;
use crate::truth::source_of;
use crate::window::Window;
use crate::world::World;

/// One thing that happened in a world, over a time and in a scope.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Event {
    /// `censor-2`, `trouble-1`; of a burst also the network and a number: `trouble-3.AS64512.1`.
    pub event: String,
    /// The censor or trouble of the world file, as truth records name it.
    pub source: String,
    /// `blocking`, or the kind of the trouble; `shutdown` is one.
    pub kind: &'static str,
    /// Of blocking.
    pub mechanism: Option<&'static str>,
    pub layer: Option<&'static str>,
    pub probe_cc: Vec<String>,
    pub networks: Vec<u32>,
    /// Empty where it concerns every target.
    pub targets: Vec<String>,
    /// Of the connections that a censor sees, of the measurements that a trouble meets, or of the probes that have it.
    pub share: f64,
    /// Of a shutdown: the share of the usual volume that is left.
    pub volume: Option<f64>,
    /// None where it began before the world did.
    pub from: Option<String>,
    /// None where it had not ended when the world did.
    pub to: Option<String>,
    /// In local time; none where it acts all the time from `from` to `to`.
    pub schedule: Option<Schedule>,
    /// Of a release: which one.
    pub software_version: Option<String>,
    /// Censors of one incident: a change of method, not another event. By default the source itself.
    pub incident: String,
    /// Truth records that name the source.
    pub touched: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Schedule {
    /// `07:30-11:00`; empty for the whole day.
    pub daily: Vec<String>,
    /// `mon`; empty for all of them.
    pub weekdays: Vec<&'static str>,
    /// Seconds that local time is ahead of UTC, in the first of the networks.
    pub utc_offset: i64,
}

/// Every event of a world. `touched` counts the truth records that name each source.
pub(crate) fn events(world: &World, touched: &BTreeMap<String, u64>) -> Vec<Event> {
    let censors = (0..world.censors.len()).map(|index| censor(world, index));
    let troubles = (0..world.troubles.len()).flat_map(|index| trouble(world, index));
    let mut events: Vec<Event> = censors.chain(troubles).collect();
    for event in &mut events {
        event.touched = touched.get(&event.source).copied().unwrap_or_default();
    }
    events
}

fn censor(world: &World, index: usize) -> Event {
    let censor = &world.censors[index];
    let event = frame(world, Cause::Censor(index), "blocking", (&censor.networks, &censor.sites), &censor.window);
    let incident = censor.incident.clone().unwrap_or_else(|| event.source.clone());
    Event { mechanism: Some(censor.mechanism.as_str()), layer: Some(censor.mechanism.layer()), share: censor.share, incident, ..event }
}

/// One event, or one for each burst.
fn trouble(world: &World, index: usize) -> Vec<Event> {
    let trouble = &world.troubles[index];
    let scope = (trouble.networks.as_slice(), trouble.sites.as_slice());
    let frame = Event {
        share: trouble.share,
        volume: (trouble.kind == TroubleKind::Shutdown).then_some(trouble.volume),
        software_version: matches!(trouble.kind, TroubleKind::BuggyRelease | TroubleKind::OldTrustStore)
            .then(|| trouble.software_version.clone()),
        ..frame(world, Cause::Trouble(index), trouble.kind.as_str(), scope, &trouble.window)
    };
    if trouble.kind != TroubleKind::Burst {
        return vec![frame];
    }
    let of_network = |(network, bursts): (usize, &Vec<crate::trouble::Burst>)| -> Vec<Event> {
        let known = &world.networks[network];
        let burst = |(number, burst): (usize, &crate::trouble::Burst)| Event {
            event: format!("{}.AS{}.{}", frame.source, known.asn, number + 1),
            networks: vec![known.asn],
            probe_cc: vec![world.countries[known.country].cc.clone()],
            share: burst.share,
            from: Some(time::rfc3339(burst.from)),
            to: Some(time::rfc3339(burst.to)),
            ..frame.clone()
        };
        bursts.iter().enumerate().map(burst).collect()
    };
    trouble.bursts.iter().enumerate().flat_map(of_network).collect()
}

/// What censors and troubles have in common.
fn frame(world: &World, cause: Cause, kind: &'static str, (networks, sites): (&[bool], &[bool]), window: &Window) -> Event {
    let inside: Vec<usize> = (0..networks.len()).filter(|network| networks[*network]).collect();
    let mut probe_cc: Vec<String> = inside.iter().map(|network| world.countries[world.networks[*network].country].cc.clone()).collect();
    probe_cc.dedup();
    let everything = sites.iter().all(|inside| *inside);
    let mut targets: Vec<String> =
        world.sites.iter().zip(sites).filter(|(_, inside)| **inside && !everything).map(|(site, _)| site.target().to_string()).collect();
    targets.sort_unstable();
    targets.dedup();
    let end = world.start + i64::from(world.hours) * 3600;
    let schedule = window.has_schedule().then(|| Schedule {
        daily: window.daily(),
        weekdays: window.weekdays(),
        utc_offset: inside.first().map_or(0, |network| world.utc_offset(*network)),
    });
    let source = source_of(cause);
    Event {
        event: source.clone(),
        incident: source.clone(),
        source,
        kind,
        mechanism: None,
        layer: None,
        probe_cc,
        networks: inside.iter().map(|network| world.networks[*network].asn).collect(),
        targets,
        share: 1.0,
        volume: None,
        from: (window.from > world.start).then(|| time::rfc3339(window.from)),
        to: (window.to < end).then(|| time::rfc3339(window.to)),
        schedule,
        software_version: None,
        touched: 0,
    }
}
