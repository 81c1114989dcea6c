//! `parallax refdata`: what is known about the world apart from any measurement.

mod add;
mod download;
mod list;
mod update;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;

pub(crate) use add::add;

/// Add, download and list fingerprints, test lists, networks and certificates
///
/// Reference data is kept in the archive as snapshots by digest, so that every verdict can be repeated with what was known then.
/// Parallax works without any; rules that need more than a measurement stay silent then.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Add files: OONI's fingerprints (CSV), Censored Planet's signatures (JSON lines), test lists (CSV), networks of addresses (MMDB, CSV, TSV), root certificates (PEM)
    Add(add::Arguments),
    /// Download the newest of OONI's fingerprints and the global test list
    Update,
    /// List the snapshots that the archive has
    List,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax refdata update", "the newest published lists, where there is a network"),
        ("parallax refdata add GeoLite2-ASN.mmdb fingerprints_http.csv", "files that you have; what they are is recognised by content"),
        ("parallax refdata list", "what the archive has, with the digest of each file; of one name the last one counts"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done"),
        (ExitCode::Usage, "a file is no reference data, or the network could not be reached"),
        (ExitCode::Archive, "there is no archive, somebody else is writing to it, or the disk is full"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Add(files) => add::run(files, context),
        Action::Update => update::run(context),
        Action::List => list::run(context),
    }
}
