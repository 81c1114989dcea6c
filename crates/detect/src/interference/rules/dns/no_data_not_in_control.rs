//! A name without addresses, which has some.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/no_data_not_in_control",
    layer: Layer::Dns,
    condition: "The system's resolver knew no address (`dns_no_answer`, or `android_dns_cache_no_data`), a resolver of another operator gave IPv4 addresses to the same probe, and the control found the name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Dns),
    weight: 1.5,
    why: "Two resolvers that contradict each other about the existence of addresses, while the control sides with the second, point to the first.",
    innocent: "A site that has IPv6 addresses only, asked for by a probe without IPv6: the rule looks for IPv4 addresses. On Android the failure hides its cause: a resolver that was out of order for a moment looks the same. Therefore no mechanism deeper than dns is named.",
    source: "OONI nettest specification ts-017; Android bionic getaddrinfo (EAI_NODATA)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.other_resolver_found_the_name() || !target.name_exists_for_control() {
        return None;
    }
    let evidence = target.user_lookups_failing_with(&["android_dns_cache_no_data", "dns_no_answer"])?;
    Some(Firing::new(evidence).how(Mechanism::of("dns")).against_control(target))
}
