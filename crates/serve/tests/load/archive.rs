//! A large archive, made of rows: sixty countries, a thousand networks, three thousand targets, ninety days, and the events of what is blocked.

use std::borrow::Cow;
use std::path::Path;

use parallax_archive::Archive;
use parallax_model::tables::{Event, EventRows, Judgement, JudgementRows, Measurement, MeasurementRows};
use parallax_model::{EventState, Layer, Mechanism, State, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const COUNTRIES: u32 = 60;
const NETWORKS_PER_COUNTRY: u32 = 17;
const TARGETS: u32 = 3000;
const DAYS: u32 = 90;
/// Days after 1970: 2023-12-09.
const FIRST_DAY: i64 = 19_700;
/// Rows of a batch.
const BATCH: u64 = 8192;
/// Judgements that are committed together.
const COMMIT: u64 = 2_000_000;

pub fn make(folder: &Path, judgements: u64) {
    let archive = Archive::open_or_create(folder).unwrap();
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let mut made = 0;
    while made < judgements {
        let mut writer = archive.write("load").unwrap();
        let mut stage = writer.stage().unwrap();
        let until = judgements.min(made + COMMIT);
        while made < until {
            let (mut of_judgements, mut of_measurements) = (JudgementRows::default(), MeasurementRows::default());
            let end = until.min(made + BATCH);
            for number in made..end {
                add(&mut chance, number, &mut of_judgements, &mut of_measurements);
            }
            made = end;
            stage.push(of_judgements.take()).unwrap();
            stage.push(of_measurements.take()).unwrap();
        }
        writer.commit(stage, |_| {}).unwrap();
    }
    let mut writer = archive.write("load").unwrap();
    let mut stage = writer.stage().unwrap();
    let mut of_events = EventRows::default();
    (0..COUNTRIES).flat_map(incidents).for_each(|event| of_events.push(&event));
    stage.push(of_events.take()).unwrap();
    writer.commit(stage, |_| {}).unwrap();
}

/// Targets that are blocked in a country by themselves, beside all of them together.
const ALONE: usize = 5;

/// One event over all that is blocked in a country, and some over one target each, all of them from the second week on.
fn incidents(country: u32) -> impl Iterator<Item = Event<'static>> {
    let blocked: Vec<String> = (0..TARGETS).filter(|target| is_blocked(country, *target)).map(name).collect();
    let alone: Vec<Vec<String>> = blocked.iter().take(ALONE).map(|target| vec![target.clone()]).collect();
    std::iter::once(blocked).chain(alone).enumerate().map(move |(number, targets)| incident(country, number, targets))
}

fn incident(country: u32, number: usize, targets: Vec<String>) -> Event<'static> {
    let day = |days: i64| Timestamp::from_microseconds((FIRST_DAY + days) * 86_400_000_000);
    Event {
        event_id: Cow::Owned(format!("{}-20231217-{number:06x}", code(country))),
        probe_cc: Cow::Owned(code(country)),
        networks: (0..NETWORKS_PER_COUNTRY).map(|network| asn(country, network)).collect(),
        n_networks: u64::from(NETWORKS_PER_COUNTRY),
        targets: targets.into_iter().map(Cow::Owned).collect(),
        layers: vec![Layer::Dns],
        mechanisms: vec![Mechanism::of("dns.injection.bogon")],
        onset_earliest: Some(day(7)),
        onset_latest: day(8),
        end_earliest: (number % 2 == 1).then(|| day(80)),
        end_latest: (number % 2 == 1).then(|| day(81)),
        state: if number % 2 == 1 { EventState::Ended } else { EventState::Ongoing },
        ..Event::default()
    }
}

fn is_blocked(country: u32, target: u32) -> bool {
    (target * 7 + country).is_multiple_of(50)
}

fn code(country: u32) -> String {
    format!("{}{}", char::from(b'A' + (country / 26) as u8), char::from(b'A' + (country % 26) as u8))
}

fn asn(country: u32, network: u32) -> u32 {
    64_500 + country * NETWORKS_PER_COUNTRY + network
}

fn name(target: u32) -> String {
    format!("www.target-{target}.example")
}

/// Few networks and targets are measured often, many seldom.
fn skewed(chance: &mut ChaCha8Rng, most: u32) -> u32 {
    let draw: f64 = chance.random();
    ((draw * draw * draw) * f64::from(most)) as u32
}

fn add(chance: &mut ChaCha8Rng, number: u64, judgements: &mut JudgementRows, measurements: &mut MeasurementRows) {
    let (country, network, target) = (skewed(chance, COUNTRIES), skewed(chance, NETWORKS_PER_COUNTRY), skewed(chance, TARGETS));
    let probe_cc = code(country);
    let microseconds = (FIRST_DAY + i64::from(chance.random_range(0..DAYS))) * 86_400_000_000 + chance.random_range(0..86_400_000_000i64);
    let start = Timestamp::from_microseconds(microseconds);
    let uid = format!("{}_{probe_cc}_webconnectivity_{number:016x}", start.format("%Y%m%d%H%M%S%.6f"));
    let digest = format!("{number:064x}");
    let asn = Some(asn(country, network));
    let state = match chance.random_range(0..100) {
        0..60 if is_blocked(country, target) => State::Blocked,
        0..2 => State::Insufficient,
        2..7 => State::Impaired,
        7..9 => State::Down,
        _ => State::Ok,
    };
    let (layers, mechanisms) = match state {
        State::Blocked => (vec![Layer::Dns], vec![Mechanism::of("dns.injection.bogon")]),
        _ => (vec![], vec![]),
    };
    judgements.push(&Judgement {
        measurement_uid: Cow::Borrowed(&uid),
        raw_digest: Cow::Borrowed(&digest),
        probe_cc: Cow::Borrowed(&probe_cc),
        probe_asn: asn,
        measurement_start_time: start,
        target: Cow::Owned(name(target)),
        test_name: Cow::Borrowed("web_connectivity"),
        control: Cow::Borrowed("test_helper"),
        state,
        layers,
        mechanisms,
        ..Judgement::default()
    });
    measurements.push(&Measurement {
        measurement_uid: Cow::Borrowed(&uid),
        raw_digest: Cow::Borrowed(&digest),
        probe_cc: Cow::Borrowed(&probe_cc),
        probe_asn: asn,
        probe_as_org_name: Some(Cow::Owned(format!("Network {network} of {probe_cc}"))),
        measurement_start_time: start,
        test_name: Cow::Borrowed("web_connectivity"),
        ..Measurement::default()
    });
}
