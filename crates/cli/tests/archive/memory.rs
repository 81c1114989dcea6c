//! Peak memory of `ingest` and `judge` on large and on hostile inputs.
//!
//! Each input is written as it is needed and removed afterwards; none is kept in memory here. Linux tells the peak of a process.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::program::{Numbers, Place, told};

/// The floor, for both commands and every input.
const MOST_MEGABYTES: u64 = 512;
/// How often a process is looked at. Its peak never falls, so only what it takes in its very last moment can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// An input, what of it must be read, and what must be rejected.
struct Case {
    name: &'static str,
    write: fn(&Path),
    /// The reason that some reject must have.
    reject: Option<&'static str>,
    /// Fewest measurements that must have been read.
    measurements: u64,
    /// Threads of both commands; as many as there are cores without.
    threads: Option<&'static str>,
}

const CASES: &[Case] = &[
    Case { name: "world `everything`", write: everything, reject: None, measurements: 5_000, threads: None },
    Case { name: "one line of 500 MB", write: one_long_line, reject: Some("too_long"), measurements: 1, threads: None },
    Case { name: "a record of 32 MB", write: one_long_record, reject: None, measurements: 1, threads: None },
    Case { name: "8 files with such a record, 32 threads", write: long_records, reject: None, measurements: 8, threads: Some("32") },
    Case { name: "8 zstd files with windows of 128 MiB", write: long_windows, reject: None, measurements: 1_280, threads: None },
    Case { name: "8 such files, 32 threads", write: long_windows, reject: None, measurements: 1_280, threads: Some("32") },
    Case { name: "brackets 15 million deep", write: deep_nesting, reject: Some("too_many_values"), measurements: 1, threads: None },
    Case { name: "a gzip bomb of 10 GB", write: bomb, reject: Some("damaged_stream"), measurements: 0, threads: None },
    Case { name: "2 million lines that are no record", write: garbage_lines, reject: Some("not_json"), measurements: 0, threads: None },
    Case { name: "an array of 5 million numbers", write: numbers, reject: Some("not_a_record"), measurements: 0, threads: None },
    Case { name: "100,000 hostile records", write: hostile_records, reject: None, measurements: 100_000, threads: None },
    Case { name: "300 records of 20,000 operations", write: many_operations, reject: None, measurements: 300, threads: None },
    Case { name: "300 such records, 8 threads", write: many_operations, reject: None, measurements: 300, threads: Some("8") },
    Case { name: "300 such records, 32 threads", write: many_operations, reject: None, measurements: 300, threads: Some("32") },
    Case { name: "250,000 files", write: many_files, reject: None, measurements: 250_000, threads: None },
    Case { name: "2,000 weeks and countries", write: many_partitions, reject: None, measurements: 2_000, threads: None },
];

#[test]
#[ignore = "takes minutes and some gigabytes of disk; a release check: cargo test -p parallax-cli --test archive memory -- --ignored --nocapture"]
fn the_peak_stays_below_512_megabytes_whatever_the_input() {
    let only = std::env::var("PARALLAX_MEMORY_CASE").unwrap_or_default();
    let mut table = format!("{:<36} {:>9} {:>9} {:>9} {:>9}\n", "input", "ingest MB", "s", "judge MB", "s");
    let mut worst = 0;
    for case in CASES.iter().filter(|case| case.name.contains(&only)) {
        let place = Place::new();
        (case.write)(&place.path("input"));
        let threads: Vec<&str> = case.threads.iter().flat_map(|threads| ["--threads", threads]).collect();
        let (ingest, ingest_s) = peak_megabytes(&place, &[&["ingest", "input"], &threads[..]].concat());
        let (judge, judge_s) = peak_megabytes(&place, &[&["judge"], &threads[..]].concat());
        writeln!(table, "{:<36} {ingest:>9} {ingest_s:>9.1} {judge:>9} {judge_s:>9.1}", case.name).unwrap();
        println!("{}", table.lines().last().unwrap());
        worst = worst.max(ingest).max(judge);
        check(&place, case);
    }
    println!("\n{table}");
    assert!(worst <= MOST_MEGABYTES, "{worst} MB");
}

