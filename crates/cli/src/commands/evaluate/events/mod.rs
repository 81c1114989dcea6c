//! Events beside a known truth, and beside what a simpler detector makes of the same cells.

mod ooni_labels;
mod simulator;
mod tables;

use std::path::Path;

use parallax_detect::evaluation::events::{Detector, EventFigure, Incident, score};
use parallax_engine::Options;
use parallax_engine::events::cells::{self, Scope};

use crate::context::Context;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, plural, stdout};

/// Incidents that somebody knows.
pub struct Truth {
    pub incidents: Vec<Incident>,
    /// Whether it names all that happened: then what it does not name is false.
    pub is_complete: bool,
    /// Incidents that cannot be scored, with the reason.
    pub left_out: Vec<(u64, &'static str)>,
}

/// A truth about incidents, where the file holds one; none where it is about measurements.
pub fn read(path: &Path) -> Result<Option<Truth>, Failure> {
    let text = super::truth::beginning(path)?;
    if simulator::recognises(&text) {
        return simulator::read(path).map(Some);
    }
    if ooni_labels::recognises(&text) {
        return ooni_labels::read(path).map(Some);
    }
    Ok(None)
}

pub fn run(truth: &Truth, context: &Context) -> Result<(), Failure> {
    let snapshot = context.archive()?.snapshot().or_fail("read the archive")?;
    let options = Options { threads: context.threads.get(), ..Options::default() };
    let loaded = cells::load(&snapshot, &Scope::default(), &options).or_fail("count the measurements")?;
    let last = loaded.watermark.unwrap_or_default();
    let scored: Vec<(Detector, Vec<EventFigure>)> =
        Detector::ALL.into_iter().map(|each| (each, score(each, &truth.incidents, &loaded.cells, last, truth.is_complete))).collect();
    if context.format != Format::Table {
        tables::every_row(&scored).print(context.format)?;
        return Ok(());
    }
    let mut out = stdout();
    writeln!(
        out,
        "{} with a known truth, in {} up to {last} UTC\n",
        plural(truth.incidents.len() as u64, "incident"),
        plural(loaded.cells.len() as u64, "cell")
    )?;
    out.flush()?;
    tables::side_by_side(&scored).print(Format::Table)?;
    writeln!(out, "\nparallax is what `parallax detect` says; medians are hourly medians into a cumulative sum, on the same cells.")?;
    writeln!(out, "A delay counts from the onset (or end) to the first hour at which somebody who looked would have been told;")?;
    writeln!(out, "what was not found counts as later than all that was.")?;
    for (n, why) in truth.left_out.iter().filter(|(n, _)| *n > 0) {
        writeln!(out, "{} left out: {why}", plural(*n, "incident"))?;
    }
    Ok(out.flush()?)
}
