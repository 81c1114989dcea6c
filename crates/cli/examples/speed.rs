//! How fast measurements are read, beside how fast they could be: the same bytes, in the same run, on the same machine.
//!
//! ```sh
//! cargo build --release -p parallax-cli
//! cargo run --release -p parallax-cli --example speed -- --fingerprints fingerprints_http.csv --program target/release/parallax INPUT…
//! ```
//!
//! First the three things that nobody can do without, each alone: gunzip, JSON parse (simd-json to its tape, in place), and the search of the
//! bodies for the fingerprints. Then `ingest` into a new archive in a temporary folder, and, where the program is named, `judge` on that
//! archive as a process of its own. All figures are CPU time, user and system, of all threads: wall time lies on a machine that is shared. Linux
//! only, since it asks `/proc`.
//!
//! | option | meaning | default |
//! |---|---|---|
//! | `--fingerprints FILE` | OONI's list of HTTP fingerprints | none are searched for |
//! | `--refdata FILE` | more reference data for `judge`, as often as needed: a simulated world's own authorities and networks, without which it validates nothing | none |
//! | `--program FILE` | the `parallax` that judges | judging is left out |
//! | `--threads N` | threads of `ingest` and `judge` | 1 |
//! | `--rounds N` | how often all of it is done; the median of each figure counts | 3 |

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use parallax_archive::{Archive, container};
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::input::expand;
use parallax_ingest::pipeline::{self, Options, Silent};
use parallax_ingest::refdata::{self, Kind, NamedSnapshot};
use parallax_model::refdata::{FingerprintLocation, FingerprintPattern};
use simd_json::{Buffers, INPUT_PADDING, Node, Tape};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Bytes of JSON, about, that are taken through a stage before the next begins: the clock of `/proc` ticks every hundredth of a second.
const STRETCH_BYTES: usize = 256 << 20;
const TICK: Duration = Duration::from_millis(10);

fn main() -> Outcome<()> {
    let arguments = Arguments::read()?;
    let tools = Tools::new(arguments.fingerprints.as_deref())?;
    let rounds: Vec<Round> = (0..arguments.rounds).map(|_| Round::measure(&arguments, &tools)).collect::<Outcome<_>>()?;
    let limit = median(&rounds, |round| round.limit, Limit::sum);
    let reading = median(&rounds, |round| round.reading, |reading| reading.ingest + reading.judge);
    print(&limit, &reading, &arguments, &tools);
    Ok(())
}

struct Arguments {
    fingerprints: Option<PathBuf>,
    refdata: Vec<PathBuf>,
    program: Option<PathBuf>,
    threads: usize,
    rounds: usize,
    inputs: Vec<PathBuf>,
}

impl Arguments {
    fn read() -> Outcome<Self> {
        let mut read = Self { fingerprints: None, refdata: Vec::new(), program: None, threads: 1, rounds: 3, inputs: Vec::new() };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--fingerprints" => read.fingerprints = Some(value()?.into()),
                "--refdata" => read.refdata.push(value()?.into()),
                "--program" => read.program = Some(fs::canonicalize(value()?)?),
                "--threads" => read.threads = value()?.parse()?,
                "--rounds" => read.rounds = value()?.parse()?,
                _ => read.inputs.push(word.into()),
            }
        }
        if read.inputs.is_empty() || read.rounds == 0 {
            return Err("name the files to read; crates/cli/examples/speed.rs says how".into());
        }
        Ok(read)
    }
}

/// What bodies are searched with: by our matcher and, to compare, by an automaton of the same texts. It is the kind that searches fastest,
/// which for so many texts has to be asked for.
struct Tools {
    matcher: FingerprintMatcher,
    automaton: AhoCorasick,
    texts: usize,
}