fn check(place: &Place, case: &Case) {
    let measurements = place.rows("SELECT count(*) AS n FROM measurements")[0]["n"].as_u64().unwrap();
    assert!(measurements >= case.measurements, "{}: {measurements} measurements", case.name);
    let rejects = place.ok(&["rejects", "--by-reason", "--format", "csv"]);
    assert!(case.reject.is_none_or(|reason| rejects.contains(reason)), "{}: {rejects}", case.name);
}

/// Runs a command; gives its peak in megabytes (of a million bytes) and its seconds.
fn peak_megabytes(place: &Place, arguments: &[&str]) -> (u64, f64) {
    let began = Instant::now();
    let mut child = place.start(arguments);
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak_bytes(&child).unwrap_or(peak);
        std::thread::sleep(LOOK_EVERY);
    }
    let seconds = began.elapsed().as_secs_f64();
    let run = told(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    (peak / 1_000_000, seconds)
}

/// The most memory that a process ever had; nothing when it has ended.
fn peak_bytes(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

fn file(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(1 << 20, File::create(path).unwrap())
}

/// A record that says nothing but who and when.
fn empty_record(number: u64, cc: &str, time: &str, test_keys: &str) -> String {
    format!(
        "{{\"measurement_uid\":\"m{number}\",\"test_name\":\"web_connectivity\",\"probe_cc\":\"{cc}\",\"probe_asn\":\"AS{}\",\
         \"measurement_start_time\":\"{time}\",\"input\":\"https://h{number}.example/\",\"test_keys\":{{{test_keys}}}}}\n",
        64_500 + number % 16
    )
}

fn everything(path: &Path) {
    let place = Place::new();
    place.ok(&["simulate", "everything", "--output", path.to_str().unwrap()]);
    // What is no measurement there would only be rejected.
    std::fs::remove_dir_all(path.join("refdata")).unwrap();
    for name in ["truth.jsonl", "truth-events.jsonl", "world.toml", "drawn.toml"] {
        std::fs::remove_file(path.join(name)).unwrap();
    }
}

fn one_long_line(path: &Path) {
    let mut file = file(path);
    file.write_all(b"{\"test_name\":\"").unwrap();
    let block = vec![b'x'; 1 << 20];
    (0..500).for_each(|_| file.write_all(&block).unwrap());
    file.write_all(b"\"}\n").unwrap();
    file.write_all(empty_record(1, "XA", "2024-03-10 00:00:00", "").as_bytes()).unwrap();
}

fn one_long_record(path: &Path) {
    let body = "\\u0000\\\"x".repeat(3_600_000);
    file(path).write_all(record_with_body(1, &body).as_bytes()).unwrap();
}

fn record_with_body(number: u64, body: &str) -> String {
    let request =
        format!("\"requests\":[{{\"request\":{{\"url\":\"https://h1.example/\"}},\"response\":{{\"code\":200,\"body\":\"{body}\"}}}}]");
    empty_record(number, "XA", "2024-03-10 00:00:00", &request)
}

fn long_records(path: &Path) {
    std::fs::create_dir(path).unwrap();
    let body = "\\u0000\\\"x".repeat(3_600_000);
    for number in 0..8 {
        file(&path.join(number.to_string())).write_all(record_with_body(number, &body).as_bytes()).unwrap();
    }
}

/// Files of 160 MB, more than their windows, as `zstd --long=27` writes them.
fn long_windows(path: &Path) {
    std::fs::create_dir(path).unwrap();
    let body = "x".repeat(1_000_000);
    for number in 0..8 {
        let mut zstd = zstd::Encoder::new(file(&path.join(number.to_string())), 1).unwrap();
        zstd.window_log(27).unwrap();
        (0..160).for_each(|record| zstd.write_all(record_with_body(160 * number + record, &body).as_bytes()).unwrap());
        zstd.finish().unwrap().flush().unwrap();
    }
}

/// As volunteers' measurements lie in hourly files: small ones, many in a folder of many.
fn many_files(path: &Path) {
    for folder in 0..250_u64 {
        let folder_path = path.join(format!("20240310{:02}", folder));
        std::fs::create_dir_all(&folder_path).unwrap();
        for number in folder * 1_000..(folder + 1) * 1_000 {
            let name = folder_path.join(format!("20240310{:02}_XA_webconnectivity.n0.{number}.jsonl", folder));
            std::fs::write(name, empty_record(number, "XA", "2024-03-10 00:00:00", "")).unwrap();
        }
    }
}

fn deep_nesting(path: &Path) {
    let deep = format!("\"queries\":{}{}", "[".repeat(15 << 20), "]".repeat(15 << 20));
    let mut file = file(path);
    file.write_all(empty_record(1, "XA", "2024-03-10 00:00:00", &deep).as_bytes()).unwrap();
    file.write_all(empty_record(2, "XA", "2024-03-10 00:00:00", "").as_bytes()).unwrap();
}

fn bomb(path: &Path) {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let blanks = vec![b' '; 1 << 20];
    (0..100).for_each(|_| gzip.write_all(&blanks).unwrap());
    let member = gzip.finish().unwrap();
    let mut outer = flate2::write::GzEncoder::new(file(path), flate2::Compression::best());
    (0..100).for_each(|_| outer.write_all(&member).unwrap());
    outer.finish().unwrap().flush().unwrap();
}

fn garbage_lines(path: &Path) {
    let mut file = file(path);
    (0..2_000_000).for_each(|number| writeln!(file, "{{\"test_name\": {number}").unwrap());
}

/// Every number is a reject, and none a record.
fn numbers(path: &Path) {
    let mut file = file(path);
    file.write_all(b"[{}").unwrap();
    (0..5_000_000).for_each(|_| file.write_all(b",1").unwrap());
    file.write_all(b"]").unwrap();
}

/// Names, addresses, countries and certificates that never come twice, ten certificates a record.
fn hostile_records(path: &Path) {
    let (mut file, mut numbers) = (file(path), Numbers(1));
    for number in 0..100_000u64 {
        let cc = two_letters(numbers.next());
        let time = format!("2024-03-{:02} {:02}:00:00", 4 + numbers.below(14), numbers.below(24));
        let name = format!("h{:x}.example", numbers.next());
        let ip = format!("45.{}.{}.{}", numbers.below(256), numbers.below(256), 1 + numbers.below(250));
        let certificates: Vec<String> =
            (0..10).map(|_| format!("{{\"data\":\"{}\",\"format\":\"base64\"}}", base64(&mut numbers))).collect();
        let test_keys = format!(
            "\"queries\":[{{\"hostname\":\"{name}\",\"query_type\":\"A\",\"failure\":null,\"answers\":[{{\"answer_type\":\"A\",\"ipv4\":\"{ip}\"}}]}}],\
             \"tls_handshakes\":[{{\"address\":\"{ip}:443\",\"server_name\":\"{name}\",\"failure\":null,\"no_tls_verify\":false,\
             \"peer_certificates\":[{}]}}]",
            certificates.join(",")
        );
        file.write_all(empty_record(number, &cc, &time, &test_keys).as_bytes()).unwrap();
    }
}

/// 120 bytes of chance.
fn base64(numbers: &mut Numbers) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..16)
        .flat_map(|_| {
            let number = numbers.next();
            (0..10).map(move |six| char::from(LETTERS[(number >> (6 * six)) as usize & 63]))
        })
        .collect()
}

