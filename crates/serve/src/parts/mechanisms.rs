//! How interference was done: bars and a table of mechanisms with what stands behind each.

use askama::Template;

use super::{count, plural};
use crate::charts::{self, About};
use crate::counts::Mechanisms;
use crate::filter::{Filter, States};
use crate::urls;

/// Pixels of the drawing: the longest bar, and the place of each.
const LONGEST: f64 = 420.0;
const LABELS: usize = 230;
const LINE: usize = 24;

pub struct MechanismLine {
    pub path: &'static str,
    pub meaning: &'static str,
    pub n: String,
    pub networks: String,
    pub targets: String,
    pub link: String,
    pub y: usize,
    pub width: f64,
}

#[derive(Template)]
#[template(path = "parts/mechanisms.html")]
pub struct MechanismTable {
    pub lines: Vec<MechanismLine>,
    pub height: usize,
    pub spec: Option<String>,
    chart: Vec<charts::Mechanism>,
}

impl MechanismTable {
    pub fn new(mechanisms: Mechanisms, filter: &Filter) -> Self {
        let chart: Vec<charts::Mechanism> = mechanisms
            .into_iter()
            .map(|(mechanism, n, networks, targets)| charts::Mechanism {
                path: mechanism.as_str(),
                meaning: mechanism.meaning(),
                n,
                networks: networks as u64,
                targets: targets as u64,
                page: urls::measurements(&Filter { mechanism: Some(mechanism), state: Some(States::Interference), ..filter.clone() }),
            })
            .collect();
        let most = chart.iter().map(|line| line.n).max().unwrap_or(1);
        let line = |(index, line): (usize, &charts::Mechanism)| MechanismLine {
            path: line.path,
            meaning: line.meaning,
            n: count(line.n),
            networks: plural(line.networks, "network"),
            targets: plural(line.targets, "target"),
            link: line.page.clone(),
            y: index * LINE,
            width: (line.n as f64 / most as f64 * LONGEST * 10.0).round() / 10.0,
        };
        Self { lines: chart.iter().enumerate().map(line).collect(), height: chart.len() * LINE, spec: None, chart }
    }

    /// Makes the chart that the script draws, and says whether there is one.
    pub fn charted(&mut self, about: &About) -> bool {
        if !self.chart.is_empty() {
            self.spec = Some(charts::mechanisms(&about.of("How it was done", "mechanisms"), &self.chart).to_string());
        }
        self.spec.is_some()
    }
}
