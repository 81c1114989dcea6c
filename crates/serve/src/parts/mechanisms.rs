//! How interference was done: a table of mechanisms with what stands behind each.

use askama::Template;

use super::{count, plural};
use crate::counts::Mechanisms;
use crate::filter::{Filter, States};
use crate::urls;

pub struct MechanismLine {
    pub path: &'static str,
    pub meaning: &'static str,
    pub n: String,
    pub networks: String,
    pub targets: String,
    pub link: String,
}

#[derive(Template)]
#[template(path = "parts/mechanisms.html")]
pub struct MechanismTable {
    pub lines: Vec<MechanismLine>,
}

impl MechanismTable {
    pub fn new(mechanisms: Mechanisms, filter: &Filter) -> Self {
        let line = |(mechanism, n, networks, targets): (parallax_model::Mechanism, u64, usize, usize)| MechanismLine {
            path: mechanism.as_str(),
            meaning: mechanism.meaning(),
            n: count(n),
            networks: plural(networks as u64, "network"),
            targets: plural(targets as u64, "target"),
            link: urls::measurements(&Filter { mechanism: Some(mechanism), state: Some(States::Interference), ..filter.clone() }),
        };
        Self { lines: mechanisms.into_iter().map(line).collect() }
    }
}
