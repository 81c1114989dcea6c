//! What a run promises: the same tables whatever the threads, the order, the repetition and the split into runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use parallax_archive::Archive;
use parallax_model::Table;
use parallax_model::refdata::{Fingerprint, FingerprintLocation, FingerprintPattern};
use parallax_model::table::Row;
use parallax_model::tables::{ALL, Measurement, Observation, Reject};
use tempfile::TempDir;

use super::*;
use crate::fingerprints::FingerprintMatcher;
use crate::input::{Input, expand};

/// A measurement of the simplest kind; `number` makes it different from others.
fn measurement(number: usize) -> String {
    format!(
        r#"{{"test_name":"web_connectivity","test_version":"0.4.0","software_name":"parallax","software_version":"1","data_format_version":"0.2.0","measurement_start_time":"2024-02-{:02} 12:00:00","test_start_time":"2024-02-01 12:00:00","probe_cc":"X{}","probe_asn":"AS6450{}","report_id":"r","input":"http://site{number}.example.org/","test_runtime":1.5,"annotations":{{}},"test_keys":{{"queries":[{{"hostname":"site{number}.example.org","query_type":"A","engine":"system","failure":null,"answers":[{{"answer_type":"A","ipv4":"192.0.2.{}"}}]}}],"requests":[{{"failure":null,"request":{{"url":"http://site{number}.example.org/","method":"GET","headers":{{}}}},"response":{{"code":200,"headers":{{"Server":"gate"}},"body":"<title>{number}</title> this site is blocked"}}}}]}}}}"#,
        number % 28 + 1,
        (b'A' + (number % 3) as u8) as char,
        number % 10,
        number % 250,
    )
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| measurement(number) + "\n").collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A folder of inputs and an archive.
struct World {
    folder: TempDir,
}

impl World {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(name, bytes)| world.write(name, bytes));
        world
    }

    /// Files of every layout, with broken and foreign ones among them.
    fn mixed() -> Self {
        let array = format!("[{}]", (200..230).map(measurement).collect::<Vec<_>>().join(",\n"));
        let broken = format!("{}{{\"test_name\": \"web_conn\n{}", lines(100..150), lines(150..200));
        let mut cut = gzip(&lines(300..500));
        cut.truncate(cut.len() - 100);
        Self::new(&[
            ("a.jsonl", lines(0..100).into_bytes()),
            ("b.jsonl.gz", gzip(&broken)),
            ("c.json", array.into_bytes()),
            ("sub/cut", cut),
            ("sub/again.jsonl", lines(50..60).into_bytes()),
            ("sub/README.md", b"# Not measurements\n".to_vec()),
        ])
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join("inputs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn input(&self, name: &str) -> PathBuf {
        self.folder.path().join("inputs").join(name)
    }

    fn archive(&self, name: &str) -> Archive {
        Archive::open_or_create(self.folder.path().join(name)).unwrap()
    }

    fn ingest(&self, archive: &Archive, names: &[&str], options: &Options) -> Result<Summary, crate::Error> {
        let paths: Vec<_> = names.iter().map(|name| self.input(name)).collect();
        ingest(archive, &expand(&paths)?, options, &Silent)
    }
}

fn options(threads: usize) -> Options {
    Options { threads: threads.try_into().unwrap(), keep_raw: false, fingerprints: FingerprintMatcher::empty().into() }
}

fn fingerprints(digest: &str, text: &str) -> Options {
    let fingerprint = Fingerprint {
        name: format!("finds_{text}"),
        scope: "nat".into(),
        location: FingerprintLocation::Body,
        pattern: FingerprintPattern::Contains(text.into()),
        confidence: 5,
        expected_countries: Default::default(),
    };
    Options { fingerprints: FingerprintMatcher::new(digest, [&fingerprint]).unwrap().into(), ..options(2) }
}

