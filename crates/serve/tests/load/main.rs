//! How fast the observatory answers when it is large and busy. Takes minutes, so it runs only when it is asked for (docs/serve.md):
//!
//! ```sh
//! PARALLAX_LOAD_ARCHIVE=/path/to/large cargo test -p parallax-engine -p parallax-cli -p parallax-serve --test load -- --ignored --nocapture
//! ```
//!
//! The archive is made once and kept; `PARALLAX_LOAD_JUDGEMENTS` says how large. It has a judgement a measurement, events, and no observations.
//! A folder that is there already is read as it is: a simulated world, read, judged and searched for events, has observations and raw records too.

mod archive;
mod readers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use parallax_archive::Archive;
use parallax_serve::{Access, Observatory, Options, serve};

/// What must be reached, in milliseconds: any page with twenty readers, and the overview alone.
const BUSY_P95_MS: u128 = 300;
const OVERVIEW_P95_MS: u128 = 150;
/// Memory of the whole process, in kB.
const MEMORY_KB: u64 = 1_000_000;
/// Readers, each asking for a random page every two seconds for a minute.
const READERS: usize = 20;
const PAUSE: Duration = Duration::from_secs(2);
const TIME: Duration = Duration::from_secs(60);

#[test]
#[ignore = "takes minutes and gigabytes"]
fn a_large_archive_is_read_by_twenty() {
    let folder = PathBuf::from(std::env::var("PARALLAX_LOAD_ARCHIVE").expect("PARALLAX_LOAD_ARCHIVE names a folder"));
    let judgements: u64 = std::env::var("PARALLAX_LOAD_JUDGEMENTS").map_or(10_000_000, |text| text.parse().expect("a number"));
    if !folder.exists() {
        let started = Instant::now();
        archive::make(&folder, judgements);
        println!("made {judgements} judgements in {:.0} s", started.elapsed().as_secs_f64());
    }
    let started = Instant::now();
    let load: parallax_serve::LoadRefData =
        Box::new(|archive, snapshot| parallax_ingest::refdata::load_current(archive, snapshot).map_err(|error| error.to_string()));
    let observatory = Observatory::open(Archive::open(&folder).unwrap(), load, Options::default()).unwrap();
    let edition = observatory.edition();
    println!(
        "opened {} judgements and {} events as {} counts in {:.1} s, {} MB",
        edition.overview().total.n(),
        edition.events.len(),
        edition.counts.len(),
        started.elapsed().as_secs_f64(),
        resident_kb() / 1000
    );
    let pages = readers::pages(&edition);
    drop(edition);

    let address = start(observatory);
    let overview = readers::alone(address, "/", 40);
    println!("overview alone: {overview}");
    for page in pages.kinds() {
        println!("{page} alone: {}", readers::alone(address, &pages.any(page), 12));
    }
    let busy = readers::together(address, &pages, READERS, PAUSE, TIME);
    busy.iter().for_each(|(kind, times)| println!("with {READERS} readers, {kind}: {times}"));
    println!("largest memory {} MB", peak_kb() / 1000);
    let all = &busy.iter().find(|(kind, _)| kind == "all").unwrap().1;
    assert_eq!(all.errors, 0);
    assert!(overview.p95() <= OVERVIEW_P95_MS && all.p95() <= BUSY_P95_MS && peak_kb() <= MEMORY_KB, "a floor is not reached");
}

fn start(observatory: Observatory) -> SocketAddr {
    let (told, address) = mpsc::channel();
    std::thread::spawn(move || {
        serve(observatory, "127.0.0.1:0".parse().unwrap(), Access::Loopback, move |address| told.send(address).unwrap()).unwrap();
    });
    address.recv().unwrap()
}

fn status_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn resident_kb() -> u64 {
    status_kb("VmRSS:")
}

fn peak_kb() -> u64 {
    status_kb("VmHWM:")
}
