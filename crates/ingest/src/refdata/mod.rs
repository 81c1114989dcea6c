//! Reference data: what is known about the world apart from any measurement.
//!
//! Files of several kinds ([`Kind`]) are recognised by their content, kept in the archive as snapshots by digest ([`store`]), and
//! read into what rules ask ([`load`]): OONI's fingerprints ([`ooni_fingerprints`]), Censored Planet's signatures
//! ([`censored_planet_signatures`]), the networks of addresses ([`networks_mmdb`],
//! [`networks_table`], put in order by [`ranges`]), root certificates ([`roots`]). Test lists ([`test_lists`]) are kept for whoever
//! asks the archive; no rule reads them.
//!
//! **Invariant:** the same snapshots give the same [`parallax_model::refdata::RefData`], in whatever order they were added.

mod censored_planet_signatures;
mod kind;
mod load;
mod networks_mmdb;
mod networks_table;
mod ooni_fingerprints;
mod ranges;
mod roots;
mod store;
mod table;
pub mod test_lists;

pub use kind::{Kind, recognise};
pub use load::{NamedSnapshot, load, matcher};
pub use store::{add, load_current, load_matcher};
