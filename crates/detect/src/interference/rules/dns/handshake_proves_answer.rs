//! The address that was answered proved the name.

use crate::interference::target::{NETWORKS_THAT_PROVE, evidence};
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/handshake_proves_answer",
    layer: Layer::Dns,
    condition: "A TLS handshake with this name succeeded on an address that the system's resolver gave, or distinct other networks proved that address.",
    says: State::Ok,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 3.0,
    why: "Only who holds the name's private key can complete the handshake: the address speaks for the name, whatever the control was answered (CDNs answer each network differently).",
    innocent: "A proxy that passes encrypted bytes on to the genuine site unchanged.",
    source: "RFC 8446; Scott et al.: Satellite (USENIX ATC 2016)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let answers: Vec<_> = target.user_lookups().flat_map(|lookup| &lookup.answers).collect();
    let own: Vec<_> =
        answers.iter().filter(|(ip, _)| target.has_own_handshake(*ip)).map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    if !own.is_empty() {
        return Some(Firing::new(own).within_measurement());
    }
    let (ip, row) = answers.iter().find(|(ip, _)| target.networks_that_proved(*ip) >= NETWORKS_THAT_PROVE)?;
    Some(Firing::new(vec![evidence(row, "dns_answer", ip)]).against_networks(target.networks_that_proved(*ip)))
}
