//! How right are the events? Compares what a detector says of cells with incidents that somebody knows.
//!
//! An [`Incident`] is interference, or an innocent trouble that looks like it. [`score`] asks the detector at growing watermarks, so that a delay is
//! what a person who ran it every hour would have waited. Figures carry their n, and the share of something its interval.

mod ask;
mod incident;
mod scorecard;

pub use ask::Detector;
pub use incident::Incident;
pub use scorecard::{EventFigure, Unit, score};
