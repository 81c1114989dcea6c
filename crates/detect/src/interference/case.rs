//! A case: one measurement with everything that may be said about it.

use std::collections::HashMap;

use parallax_model::refdata::RefData;
use parallax_model::tables::{Control, Measurement, Observation};

use super::certificate::TrustAnchors;
use super::neighbours::Neighbours;
use super::proven::ProvenAddresses;

/// Everything that a rule may look at. Nothing here is fetched or computed while rules run.
pub struct Case<'a> {
    pub measurement: Measurement<'a>,
    pub observations: Vec<Observation<'a>>,
    pub controls: Vec<Control<'a>>,
    pub proven: &'a ProvenAddresses,
    /// What this and other networks saw of the same targets on other occasions.
    pub neighbours: &'a Neighbours,
    /// Certificates (DER) by their SHA-256 in hex.
    pub certificates: &'a HashMap<String, Vec<u8>>,
    pub trust: &'a TrustAnchors,
    pub refdata: &'a RefData,
}
