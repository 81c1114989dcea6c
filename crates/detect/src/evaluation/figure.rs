//! One figure of a scorecard.

use std::fmt;

use super::interval::wilson;

/// What a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Everything, and what is blocked without exception.
    Overall,
    /// Targets with one true mechanism (or one innocent trouble), by the state that was said of them.
    Confusion,
    /// One layer.
    Layer,
    /// One nettest.
    Nettest,
    /// One innocent trouble, alone or beside interference.
    Trouble,
    /// How deep the named mechanisms are, compared with the true ones.
    Depth,
}

impl Section {
    pub const fn as_str(self) -> &'static str {
        match self {
            Section::Overall => "overall",
            Section::Confusion => "confusion",
            Section::Layer => "layer",
            Section::Nettest => "nettest",
            Section::Trouble => "trouble",
            Section::Depth => "depth",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A count of a total: `count` of `n`.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub section: Section,
    /// Of what: a layer, a nettest, a mechanism, …
    pub of: String,
    /// What is counted: `precision`, `recall`, `falsely_accused`, a state, …
    pub figure: &'static str,
    pub count: u64,
    pub n: u64,
}

impl Figure {
    /// The share; none of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.n > 0).then(|| self.count as f64 / self.n as f64)
    }

    /// Within which the share of everything lies, at 95 %.
    pub fn interval(&self) -> (f64, f64) {
        wilson(self.count, self.n)
    }
}
