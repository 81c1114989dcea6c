//! No resolver in the clear answers about a name.

use crate::interference::target::{Lookup, evidence};
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/timeout_on_every_resolver",
    layer: Layer::Dns,
    condition: "The system's resolver and a resolver of another operator, both asked in the clear, gave no answer, and the control found the name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.timeout")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Dns),
    weight: 1.5,
    why: "Two resolvers of two operators that fall silent about one name share only the way to them.",
    innocent: "The probe lost its connection for a moment; something else must have worked in the same measurement.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let timed_out = |lookup: &&Lookup<'_>| lookup.failure() == Some("generic_timeout_error");
    let others: Vec<_> = target.third_party_lookups().filter(|lookup| !lookup.only_lacks_this_type()).collect();
    if others.is_empty() || !others.iter().all(timed_out) || !target.something_worked() || !target.name_exists_for_control() {
        return None;
    }
    let mut evidence_found = target.user_lookups_failing_with(&["generic_timeout_error"])?;
    evidence_found.extend(others.iter().map(|lookup| evidence(lookup.first, "failure", "generic_timeout_error")));
    Some(Firing::new(evidence_found).how(Mechanism::of("dns.timeout")).against_control(target))
}
