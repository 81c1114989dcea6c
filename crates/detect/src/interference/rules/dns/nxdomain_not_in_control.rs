//! "No such name", for a name that exists.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/nxdomain_not_in_control",
    layer: Layer::Dns,
    condition: "Every lookup by the system's resolver said that the name does not exist, the control found it with an IPv4 address or a page, and no resolver asked over an encrypted connection denied it too.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.nxdomain")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "Whether a name exists does not depend on where one asks; a resolver that denies an existing name was told to.",
    innocent: "The name was registered, or expired, between the two lookups: an encrypted resolver that denies it as well keeps the rule silent. A filter that the volunteer chose. A name with IPv6 addresses only, which a system without IPv6 calls unknown.",
    source: "RFC 8020; OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.name_exists_for_control() || target.encrypted_resolver_denies_the_name() {
        return None;
    }
    let evidence = target.user_lookups_failing_with(&["dns_nxdomain_error"])?;
    Some(Firing::new(evidence).how(Mechanism::of("dns.nxdomain")).against_control(target))
}
