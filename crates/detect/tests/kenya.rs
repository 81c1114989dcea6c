//! Telegram in Kenya during the exams of November 2023, as OONI's observation tables tell it; skipped when they are not there.
//!
//! The reading is crude on purpose: a measurement in which most of the endpoints of the app failed counts as interfered with, and its mechanism is
//! what most of them say. What the events must be stands in the README beside the data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use parallax_detect::interference::events::{CellRow, Cells, CellsBuilder, Counts, Event, Hour, Options, detect};
use parallax_model::{EventState, Layer, Timestamp};

const UNTOUCHED: [u32; 4] = [30844, 36866, 15399, 15808];

#[derive(Default)]
struct Measurement {
    report: String,
    asn: u32,
    start: Option<Timestamp>,
    software: String,
    http: (u32, u32),
    tcp: (u32, u32),
}

fn cells() -> Option<Cells> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ooni/kenya-2023/2023-KE-telegram.csv.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: the tables of Kenya 2023 are not beside the checkout");
        return None;
    };
    let mut table = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let columns = table.headers().expect("the table has a first line").clone();
    let place = |name: &str| columns.iter().position(|column| column == name).expect("the table has the column");
    let [uid, report, asn, start, version] =
        ["measurement_uid", "report_id", "probe_asn", "measurement_start_time", "test_version"].map(place);
    let [url, http_failure, tcp_success, tcp_failure] = ["http_request_url", "http_failure", "tcp_success", "tcp_failure"].map(place);
    let mut measurements: BTreeMap<String, Measurement> = BTreeMap::new();
    for row in table.records() {
        let row = row.expect("the table can be read");
        let measurement = measurements.entry(row[uid].to_owned()).or_default();
        measurement.report = row[report].to_owned();
        measurement.asn = row[asn].parse().expect("a number");
        measurement.start = row[start].parse().ok();
        measurement.software = row[version].to_owned();
        if !row[url].is_empty() {
            let sum = &mut measurement.http;
            *sum = (sum.0 + u32::from(!row[http_failure].is_empty()), sum.1 + 1);
        }
        if row[tcp_success].parse() == Ok(1.0) {
            measurement.tcp.1 += 1;
        } else if !row[tcp_failure].is_empty() {
            measurement.tcp = (measurement.tcp.0 + 1, measurement.tcp.1 + 1);
        }
    }
    let mut builder = CellsBuilder::default();
    for (uid, measurement) in &measurements {
        let failed = measurement.http.0 * 2 > measurement.http.1;
        // Where no address could be connected to, it is the addresses that are cut off.
        let (layer, mechanism) =
            if measurement.tcp.0 * 2 > measurement.tcp.1 { (Layer::Tcp, "tcp.timeout") } else { (Layer::Http, "http.timeout") };
        let start = measurement.start.expect("a time");
        for each in [Layer::Tcp, Layer::Http].into_iter().filter(|each| *each <= layer) {
            let hit = failed && each == layer;
            builder.push(&CellRow {
                probe_cc: "KE",
                probe_asn: Some(measurement.asn),
                resolver_asn: None,
                target: "telegram/endpoints",
                layer: each,
                hour: Hour::of(start),
                mechanism: hit.then(|| mechanism.parse().expect("a mechanism")),
                software: &measurement.software,
                ruleset: "1",
                probe_id: None,
                counts: Counts { measurements: 1, sessions: 1, ok: u16::from(!hit), likely_blocked: u16::from(hit), ..Counts::default() },
                witness: hit.then_some(uid),
            });
        }
    }
    Some(builder.finish())
}

fn of_network<'e>(events: &'e [Event<'static>], network: u32) -> Vec<&'e Event<'static>> {
    events.iter().filter(|event| event.state != EventState::Explained && event.networks.contains(&network)).collect()
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[test]
fn the_exams_of_2023_are_events_as_they_were() {
    let Some(cells) = cells() else { return };
    let events = detect(&cells, &Options::default());
    for event in &events {
        eprintln!(
            "{} {} {:?} {:?} {:?} onset {:?} to {}, end {:?} to {:?}, {:?}, {} of {}, strength {:.1}",
            event.event_id,
            event.state,
            event.networks,
            event.layers,
            event.mechanisms,
            event.onset_earliest.map(|time| time.to_string()),
            event.onset_latest,
            event.end_earliest.map(|time| time.to_string()),
            event.end_latest.map(|time| time.to_string()),
            event.schedule,
            event.n_interfered,
            event.n_measurements,
            event.strength
        );
    }
    let shown: Vec<_> = events.iter().filter(|event| event.state != EventState::Explained).collect();
    assert!(shown.len() <= 4, "at most four events");
    for network in [37061, 33771] {
        let [event] = of_network(&events, network)[..] else { panic!("one event for AS{network}") };
        // 04:30 to 08:00 and 10:00 to 13:30 UTC, and hours are whole.
        assert_eq!(event.schedule.as_deref(), Some("Mon-Fri 07:00-11:00, 13:00-17:00 (UTC+03:00)"), "AS{network}");
        assert!(event.onset_latest >= time("2023-11-07 12:00:00") && event.onset_latest <= time("2023-11-09 12:00:00"), "AS{network}");
    }
    let exams = of_network(&events, 33771)[0];
    assert!(exams.n_interfered <= 200 && exams.share > 0.8, "each measurement counts once");
    let [gone] = of_network(&events, 12455)[..] else { panic!("one event for AS12455") };
    assert!(gone.schedule.is_none());
    assert_eq!(gone.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect::<Vec<_>>(), ["tcp.timeout"]);
    assert!(gone.onset_earliest >= Some(time("2023-11-08 00:00:00")) && gone.onset_latest <= time("2023-11-09 20:00:00"));
    assert!(
        gone.end_earliest >= Some(time("2023-11-24 00:00:00")) && gone.end_latest.is_some_and(|end| end <= time("2023-11-26 13:00:00"))
    );
    assert!(UNTOUCHED.iter().all(|network| of_network(&events, *network).is_empty()));
    assert!(shown.iter().all(|event| event.onset_latest >= time("2023-11-08 00:00:00")));
}
