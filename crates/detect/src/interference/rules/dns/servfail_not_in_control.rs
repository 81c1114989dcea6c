//! A resolver that fails for one name and works for others.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/servfail_not_in_control",
    layer: Layer::Dns,
    condition: "Every lookup by the system's resolver ended in SERVFAIL while the same resolver answered another name in the same measurement; a resolver of another operator gave the very addresses, or the network, that the control was given.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.servfail")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.2,
    why: "A resolver that works, and fails for a name that others find without trouble, has been told to fail, or has trouble of its own with this name.",
    innocent: "SERVFAIL is what a resolver says in every kind of trouble: it could not reach the name's servers for a moment, or their signatures (DNSSEC) do not hold and it checks them while others do not. A resolver that answered nothing else in the measurement keeps the rule silent, since nothing shows that it worked.",
    source: "RFC 1035, section 4.1.1; RFC 8914 (extended DNS errors)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.name_exists_for_control() || target.control_addresses().is_empty() {
        return None;
    }
    let mut found = target.user_lookups_failing_with(&["dns_servfail_error"])?;
    let others = target.third_party_lookups().chain(target.encrypted_lookups());
    let agreeing = others.flat_map(|lookup| &lookup.answers).find(|(ip, _)| target.agrees_with_control(*ip))?;
    found.push(evidence(agreeing.1, "dns_answer", agreeing.0));
    let other = target.system_answer_about_another()?;
    found.push(evidence(other, "dns_answer (about another name)", other.dns_answer.as_deref().unwrap_or_default()));
    Some(Firing::new(found).how(Mechanism::of("dns.servfail")).against_control(target))
}
