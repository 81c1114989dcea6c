//! Some of a service's servers can be connected to, and some cannot.

use std::collections::BTreeMap;
use std::net::IpAddr;

use parallax_model::{Layer, Locus, State, TargetRole};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "tcp/pool_partly_reachable",
    layer: Layer::Tcp,
    condition: "Of a service's own servers, at least three addresses that need no lookup, some accepted a connection and some did not. The share is told.",
    says: State::Insufficient,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 1.0,
    why: "A service that needs one server of many works as long as one can be reached; how many can be is a figure to follow over time, and no verdict.",
    innocent: "Servers come and go: the share of a pool that is down somewhere is never nothing for long.",
    source: "OONI nettest specifications ts-020 (telegram) and ts-023 (tor)",
    fires,
};

/// Of fewer addresses a share says nothing.
const FEWEST_ADDRESSES: usize = 3;

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.role != TargetRole::Service {
        return None;
    }
    let mut reached: BTreeMap<IpAddr, bool> = BTreeMap::new();
    let attempts: Vec<_> = target.usable(&target.tcp).filter(|attempt| attempt.is_vouched()).collect();
    for attempt in &attempts {
        if let Some(ip) = attempt.ip {
            *reached.entry(ip).or_default() |= attempt.succeeded();
        }
    }
    let count = reached.values().filter(|reached| **reached).count();
    if reached.len() < FEWEST_ADDRESSES || count == 0 || count == reached.len() {
        return None;
    }
    let share = format!("{count} of {} addresses reached", reached.len());
    let failed = attempts.iter().filter(|attempt| !attempt.succeeded());
    let found = failed.map(|attempt| evidence(attempt.row, "failure", format!("{} ({share})", attempt.failure().unwrap_or_default())));
    Some(Firing::new(found.collect()).within_measurement())
}
