//! A request was lost, as happens: the same network gets through on other occasions.

use parallax_model::{Layer, Locus, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "http/lost_by_chance",
    layer: Layer::Http,
    condition: "An accusing rule fired because a request was lost, and the same network's other occasions with this target, up to twelve before and twelve after within the week, are so much likelier under chance that weight and ratio together (log10) stay below 1.2. How often chance loses a connection is what the network's other targets say of the same hour.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.0,
    why: "What is blocked is lost again and again; what is lost once, between occasions on which the same network got through, was lost by chance. The accusing rules that rest on the lost request are overruled.",
    innocent: "A block that touches fewer than one request in five, or that lasted for this one occasion only.",
    source: "Kass, Raftery: Bayes Factors (JASA 1995); Barry, Hartigan: A Bayesian Analysis for Change Point Problems (JASA 1993)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    neighbours::by_chance(target, Operation::Http)
}
