//! Servers that mean no good.

use super::{Bucket, Fault, Folder, filled, key};

#[test]
fn no_key_leads_out_of_the_folder_and_each_is_named() {
    let bucket = Bucket::new(1000);
    bucket.put(&key(7, "IT", "signal", 0), "good");
    let hostile = [
        "raw/20240212/07/IT/../../../../../../stolen.jsonl.gz",
        "raw/20240212/07/IT/signal/../../../../../stolen.jsonl.gz",
        "raw/20240212/07/IT/signal/\u{1b}[2J.jsonl.gz",
        "raw/20240212/07/IT/signal/a b&c.jsonl.gz",
        "raw/20240212/07/IT/signal/2024021207_FR_signal.n0.0.jsonl.gz",
        "raw/20240212/07/IT/signal/readme.txt",
    ];
    for key in &hostile[..] {
        // XML has no way to write most control characters, and a listing that holds one raw is still read.
        bucket.put(key, "bad");
    }
    let object = |key: &str, size: &str| format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>");
    bucket.say(&object("/etc/passwd", "1"));
    bucket.say(&object(&key(8, "FR", "signal", 0), "1"));
    bucket.say(&object(&key(7, "IT", "signal", 9), "18446744073709551615"));
    let folder = Folder::new();
    let run = folder.fetch(&bucket, &["--parallel", "1", "--test", "signal"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(folder.files(), [format!("parallax-raw/{}", key(7, "IT", "signal", 0))]);
    assert!(!run.stderr.contains('\u{1b}'));
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn an_answer_that_is_no_listing_ends_it_with_a_reason() {
    let bomb =
        "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><ListBucketResult><Name>&b;</Name></ListBucketResult>";
    let answers = [
        (bomb, "it has a document type declaration"),
        ("<html>welcome to our network, please log in</html>", "it is no listing of objects"),
        ("<ListBucketResult><IsTruncated>false</IsTruncated>", "it ends in the middle"),
        ("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "no NextContinuationToken"),
    ];
    for (answer, why) in answers {
        let (bucket, _) = filled(1000);
        bucket.fail("list-type=2", Fault::Answer(200, "", answer.to_owned()));
        let run = Folder::new().fetch(&bucket, &[]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(why) && run.stderr.contains("\nhint: "), "{}", run.stderr);
    }
}

#[test]
fn a_listing_without_end_ends() {
    let bucket = Bucket::new(1000);
    let endless =
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
    for _ in 0..200 {
        bucket.fail("list-type=2", Fault::Answer(200, "", endless.to_owned()));
    }
    let run = Folder::new().fetch(&bucket, &["--parallel", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("more than 100 pages"), "{}", run.stderr);
    assert_eq!(bucket.log().len(), 100);
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    let (bucket, keys) = filled(1000);
    let denied = || Fault::Answer(403, "", "<Error><Code>AccessDenied</Code></Error>".to_owned());
    bucket.fail("list-type=2", denied());
    let folder = Folder::new();
    let run = folder.fetch(&bucket, &["--parallel", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("403 (AccessDenied)"), "{}", run.stderr);

    bucket.fail(&keys[3], denied());
    let (code, summary) = folder.summary(&bucket);
    assert_eq!((code, &summary["failed_files"], &summary["downloaded_files"]), (1, &1.into(), &(keys.len() - 1).into()));
    assert_eq!(bucket.downloads().iter().filter(|request| request.target.contains(&keys[3])).count(), 1, "asked once");
}

#[test]
fn a_server_that_lists_files_and_gives_none_is_left_alone() {
    let bucket = Bucket::new(1000);
    for counter in 0..100 {
        let key = key(7, "IT", "signal", counter);
        bucket.put(&key, "private");
        bucket.fail(&format!("/{key}"), Fault::Answer(403, "", "<Error><Code>AccessDenied</Code></Error>".to_owned()));
    }
    let run = Folder::new().fetch(&bucket, &["--parallel", "1"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("403 (AccessDenied)") && bucket.downloads().len() < 30, "{}", run.stderr);
}

#[test]
fn a_body_that_is_longer_than_listed_is_not_kept() {
    let bucket = Bucket::new(1000);
    let key = key(7, "IT", "signal", 0);
    bucket.put(&key, "ten bytes.");
    bucket.fail(&key, Fault::Answer(200, "", "ten bytes. and a gigabyte more".to_owned()));
    let folder = Folder::new();
    let run = folder.fetch(&bucket, &[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("longer than the 10 bytes"), "{}", run.stderr);
    assert!(!folder.path(&key).exists());
}

#[test]
fn a_redirect_is_followed_but_not_for_ever() {
    let (bucket, _) = filled(1000);
    for _ in 0..10 {
        bucket.fail("list-type=2", Fault::Answer(307, "Location: /bucket/?list-type=2\r\n", String::new()));
    }
    let run = Folder::new().fetch(&bucket, &["--parallel", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("redirect"), "{}", run.stderr);
}
