//! Neighbours: the same network's other occasions with a target, before and after, and other networks in the same hours.
//!
//! A connection that was lost once, while the control got through, looks in one record exactly like one that was cut. Its neighbours
//! tell the two apart: what is lost by chance is rarely lost again, what is blocked is lost again and again. An *occasion* is what one
//! session saw of a target in one hour; it counts once, however often it tried. A rule that rests on a lost connection says so
//! ([`Rule::lost`](super::Rule::lost)), and its accusation stands only if it is still the likelier explanation beside its neighbours
//! ([`Weighing`]).
//!
//! Without neighbours nothing changes. Neighbours never accuse: they are asked about a connection that this very measurement lost, or as
//! witnesses that a target is alive whose certificate or answer in this measurement is somebody else's.

mod answers;
mod daily;
mod elsewhere;
mod loss;
mod own;
mod ratio;
mod weigh;

use std::sync::Arc;

pub use self::answers::{AnsweredName, Shared, SharedAnswers, domain};
pub use self::elsewhere::{Elsewhere, ElsewhereBuilder, InOtherHands, InOtherNetworks, Who};
pub(crate) use self::loss::is_server_in_trouble;
pub use self::loss::{Kind, Outcome};
pub use self::own::{HourCount, OwnRecord, OwnRecordBuilder, Sides, Tally};
pub(crate) use self::weigh::{
    Asked, alive_elsewhere, by_chance, by_release, everywhere, lost_only_here, reached_by_compatriots, weighings,
};
pub use self::weigh::{Finding, Weighing};

/// Everything that is known about the neighbours of a country's measurements in one week.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    /// What each network of the country saw.
    pub own: OwnRecord,
    /// What the networks of all countries saw, the same for all countries of a week.
    pub elsewhere: Arc<Elsewhere>,
    /// Addresses that each network of the country was given for unrelated names.
    pub answers: Arc<SharedAnswers>,
}

impl Neighbours {
    /// Whether nothing is known of connections on other occasions.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.elsewhere.is_empty()
    }

    /// One network's record of one target as it would be had no connection been lost: what a verdict would be then shows what hangs
    /// on it.
    pub(super) fn all_reached(&self, asn: Option<u32>, target: &str) -> Self {
        Self {
            own: asn.map(|asn| self.own.all_reached(asn, target)).unwrap_or_default(),
            elsewhere: Arc::default(),
            answers: self.answers.clone(),
        }
    }
}
