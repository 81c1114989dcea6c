//! `parallax fetch`: raw measurements from OONI's public bucket, or from any server that speaks the same protocol.
//!
//! [`wanted`] is what was asked for, [`server`] asks for it with [`patience`], [`here`] is what lies in the folder already, [`download`]
//! brings one file, [`work`] does it for every hour, [`told`] says what was done. What a key or a listing may be is read in
//! `parallax_ingest::bucket`. The page for people is `docs/fetch.md`.

mod download;
mod here;
mod patience;
mod server;
mod told;
mod trouble;
mod wanted;
mod work;

use std::path::PathBuf;

use chrono::NaiveDate;

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::Failure;
use server::Server;
use wanted::Wanted;

/// Download raw measurements from OONI's public bucket, only what is missing
///
/// OONI publishes every measurement, an hour of one test in one country to a file; no account is needed. Files get the place in the
/// folder that they have in the bucket. What is there already is compared by size and MD5 and not downloaded again; a download that was
/// cut off goes on where it stopped. Dates are those of the upload, in UTC. A proxy is taken from HTTPS_PROXY or ALL_PROXY.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A country by its two letters; give it several times for several
    #[arg(long, required = true, value_name = "CC", value_parser = wanted::country)]
    pub country: Vec<String>,
    /// First day, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = wanted::day)]
    pub since: NaiveDate,
    /// The day after the last one
    #[arg(long, value_name = "DATE", value_parser = wanted::day)]
    pub until: NaiveDate,
    /// A test, for instance web_connectivity; give it several times for several [default: all tests]
    #[arg(long, value_name = "NAME", value_parser = wanted::test)]
    pub test: Vec<String>,
    /// Folder to download to
    #[arg(long, value_name = "DIR", default_value = "parallax-raw")]
    pub output: PathBuf,
    /// Only say how many files and bytes would be downloaded
    #[arg(long)]
    pub dry_run: bool,
    /// The bucket's address: OONI's own, or a copy on another S3-compatible server
    #[arg(long, value_name = "URL", default_value = "https://ooni-data-eu-fra.s3.eu-central-1.amazonaws.com")]
    pub bucket: String,
    /// Requests at the same time
    #[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub parallel: u8,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax fetch --country IT --since 2024-02-01 --until 2024-03-01 --dry-run", "how much a month of one country is"),
        (
            "parallax fetch --country IT --since 2024-02-01 --until 2024-03-01 --test web_connectivity",
            "a month of one test, to parallax-raw",
        ),
        (
            "parallax fetch --country IR --country TM --since 2024-02-12 --until 2024-02-13 --format json",
            "a day of two countries, told to a program",
        ),
        (
            "parallax fetch --country IT --since 2024-02-12 --until 2024-02-13 --bucket http://localhost:9000/copy",
            "from a copy of the bucket",
        ),
    ],
    exit_codes: &[
        (ExitCode::Ok, "done: what was asked for is in the folder"),
        (ExitCode::Found, "done, but there is nothing of what was asked for, or some files were refused or could not be downloaded"),
        (ExitCode::Usage, "a bad argument, or the server cannot be reached or refuses; what is there stays, and the same command goes on"),
        (ExitCode::Archive, "the folder cannot be written to, or the disk is full"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let wanted = Wanted::understand(&arguments)?;
    let server = Server::at(&arguments.bucket)?;
    let task = work::Task { wanted: &wanted, server: &server, folder: &arguments.output, dry_run: arguments.dry_run };
    let done = task.run(usize::from(arguments.parallel))?;
    told::tell(&done, &task, context)
}
