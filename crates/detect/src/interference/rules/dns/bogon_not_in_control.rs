//! An address that cannot be a public site, given only inside.

use crate::interference::is_bogon;
use crate::interference::target::evidence;
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/bogon_not_in_control",
    layer: Layer::Dns,
    condition: "A lookup in the clear was answered with a reserved address (RFC 6890) and the control was answered with public ones.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection.bogon")),
    locus: Locus::Network,
    instrument: None,
    weight: 2.5,
    why: "A public name has no reason to point to a private, local or reserved address in one network only; censors answer with such addresses so that the connection fails.",
    innocent: "A filter of the volunteer's own (a router, a hosts file, an advertisement blocker) answers the same.",
    source: "Aryan, Aryan, Halderman: Internet Censorship in Iran (FOCI 2013); OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_has_public = target.control.addresses().any(|(ip, _)| !is_bogon(ip));
    let control_has_bogon = target.control.addresses().any(|(ip, _)| is_bogon(ip));
    if !control_has_public || control_has_bogon {
        return None;
    }
    let bogons = target.plain_lookups().flat_map(|lookup| &lookup.answers).filter(|(ip, _)| is_bogon(*ip));
    let evidence: Vec<_> = bogons.map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).how(Mechanism::of("dns.injection.bogon")).against_control(target))
}
