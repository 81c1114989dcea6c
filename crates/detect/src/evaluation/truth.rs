//! What is true of one target of a measurement, and what was said of it.

use parallax_model::{Layer, Mechanism, State};

use crate::interference::Rule;

/// What an observer who knows everything says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    pub test_name: String,
    /// In the words of verdicts; `blocked` stands for `likely_blocked` too.
    pub state: State,
    /// The target is cut off in every measurement of it there, and not in some.
    pub fully_blocked: bool,
    pub layers: Vec<Layer>,
    /// Layers where something was done off the user's way: right to name and right to leave out.
    pub may_also: Vec<Layer>,
    pub mechanisms: Vec<Mechanism>,
    /// What blocks the target there at that moment and was not met, because a trouble came first.
    pub behind_trouble: Vec<Mechanism>,
    /// Innocent troubles that played a part.
    pub troubles: Vec<String>,
}

/// What an accusation would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guilt {
    /// Wrong: nobody interferes with the target there.
    None,
    /// Neither right nor wrong: somebody does, and it was an innocent trouble that kept this measurement from the target.
    BesideTrouble,
    /// Right.
    Interference,
}

impl Truth {
    pub fn guilt(&self) -> Guilt {
        match self.state.accuses() {
            true => Guilt::Interference,
            false if self.mechanisms.is_empty() && self.behind_trouble.is_empty() => Guilt::None,
            false => Guilt::BesideTrouble,
        }
    }
}

/// What was said.
#[derive(Clone, Default)]
pub struct Said {
    pub state: State,
    pub layers: Vec<Layer>,
    pub mechanisms: Vec<Mechanism>,
    pub rules_fired: Vec<&'static Rule>,
}
