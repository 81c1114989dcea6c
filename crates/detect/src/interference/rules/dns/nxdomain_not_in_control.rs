//! "No such name", for a name that exists.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/nxdomain_not_in_control",
    layer: Layer::Dns,
    condition: "Every lookup by the system's resolver said that the name does not exist, and the control found it.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.nxdomain")),
    locus: Locus::Network,
    instrument: None,
    weight: 2.0,
    why: "Whether a name exists does not depend on where one asks; a resolver that denies an existing name was told to.",
    innocent: "The name was registered, or expired, between the two lookups; or a filter that the volunteer chose denies it.",
    source: "RFC 8020; OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.name_exists_for_control() {
        return None;
    }
    let evidence = target.user_lookups_failing_with(&["dns_nxdomain_error"])?;
    Some(Firing::new(evidence).how(Mechanism::of("dns.nxdomain")).against_control(target))
}
