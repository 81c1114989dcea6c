//! The handshake gets no answer.

use crate::interference::rules::tls::failing_handshakes;
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/timeout_for_probe_only",
    layer: Layer::Tls,
    condition: "No handshake on the user's path succeeded; at least one, on an address that something independent vouches for, got no answer, and the control reached the site.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls.timeout")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.5,
    why: "Filters that drop packets after the name has been seen leave the handshake hanging.",
    innocent: "A server that is overloaded or refuses this country in this way; a connection that was lost by chance.",
    source: "Bock et al.: Geneva (CCS 2019); OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let evidence = failing_handshakes(target, "generic_timeout_error")?;
    Some(Firing::new(evidence).how(Mechanism::of("tls.timeout")).against_control(target))
}
