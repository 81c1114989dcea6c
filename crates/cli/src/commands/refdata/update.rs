//! `parallax refdata update`: the newest published lists.

use super::add::add;
use super::download::download;
use super::list::listing;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};
use crate::progress::Bar;

/// What is downloaded: the name that it has in the archive, and where it is published.
const SOURCES: &[(&str, &str)] = &[
    // OONI's fingerprints of forged answers and block pages.
    ("fingerprints_dns.csv", "https://raw.githubusercontent.com/ooni/blocking-fingerprints/main/fingerprints_dns.csv"),
    ("fingerprints_http.csv", "https://raw.githubusercontent.com/ooni/blocking-fingerprints/main/fingerprints_http.csv"),
    // The Citizen Lab's list of URLs that are tested everywhere.
    ("global.csv", "https://raw.githubusercontent.com/citizenlab/test-lists/master/lists/global.csv"),
];

/// Downloads everything first, so that the archive gets all of it or nothing.
pub fn run(context: &Context) -> Result<ExitCode, Failure> {
    let archive = context.archive_or_new()?;
    let folder = tempfile::tempdir().or_fail("make a folder for the downloads")?;
    let bar = Bar::of_items("downloading");
    let mut files = Vec::new();
    for (done, (name, url)) in SOURCES.iter().enumerate() {
        bar.set(done as u64, SOURCES.len() as u64);
        let path = folder.path().join(name);
        std::fs::write(&path, download(url)?).or_fail(format!("keep {name}"))?;
        files.push(path);
    }
    drop(bar);
    listing(add(&archive, &files)?.iter()).print(context.format)?;
    Ok(ExitCode::Ok)
}