impl Tools {
    fn new(fingerprints: Option<&Path>) -> Outcome<Self> {
        let mut snapshots = Vec::new();
        if let Some(path) = fingerprints {
            let bytes = fs::read(path)?;
            snapshots.push(NamedSnapshot {
                kind: Kind::OoniFingerprints,
                name: path.display().to_string(),
                digest: "fingerprints".into(),
                bytes,
            });
        }
        let known = refdata::load(&snapshots)?.fingerprints;
        let of_bodies = known.values().filter(|fingerprint| fingerprint.location == FingerprintLocation::Body);
        let texts: Vec<&str> = of_bodies
            .filter_map(|fingerprint| match &fingerprint.pattern {
                FingerprintPattern::Contains(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        Ok(Self {
            matcher: refdata::matcher(&snapshots)?,
            automaton: AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&texts)?,
            texts: texts.len(),
        })
    }
}

/// What one pass over the inputs measured.
struct Round {
    limit: Limit,
    reading: Reading,
}

/// The stages of the limit.
#[derive(Clone, Copy, Default)]
struct Limit {
    compressed_bytes: usize,
    bytes: usize,
    records: usize,
    body_bytes: usize,
    gunzip: Duration,
    parse: Duration,
    scan: Duration,
    scan_by_automaton: Duration,
}

/// What the program needed.
#[derive(Clone, Copy, Default)]
struct Reading {
    ingest: Duration,
    ingest_wall: Duration,
    judge: Duration,
    judge_wall: Duration,
    measurements: u64,
    observations: u64,
    rejected: u64,
    bytes_on_disk: u64,
}

impl Round {
    fn measure(arguments: &Arguments, tools: &Tools) -> Outcome<Self> {
        let mut limit = Limit::default();
        let mut waiting = expand(&arguments.inputs)?.into_iter().filter_map(|input| match input {
            parallax_ingest::input::Input::File(path) => Some(path),
            parallax_ingest::input::Input::Stdin => None,
        });
        while limit.measure_stretch(&mut waiting, tools)? {}
        Ok(Self { limit, reading: Reading::measure(arguments)? })
    }
}

impl Limit {
    /// Takes some files through all stages; false when there was none.
    fn measure_stretch(&mut self, files: &mut impl Iterator<Item = PathBuf>, tools: &Tools) -> Outcome<bool> {
        let mut compressed = Vec::new();
        let mut bytes = 0;
        while bytes < STRETCH_BYTES / 8
            && let Some(path) = files.next()
        {
            compressed.push(fs::read(path)?);
            bytes += compressed.last().map_or(0, Vec::len);
        }
        self.compressed_bytes += bytes;
        let texts = timed(&mut self.gunzip, || compressed.iter().map(|file| decompress(file)).collect::<Outcome<Vec<_>>>())?;
        self.bytes += texts.iter().map(Vec::len).sum::<usize>();
        let mut records: Vec<Vec<u8>> = texts.iter().flat_map(|text| text.split(|byte| *byte == b'\n')).map(padded).collect();
        drop(texts);
        records.retain(|record| record.len() > INPUT_PADDING);
        self.records += records.len();
        let bodies = bodies_of(&records)?;
        self.body_bytes += bodies.iter().map(Vec::len).sum::<usize>();
        let mut parser = Parser::default();
        timed(&mut self.parse, || {
            records.iter_mut().try_for_each(|record| {
                parser.parse(record, |nodes| {
                    black_box(nodes.len());
                })
            })
        })?;
        timed(&mut self.scan, || bodies.iter().for_each(|body| drop(black_box(tools.matcher.matches(&[], body)))));
        timed(&mut self.scan_by_automaton, || {
            for body in &bodies {
                black_box(tools.automaton.find_overlapping_iter(body).count());
            }
        });
        Ok(!compressed.is_empty())
    }

    /// What the three need together.
    fn sum(&self) -> Duration {
        self.gunzip + self.parse + self.scan
    }

    /// The same where the automaton searches.
    fn sum_with_automaton(&self) -> Duration {
        self.gunzip + self.parse + self.scan_by_automaton
    }
}

fn decompress(file: &[u8]) -> Outcome<Vec<u8>> {
    let mut text = Vec::with_capacity(8 * file.len());
    container::open(Cursor::new(file.to_vec()), Default::default())?.read_to_end(&mut text)?;
    Ok(text)
}

/// A record with the room behind it that the parser asks for.
fn padded(record: &[u8]) -> Vec<u8> {
    [record, &[b' '; INPUT_PADDING]].concat()
}

/// The parser with what it needs from one record to the next.
#[derive(Default)]
struct Parser {
    buffers: Buffers,
    tape: Vec<Node<'static>>,
}

impl Parser {
    fn parse<R>(&mut self, record: &mut [u8], read: impl FnOnce(&[Node<'_>]) -> R) -> simd_json::Result<R> {
        let mut tape = Tape(std::mem::take(&mut self.tape)).reset();
        let length = record.len() - INPUT_PADDING;
        simd_json::fill_tape_padded(record, length, &mut self.buffers, &mut tape)?;
        let result = read(&tape.0);
        self.tape = tape.reset().0;
        Ok(result)
    }
}

/// The bodies of all responses, as they were before they became JSON.
fn bodies_of(records: &[Vec<u8>]) -> Outcome<Vec<Vec<u8>>> {
    let (mut parser, mut bodies) = (Parser::default(), Vec::new());
    for record in records {
        parser.parse(&mut record.clone(), |nodes| {
            for pair in nodes.windows(2) {
                if let [Node::String("body"), Node::String(body)] = pair {
                    bodies.push(body.as_bytes().to_vec());
                }
            }
        })?;
    }
    Ok(bodies)
}

impl Reading {
    fn measure(arguments: &Arguments) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let archive = Archive::open_or_create(folder.path())?;
        for path in arguments.fingerprints.iter().chain(&arguments.refdata) {
            refdata::add(&archive, path)?;
        }
        let mut reading = Self::default();
        // The archive's own: `judge` reads everything again that was searched for others.
        let fingerprints = refdata::load_matcher(&archive, &archive.snapshot()?)?.into();
        let options = Options { threads: arguments.threads.try_into()?, keep_raw: false, fingerprints };
        let began = Instant::now();
        let summary = timed(&mut reading.ingest, || pipeline::ingest(&archive, &expand(&arguments.inputs)?, &options, &Silent))?;
        reading.ingest_wall = began.elapsed();
        (reading.measurements, reading.observations, reading.rejected) = (summary.measurements, summary.observations, summary.rejected);
        if let Some(program) = &arguments.program {
            let began = Instant::now();
            timed(&mut reading.judge, || judge(program, folder.path(), arguments.threads))?;
            reading.judge_wall = began.elapsed();
        }
        let snapshot = archive.snapshot()?;
        reading.bytes_on_disk = snapshot.manifest().tables.values().flat_map(|table| table.values().flatten()).map(|file| file.bytes).sum();
        Ok(reading)
    }
}

fn judge(program: &Path, archive: &Path, threads: usize) -> Outcome<()> {
    let mut command = Command::new(program);
    command.arg("--archive").arg(archive).args(["--threads", &threads.to_string(), "judge"]);
    match command.stdout(Stdio::null()).status()?.success() {
        true => Ok(()),
        false => Err("`parallax judge` failed".into()),
    }
}

/// Adds the CPU time of some work to a sum.
fn timed<R>(sum: &mut Duration, work: impl FnOnce() -> R) -> R {
    let before = cpu_time();
    let result = work();
    *sum += cpu_time().saturating_sub(before);
    result
}

/// User and system time of this process, all its threads, and the children that it waited for (fields 14 to 17 of proc(5)).
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    TICK * fields.skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum::<u32>()
}

/// The round whose figure lies in the middle.
fn median<T: Copy>(rounds: &[Round], part: impl Fn(&Round) -> T, figure: impl Fn(&T) -> Duration) -> T {
    let mut parts: Vec<T> = rounds.iter().map(part).collect();
    parts.sort_by_key(figure);
    parts[parts.len() / 2]
}

fn print(limit: &Limit, reading: &Reading, arguments: &Arguments, tools: &Tools) {
    let megabytes = limit.bytes as f64 / 1e6;
    println!(
        "{} records, {megabytes:.0} MB of JSON ({:.1} kB each, {:.0} % bodies), gzip {:.1} : 1; {} texts to look for",
        limit.records,
        limit.bytes as f64 / 1e3 / limit.records.max(1) as f64,
        100.0 * limit.body_bytes as f64 / limit.bytes.max(1) as f64,
        limit.bytes as f64 / limit.compressed_bytes.max(1) as f64,
        tools.texts,
    );
    let line = |name: &str, time: Duration| {
        let seconds = time.as_secs_f64();
        println!("{name:<34} {seconds:>8.2} s {:>8.2} ms/MB {:>8.0} MB/s", 1e3 * seconds / megabytes, megabytes / seconds);
    };
    line("gunzip alone", limit.gunzip);
    line("parse alone", limit.parse);
    line("scan of the bodies alone", limit.scan);
    line("  the same by an automaton", limit.scan_by_automaton);
    line("the limit: the three together", limit.sum());
    line("  the same with the automaton", limit.sum_with_automaton());
    line("ingest", reading.ingest);
    if arguments.program.is_some() {
        line("judge", reading.judge);
        line("ingest + judge", reading.ingest + reading.judge);
    }
    let own = (reading.ingest + reading.judge).as_secs_f64();
    let share = |limit: Duration| 100.0 * limit.as_secs_f64() / own;
    println!("share of the limit: {:.1} %; of that with the automaton: {:.1} %", share(limit.sum()), share(limit.sum_with_automaton()));
    println!(
        "{} threads: ingest {:.2} s of wall time, judge {:.2} s; {} measurements, {} observations, {} rejected; tables {:.2} % of the JSON",
        arguments.threads,
        reading.ingest_wall.as_secs_f64(),
        reading.judge_wall.as_secs_f64(),
        reading.measurements,
        reading.observations,
        reading.rejected,
        100.0 * reading.bytes_on_disk as f64 / limit.bytes as f64,
    );
}
