//! `parallax rules`: the rule book, from the rules themselves.

use parallax_detect::interference::{RULESET_VERSION, Rule, rules};

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::{Format, Listing, paragraph, stdout};

/// Explain the rules that verdicts are made with
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A rule, to see why it is one
    pub id: Option<String>,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax rules", "all rules, in the order in which they are asked"),
        ("parallax rules dns/bogon_not_in_control", "one of them: when it fires, why, and what looks the same and is innocent"),
        ("parallax rules --format json", "the rule book for a program"),
    ],
    exit_codes: &[(ExitCode::Ok, "done"), (ExitCode::Usage, "no such rule")],
};

/// Width of prose: what is comfortable to read.
const PROSE: usize = 100;

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    match arguments.id {
        None => all(context)?,
        Some(id) => one(&id, context)?,
    }
    Ok(ExitCode::Ok)
}

fn all(context: &Context) -> Result<(), Failure> {
    match context.format {
        Format::Table => {
            let mut out = stdout();
            out.write_all(rules::ALL.iter().map(|rule| overview(rule)).collect::<Vec<_>>().join("\n").as_bytes())?;
            out.flush()?;
        }
        _ => drop(full(rules::ALL).print(context.format)?),
    }
    Ok(())
}

/// A rule in a few lines: a table of them would be wider than any screen.
fn overview(rule: &Rule) -> String {
    let mechanism = rule.mechanism.map_or(String::new(), |mechanism| format!(", {mechanism}"));
    format!("{}: {}{mechanism}\n{}", rule.id, rule.says, paragraph(rule.condition, 4, PROSE))
}

fn full(rules: &[&Rule]) -> Listing {
    let each = || rules.iter();
    Listing::new()
        .text("rule", each().map(|rule| rule.id))
        .text("layer", each().map(|rule| rule.layer.as_str()))
        .text("says", each().map(|rule| rule.says.as_str()))
        .optional_text("mechanism", each().map(|rule| rule.mechanism.map(|mechanism| mechanism.as_str())))
        .text("locus", each().map(|rule| rule.locus.as_str()))
        .optional_text("instrument", each().map(|rule| rule.instrument.map(|instrument| instrument.as_str())))
        .fraction("weight", each().map(|rule| Some(rule.weight)))
        .text("condition", each().map(|rule| rule.condition))
        .text("why", each().map(|rule| rule.why))
        .text("innocent", each().map(|rule| rule.innocent))
        .text("source", each().map(|rule| rule.source))
        .text("ruleset_version", each().map(|_| RULESET_VERSION))
}

fn one(id: &str, context: &Context) -> Result<(), Failure> {
    let Some(rule) = rules::find(id) else {
        return Err(Failure::usage(format!("explain {id}"), "there is no such rule", "`parallax rules` lists them all"));
    };
    if context.format != Format::Table {
        full(&[rule]).print(context.format)?;
        return Ok(());
    }
    let mut out = stdout();
    out.write_all(prose(rule).as_bytes())?;
    Ok(out.flush()?)
}

/// The rule as a page to read.
fn prose(rule: &Rule) -> String {
    let mut says = format!("{}: {}.", rule.says, rule.says.meaning());
    if let Some(mechanism) = rule.mechanism {
        says += &format!(" Mechanism {mechanism}: {}.", mechanism.meaning());
    }
    if let Some(instrument) = rule.instrument {
        says += &format!(" Instrument {instrument}: {}.", instrument.meaning());
    }
    let locus = format!("{}: {}.", rule.locus, rule.locus.meaning());
    let weight = format!("{} (log10 of how much likelier the evidence is under what the rule says than otherwise)", rule.weight);
    let parts = [
        ("Fires when", rule.condition),
        ("Says", &says),
        ("Who acts", &locus),
        ("Weight", &weight),
        ("Why", rule.why),
        ("What looks the same and is innocent", rule.innocent),
        ("Source", rule.source),
    ];
    let body: Vec<_> = parts.iter().map(|(title, text)| format!("{title}\n{}", paragraph(text, 2, PROSE))).collect();
    format!("{}\n\n{}", rule.id, body.join("\n"))
}