/// Every table file by its path in the archive.
fn tables(archive: &Archive) -> BTreeMap<PathBuf, Vec<u8>> {
    let snapshot = archive.snapshot().unwrap();
    let files = ALL.iter().flat_map(|table| snapshot.files(table));
    files.map(|path| (path.strip_prefix(archive.dir()).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

fn rows<T>(archive: &Archive, table: &'static Table, read: impl Fn(&arrow::array::RecordBatch, usize) -> T) -> Vec<T> {
    let snapshot = archive.snapshot().unwrap();
    let mut rows = Vec::new();
    for partition in snapshot.partitions(table) {
        for batch in snapshot.read(table, partition).unwrap() {
            let batch = batch.unwrap();
            rows.extend((0..batch.num_rows()).map(|row| read(&batch, row)));
        }
    }
    rows
}

#[test]
fn a_run_says_what_it_did() {
    let world = World::mixed();
    let archive = world.archive("archive");
    let summary = world.ingest(&archive, &[""], &options(2)).unwrap();
    assert_eq!((summary.files, summary.skipped_files, summary.rejected), (6, 0, 3));
    let in_tables = rows(&archive, Measurement::TABLE_INFO, |batch, row| Measurement::read(batch, row).source_line);
    assert_eq!(summary.measurements, in_tables.len() as u64 + 10, "ten records lie in two files");
    assert!((240..440).contains(&in_tables.len()));
    assert!(summary.observations >= 2 * summary.measurements);
    let rejects = rows(&archive, Reject::TABLE_INFO, |batch, row| {
        let reject = Reject::read(batch, row);
        format!("{} {} {}", reject.source_file, reject.scope, reject.reason)
    });
    assert!(rejects.contains(&"README.md file not_measurements".to_owned()), "{rejects:?}");
    assert!(rejects.contains(&"cut file damaged_stream".to_owned()), "{rejects:?}");
    assert!(rejects.iter().any(|reject| reject.starts_with("b.jsonl.gz record ")), "{rejects:?}");
}

#[test]
fn threads_order_and_repetition_leave_no_trace() {
    let world = World::mixed();
    let once = world.archive("once");
    world.ingest(&once, &[""], &options(1)).unwrap();
    let expected = tables(&once);
    assert!(expected.len() > 10);
    for threads in [2, 4] {
        let archive = world.archive(&format!("threads-{threads}"));
        world.ingest(&archive, &["sub/cut", "c.json", "sub", "b.jsonl.gz", "a.jsonl", "c.json"], &options(threads)).unwrap();
        assert_eq!(tables(&archive), expected);
    }
    let in_runs = world.archive("in-runs");
    for name in ["sub/again.jsonl", "b.jsonl.gz", "c.json", "a.jsonl", "sub"] {
        world.ingest(&in_runs, &[name], &options(2)).unwrap();
    }
    assert_eq!(tables(&in_runs), expected);
}

#[test]
fn the_same_input_twice_adds_nothing() {
    let world = World::mixed();
    let archive = world.archive("archive");
    world.ingest(&archive, &[""], &options(2)).unwrap();
    let (before, generation) = (tables(&archive), archive.snapshot().unwrap().manifest().generation);
    let summary = world.ingest(&archive, &[""], &options(2)).unwrap();
    assert_eq!((summary.files, summary.skipped_files, summary.measurements, summary.bytes), (0, 6, 0, 0));
    assert_eq!(tables(&archive), before);
    assert_eq!(archive.snapshot().unwrap().manifest().generation, generation);
}

#[test]
fn a_copy_elsewhere_is_remembered_and_not_read() {
    let world = World::new(&[("b/one.jsonl", lines(0..5).into_bytes())]);
    let archive = world.archive("archive");
    world.ingest(&archive, &[""], &options(1)).unwrap();
    world.write("a/two.jsonl", lines(0..5).as_bytes());
    let summary = world.ingest(&archive, &["a"], &options(1)).unwrap();
    assert_eq!((summary.files, summary.skipped_files), (0, 1));
    let snapshot = archive.snapshot().unwrap();
    let inputs: Vec<_> = snapshot.inputs().unwrap().collect::<Result<_, _>>().unwrap();
    assert!(matches!(&inputs[..], [input] if input.name == "one.jsonl" && input.locations.len() == 2 && input.records == 5));
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_no_text_is_read_and_known_again() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new(&[("folder/a.jsonl", lines(0..5).into_bytes())]);
    let archive = world.archive("archive");
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.jsonl");
    let folder = world.folder.path().join("inputs/folder");
    fs::rename(folder.join("a.jsonl"), folder.join(odd)).unwrap();
    assert_eq!(world.ingest(&archive, &["folder"], &options(1)).unwrap().measurements, 5);
    assert_eq!(world.ingest(&archive, &["folder"], &options(1)).unwrap().skipped_files, 1);
    let digest = archive.snapshot().unwrap().inputs().unwrap().next().unwrap().unwrap().sha256;
    let state = archive.snapshot().unwrap().open_input(&digest).unwrap();
    assert!(matches!(state, parallax_archive::InputState::At(path) if path.ends_with(odd)));
}

#[test]
fn rows_carry_the_first_name_of_a_file_whichever_copy_came_first() {
    let world = World::new(&[("a.jsonl", b"{\"broken\n".to_vec()), ("z.jsonl", b"{\"broken\n".to_vec())]);
    let (forth, back) = (world.archive("forth"), world.archive("back"));
    for (archive, names) in [(&forth, ["a.jsonl", "z.jsonl"]), (&back, ["z.jsonl", "a.jsonl"])] {
        for name in names {
            world.ingest(archive, &[name], &options(1)).unwrap();
        }
        assert_eq!(rows(archive, Reject::TABLE_INFO, |batch, row| Reject::read(batch, row).source_file.into_owned()), ["a.jsonl"]);
    }
    assert_eq!(tables(&forth), tables(&back));
}

#[test]
fn other_fingerprints_mean_reading_again_and_nothing_old_remains() {
    let world = World::mixed();
    let archive = world.archive("archive");
    world.ingest(&archive, &[""], &fingerprints("one", "this")).unwrap();
    world.ingest(&archive, &[""], &fingerprints("two", "blocked")).unwrap();
    let anew = world.archive("anew");
    world.ingest(&anew, &[""], &fingerprints("two", "blocked")).unwrap();
    assert_eq!(tables(&archive), tables(&anew));
    let found = rows(&anew, Observation::TABLE_INFO, |batch, row| {
        Observation::read(batch, row).http_response_fingerprints.iter().map(ToString::to_string).collect::<Vec<_>>()
    });
    assert!(found.concat().iter().all(|name| name == "finds_blocked") && !found.concat().is_empty());
}

#[test]
fn what_is_kept_can_be_read_when_the_file_is_gone() {
    let world = World::mixed();
    let (kept, not) = (world.archive("kept"), world.archive("not"));
    world.ingest(&kept, &[""], &Options { keep_raw: true, ..options(2) }).unwrap();
    world.ingest(&not, &[""], &options(2)).unwrap();
    assert_eq!(tables(&kept), tables(&not));
    fs::remove_dir_all(world.input("")).unwrap();
    let snapshot = kept.snapshot().unwrap();
    let places = rows(&kept, Measurement::TABLE_INFO, |batch, row| {
        let row = Measurement::read(batch, row);
        (row.source_digest.into_owned(), row.source_offset, row.source_length, row.raw_digest.into_owned())
    });
    for (source, offset, length, digest) in places.into_iter().step_by(37) {
        assert_eq!(crate::sha256::of(&snapshot.record(&source, offset, length).unwrap()), digest);
    }
}

#[test]
fn a_missing_file_stops_a_run_and_what_was_committed_stays() {
    let world = World::mixed();
    let archive = world.archive("archive");
    world.ingest(&archive, &["a.jsonl"], &options(2)).unwrap();
    let before = tables(&archive);
    let inputs = [Input::File(world.input("b.jsonl.gz")), Input::File(world.input("gone.jsonl"))];
    let error = ingest(&archive, &inputs, &options(2), &Silent).unwrap_err();
    assert!(error.to_string().contains("gone.jsonl"), "{error}");
    assert_eq!(tables(&archive), before);
}

/// Changes the file that is being read.
struct Meddler(Mutex<bool>);

impl Progress for Meddler {
    fn total(&self, _: u64) {}
    fn advance(&self, _: u64) {}
    fn file(&self, path: &Path) {
        if !std::mem::replace(&mut *self.0.lock().unwrap(), true) {
            fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"{}\n").unwrap();
        }
    }
}

#[test]
fn a_file_that_changes_under_us_is_an_error_that_names_it() {
    let world = World::new(&[("a.jsonl", lines(0..10).into_bytes())]);
    let archive = world.archive("archive");
    let error = ingest(&archive, &[Input::File(world.input("a.jsonl"))], &options(1), &Meddler(Mutex::new(false))).unwrap_err();
    assert!(matches!(&error, crate::Error::Changed { path } if path.ends_with("a.jsonl")), "{error}");
    assert!(tables(&archive).is_empty());
    assert_eq!(world.ingest(&archive, &["a.jsonl"], &options(1)).unwrap().measurements, 10);
}

/// Counts what it is told.
#[derive(Default)]
struct Counter(Mutex<(u64, u64)>);

impl Progress for Counter {
    fn total(&self, bytes: u64) {
        self.0.lock().unwrap().0 += bytes;
    }
    fn advance(&self, bytes: u64) {
        self.0.lock().unwrap().1 += bytes;
    }
    fn file(&self, _: &Path) {}
}

#[test]
fn progress_ends_at_its_total_even_when_files_are_skipped() {
    let world = World::mixed();
    let archive = world.archive("archive");
    for _ in 0..2 {
        let counter = Counter::default();
        ingest(&archive, &expand(&[world.input("")]).unwrap(), &options(2), &counter).unwrap();
        let (total, done) = counter.0.into_inner().unwrap();
        assert!(total > 0);
        assert_eq!(done, total);
    }
}
