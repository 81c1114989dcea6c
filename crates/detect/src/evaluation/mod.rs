//! How right are the verdicts? Compares what was said with what is true, where somebody knows it.
//!
//! A newcomer meets the parts in this order: a [`Truth`] and what was [`Said`] about the same target of the same measurement go into a
//! [`Scorecard`]; it gives [`Figure`]s, each a count of a total with its [`interval`]; and, for every rule that accuses, how much likelier
//! it fires on interference than on innocents ([`weights`]). Whole incidents are compared in [`events`].
//!
//! **Invariant:** a figure is never a bare share: it carries its n.

pub mod events;
mod figure;
pub mod interval;
mod scorecard;
mod truth;
pub mod weights;

pub use figure::{Figure, Section};
pub use scorecard::Scorecard;
pub use truth::{Guilt, Said, Truth};
