//! A resolver that refuses to answer about one name.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/refused_not_in_control",
    layer: Layer::Dns,
    condition: "Every lookup by the system's resolver was refused, a resolver of another operator answered the same probe, and the control found the name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.refused")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "REFUSED is what a resolver says that will not answer for reasons of policy (RFC 1035, 4.1.1).",
    innocent: "A resolver that refuses this client everything, not this name.",
    source: "RFC 1035, section 4.1.1; RFC 8914 (extended DNS errors: blocked, censored, filtered)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.other_resolver_found_the_name() || !target.name_exists_for_control() {
        return None;
    }
    let evidence = target.user_lookups_failing_with(&["dns_refused_error"])?;
    Some(Firing::new(evidence).how(Mechanism::of("dns.refused")).against_control(target))
}
