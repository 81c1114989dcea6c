//! How long events take to find in an archive of ten million cells, and how much memory. Takes minutes and gigabytes, so it runs only when it is asked for
//! (`docs/performance.md`):
//!
//! ```sh
//! PARALLAX_LARGE_ARCHIVE=/tmp/large cargo test -p parallax-engine -p parallax-cli -p parallax-serve --test large -- --ignored --nocapture
//! ```
//!
//! The archive is made once, of rows, and kept; `PARALLAX_LARGE_VERDICTS` says how large. A second run measures without having made it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use parallax_archive::Archive;
use parallax_engine::{Options, events};
use parallax_model::tables::{Measurement, MeasurementRows, Verdict, VerdictRows};
use parallax_model::{Layer, Mechanism, State, Timestamp};

/// What must be reached.
const CPU_SECONDS: f64 = 60.0;
const MEMORY_KB: u64 = 1_000_000;
/// Eight networks in each of ten countries test a hundred and twenty-five targets over half a year, each some times a day.
const COUNTRIES: u64 = 10;
const NETWORKS: u64 = 8;
const TARGETS: u64 = 125;
const HOURS: u64 = 183 * 24;
const LAYERS: [Layer; 3] = [Layer::Dns, Layer::Tcp, Layer::Tls];
/// Some fall into one hour of a series: so many make ten million cells.
const VERDICTS: u64 = 11_900_000;
const BATCH: u64 = 4096;
/// Measurements that are committed together.
const COMMIT: u64 = 500_000;

#[test]
#[ignore = "takes minutes and gigabytes"]
fn ten_million_cells_take_a_minute_and_a_gigabyte_at_most() {
    let folder = PathBuf::from(std::env::var("PARALLAX_LARGE_ARCHIVE").expect("PARALLAX_LARGE_ARCHIVE names a folder"));
    let verdicts: u64 = std::env::var("PARALLAX_LARGE_VERDICTS").map_or(VERDICTS, |text| text.parse().expect("a number"));
    if !folder.exists() {
        make(&folder, verdicts / LAYERS.len() as u64);
        println!("made; run it again to measure");
        return;
    }
    let archive = Archive::open(&folder).expect("an archive");
    let summary = events::detect(&archive, &Options::default()).expect("events");
    println!("{} cells, {} new events, {:.1} CPU seconds, {} MB", summary.cells, summary.new, cpu_seconds(), peak_kb() / 1000);
    assert!(!summary.unchanged, "remove `events` from the archive to measure again");
    assert!(cpu_seconds() <= CPU_SECONDS && peak_kb() <= MEMORY_KB, "a floor is not reached");
}

fn make(folder: &Path, measurements: u64) {
    let archive = Archive::open_or_create(folder).expect("an archive");
    let mut made = 0;
    while made < measurements {
        let mut writer = archive.write("large").expect("a writer");
        let mut stage = writer.stage().expect("a stage");
        let until = measurements.min(made + COMMIT);
        while made < until {
            let (mut of_measurements, mut of_verdicts) = (MeasurementRows::default(), VerdictRows::default());
            let end = until.min(made + BATCH);
            (made..end).for_each(|number| add(number, measurements, &mut of_measurements, &mut of_verdicts));
            made = end;
            stage.push(of_measurements.take()).expect("staged");
            stage.push(of_verdicts.take()).expect("staged");
        }
        writer.commit(stage, |_| {}).expect("committed");
    }
}

/// Measurements follow each other in time; a fiftieth fails, and one target is blocked in one country from the middle on.
fn add(number: u64, all: u64, measurements: &mut MeasurementRows, verdicts: &mut VerdictRows) {
    let drawn = drawn(number);
    let (country, network, target) = (drawn % COUNTRIES, drawn / COUNTRIES % NETWORKS, drawn / COUNTRIES / NETWORKS % TARGETS);
    let microseconds =
        1_704_067_200_000_000 + (HOURS * 3_600_000_000 / 1000 * (number * 1000 / all)) as i64 + (drawn >> 40) as i64 % 60_000_000;
    let start = Timestamp::from_microseconds(microseconds);
    let probe_cc = format!("X{}", char::from(b'A' + country as u8));
    let uid = format!("{}_{probe_cc}_webconnectivity_{number:016x}", start.format("%Y%m%d%H%M%S%.6f"));
    let (digest, report) = (format!("{drawn:064x}"), format!("{:016x}", drawn / 7));
    let asn = Some((64_512 + country * NETWORKS + network) as u32);
    measurements.push(&Measurement {
        measurement_uid: Cow::Borrowed(&uid),
        raw_digest: Cow::Borrowed(&digest),
        report_id: Some(Cow::Borrowed(&report)),
        software_name: Some(Cow::Borrowed("ooniprobe-android")),
        software_version: Some(Cow::Borrowed("3.18.0")),
        probe_cc: Cow::Borrowed(&probe_cc),
        probe_asn: asn,
        resolver_asn: asn,
        measurement_start_time: start,
        test_name: Cow::Borrowed("web_connectivity"),
        ..Measurement::default()
    });
    let host = format!("www.target-{target}.example");
    let fails = drawn >> 20 & 63 == 0 || target == 7 && country == 3 && number * 2 > all;
    for layer in LAYERS {
        let accused = fails && layer == Layer::Tls;
        verdicts.push(&Verdict {
            measurement_uid: Cow::Borrowed(&uid),
            raw_digest: Cow::Borrowed(&digest),
            measurement_start_time: start,
            probe_cc: Cow::Borrowed(&probe_cc),
            probe_asn: asn,
            test_name: Cow::Borrowed("web_connectivity"),
            target: Cow::Borrowed(&host),
            layer,
            state: if accused { State::LikelyBlocked } else { State::Ok },
            mechanism: accused.then(|| Mechanism::of("tls.reset")),
            control: Cow::Borrowed("test_helper"),
            ruleset_version: Cow::Borrowed("1"),
            refdata_digest: Cow::Borrowed("0"),
            ..Verdict::default()
        });
    }
}

/// SplitMix64.
fn drawn(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Of this process, user and system: the 12th and 13th field after the name, in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(')').next().unwrap_or("").split_whitespace().filter_map(|field| field.parse().ok()).collect();
    fields.get(10..12).map_or(0.0, |times| times.iter().sum::<f64>() / 100.0)
}
