//! Was a connection interfered with, how, and who seems to act?
//!
//! A [`Case`] is everything that is known about one measurement. It is cut into [`Target`]s, since a redirect hop or a service is
//! judged for itself. [`rules::ALL`] are asked about each target; what fires is combined into one verdict a layer and one judgement a
//! target by [`judge`]. What rests on a lost connection is weighed against its [`neighbours`]. [`counterfactuals`] asks the same rules again about a slightly different case.

mod address;
mod case;
mod certificate;
mod control;
mod counterfactual;
pub mod events;
mod judge;
pub mod neighbours;
mod page;
mod proven;
mod rule;
pub mod rules;
mod ruleset;
mod target;

pub use address::is_bogon;
pub use case::Case;
pub use certificate::{Chain, TrustAnchors, validate};
pub use counterfactual::{Counterfactual, counterfactuals};
pub use judge::{Fired, LayerVerdict, TargetJudgement, judge};
pub use neighbours::{Neighbours, Weighing};
pub use proven::ProvenAddresses;
pub use rule::{Compared, Firing, Rule};
pub use ruleset::{RULESET_VERSION, digest_of_rule};
pub use target::Target;
