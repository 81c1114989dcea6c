//! A handshake was lost, and networks of other countries lose it as well.

use parallax_model::{Layer, Locus, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/lost_everywhere",
    layer: Layer::Tls,
    condition: "An accusing rule fired because a handshake was lost, and within three hours at least three networks of at least two other countries mostly lost theirs with the same target, two of three of those that tried.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: Some(Operation::Tls),
    weight: 1.5,
    why: "What is lost in several countries at once is lost for a reason that they share: the site or the app, or its way of treating visitors from abroad. It is no sign against this network, and the accusing rules that rest on the lost handshake are overruled.",
    innocent: "Several countries that block the same target, where few others test it.",
    source: "Afroz et al.: Exploring Server-side Blocking of Regions (2018); OONI nettest specification ts-020 (telegram)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    neighbours::everywhere(target, Operation::Tls)
}
