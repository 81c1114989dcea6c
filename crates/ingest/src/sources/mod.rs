//! Every format that can be read: one module each, plus one line in [`ALL`].

use crate::source::Source;

pub mod ooni;

/// In the order in which they are asked and documented.
pub const ALL: &[&dyn Source] = &[&ooni::Ooni];
