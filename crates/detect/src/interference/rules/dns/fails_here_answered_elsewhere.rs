//! A name that this network's resolvers fail again and again, and that others are answered.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Lookup, Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/fails_here_answered_elsewhere",
    layer: Layer::Dns,
    condition: "Every lookup by the system's resolver was refused, got no answer, was told that the name does not exist, or was answered with addresses that no public site has; the same network failed it on at least two other occasions, all of which together are ten times likelier under interference, without a break or at the same time of other days, than under chance; no resolver asked over an encrypted connection failed the name as well; and the name exists: for the record's own control or, where the record has none, for at least two other networks, more than failed: of other countries within three hours, of the same country within one.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Dns),
    weight: 1.2,
    why: "Whoever is answered shows that the name exists, and the network's other occasions that the failure is no chance: together they say what another resolver in the same record would have said.",
    innocent: "A network whose resolver is out of order for every name; the network's lookups of other names in the same hours speak against that. A filter that volunteers run at home, where one volunteer alone measures in the network. Failures that one forger of this network made up.",
    source: "Filastò, Appelbaum: OONI (FOCI 2012): a control from elsewhere; OONI nettest specifications ts-018, ts-019, ts-029",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let is_denied = target.control.exists() && !target.name_exists_for_control();
    if is_denied || target.encrypted_resolvers_fail_too() {
        return None;
    }
    let lookups: Vec<_> = target.user_lookups().filter(|lookup| !lacks_ipv6_only(lookup)).collect();
    let hows: Option<Vec<Mechanism>> = lookups.iter().map(|lookup| mechanism_of(lookup)).collect();
    let how = hows?.into_iter().reduce(|one, other| one.common_prefix(other).unwrap_or(DNS))?;
    let own = lookups.iter().map(|lookup| match lookup.answers.first() {
        Some((ip, row)) => evidence(row, "dns_answer", ip),
        None => evidence(lookup.first, "failure", lookup.failure().unwrap_or_default()),
    });
    Some(neighbours::lost_only_here(target, Operation::Dns, own)?.how(how))
}

const DNS: Mechanism = Mechanism::of("dns");

/// A query for IPv6 addresses of a name that has none says nothing.
fn lacks_ipv6_only(lookup: &Lookup<'_>) -> bool {
    lookup.only_lacks_this_type() && lookup.first.dns_query_type.as_deref() == Some("AAAA")
}

/// How a lookup was denied; nothing when it was not.
fn mechanism_of(lookup: &Lookup<'_>) -> Option<Mechanism> {
    if lookup.leads_nowhere() {
        return Some(Mechanism::of("dns.injection.bogon"));
    }
    match lookup.failure()? {
        "dns_nxdomain_error" => Some(Mechanism::of("dns.nxdomain")),
        "dns_refused_error" => Some(Mechanism::of("dns.refused")),
        "generic_timeout_error" => Some(Mechanism::of("dns.timeout")),
        "dns_no_answer" | "android_dns_cache_no_data" | "dns_servfail_error" | "dns_server_misbehaving" | "dns_temporary_failure" => {
            Some(DNS)
        }
        _ => None,
    }
}
