//! The version of an object, as the server names it.

use std::fmt;

/// Characters of an ETag that are taken; S3's have 32, or 35 and some for what was uploaded in parts.
const MAX_LENGTH: usize = 64;

/// **Invariant:** letters, digits and hyphens only, so that it may stand in a header and in a file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ETag(String);

impl ETag {
    /// Takes the quoted form of headers and listings. A weak ETag names no bytes, and what S3 would never write is none to us.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let plain = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (plain && !bare.is_empty() && bare.len() <= MAX_LENGTH).then(|| Self(bare.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The MD5 of the bytes in lower-case hex, where the ETag is one: it is not for an object that was uploaded in parts.
    pub fn md5(&self) -> Option<String> {
        let is_digest = self.0.len() == 32 && self.0.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| self.0.to_ascii_lowercase())
    }
}

/// As `If-Match` wants it.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_upload_has_an_md5() {
        let md5 = |text| ETag::parse(text).unwrap().md5();
        assert_eq!(md5("\"D41D8CD98F00B204E9800998ECF8427E\"").as_deref(), Some("d41d8cd98f00b204e9800998ecf8427e"));
        assert_eq!(md5("\"d41d8cd98f00b204e9800998ecf8427e-3\""), None);
        assert_eq!(ETag::parse("abc").unwrap().to_string(), "\"abc\"");
    }

    #[test]
    fn nothing_that_acts_in_a_header_or_a_path_is_an_etag() {
        for text in ["", "\"\"", "W/\"abc\"", "a b", "../a", "a\r\nHost: b", "a\0", "é", &"a".repeat(65)] {
            assert_eq!(ETag::parse(text), None, "{text:?}");
        }
    }
}
