//! Ten million cells: seconds of CPU and memory at most.

use parallax_detect::interference::events::{CellRow, CellsBuilder, Counts, Options, detect};
use parallax_model::Layer;

use crate::chance::Chance;
use crate::world::{BEGIN, COUNTRIES, target_name};

const CELLS: u32 = 10_000_000;

pub fn print() {
    let begin = std::time::Instant::now();
    let mut builder = CellsBuilder::default();
    let mut chance = Chance::of(&[9]);
    let (countries, networks, targets, layers) = (8, 10, 125, [Layer::Dns, Layer::Tcp, Layer::Tls]);
    let names: Vec<String> = (0..targets).map(target_name).collect();
    let mechanisms = ["dns.timeout", "tcp.timeout", "tls.reset"].map(|path| path.parse().expect("a mechanism"));
    for number in 0..CELLS {
        let (layer, number) = ((number % 3) as usize, number / 3);
        let (target, rest) = ((number % targets as u32) as usize, number / targets as u32);
        let (network, rest) = (rest % networks, rest / networks);
        let (country, step) = (rest % countries, rest / countries);
        let failed = u16::from(chance.uniform() < 0.02) + u16::from(target == 7 && country == 3 && step > 200);
        let failed = failed.min(1);
        builder.push(&CellRow {
            probe_cc: COUNTRIES[country as usize],
            probe_asn: Some(64_500 + country * 32 + network),
            resolver_asn: None,
            target: &names[target],
            layer: layers[layer],
            hour: BEGIN.plus(step * 8 + chance.below(8)),
            mechanism: (failed > 0).then_some(mechanisms[layer]),
            software: "probe 3.18.0",
            ruleset: "1",
            probe_id: None,
            counts: Counts { measurements: 2, sessions: 2, ok: 2 - failed, likely_blocked: failed, ..Counts::default() },
            witness: (failed > 0).then_some("20240101000000.000000_XA_webconnectivity_0123456789abcdef"),
        });
    }
    let made = begin.elapsed();
    let cells = builder.finish();
    let sorted = begin.elapsed();
    let events = detect(&cells, &Options::default());
    let done = begin.elapsed();
    println!(
        "{} cells: made in {made:.1?}, sorted in {:.1?}, {} events in {:.1?}",
        cells.len(),
        sorted - made,
        events.len(),
        done - sorted
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("VmHWM"))
        .for_each(|line| println!("memory at most: {}", line.trim_start_matches("VmHWM:").trim()));
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> = stat.rsplit(')').next().unwrap_or("").split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // Of the numbers after the state, the 11th and 12th are user and system time in hundredths of a second.
    if fields.len() > 12 {
        println!("CPU: {:.1} s", (fields[10] + fields[11]) as f64 / 100.0);
    }
}
