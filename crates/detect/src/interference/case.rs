//! A case: one measurement with everything that may be said about it.

use std::collections::HashMap;
use std::net::IpAddr;

use parallax_model::refdata::RefData;
use parallax_model::tables::{Control, Measurement, Observation};

use super::certificate::TrustAnchors;

/// Which networks, other than the judged one, completed a valid handshake with a name on an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvenBy {
    /// Distinct networks, sorted.
    pub networks: Vec<u32>,
    /// One measurement that says so.
    pub witness: String,
}

/// Everything that a rule may look at. Nothing here is fetched or computed while rules run.
pub struct Case<'a> {
    pub measurement: Measurement<'a>,
    pub observations: Vec<Observation<'a>>,
    pub controls: Vec<Control<'a>>,
    /// By hostname and address; what the judged network itself says is left out.
    pub proven: HashMap<(String, IpAddr), ProvenBy>,
    /// Certificates (DER) by their SHA-256 in hex.
    pub certificates: &'a HashMap<String, Vec<u8>>,
    pub trust: &'a TrustAnchors,
    pub refdata: &'a RefData,
}
