//! The first level of arguments: what was typed.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::{self, Command, Info};
use crate::exit_code::ExitCode;
use crate::output::Format;

/// The heading of what every command takes.
const EVERYWHERE: &str = "Options of every command";
/// The archive when none is named.
pub const DEFAULT_ARCHIVE: &str = "parallax-archive";

/// Measure who cuts, spoofs or slows connections: raw measurements in, verdicts out that anyone can open
#[derive(Debug, Parser)]
#[command(name = "parallax", version, max_term_width = 110, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Folder of the archive
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR", env = "PARALLAX_ARCHIVE", default_value = DEFAULT_ARCHIVE, hide_env_values = true)]
    pub archive: PathBuf,
    /// How rows are printed
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, default_value = "table", value_name = "FORMAT")]
    pub format: Format,
    /// Threads to work with [default: all cores]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// Reads the arguments of this process; on `--help` or a mistake it prints and ends the process (exit code 0 or 2).
pub fn parse() -> Arguments {
    let matches = command().get_matches();
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The whole command line, as help and completions need it.
pub fn command() -> clap::Command {
    let command = Arguments::command().after_help(exit_codes(ExitCode::ALL.iter().map(|code| (*code, code.meaning()))));
    commands::ALL.iter().fold(command, |command, (name, info)| command.mut_subcommand(name, |sub| sub.after_help(after_help(info))))
}

fn after_help(info: &Info) -> String {
    let mut text = String::from("Examples:\n");
    for (example, what) in info.examples {
        let _ = writeln!(text, "  {example}\n      {what}");
    }
    text + "\n" + &exit_codes(info.exit_codes.iter().copied())
}

fn exit_codes<'a>(codes: impl Iterator<Item = (ExitCode, &'a str)>) -> String {
    let mut text = String::from("Exit codes:\n");
    for (code, meaning) in codes {
        let _ = writeln!(text, "  {:<3} {meaning}", code as u8);
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        for (name, info) in commands::ALL {
            assert!(info.examples.len() >= 2 || *name == "completions", "{name}");
            for (example, _) in info.examples {
                let line = example.split(" | ").find(|part| part.starts_with("parallax")).unwrap_or(example);
                let line = line.split(" > ").next().unwrap_or(line);
                let words = split(line);
                assert_eq!(words[1], *name, "{example}");
                command().try_get_matches_from(&words).unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }

    /// Splits a line as a shell would, as far as the examples need it.
    fn split(line: &str) -> Vec<String> {
        let parts = line.split('"').enumerate().flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        parts.collect()
    }

    #[test]
    fn help_is_what_people_see() {
        let mut command = command().term_width(100);
        insta::assert_snapshot!("help", command.render_long_help().to_string());
        command.build();
        for (name, _) in commands::ALL {
            let sub = command.find_subcommand_mut(name).unwrap();
            insta::assert_snapshot!(format!("help_{name}"), sub.render_long_help().to_string());
        }
    }
}
