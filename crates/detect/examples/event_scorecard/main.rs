//! The scorecard of the detectors of events on worlds of counts: `cargo run --release -p parallax-detect --example event_scorecard -- --help`.
//!
//! Every figure comes with its n and an interval. Delays are from the true onset to the first watermark at which a detector that only has the cells
//! before it reports the event.

mod chance;
mod planted;
mod quiet;
mod speed;
mod table;
mod world;

use parallax_detect::interference::events::{Cells, Event, Hour, Options, Statistic, detect, detect_by_medians};

/// One of the detectors that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    Ours(Statistic),
    Medians,
}

impl Detector {
    pub fn detect(self, cells: &Cells, complete_until: Hour) -> Vec<Event<'static>> {
        match self {
            Detector::Ours(statistic) => detect(cells, &Options { statistic, complete_until: Some(complete_until), ..Options::default() }),
            Detector::Medians => detect_by_medians(cells),
        }
    }
}

const HELP: &str = "event_scorecard [--seed N] [--worlds N] [--quiet-worlds N] [--detectors cusum,runlength,scan,medians] [--only quiet|planted|speed] [--rows WORD] [--show]\n\
    Seeds below 1,000,000 are for development; figures that are published come from 1,000,000 and above.";

pub struct Asked {
    pub seed: u64,
    pub worlds: u64,
    pub quiet_worlds: u64,
    pub detectors: Vec<(&'static str, Detector)>,
    pub only: Option<String>,
    pub rows: Option<String>,
    pub show: bool,
}

const DETECTORS: [(&str, Detector); 4] = [
    ("cusum", Detector::Ours(Statistic::Cusum)),
    ("runlength", Detector::Ours(Statistic::RunLength)),
    ("scan", Detector::Ours(Statistic::Scan)),
    ("medians", Detector::Medians),
];

fn main() {
    let Some(asked) = asked() else {
        println!("{HELP}");
        return;
    };
    let wanted = |part: &str| asked.only.as_deref().is_none_or(|only| only == part);
    println!("seed {}, {} planted worlds a row, {} quiet worlds", asked.seed, asked.worlds, asked.quiet_worlds);
    if wanted("quiet") {
        quiet::print(&asked);
    }
    if wanted("planted") {
        planted::print(&asked);
    }
    if wanted("speed") {
        speed::print();
    }
}

fn asked() -> Option<Asked> {
    let mut asked = Asked { seed: 1, worlds: 40, quiet_worlds: 24, detectors: DETECTORS.to_vec(), only: None, rows: None, show: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => asked.seed = arguments.next()?.parse().ok()?,
            "--worlds" => asked.worlds = arguments.next()?.parse().ok()?,
            "--quiet-worlds" => asked.quiet_worlds = arguments.next()?.parse().ok()?,
            "--only" => asked.only = Some(arguments.next()?),
            "--rows" => asked.rows = Some(arguments.next()?),
            "--show" => asked.show = true,
            "--detectors" => {
                let names = arguments.next()?;
                asked.detectors =
                    names.split(',').map(|name| DETECTORS.into_iter().find(|(known, _)| *known == name)).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(asked)
}
