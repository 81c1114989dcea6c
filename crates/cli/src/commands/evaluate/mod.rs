//! `parallax evaluate`: the archive's verdicts, or its events, beside a known truth.

mod events;
mod said;
mod sections;
mod truth;

use std::path::PathBuf;

use parallax_detect::evaluation::Scorecard;

use super::{Info, READS};
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Format, count, plural, stdout};
use said::Judgements;
use truth::Labels;

/// Compare the archive's verdicts or events with a known truth
///
/// A truth about verdicts is one JSON object a line for each target of a measurement, as `parallax simulate` writes it: measurement_uid,
/// target, test_name, state, layers, mechanisms and, where known, may_also, behind_trouble, trouble and fully_blocked. Every share is shown
/// with its n and its 95 % interval (Wilson). Where somebody interferes and an innocent trouble came first, an accusation is neither right nor
/// wrong: those are counted apart.
///
/// A truth about events is the simulator's truth-events.jsonl, or OONI's event labels (one JSON object with "grain": "event"). Events are
/// looked for anew in the archive's verdicts, at growing watermarks; beside them stands what hourly medians in a cumulative sum would say.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// File with the truth (JSON, plain or compressed)
    #[arg(long, value_name = "FILE")]
    pub truth: PathBuf,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax evaluate --truth world/truth.jsonl", "precision, recall, confusion, and what each rule is worth"),
        ("parallax evaluate --truth world/truth-events.jsonl", "events found, how late, false ones, and troubles told as interference"),
        ("parallax evaluate --truth world/truth.jsonl --format csv", "every figure in a row of its own, for a spreadsheet"),
    ],
    exit_codes: READS,
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    if let Some(truth) = events::read(&arguments.truth)? {
        events::run(&truth, context)?;
        return Ok(ExitCode::Ok);
    }
    let mut judgements = Judgements::of(&context.engine()?)?;
    let mut scorecard = Scorecard::new();
    let mut labelled = 0;
    for label in Labels::open(&arguments.truth)? {
        let label = label?;
        scorecard.add(&label.truth, judgements.take(&label).as_ref());
        labelled += 1;
    }
    match context.format {
        Format::Table => show(&scorecard, labelled, &judgements)?,
        format => drop(sections::every_row(&scorecard).print(format)?),
    }
    Ok(ExitCode::Ok)
}

fn show(scorecard: &Scorecard, labelled: u64, judgements: &Judgements) -> Result<(), Failure> {
    let say = |text: &str| -> Result<(), Failure> {
        let mut out = stdout();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    };
    say(&format!("{} with a known truth", plural(labelled, "target")))?;
    for (title, listing) in sections::tables(scorecard) {
        say(&format!("\n{title}\n"))?;
        listing.print(Format::Table)?;
    }
    let (others, accused) = judgements.left();
    if others > 0 {
        say(&format!("\n{} without a known truth, {} of them accused, are not counted.", plural(others, "judgement"), count(accused)))?;
    }
    Ok(())
}
