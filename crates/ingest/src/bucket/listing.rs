//! A page of a listing: the answer to S3's `ListObjectsV2`.

use super::etag::ETag;
use super::xml::{BadXml, walk};

/// Objects that a page may hold: what is asked for with `max-keys`, and the most that S3 gives.
pub const MAX_OBJECTS: usize = 1000;
/// Bytes of the token that leads to the next page, which goes into a URL; S3's have about a hundred.
const MAX_TOKEN_BYTES: usize = 4096;
/// Letters of an error code that are repeated to people.
const MAX_CODE: usize = 64;

/// Some of the objects that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub objects: Vec<Object>,
    /// Leads to the next page, where there is one.
    pub next: Option<String>,
}

/// An object, as the server lists it. Nothing of it is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    pub size: u64,
    pub etag: Option<ETag>,
}

pub fn parse(bytes: &[u8]) -> Result<Page, BadXml> {
    let mut reading = Reading::default();
    walk(bytes, |path, text| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        reading.element(&path, text)
    })?;
    reading.page()
}

/// What a server gives as the reason of its refusal (`AccessDenied`, `SlowDown`), where it gives one.
pub fn error_code(bytes: &[u8]) -> Option<String> {
    let mut code = None;
    // What is broken behind the code does not make it less of a reason.
    let _ = walk(bytes, |path, text| {
        if path == ["Error", "Code"] {
            code = Some(text.to_owned());
        }
        Ok(())
    });
    code.filter(|code| (1..=MAX_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[derive(Default)]
struct Reading {
    is_listing: bool,
    truncated: Option<bool>,
    token: Option<String>,
    objects: Vec<Object>,
    key: Option<String>,
    size: Option<u64>,
    etag: Option<ETag>,
}

impl Reading {
    fn element(&mut self, path: &[&str], text: &str) -> Result<(), BadXml> {
        match path {
            ["ListBucketResult"] => self.is_listing = true,
            ["ListBucketResult", "IsTruncated"] => self.truncated = Some(truth(text).ok_or(BadXml::Field("IsTruncated"))?),
            ["ListBucketResult", "NextContinuationToken"] => self.token = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "Key"] => self.key = Some(text.to_owned()),
            ["ListBucketResult", "Contents", "Size"] => self.size = text.trim().parse().ok(),
            ["ListBucketResult", "Contents", "ETag"] => self.etag = ETag::parse(text),
            ["ListBucketResult", "Contents"] => self.object()?,
            _ => {}
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), BadXml> {
        if self.objects.len() == MAX_OBJECTS {
            return Err(BadXml::TooManyObjects);
        }
        let key = self.key.take().ok_or(BadXml::Field("Key"))?;
        let size = self.size.take().ok_or(BadXml::Field("Size"))?;
        self.objects.push(Object { key, size, etag: self.etag.take() });
        Ok(())
    }

    fn page(self) -> Result<Page, BadXml> {
        if !self.is_listing {
            return Err(BadXml::NotAListing);
        }
        let next = match self.truncated {
            // A page that does not say whether it is the last would let files be missed.
            None => return Err(BadXml::Field("IsTruncated")),
            Some(false) => None,
            Some(true) => {
                let token = self.token.filter(|token| (1..=MAX_TOKEN_BYTES).contains(&token.len()));
                Some(token.ok_or(BadXml::Field("NextContinuationToken"))?)
            }
        };
        Ok(Page { objects: self.objects, next })
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(inner: &str) -> Result<Page, BadXml> {
        let head = r#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#;
        parse(format!("{head}{inner}</ListBucketResult>").as_bytes())
    }

    #[test]
    fn a_page_as_s3_writes_it_is_read() {
        let read = page(
            "<Name>b</Name><Prefix>raw/</Prefix><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
             <Contents><Key>raw/a&amp;b</Key><LastModified>2024-02-12T21:00:00.000Z</LastModified><ETag>&quot;abc-2&quot;</ETag>
             <Size>12</Size><Owner><ID>x</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
             <Contents><Key>c&#x61;</Key><Size>0</Size></Contents>
             <NextContinuationToken>1/+=</NextContinuationToken>",
        );
        let objects =
            vec![Object { key: "raw/a&b".into(), size: 12, etag: ETag::parse("abc-2") }, Object { key: "ca".into(), size: 0, etag: None }];
        assert_eq!(read, Ok(Page { objects, next: Some("1/+=".into()) }));
    }

    #[test]
    fn an_entity_bomb_is_refused_before_it_can_go_off() {
        let bomb =
            "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><ListBucketResult><Name>&b;</Name></ListBucketResult>";
        assert_eq!(parse(bomb.as_bytes()), Err(BadXml::DocumentType));
        assert_eq!(page("<IsTruncated>false</IsTruncated><Name>&b;</Name>"), Err(BadXml::Entity));
    }

    #[test]
    fn a_page_that_could_hide_files_is_no_page() {
        assert_eq!(page(""), Err(BadXml::Field("IsTruncated")));
        assert_eq!(page("<IsTruncated>true</IsTruncated>"), Err(BadXml::Field("NextContinuationToken")));
        assert_eq!(page("<IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>"), Err(BadXml::Field("Size")));
        assert_eq!(page("<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size></Contents>"), Err(BadXml::Field("Size")));
        assert_eq!(parse(b"<ListBucketResult><IsTruncated>false</IsTruncated>"), Err(BadXml::Unfinished));
        assert_eq!(parse(b"<html><body>hello</body></html>"), Err(BadXml::NotAListing));
        assert_eq!(parse(b"\xff"), Err(BadXml::NotUtf8));
        assert!(matches!(parse(b"<a></b>"), Err(BadXml::Syntax(_))));
        assert_eq!(parse("<a>".repeat(9).as_bytes()), Err(BadXml::TooDeep));
    }

    #[test]
    fn the_size_of_one_object_is_never_that_of_the_next() {
        let inner = "<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size></Contents><Contents><Key>b</Key></Contents>";
        assert_eq!(page(inner), Err(BadXml::Field("Size")));
    }

    #[test]
    fn a_page_has_at_most_what_was_asked_for() {
        let one = "<Contents><Key>a</Key><Size>1</Size></Contents>";
        let of = |n| page(&format!("<IsTruncated>false</IsTruncated>{}", one.repeat(n)));
        assert_eq!(of(1000).unwrap().objects.len(), 1000);
        assert_eq!(of(1001), Err(BadXml::TooManyObjects));
    }

    #[test]
    fn a_refusal_says_why() {
        assert_eq!(error_code(b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>").as_deref(), Some("AccessDenied"));
        assert_eq!(error_code(b"<Error><Code>SlowDown</Code><Mess"), Some("SlowDown".into()));
        assert_eq!(error_code(b"<Error><Code>\x1b[2J</Code></Error>"), None);
        assert_eq!(error_code(b"<html>"), None);
    }
}
