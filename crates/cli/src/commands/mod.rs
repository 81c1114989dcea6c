//! Every command: one file, and one line in the list below. The list's order is the order of the help.
//!
//! A command is its arguments (whose doc comment is its help), what its help shows ([`Info`]), and one verb, `run`.

mod completions;
mod coverage;
mod demo;
mod detect;
mod evaluate;
mod event;
mod events;
mod explain;
mod fetch;
mod ingest;
mod judge;
mod query;
mod refdata;
mod rejects;
mod rules;
mod serve;
mod simulate;
mod tables;
mod verify;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// What the help of a command shows beside its arguments.
pub struct Info {
    /// A line to type, and what it does.
    pub examples: &'static [(&'static str, &'static str)],
    /// The exit codes that the command can have, in its own words.
    pub exit_codes: &'static [(ExitCode, &'static str)],
}

/// Makes the enum that clap reads, the dispatch, and the list that help and tests walk, from one line a command.
macro_rules! commands {
    ($($name:literal => $module:ident::$variant:ident,)+) => {
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $(#[command(name = $name)] $variant($module::Arguments),)+
        }

        impl Command {
            pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
                match self {
                    $(Self::$variant(arguments) => $module::run(arguments, context),)+
                }
            }
        }

        pub const ALL: &[(&str, &Info)] = &[$(($name, &$module::INFO),)+];
    };
}

commands! {
    "demo" => demo::Demo,
    "fetch" => fetch::Fetch,
    "ingest" => ingest::Ingest,
    "judge" => judge::Judge,
    "explain" => explain::Explain,
    "detect" => detect::Detect,
    "events" => events::Events,
    "event" => event::Event,
    "coverage" => coverage::Coverage,
    "query" => query::Query,
    "serve" => serve::Serve,
    "tables" => tables::Tables,
    "rules" => rules::Rules,
    "rejects" => rejects::Rejects,
    "verify" => verify::Verify,
    "refdata" => refdata::Refdata,
    "simulate" => simulate::Simulate,
    "evaluate" => evaluate::Evaluate,
    "completions" => completions::Completions,
}

/// The exit codes of a command that only reads an archive.
pub(crate) const READS: &[(ExitCode, &str)] =
    &[(ExitCode::Ok, "done"), (ExitCode::Usage, "a bad argument"), (ExitCode::Archive, NO_ARCHIVE)];
/// The exit codes of a command that writes to an archive.
pub(crate) const WRITES: &[(ExitCode, &str)] =
    &[(ExitCode::Ok, "done"), (ExitCode::Usage, "a bad argument"), (ExitCode::Archive, NO_WRITING)];

const NO_ARCHIVE: &str = "there is no archive, or it cannot be read";
const NO_WRITING: &str = "there is no archive, somebody else is writing to it, or the disk is full";
