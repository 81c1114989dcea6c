//! What should have come back did not.

use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, evidence};

pub const RULE: Rule = Rule {
    id: "http/no_echo",
    layer: Layer::Http,
    condition: "A helper that sends back what it is sent was asked, and what came is something else.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 1.0,
    why: "An answer that is not the helper's does not mean that the helper was reached; whose it is, this alone does not say.",
    innocent: "A helper that was replaced, or is out of order; a portal of the place where the probe is. Beside it, other rules say more where the answer does.",
    source: "OONI nettest specifications ts-006 and ts-007",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let is_other = |change: &&str| matches!(*change, "not an echo" | "answered instead of echoed" | "garbled");
    let mut found = Vec::new();
    for attempt in &target.http {
        let changes = attempt.row.http_request_changes.iter().map(AsRef::as_ref).filter(is_other);
        found.extend(changes.map(|change| evidence(attempt.row, "http_request_changes", change)));
    }
    (!found.is_empty()).then(|| Firing::new(found).within_measurement())
}
