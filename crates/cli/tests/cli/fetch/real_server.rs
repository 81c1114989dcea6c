//! Against an S3-compatible server that somebody else wrote: see "How it was tried" in docs/fetch.md.

use ureq::http::StatusCode;

use super::{DAY, key};
use crate::program::Place;

/// More than one page of S3.
const FILES: u32 = 1_250;

/// `PARALLAX_TEST_S3` is the address of a server on which a bucket can be made without an account.
#[test]
#[ignore = "needs a server: see docs/fetch.md"]
fn a_server_of_others_serves_us_as_ours_does() {
    let server = std::env::var("PARALLAX_TEST_S3").expect("PARALLAX_TEST_S3 is the address of an S3-compatible server");
    let url = format!("{}/parallax-test-{}", server.trim_end_matches('/'), std::process::id());
    put(&url, b"");
    for counter in 0..FILES {
        put(&format!("{url}/{}", key(7, "IT", "webconnectivity", counter)), format!("file {counter}").repeat(50).as_bytes());
    }
    let place = Place::new();
    let first = place.ok(&[&DAY[..], &["--bucket", &url, "--format", "jsonl"]].concat());
    let summary: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&summary["files"], &summary["downloaded_files"]), (&FILES.into(), &FILES.into()), "{first}");

    // One file is half there, one is gone, one has changed on the server, one here.
    let path = |counter| place.path("parallax-raw").join(key(7, "IT", "webconnectivity", counter));
    let etag = |counter: u32| md5_hex(format!("file {counter}").repeat(50).as_bytes());
    let half = path(0).with_file_name(format!(".{}.{}.part", path(0).file_name().unwrap().to_str().unwrap(), etag(0)));
    std::fs::write(&half, &std::fs::read(path(0)).unwrap()[..150]).unwrap();
    std::fs::remove_file(path(0)).unwrap();
    std::fs::remove_file(path(1)).unwrap();
    put(&format!("{url}/{}", key(7, "IT", "webconnectivity", 2)), b"new");
    std::fs::write(path(3), "damaged").unwrap();

    let second = place.ok(&[&DAY[..], &["--bucket", &url, "--format", "jsonl"]].concat());
    let summary: serde_json::Value = serde_json::from_str(&second).unwrap();
    assert_eq!((&summary["downloaded_files"], &summary["replaced_files"]), (&4.into(), &2.into()), "{second}");
    let whole = |counter: u32| format!("file {counter}").repeat(50).len() as u64;
    assert_eq!(summary["transferred_bytes"].as_u64(), Some(whole(0) - 150 + whole(1) + 3 + whole(3)), "{second}");
    assert!(!half.exists());
    for counter in [0, 1, 3, 4, FILES - 1] {
        assert_eq!(std::fs::read_to_string(path(counter)).unwrap(), format!("file {counter}").repeat(50));
    }
    println!("{FILES} files in two pages from {server}: whole, resumed, changed and nothing twice");
}

/// What is put without an account belongs to nobody, and everybody may read it.
fn put(url: &str, bytes: &[u8]) {
    let answer = ureq::put(url).header("x-amz-acl", "public-read").send(bytes).unwrap_or_else(|error| panic!("{url}: {error}"));
    assert_eq!(answer.status(), StatusCode::OK, "{url}");
}

fn md5_hex(bytes: &[u8]) -> String {
    use md5::{Digest, Md5};
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
