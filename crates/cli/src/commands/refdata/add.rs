//! `parallax refdata add`: files that are here.

use std::path::{Path, PathBuf};

use parallax_archive::{Archive, RefdataFile};
use parallax_ingest::refdata;

use super::list::listing;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let archive = context.archive_or_new()?;
    let added = add(&archive, &arguments.files)?;
    listing(added.iter()).print(context.format)?;
    Ok(ExitCode::Ok)
}

/// Adds files one by one; the first that cannot be used ends it, and those before it stay.
pub(crate) fn add(archive: &Archive, files: &[impl AsRef<Path>]) -> Result<Vec<RefdataFile>, Failure> {
    let one = |file: &Path| refdata::add(archive, file).or_fail(format!("add {}", file.display()));
    files.iter().map(|file| one(file.as_ref())).collect()
}
