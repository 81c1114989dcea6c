//! The second level of arguments: what they mean, and where the program runs.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use parallax_archive::Archive;
use parallax_engine::{Engine, Options};

use crate::arguments::{self, Arguments};
use crate::commands::Command;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, quoted};

/// What every command may ask.
#[derive(Debug)]
pub struct Context {
    pub archive_dir: PathBuf,
    pub format: Format,
    pub threads: NonZeroUsize,
    /// How this program was called, for the commands that it suggests.
    pub program: String,
}

/// The command, and what surrounds it.
pub fn understand(arguments: Arguments) -> Result<(Command, Context), Failure> {
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let program = std::env::args().next().filter(|name| !name.is_empty()).unwrap_or_else(|| "parallax".to_owned());
    let context = Context { archive_dir: arguments.archive, format: arguments.format, threads, program };
    match (context.format, &arguments.command) {
        (Format::Parquet, Command::Query(query)) if query.output.is_some() => {}
        (Format::Parquet, _) => {
            return Err(Failure::usage("write Parquet to a terminal or pipe", "it is a format for files", PARQUET_HINT));
        }
        _ => {}
    }
    Ok((arguments.command, context))
}

const PARQUET_HINT: &str = "use `parallax query … --format parquet --output FILE`";

impl Context {
    /// The archive, which must be there.
    pub fn archive(&self) -> Result<Archive, Failure> {
        Archive::open(&self.archive_dir).or_fail("open the archive")
    }

    /// The archive, made where there is none.
    pub fn archive_or_new(&self) -> Result<Archive, Failure> {
        Archive::open_or_create(&self.archive_dir).or_fail("open the archive")
    }

    /// The program as it was called, for a command that is suggested about the same archive.
    pub fn typed(&self) -> String {
        match self.archive_dir == Path::new(arguments::DEFAULT_ARCHIVE) {
            true => quoted(&self.program),
            false => format!("{} --archive {}", quoted(&self.program), quoted(&self.archive_dir.to_string_lossy())),
        }
    }

    /// SQL over the archive as it is now.
    pub fn engine(&self) -> Result<Engine, Failure> {
        let options = Options { threads: self.threads.get(), ..Options::default() };
        Engine::open(&self.archive()?, &options).or_fail("open the archive")
    }
}

/// Whether somebody watches standard error, so that progress is worth showing.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
