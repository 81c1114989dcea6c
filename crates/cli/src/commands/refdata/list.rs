//! `parallax refdata list`: the snapshots that the archive has.

use parallax_archive::RefdataFile;

use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{Format, Listing, stdout};

pub fn run(context: &Context) -> Result<ExitCode, Failure> {
    let snapshot = context.archive()?.snapshot().or_fail("read the archive")?;
    let files = &snapshot.manifest().refdata;
    if files.is_empty() && context.format == Format::Table {
        let mut out = stdout();
        writeln!(out, "The archive has no reference data. `parallax refdata update` downloads some, `parallax refdata add` takes files.")?;
        out.flush()?;
        return Ok(ExitCode::Ok);
    }
    listing(files.iter()).print(context.format)?;
    Ok(ExitCode::Ok)
}

/// In the order in which they were added; of one name and kind the last one counts.
pub fn listing<'a>(files: impl Iterator<Item = &'a RefdataFile> + Clone) -> Listing {
    Listing::new()
        .text("kind", files.clone().map(|file| file.kind.as_str()))
        .text("name", files.clone().map(|file| file.name.as_str()))
        .number("bytes", files.clone().map(|file| file.bytes))
        .text("sha256", files.map(|file| file.sha256.as_str()))
}
