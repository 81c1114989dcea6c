//! `parallax fetch` against a bucket of this process; no test touches the internet. `real_server` is for a server that somebody else wrote.

mod bucket;
mod hostile;
mod real_server;
mod resume;

use std::path::PathBuf;

use bucket::{Bucket, Fault};
use serde_json::Value;

use crate::program::{Place, Run};

/// The key of a file of an hour of 12 February 2024.
fn key(hour: u8, country: &str, test: &str, counter: u32) -> String {
    format!("raw/20240212/{hour:02}/{country}/{test}/20240212{hour:02}_{country}_{test}.n0.{counter}.jsonl.gz")
}

/// A folder to download to.
struct Folder(Place);

impl Folder {
    fn new() -> Self {
        Self(Place::new())
    }

    /// Fetches the day of Italy.
    fn fetch(&self, bucket: &Bucket, more: &[&str]) -> Run {
        self.0.run(&[&DAY[..], &["--bucket", &bucket.url], more].concat())
    }

    /// The same, told to a program; with its exit code.
    fn summary(&self, bucket: &Bucket) -> (i32, Value) {
        let run = self.fetch(bucket, &["--format", "jsonl"]);
        (run.code, serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr)))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.0.path("parallax-raw").join(key)
    }

    fn read(&self, key: &str) -> Vec<u8> {
        std::fs::read(self.path(key)).unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    /// Every file, hidden ones too, by its path below the folder.
    fn files(&self) -> Vec<String> {
        let (mut folders, mut files) = (vec![self.0.path("")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    false => files.push(entry.strip_prefix(self.0.path("")).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        files.sort();
        files
    }
}

const DAY: [&str; 7] = ["fetch", "--country", "it", "--since", "2024-02-12", "--until", "2024-02-13"];

/// Some hours with some files, and their neighbours that nobody asks for.
fn filled(page: usize) -> (Bucket, Vec<String>) {
    let bucket = Bucket::new(page);
    let keys: Vec<_> = [0, 7, 23].iter().flat_map(|hour| (0..5).map(move |counter| key(*hour, "IT", "webconnectivity", counter))).collect();
    for key in &keys {
        bucket.put(key, format!("the bytes of {key}").repeat(100));
        bucket.put(&key.replace("jsonl.gz", "tar.gz"), "the same, packed otherwise");
    }
    bucket.put("raw/20240212/07/IT/", "");
    bucket.put(&key(7, "FR", "webconnectivity", 0), "of another country");
    bucket.put("raw/20240213/00/IT/ndt/2024021300_IT_ndt.n0.0.jsonl.gz", "of another day");
    (bucket, keys)
}

#[test]
fn every_page_is_read_and_nothing_else_is_downloaded() {
    let (bucket, keys) = filled(2);
    let folder = Folder::new();
    let run = folder.fetch(&bucket, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for key in &keys {
        assert_eq!(folder.read(key), format!("the bytes of {key}").repeat(100).into_bytes());
    }
    assert_eq!(folder.files().len(), keys.len());
    let log = bucket.log();
    assert!(
        log.iter().all(|request| request.headers["user-agent"].starts_with("parallax/") && !request.headers.contains_key("authorization"))
    );
    assert!(log.iter().filter(|request| request.target.contains("continuation-token")).count() >= 12);
}

#[test]
fn a_second_run_downloads_nothing_and_a_third_only_what_is_new() {
    let (bucket, keys) = filled(1000);
    let folder = Folder::new();
    assert_eq!(folder.summary(&bucket).1["downloaded_files"], keys.len());
    bucket.log();
    let (code, summary) = folder.summary(&bucket);
    assert_eq!((code, &summary["present_files"], &summary["downloaded_files"]), (0, &keys.len().into(), &0.into()));
    assert!(bucket.downloads().is_empty());
    bucket.put(&key(9, "IT", "signal", 0), "new");
    assert_eq!(folder.summary(&bucket).1["downloaded_files"], 1);
}

#[test]
fn a_dry_run_says_how_much_and_writes_nothing() {
    let (bucket, _) = filled(1000);
    let folder = Folder::new();
    let run = folder.fetch(&bucket, &["--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @"IT from 2024-02-12 to before 2024-02-13: 15 files (136.5 kB); 15 files (136.5 kB) of them are not in parallax-raw yet");
    assert!(folder.files().is_empty() && bucket.downloads().is_empty());
}

#[test]
fn a_test_is_asked_for_by_either_of_its_names() {
    let bucket = Bucket::new(1000);
    for test in ["webconnectivity", "signal", "telegram"] {
        bucket.put(&key(5, "IT", test, 0), test);
    }
    for (tests, files) in [(&["--test", "web_connectivity"][..], 1), (&["--test", "signal", "--test", "telegram"], 2)] {
        let folder = Folder::new();
        assert_eq!(folder.fetch(&bucket, tests).code, 0);
        assert_eq!(folder.files().len(), files);
    }
    let run = Folder::new().fetch(&bucket, &["--test", "signal", "--test", "webconectivity"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let run = Folder::new().fetch(&bucket, &["--test", "webconectivity", "--test", "tellegram"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout, @"the bucket has no file of IT from 2024-02-12 to before 2024-02-13; of other tests there are signal, telegram, webconnectivity");
}

#[test]
fn what_to_do_next_can_be_pasted() {
    let (bucket, _) = filled(1000);
    let run = Folder::new().fetch(&bucket, &["--output", "my raw"]);
    let lines: Vec<_> = run.stdout.lines().map(str::trim).collect();
    assert!(lines.iter().any(|line| line.ends_with("parallax ingest 'my raw'")), "{}", run.stdout);
    assert!(lines.iter().any(|line| line.ends_with("parallax judge")), "{}", run.stdout);
}

#[test]
fn a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    let (bucket, keys) = filled(1000);
    let busy = |seconds| Fault::Answer(503, seconds, "<Error><Code>SlowDown</Code></Error>".to_owned());
    bucket.fail(&keys[0], busy("Retry-After: 1\r\n"));
    let folder = Folder::new();
    assert_eq!(folder.fetch(&bucket, &["--parallel", "1"]).code, 0);
    let asked: Vec<_> = bucket.downloads().into_iter().filter(|request| request.target.contains(&keys[0])).collect();
    assert_eq!(asked.len(), 2);
    assert!((asked[1].at - asked[0].at).as_millis() >= 1000);

    bucket.fail("list-type=2", busy("Retry-After: 3600\r\n"));
    let run = folder.fetch(&bucket, &["--parallel", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("the server answered 503 (SlowDown)"), "{}", run.stderr);
}

#[test]
fn mistakes_are_told_before_anything_is_asked() {
    let place = Place::new();
    let mistakes: &[&[&str]] = &[
        &["--country", "IT", "--since", "2024-02-12", "--until", "2024-02-12"],
        &["--country", "IT", "--since", "2019-01-01", "--until", "2019-02-01"],
        &["--country", "IT", "--since", "2024-02-12", "--until", "2024-02-13", "--bucket", "ooni-data-eu-fra"],
        &["--country", "IT", "--since", "2024-02-12", "--until", "2024-02-13", "--bucket", "http://127.0.0.1:9/bucket"],
        &["--country", "ITA", "--since", "2024-02-12", "--until", "2024-02-13"],
        &["--country", "IT", "--since", "yesterday", "--until", "2024-02-13"],
    ];
    let told = mistakes.iter().map(|arguments| {
        let run = place.run(&[&["fetch"], *arguments].concat());
        assert_eq!(run.code, 2, "{}", run.stderr);
        format!("$ parallax fetch {}\n{}", arguments.join(" "), run.stderr)
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}
