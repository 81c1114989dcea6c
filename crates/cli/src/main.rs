//! `parallax`: the program.
//!
//! Arguments are read in two levels: [`arguments`] is what was typed, [`context`] is what it means. Every command is one file in
//! [`commands`] and one line in its list; help, completions and the dispatch come from that list. [`output`] is the only way to
//! standard output, and [`failure`] the only way to say that something could not be done.

mod arguments;
mod commands;
mod context;
mod exit_code;
mod failure;
mod output;
mod place;
mod progress;

use std::process;

use exit_code::ExitCode;

fn main() -> process::ExitCode {
    failure::report_panics();
    let arguments = arguments::parse();
    let outcome = std::panic::catch_unwind(|| run(arguments));
    let code = match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(),
        Err(_) => ExitCode::Bug,
    };
    code.into()
}

fn run(arguments: arguments::Arguments) -> Result<ExitCode, failure::Failure> {
    let (command, context) = context::understand(arguments)?;
    let code = command.run(&context)?;
    output::finish()?;
    Ok(code)
}
