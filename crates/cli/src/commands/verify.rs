//! `parallax verify`: compares an archive with its manifest.

use parallax_archive::Verification;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::output::{self, Format, Listing, bytes, plural, stdout};
use crate::progress::Bar;

/// Check every file and row of the archive against its manifest
///
/// Damage is a file that is missing, has other bytes or holds other rows than were committed. Raw inputs that have gone or changed are
/// told as well; the archive is sound without them, but its records cannot be opened.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub const INFO: Info = Info {
    examples: &[
        ("parallax verify", "check the archive"),
        ("parallax verify --archive /data/ooni --format json", "the same for a monitoring job, which looks at the exit code"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "the archive is sound"),
        (ExitCode::Found, "the archive is damaged"),
        (ExitCode::Usage, "a bad argument"),
        (ExitCode::Archive, "there is no archive, or it cannot be read"),
    ],
};

pub fn run(_arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let bar = Bar::of_bytes("verifying");
    let verification = context.archive()?.verify(&mut |done, total| bar.set(done, total)).or_fail("verify the archive")?;
    drop(bar);
    if context.format != Format::Table || !verification.problems.is_empty() {
        problems(&verification).print(context.format)?;
    }
    if context.format == Format::Table {
        let mut out = stdout();
        writeln!(out, "{}", summary(&verification))?;
        out.flush()?;
    }
    Ok(if verification.is_sound() { ExitCode::Ok } else { ExitCode::Found })
}

fn problems(verification: &Verification) -> Listing {
    let each = || verification.problems.iter();
    Listing::new()
        .text("kind", each().map(|problem| if problem.is_damage() { "damage" } else { "notice" }))
        .text("problem", each().map(|problem| output::visible(&problem.to_string()).into_owned()))
}

fn summary(found: &Verification) -> String {
    let damage = found.problems.iter().filter(|problem| problem.is_damage()).count() as u64;
    let result = match damage {
        0 => "sound".to_owned(),
        some => format!("damaged ({})", plural(some, "problem")),
    };
    let checked = format!("{} with {} in {}", plural(found.files, "file"), plural(found.rows, "row"), bytes(found.bytes));
    format!("{result}: {checked}; {} known", plural(found.inputs, "input"))
}
