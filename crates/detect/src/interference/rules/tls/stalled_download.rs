//! An encrypted download that never ends.

use crate::interference::rules::http::stalled;
use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/stalled_download",
    layer: Layer::Tls,
    condition: "A page over TLS began to arrive and then came too slowly (under 100 kB a second, where the record says how fast) to finish in the probe's time, while the control had it whole.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls.throttle")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.5,
    why: "A connection that was let through and then starved is slowed down on purpose, or it crosses a very bad line; the control shows that the site itself delivers.",
    innocent: "A slow mobile connection and a large page.",
    source: "Xue et al.: Throttling Twitter (IMC 2021)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let evidence = stalled(target, |transaction| target.is_encrypted(transaction))?;
    Some(Firing::new(evidence).how(Mechanism::of("tls.throttle")).against_control(target))
}
