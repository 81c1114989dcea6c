//! The connection is closed in the handshake.

use crate::interference::rules::tls::failing_handshakes;
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/close_for_probe_only",
    layer: Layer::Tls,
    condition: "No handshake on the user's path succeeded; at least one, on an address that something independent vouches for, was closed by the other side, and the control reached the site.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls.close")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.8,
    why: "Some filters close the connection in an orderly way instead of resetting it.",
    innocent: "A server that is overloaded or refuses this country in this way; a connection that was lost by chance.",
    source: "Bock et al.: Geneva (CCS 2019); OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let evidence = failing_handshakes(target, "eof_error")?;
    Some(Firing::new(evidence).how(Mechanism::of("tls.close")).against_control(target))
}
