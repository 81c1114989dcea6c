//! `parallax serve`: the observatory in a browser.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use parallax_archive::Archive;
use parallax_ingest::refdata;
use parallax_serve::{Access, Error, LoadRefData, Observatory, Options};

use super::Info;
use crate::context::Context;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, OrFail};

/// Open the archive in a browser: pages to read and to cite, and JSON for programs
///
/// Listens on this machine only. For others it needs `--token-file`, whose content they must know, or `--public`, which shows pages and
/// runs no SQL. There is no encryption: put a server that has it in front. A change of the archive is taken up after a few seconds.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Address and port to listen on; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value_t = USUAL)]
    pub listen: SocketAddr,
    /// File with a token of at least 16 characters, which readers give as the password (with any name) or as bearer
    #[arg(long, value_name = "FILE", conflicts_with = "public")]
    pub token_file: Option<PathBuf>,
    /// Show pages to everybody who reaches the address, and run no SQL
    #[arg(long)]
    pub public: bool,
    /// Time that a query may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub query_seconds: u64,
}

pub const INFO: Info = Info {
    examples: &[
        ("parallax serve", "then open http://127.0.0.1:8420/"),
        ("parallax serve --archive parallax-demo/archive --listen 127.0.0.1:0", "the demo, on any port that is free"),
        ("parallax serve --listen 0.0.0.0:8420 --token-file token.txt", "for whoever knows the token"),
        ("parallax serve --listen 0.0.0.0:8420 --public", "for everybody, without SQL"),
    ],
    exit_codes: &[
        (ExitCode::Ok, "ended with Ctrl-C"),
        (ExitCode::Usage, "the address cannot be listened on, or would be open to others without a token"),
        (ExitCode::Archive, "there is no archive, or it cannot be read"),
    ],
};

pub fn run(arguments: Arguments, context: &Context) -> Result<ExitCode, Failure> {
    let token = arguments.token_file.as_ref().map(|path| token(path)).transpose()?;
    let access = Access::of(arguments.listen, token.as_deref(), arguments.public).or_fail("open the observatory")?;
    let query_time = Duration::from_secs(arguments.query_seconds);
    let options = Options { threads: context.threads.get(), query_time, ..Options::default() };
    listen(context.archive()?, arguments.listen, access, options).or_fail("open the observatory")?;
    Ok(ExitCode::Ok)
}

/// Shows an archive to whoever sits at this machine, until Ctrl-C: at the usual port, or at any other when something else has that.
pub(super) fn show(archive: &Archive, context: &Context) -> Result<(), Failure> {
    let options = Options { threads: context.threads.get(), ..Options::default() };
    let shown = match listen(archive.clone(), USUAL, Access::Loopback, options) {
        Err(Error::Listen { .. }) => listen(archive.clone(), ANY, Access::Loopback, options),
        other => other,
    };
    shown.or_fail("open the observatory")
}

const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn listen(archive: Archive, address: SocketAddr, access: Access, options: Options) -> Result<(), Error> {
    let observatory = Observatory::open(archive, loader(), options)?;
    let said = access.clone();
    parallax_serve::serve(observatory, address, access, |address| tell(address, &said))
}

/// On standard error, like everything that is no result.
fn tell(address: SocketAddr, access: &Access) {
    let who = match access {
        Access::Loopback => "this machine only",
        Access::Token(_) => "whoever knows the token",
        Access::Public => "everybody, without SQL",
    };
    eprintln!("the observatory is at http://{address}/ for {who}; Ctrl-C ends it");
}

fn token(path: &PathBuf) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        let hint = "write one with `openssl rand -hex 24 > token.txt`";
        Failure::usage(format!("read the token in {}", path.display()), error.to_string(), hint)
    })
}

/// The readers of reference data are no part of the observatory.
pub(crate) fn loader() -> LoadRefData {
    Box::new(|archive: &Archive, snapshot| refdata::load_current(archive, snapshot).map_err(|error| error.to_string()))
}
