//! A listing is a page or refused with a reason, and the same again; a key that is taken is a plain path below its folder; what was written
//! as a listing is read, whatever characters its keys have.
#![no_main]

use std::path::Component;

use libfuzzer_sys::fuzz_target;
use parallax_ingest::bucket::{ETag, Kind, MAX_OBJECTS, Page, error_code, parse, recognise};

fuzz_target!(|bytes: &[u8]| {
    let read = parse(bytes);
    assert_eq!(read, parse(bytes));
    if let Ok(page) = &read {
        check(page);
    }
    if let Some(code) = error_code(bytes) {
        assert!(code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
    let text = String::from_utf8_lossy(bytes);
    check_key(&text);
    check_key(&format!("raw/20240212/20/IT/{text}"));
    // XML has no way to write most control characters; a carriage return is read as a line feed.
    let keys: Vec<&str> = text.split('\n').filter(|key| !key.contains(|letter: char| letter.is_control())).take(MAX_OBJECTS).collect();
    let page = parse(written(&keys).as_bytes()).expect("what was written is read");
    assert_eq!(page.objects.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), keys);
    assert!(page.objects.iter().all(|object| object.size == 7 && object.etag == ETag::parse("abc")));
});

fn check(page: &Page) {
    assert!(page.objects.len() <= MAX_OBJECTS);
    assert!(page.next.as_ref().is_none_or(|token| !token.is_empty()));
    for object in &page.objects {
        check_key(&object.key);
        if let Some(etag) = &object.etag {
            assert!(etag.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
            assert!(etag.md5().is_none_or(|digest| digest.len() == 32));
        }
    }
}

fn check_key(text: &str) {
    let Ok(Kind::Measurements(key)) = recognise(text) else { return };
    let path = key.path();
    assert!(path.is_relative() && path.components().all(|part| matches!(part, Component::Normal(_))), "{text}");
    assert_eq!((path.components().count(), path.to_str()), (6, Some(text)));
    assert!(text.starts_with(&format!("{}{}/", key.prefix(), key.test())) && text.ends_with(".jsonl.gz"));
    assert!(path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b".")));
}

fn written(keys: &[&str]) -> String {
    let object = |key: &&str| {
        let key = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("<Contents><Key>{key}</Key><ETag>&quot;abc&quot;</ETag><Size>7</Size></Contents>")
    };
    let objects: String = keys.iter().map(object).collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>")
}
