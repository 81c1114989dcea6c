//! A rule: what it looks for, what it says when it finds it, and why that is so.

use parallax_model::evidence::Evidence;
use parallax_model::{Instrument, Layer, Locus, Mechanism, Operation, State};
use serde::Serialize;

use super::target::Target;

/// One rule. Its texts are the documentation that `parallax rules` prints.
pub struct Rule {
    /// `layer/what_it_sees`.
    pub id: &'static str,
    pub layer: Layer,
    /// When it fires, in a sentence that a person can check against a record.
    pub condition: &'static str,
    /// What it says about its layer.
    pub says: State,
    /// The deepest mechanism that it may say; a firing may say less.
    pub mechanism: Option<Mechanism>,
    pub locus: Locus,
    /// The defect of the probe that it finds, for rules about the instrument.
    pub instrument: Option<Instrument>,
    /// The operation whose lost connection (no answer, reset, closed, refused, unreachable) is all that the rule sees; `None` where an
    /// artefact, an answer or several independent signs speak as well. Chance loses connections too, so what an accusing rule with this
    /// mark says is weighed against its [neighbours](super::neighbours), and the rules with the same mark that do not accuse
    /// (`lost_by_chance`, `lost_everywhere`, `lost_by_release`) overrule it when they fire.
    pub lost: Option<Operation>,
    /// log10 of how much likelier this evidence is under what it says than otherwise. A judgement of its author until it is calibrated.
    pub weight: f64,
    pub why: &'static str,
    /// What looks the same and is innocent: said in every proof as what speaks against.
    pub innocent: &'static str,
    /// Where the method comes from.
    pub source: &'static str,
    pub fires: fn(&Target<'_>) -> Option<Firing>,
}

/// A rule that fired on a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Firing {
    pub mechanism: Option<Mechanism>,
    pub compared: Compared,
    /// How many independent observers stand behind the control.
    pub observers: u32,
    pub evidence: Vec<Evidence>,
}

/// What a firing compared the target with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    #[default]
    None,
    /// What the same probe was told by a resolver over an encrypted connection, or by other parts of the same measurement.
    SameMeasurement,
    /// The same network's other occasions with the target.
    OwnRecord,
    /// Other networks in the same hours.
    OtherNetworks,
    /// Distinct other networks that proved an address.
    ProvenAddress,
    /// The end of the test helper's redirect chain.
    TestHelperRedirect,
    TestHelper,
}

impl Compared {
    pub const fn as_str(self) -> &'static str {
        match self {
            Compared::None => "none",
            Compared::SameMeasurement => "same_measurement",
            Compared::OwnRecord => "own_record",
            Compared::OtherNetworks => "other_networks",
            Compared::ProvenAddress => "proven_address",
            Compared::TestHelperRedirect => "test_helper_redirect",
            Compared::TestHelper => "test_helper",
        }
    }
}

impl Firing {
    pub fn new(evidence: Vec<Evidence>) -> Self {
        Self { mechanism: None, compared: Compared::None, observers: 0, evidence }
    }

    /// Says how, where that depends on what was seen.
    pub fn how(self, mechanism: Mechanism) -> Self {
        Self { mechanism: Some(mechanism), ..self }
    }

    /// Says that the test helper was compared with, directly or at the end of its redirect chain.
    pub fn against_control(self, target: &Target<'_>) -> Self {
        let compared = if target.control.is_indirect() { Compared::TestHelperRedirect } else { Compared::TestHelper };
        Self { compared, observers: 1, ..self }
    }

    pub fn within_measurement(self) -> Self {
        Self { compared: Compared::SameMeasurement, observers: 1, ..self }
    }

    pub fn against_own_record(self, occasions: u32) -> Self {
        Self { compared: Compared::OwnRecord, observers: occasions, ..self }
    }

    pub fn against_other_networks(self, networks: u32) -> Self {
        Self { compared: Compared::OtherNetworks, observers: networks, ..self }
    }

    pub fn against_networks(self, observers: usize) -> Self {
        Self { compared: Compared::ProvenAddress, observers: u32::try_from(observers).unwrap_or(u32::MAX), ..self }
    }
}
