//! When did blocking begin, where, how, and when did it end?
//!
//! A newcomer meets the nouns in this order. A [`Cells`] holds counts: how many measurements of a target, from a network, on a layer, in an hour,
//! ended how. A *series* is all hours of one target, network and layer. A *sample* is one hour of it with what is innocent in it (`sample`), which
//! a pass over all cells finds out first (`background`). A *statistic* finds the excursions of a series; an *alarm* is an excursion with its country,
//! its networks and perhaps a schedule (`alarm`, `schedule`). Innocent reasons are tried on each alarm (`explanations`). Alarms of one *incident*
//! become one [`Event`] (`incident`). Shutdowns are found by volume (`shutdown`). [`reconcile`] keeps names when data arrive late, and [`coverage`]
//! says what would have been seen.
//!
//! **Invariant:** pure. No stored state, no clock: a function of the cells and of how far they are complete.

mod alarm;
mod background;
mod cell;
mod clock;
mod coverage;
mod elsewhere;
mod evidence;
mod explanations;
mod hour;
mod incident;
mod median_cusum;
mod reconcile;
mod sample;
mod schedule;
mod service;
mod shutdown;
mod statistic;
mod strength;

pub use cell::{CellRow, Cells, CellsBuilder, Counts, Series};
pub use clock::Clock;
pub use coverage::{Coverage, Question, coverage};
pub use hour::Hour;
pub use median_cusum::detect_by_medians;
pub use parallax_model::tables::Event;
pub use reconcile::reconcile;
pub use schedule::Schedule;
pub use statistic::Statistic;
pub use strength::reading;

use background::Background;
use elsewhere::Elsewhere;

/// How to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// Data are complete up to here: silence before it is silence. The end of the last measured hour when not given.
    pub complete_until: Option<Hour>,
    pub statistic: Statistic,
    /// log10 of how likely something must be to be said, before what it costs to have looked for a year.
    pub threshold: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { complete_until: None, statistic: Statistic::Cusum, threshold: 3.0 }
    }
}

/// The shutdowns that the cells show, and nothing else.
pub fn shutdowns(cells: &Cells, options: &Options) -> Vec<Event<'static>> {
    if cells.is_empty() {
        return Vec::new();
    }
    let mut events = shutdown::events(cells, &Background::of(cells), options);
    incident::name_apart(&mut events);
    events
}

/// Every incident that the cells show, the explained ones among them, in the order of the table.
pub fn detect(cells: &Cells, options: &Options) -> Vec<Event<'static>> {
    if cells.is_empty() {
        return Vec::new();
    }
    let background = Background::of(cells);
    let elsewhere = Elsewhere::of(cells);
    let shutdowns = shutdown::events(cells, &background, options);
    let mut alarms = alarm::alarms(cells, &background, &elsewhere, options);
    // What is still tried in a network that is cut off gets nowhere, whatever it is.
    alarms.retain(|alarm| !shutdown::claims(&shutdowns, alarm, cells));
    let tried = explanations::try_all(alarms, cells, &background, &elsewhere);
    let mut events = incident::events(tried, cells);
    events.extend(shutdowns);
    events.sort_by(|a, b| (&a.probe_cc, a.onset_latest, &a.event_id).cmp(&(&b.probe_cc, b.onset_latest, &b.event_id)));
    incident::name_apart(&mut events);
    events
}
