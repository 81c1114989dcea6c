//! Readers: each opens a connection, asks for a page, and reads it to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use arrow::array::AsArray;
use parallax_engine::{Limits, literal};
use parallax_serve::{Edition, urls};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Addresses of every kind of page.
pub struct Pages(BTreeMap<&'static str, Vec<String>>);

/// Addresses of a kind.
const EACH: usize = 40;

pub fn pages(edition: &Edition) -> Pages {
    let (counts, codes) = (&edition.counts, edition.counts.countries());
    let some = |index: usize| &codes[index.min(codes.len() - 1)];
    let countries = codes.iter().map(|code| urls::country(code)).collect();
    let days = &edition.overview().days;
    let (from, to) = (days[days.len() / 3].0, days[days.len() * 2 / 3].0);
    let word = |text: &str| text.chars().take(9).filter(char::is_ascii_alphanumeric).collect::<String>();
    let searched = counts.targets().iter().step_by(counts.targets().len().div_ceil(2)).map(|name| format!("/search?q={}", word(name)));
    let events = spread(edition.events.iter().map(|event| urls::event(&event.event_id)));
    let lists = ["/events".to_owned(), "/events?state=all".to_owned(), format!("/events?cc={}", some(1)), "/events.atom".to_owned()];
    let networks = spread(counts.places().iter().map(|place| urls::network(place.asn)));
    let targets = spread(counts.targets().iter().map(|name| urls::target(name)));
    let filtered = spread(counts.places().iter().map(|place| format!("/measurements?cc={}&state=interference", place.country)));
    let mut pages = BTreeMap::from([
        ("overview", vec!["/".to_owned()]),
        ("overview of days", vec![format!("/?from={from}&to={to}")]),
        ("country", countries),
        ("network", networks),
        ("target", targets),
        ("measurements", vec!["/measurements".to_owned()]),
        ("measurements filtered", filtered),
        ("measurement", measurements(edition)),
        ("search", searched.collect()),
        ("event", events),
        ("events", lists.into()),
        ("rules", vec!["/rules".to_owned()]),
        ("data", vec!["/data".to_owned()]),
        ("feed", vec!["/feed.atom".to_owned(), format!("/feed.atom?cc={}", some(1))]),
        ("api", vec!["/api/v1/counts?by=target".to_owned(), format!("/api/v1/judgements?cc={}", some(2))]),
    ]);
    pages.retain(|_, addresses| !addresses.is_empty());
    if edition.events.is_empty() {
        pages.remove("events");
    }
    Pages(pages)
}

fn spread(addresses: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let step = (addresses.len() / EACH).max(1);
    addresses.step_by(step).collect()
}

fn measurements(edition: &Edition) -> Vec<String> {
    let codes = edition.counts.countries();
    // The largest of a made archive comes first, one in the middle, and the last.
    let chosen: BTreeSet<&str> = [0, codes.len() / 2, codes.len() - 1].into_iter().map(|index| codes[index].as_ref()).collect();
    let each = EACH.div_ceil(chosen.len());
    let uids = chosen.iter().flat_map(|code| {
        let sql = format!("SELECT DISTINCT measurement_uid FROM judgements WHERE probe_cc = {} ORDER BY 1 LIMIT {each}", literal(code));
        let batches: Vec<_> = edition.engine.query(&sql, &Limits::default()).unwrap().map(Result::unwrap).collect();
        batches
            .iter()
            .flat_map(|batch| batch.column(0).as_string::<i32>().iter().flatten().map(urls::measurement).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    });
    uids.collect()
}

impl Pages {
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    pub fn any(&self, kind: &str) -> String {
        self.0[kind][0].clone()
    }

    fn random(&self, chance: &mut ChaCha8Rng) -> (&'static str, String) {
        let (kind, addresses) = self.0.iter().nth(chance.random_range(0..self.0.len())).unwrap();
        (kind, addresses[chance.random_range(0..addresses.len())].clone())
    }
}

#[derive(Debug, Default)]
pub struct Times {
    pub errors: usize,
    milliseconds: Vec<u128>,
}

impl Times {
    fn add(&mut self, answered: Result<Duration, String>) {
        match answered {
            Ok(time) => self.milliseconds.push(time.as_millis()),
            Err(error) => {
                println!("{error}");
                self.errors += 1;
            }
        }
        self.milliseconds.sort_unstable();
    }

    fn at(&self, share: f64) -> u128 {
        let place = (self.milliseconds.len() as f64 * share).ceil() as usize;
        self.milliseconds.get(place.saturating_sub(1)).copied().unwrap_or_default()
    }

    pub fn p95(&self) -> u128 {
        self.at(0.95)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {} ms, p95 {} ms, most {} ms (n = {}), {} errors",
            self.at(0.5),
            self.p95(),
            self.at(1.0),
            self.milliseconds.len(),
            self.errors
        )
    }
}

pub fn alone(address: SocketAddr, page: &str, times: usize) -> Times {
    let mut found = Times::default();
    // The first answer warms up.
    let _ = ask(address, page);
    (0..times).for_each(|_| found.add(ask(address, page)));
    found
}

/// Times of each kind of page, and of all together.
pub fn together(address: SocketAddr, pages: &Pages, readers: usize, pause: Duration, time: Duration) -> Vec<(String, Times)> {
    let found: Mutex<BTreeMap<String, Times>> = Mutex::default();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for reader in 0..readers {
            let found = &found;
            scope.spawn(move || {
                let mut chance = ChaCha8Rng::seed_from_u64(reader as u64);
                std::thread::sleep(pause.mul_f64(reader as f64 / readers as f64));
                while started.elapsed() < time {
                    let asked = Instant::now();
                    let (kind, page) = pages.random(&mut chance);
                    let answered = ask(address, &page);
                    let mut found = found.lock().unwrap();
                    found.entry("all".to_owned()).or_default().add(answered.clone());
                    found.entry(kind.to_owned()).or_default().add(answered);
                    drop(found);
                    std::thread::sleep(pause.saturating_sub(asked.elapsed()));
                }
            });
        }
    });
    found.into_inner().unwrap().into_iter().collect()
}

fn ask(address: SocketAddr, page: &str) -> Result<Duration, String> {
    let started = Instant::now();
    let answer = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    match answer() {
        Ok(answer) if answer.starts_with(b"HTTP/1.1 200") || answer.starts_with(b"HTTP/1.1 303") => Ok(started.elapsed()),
        Ok(answer) => Err(format!("{page}: {}", String::from_utf8_lossy(&answer[..answer.len().min(60)]))),
        Err(error) => Err(format!("{page}: {error}")),
    }
}