fn two_letters(number: u64) -> String {
    let letter = |number: u64| char::from(b'A' + (number % 26) as u8);
    [letter(number), letter(number >> 8)].iter().collect()
}

/// As many operations as a record may have, in one country and week.
fn many_operations(path: &Path) {
    let mut file = file(path);
    for number in 0..300 {
        let connects: Vec<String> = (0..20_000u32)
            .map(|port| {
                format!("{{\"ip\":\"45.{number}.{}.{}\",\"port\":443,\"status\":{{\"success\":true}}}}", port >> 8 & 255, port & 255)
                    .replace("45.2", "46.")
            })
            .collect();
        let test_keys = format!("\"tcp_connect\":[{}]", connects.join(","));
        file.write_all(empty_record(number, "XA", "2024-03-10 00:00:00", &test_keys).as_bytes()).unwrap();
    }
}

/// One record in each of so many countries and weeks.
fn many_partitions(path: &Path) {
    let (mut file, connect) = (file(path), "\"tcp_connect\":[{\"ip\":\"45.1.2.3\",\"port\":443,\"status\":{\"success\":true}}]");
    for number in 0..2_000 {
        let time = format!("{}-03-10 00:00:00", 1980 + number % 200);
        file.write_all(empty_record(number, &two_letters(number / 200), &time, connect).as_bytes()).unwrap();
    }
}
