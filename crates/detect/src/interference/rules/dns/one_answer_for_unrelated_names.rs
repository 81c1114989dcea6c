//! The network answers the name, and unrelated ones, with one address, day after day, and everything else as it should.

use std::cell::LazyCell;
use std::net::IpAddr;

use parallax_model::evidence::Evidence;
use parallax_model::{Layer, Locus, Mechanism, State};

use super::answer_outside_operator;
use crate::interference::neighbours::{AnsweredName, Shared, domain};
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/one_answer_for_unrelated_names",
    layer: Layer::Dns,
    condition: "Nothing vouches for any of the addresses that the system's resolver gave, and no handshake on the user's path succeeded. In the same week this network was given each of them in at least three hours of two days, and for another domain's name as well. Distinct other networks proved the name, and none of its addresses in the network of the answer; or the name is of an app whose company serves it from networks of its own, the answer is outside of them, and the other domain's name is proved elsewhere in that way. In seven of ten hours in which the address was given, the network reached names that were never answered with it, and in all at least as many of them as domains were answered with it (a hundred at most); names that were, it reached in at most one of twenty measurements.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "Companies that have nothing to do with each other do not move to one address in one network only. A captive portal would answer everything with it, and what the network's other probes try meanwhile would come through.",
    innocent: "A resolver that still gives, for days, the address of a server from which several sites have moved away. A filter that the owner of the only probe in the network has chosen.",
    source: "Lowe et al.: The Great DNS Wall of China (2007), for few addresses that stand for many names; Pearce et al.: Global Measurement of DNS Manipulation (USENIX Security 2017)",
    fires,
};

/// Other names that the evidence says; more would help nobody.
const NAMES_SAID: usize = 3;

fn fires(target: &Target<'_>) -> Option<Firing> {
    let all_astray = LazyCell::new(|| answer_outside_operator::leads_all_astray(target));
    let is_outside = |ip| answer_outside_operator::is_outside(target, ip) && *all_astray;
    let (found, hours) = answers_that_are(target, |shared, name, ip| is_forged(target, shared, name, ip, is_outside))?;
    Some(Firing::new(found).how(Mechanism::of("dns.injection")).against_own_record(hours))
}

/// What to say of the answers of the system's resolver, and in how many hours each was given at least, if nothing vouches for any of them, no
/// handshake succeeded, and every one is forged by what is known of the address and the name.
pub(super) fn answers_that_are(
    target: &Target<'_>,
    mut is_forged: impl FnMut(&Shared, &AnsweredName, IpAddr) -> bool,
) -> Option<(Vec<Evidence>, u32)> {
    let answers = &target.case.neighbours.answers;
    let asn = target.case.measurement.probe_asn.filter(|_| !answers.is_empty())?;
    if target.user_path(&target.tls).any(|attempt| attempt.succeeded()) {
        return None;
    }
    let (mut found, mut hours) = (Vec::new(), u32::MAX);
    for lookup in target.user_lookups() {
        let hostname = lookup.first.hostname.as_deref().unwrap_or_default();
        for (ip, row) in &lookup.answers {
            let shared = answers.of(asn, *ip)?;
            let name = shared.lasting(hostname)?;
            if target.is_vouched_answer(*ip, hostname) || !is_forged(shared, name, *ip) {
                return None;
            }
            hours = hours.min(name.hours);
            found.extend(said(*ip, shared, name).map(|what| evidence(row, "dns_answer", what)));
        }
    }
    (!found.is_empty()).then_some((found, hours))
}

/// Whether the address cannot be the name's own, by what is known of the name and of another that shares it.
fn is_forged(target: &Target<'_>, shared: &Shared, name: &AnsweredName, ip: IpAddr, is_outside: impl Fn(IpAddr) -> bool) -> bool {
    let mut others = shared.others(name);
    if is_proved_elsewhere(target, name, ip) {
        return others.next().is_some();
    }
    is_outside(ip) && others.any(|other| is_proved_elsewhere(target, other, ip))
}

/// Whether distinct other networks proved addresses of a name, and none of them in the network of this one.
fn is_proved_elsewhere(target: &Target<'_>, name: &AnsweredName, ip: IpAddr) -> bool {
    let Some(network) = target.network_of(ip) else { return false };
    let mut proven = target.case.proven.addresses_beside(target.case.measurement.probe_asn, &name.hostname).peekable();
    proven.peek().is_some() && proven.all(|proven| proven != ip && target.network_of(proven) != Some(network))
}

/// Two sentences, each short enough to be shown whole.
fn said(ip: IpAddr, shared: &Shared, name: &AnsweredName) -> [String; 2] {
    let others: Vec<_> = shared.names.iter().filter(|other| domain(&other.hostname) != domain(&name.hostname)).collect();
    let some: Vec<_> = others.iter().take(NAMES_SAID).map(|other| other.hostname.as_str()).collect();
    let more = others.len().saturating_sub(some.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    [
        format!("{ip}, given here in {} hours of {} days, as well as for {}{more}", name.hours, name.days, some.join(", ")),
        format!("{ip}; in {} of {} hours with it other names were reached here", shared.hours_others_reached, shared.hours),
    ]
}
