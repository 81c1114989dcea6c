//! `parallax completions`: makes the Tab key know the commands.

use clap_complete::Shell;

use super::Info;
use crate::arguments;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use crate::output::stdout;

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell
    pub shell: Shell,
}

pub const INFO: Info = Info {
    examples: &[(
        "parallax completions bash > ~/.local/share/bash-completion/completions/parallax",
        "teach bash the commands; zsh and fish have folders of their own",
    )],
    exit_codes: &[(ExitCode::Ok, "done"), (ExitCode::Usage, "not a shell that is known")],
};

pub fn run(arguments: Arguments, _context: &Context) -> Result<ExitCode, Failure> {
    // The generator panics when it cannot write, as it does into `| head`; into memory it always can.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut arguments::command(), "parallax", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(ExitCode::Ok)
}
