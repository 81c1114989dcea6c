//! Draws countries and their networks.

use rand::Rng;

use super::{DrawFile, stream, words};
use crate::world_file::{CountryFile, NetworkFile, WorldFile};

/// The first AS number that nobody owns (RFC 6996).
const FIRST_ASN: u32 = 64512;
/// Local times of places where people live, in minutes ahead of UTC.
const OFFSETS: [i32; 12] = [-300, -180, 0, 60, 120, 180, 210, 240, 330, 420, 480, 540];

pub(crate) fn draw(file: &mut WorldFile, wanted: &DrawFile) {
    let rng = &mut stream(file.seed, &["places"]);
    let countries = wanted.countries.draw(rng);
    let networks = wanted.networks.draw(rng).max(countries);
    // Every country has one; the others fall where they fall, so that some countries have many.
    let mut sizes = vec![1; countries as usize];
    for _ in countries..networks {
        let country = rng.random_range(0..sizes.len()).min(rng.random_range(0..sizes.len()));
        sizes[country] += 1;
    }
    let mut asn = FIRST_ASN;
    for (index, size) in sizes.into_iter().enumerate() {
        let name = words::name(rng);
        let mut network = || {
            asn += 1;
            NetworkFile {
                asn: asn - 1,
                name: format!("{name} {}", words::name(rng)),
                probes: wanted.probes.drawn(rng),
                measurements_per_day: wanted.measurements_per_day.drawn(rng),
                batch: wanted.batch.drawn(rng),
                steady: false,
                night: wanted.night.drawn(rng),
                variation: wanted.variation.drawn(rng),
                resolver_ip: None,
                resolver_asn: None,
            }
        };
        let network = (0..size).map(|_| network()).collect();
        let offset = OFFSETS[rng.random_range(0..OFFSETS.len())];
        file.country.push(CountryFile { cc: country_code(index), name, utc_offset: Some(written(offset)), network });
    }
}

/// `XA`, `XB` and on: codes that ISO 3166 leaves to its users. `XX` is one that data use for not known.
fn country_code(index: usize) -> String {
    let letter = (b'A'..=b'Z').filter(|letter| *letter != b'X').nth(index).unwrap_or(b'Z');
    format!("X{}", char::from(letter))
}

fn written(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
