//! A handshake was lost, as this release of the probe's software loses it in other networks too, where other releases get through.

use parallax_model::{Instrument, Layer, Locus, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/lost_by_release",
    layer: Layer::Tls,
    condition: "An accusing rule fired because a handshake was lost, and within a day the same release of the software mostly lost the target in at least two networks, this one perhaps among them, in which other releases mostly got through, and in more than in which it got through itself.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::Software),
    lost: Some(Operation::Tls),
    weight: 1.5,
    why: "What follows the software from network to network, while other software gets through in the very same ones, is the software's own fault. It is no sign against this network, and the accusing rules that rest on the lost handshake are overruled.",
    innocent: "A censor that tells releases of the software apart, by the way in which they greet a server, and sits in several networks.",
    source: "OONI software changelogs (releases with known defects); Frolov, Wustrow: The use of TLS in Censorship Circumvention (NDSS 2019), for what a censor can tell apart",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    neighbours::by_release(target, Operation::Tls)
}
