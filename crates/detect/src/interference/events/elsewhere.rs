//! What other networks saw of the same target in the same hours: where they reach it, what is lost here is lost on the way.

use std::collections::BTreeMap;
use std::ops::Range;

use parallax_model::Layer;

use super::Hour;
use super::background::Network;
use super::cell::Cells;
use super::evidence::rows;

/// The series of each target and layer.
pub(super) struct Elsewhere<'a> {
    cells: &'a Cells,
    series: Vec<(u32, Layer, u32)>,
}

/// So many hours before and after count as the same.
const NEAR_HOURS: u32 = 6;
/// So many other networks must reach it, ...
const LEAST_NETWORKS: usize = 2;
/// ... each in at least this share of what it measured.
const REACHED: f64 = 0.75;

impl<'a> Elsewhere<'a> {
    pub fn of(cells: &'a Cells) -> Self {
        let mut series: Vec<(u32, Layer, u32)> =
            cells.series.iter().enumerate().map(|(index, series)| (series.target, series.layer, index as u32)).collect();
        series.sort_unstable();
        Self { cells, series }
    }

    /// All series of a target on a layer.
    pub fn same_target(&self, target: u32, layer: Layer) -> &[(u32, Layer, u32)] {
        let begin = self.series.partition_point(|each| (each.0, each.1) < (target, layer));
        let end = self.series.partition_point(|each| (each.0, each.1) <= (target, layer));
        &self.series[begin..end]
    }

    /// Whether enough other networks reached the target of a series around an hour, and not most of those in other countries missed it.
    pub fn reached(&self, series: usize, hour: Hour) -> bool {
        let mine = self.network(series as u32);
        let info = self.cells.series[series];
        let hours = hour.minus(NEAR_HOURS)..hour.plus(NEAR_HOURS + 1);
        let mut networks: BTreeMap<Network, (f64, f64)> = BTreeMap::new();
        for (_, _, other) in self.same_target(info.target, info.layer) {
            let network = self.network(*other);
            if network != mine {
                let (worked, all) = self.counts(*other, hours.clone());
                let sum = networks.entry(network).or_default();
                *sum = (sum.0 + worked, sum.1 + all);
            }
        }
        let measured = networks.iter().filter(|(_, (_, all))| *all > 0.0);
        let reach = |(_, (worked, all)): &(&Network, &(f64, f64))| *worked >= all * REACHED;
        let abroad = measured.clone().filter(|(network, _)| network.country != mine.country);
        let (reached_abroad, all_abroad) = (abroad.clone().filter(reach).count(), abroad.count());
        measured.filter(reach).count() >= LEAST_NETWORKS && reached_abroad * 2 >= all_abroad
    }

    fn network(&self, series: u32) -> Network {
        let info = self.cells.series[series as usize];
        Network { country: info.country, asn: info.network }
    }

    /// What worked, and all that says anything.
    fn counts(&self, series: u32, hours: Range<Hour>) -> (f64, f64) {
        rows(self.cells, series, hours).iter().fold((0.0, 0.0), |sum, row| {
            let (failed, worked, unclear) = row.counts.occasions();
            (sum.0 + worked, sum.1 + failed + worked + unclear + f64::from(row.counts.down))
        })
    }
}
