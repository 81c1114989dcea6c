//! Downloads that are cut off, by the line or by us, and objects that change meanwhile.

use std::process::{Command, Stdio};

use super::{Bucket, DAY, Fault, Folder, key};

fn one(bytes: &[u8]) -> (Bucket, String) {
    let (bucket, key) = (Bucket::new(1000), key(7, "IT", "webconnectivity", 0));
    bucket.put(&key, bytes);
    (bucket, key)
}

/// Bytes that are different everywhere.
fn long() -> Vec<u8> {
    (0..400_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// Fetches until the line is dead, and kills the program there.
fn killed_in_the_middle(folder: &Folder, bucket: &Bucket) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(DAY)
        .args(["--bucket", &bucket.url])
        .current_dir(folder.0.path(""))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    bucket.wait_for_stall();
    let part = || folder.files().iter().find(|file| file.ends_with(".part")).cloned();
    let bytes = || part().map_or(0, |file| std::fs::metadata(folder.0.path(&file)).unwrap().len());
    // The bytes are on their way from the socket to the disk.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while bytes() < 500_000 && std::time::Instant::now() < until {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bytes()
}

#[test]
fn a_killed_download_goes_on_where_it_stopped() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Stall(1_000_000));
    let there = killed_in_the_middle(&folder, &bucket);
    assert!((500_000..=1_000_000).contains(&there));
    assert!(!folder.path(&key).exists(), "half a file has no name");
    bucket.log();

    let (code, summary) = folder.summary(&bucket);
    assert_eq!((code, summary["transferred_bytes"].as_u64()), (0, Some(1_600_000 - there)));
    let asked = bucket.downloads();
    assert_eq!((asked.len(), asked[0].from()), (1, Some(there)));
    assert!(asked[0].headers.contains_key("if-match"));
    assert_eq!(folder.read(&key), long());
    assert_eq!(folder.files().len(), 1, "no part is left");
}

#[test]
fn what_is_half_there_is_not_read_as_measurements() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Stall(1_000_000));
    killed_in_the_middle(&folder, &bucket);
    let read = folder.0.ok(&["ingest", "parallax-raw"]);
    assert!(read.starts_with("read 0 files"), "{read}");
}

#[test]
fn an_object_that_changed_meanwhile_is_not_made_of_two() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Stall(1_000_000));
    killed_in_the_middle(&folder, &bucket);
    bucket.log();
    let new: Vec<u8> = long().iter().map(|byte| byte ^ 0xff).collect();
    bucket.put(&key, new.as_slice());

    assert_eq!(folder.summary(&bucket).0, 0);
    assert_eq!(bucket.downloads()[0].from(), None);
    assert!(folder.read(&key) == new);
    assert_eq!(folder.files().len(), 1, "the part of the older version is gone");
}

#[test]
fn a_line_that_is_cut_is_taken_up_again() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Cut(600_000));
    bucket.fail(&key, Fault::Cut(300_000));
    let (code, summary) = folder.summary(&bucket);
    assert_eq!((code, summary["transferred_bytes"].as_u64()), (0, Some(1_600_000)));
    let from: Vec<_> = bucket.downloads().iter().map(|request| request.from()).collect();
    assert_eq!(from, [None, Some(600_000), Some(900_000)]);
    assert!(folder.read(&key) == long());
}

#[test]
fn a_server_without_ranges_sends_it_again_from_the_beginning() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Cut(600_000));
    bucket.fail(&key, Fault::NoRange);
    assert_eq!(folder.summary(&bucket).0, 0);
    assert!(folder.read(&key) == long());
}

#[test]
fn a_file_that_became_another_on_the_server_or_here_is_replaced_and_said() {
    let (bucket, key) = one(b"the first bytes");
    let folder = Folder::new();
    assert_eq!(folder.summary(&bucket).1["replaced_files"], 0);
    // Of the same length, so that only the digest tells.
    bucket.put(&key, *b"the other bytes");
    let run = folder.fetch(&bucket, &[]);
    assert_eq!((run.code, folder.read(&key).as_slice()), (0, &b"the other bytes"[..]));
    assert!(run.stderr.contains(&format!("note: replaced {key}")), "{}", run.stderr);

    std::fs::write(folder.path(&key), "damaged").unwrap();
    assert_eq!(folder.summary(&bucket).1["replaced_files"], 1);
    assert_eq!(folder.read(&key), b"the other bytes");
}

#[test]
fn an_object_that_changes_between_list_and_download_is_left_for_the_next_run() {
    let (bucket, key) = one(b"bytes");
    let folder = Folder::new();
    bucket.fail(&key, Fault::Answer(412, "", "<Error><Code>PreconditionFailed</Code></Error>".to_owned()));
    let (code, summary) = folder.summary(&bucket);
    assert_eq!((code, &summary["failed_files"]), (1, &1.into()));
    assert!(!folder.path(&key).exists());
    assert_eq!(folder.summary(&bucket).0, 0);
}

#[test]
fn bytes_that_are_not_what_was_listed_get_no_name() {
    let (bucket, key) = one(&long());
    let folder = Folder::new();
    bucket.fail(&key, Fault::Damage);
    assert_eq!(folder.summary(&bucket).0, 0, "once is chance");
    assert!(folder.read(&key) == long());

    std::fs::remove_file(folder.path(&key)).unwrap();
    bucket.fail(&key, Fault::Damage);
    bucket.fail(&key, Fault::Damage);
    let run = folder.fetch(&bucket, &[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("its bytes have not the MD5 that the server lists"), "{}", run.stderr);
    assert!(!folder.path(&key).exists());
}
