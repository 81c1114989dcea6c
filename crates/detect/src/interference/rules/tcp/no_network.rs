//! Nothing worked at all.

use parallax_model::evidence::Evidence;
use parallax_model::{Instrument, Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tcp/no_network",
    layer: Layer::Tcp,
    condition: "Nothing in the measurement succeeded, and the test helper could not be asked either.",
    says: State::Insufficient,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::NoNetwork),
    lost: None,
    weight: 2.0,
    why: "A probe without a connection sees every site fail.",
    innocent: "A shutdown of the whole network, which shows in the number of measurements and not in one of them.",
    source: "IODA methodology (CAIDA): outages show in volume",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let failure = target.case.measurement.control_failure.as_deref()?;
    if target.something_worked() || target.case.observations.is_empty() {
        return None;
    }
    let evidence =
        vec![Evidence { json_pointer: "/test_keys/control_failure".to_owned(), field: "control_failure", value: failure.to_owned() }];
    Some(Firing::new(evidence))
}
