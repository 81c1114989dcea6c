//! Which of Censored Planet's formats an object is, by its keys.

use memchr::memmem;

use crate::json::Value;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    HyperquackV1,
    HyperquackV2,
    /// Both v2.0, whose answers are one object, and v2.2, which lists its tries.
    Satellite,
    /// No measurement, and what it is instead.
    SideFile(&'static str),
    /// A measurement that does not say when it was made.
    Timeless,
    Unknown,
}

/// Keys that begin objects of these formats, and none of OONI's.
const FIRST_KEYS: &[&str] = &[
    "vp",
    "Server",
    "confidence",
    "Keyword",
    "Results",
    "Retries",
    "Blocked",
    "FailSanity",
    "StatefulBlock",
    "test_url",
    "service",
    "location",
    "controls_failed",
    "stateful_block",
    "tag",
    "passed_control",
    "passed_liveness",
    "in_control_group",
    "connect_error",
    "excluded",
    "exclude_reason",
    "resolver",
    "query",
    "answers",
    "passed",
    "name",
    "names",
    "country",
    "ip",
    "keyword",
    "fetched",
    "asname",
    "asnum",
    "cert",
    "saddr",
    "Ip",
    "Location",
    "Service",
    "non_zero_rcode",
    "private_ip",
    "zero_ip",
    "invalid_cert",
    "trusted_cert",
    "cert_hostname_match",
    "start_time",
    "end_time",
];

/// How far into a record that begins with a key of both OONI's and theirs is looked, in bytes.
const LOOK_AHEAD: usize = 64 << 10;

/// Whether the bytes begin like one of these objects. Of OONI's measurements it looks at the first key and no further.
pub fn begins_like_one(record: &[u8]) -> bool {
    let Some(inside) = record.trim_ascii_start().strip_prefix(b"{") else { return false };
    let Some(key) = inside.trim_ascii_start().strip_prefix(b"\"") else { return false };
    let Some(length) = key.iter().take(24).position(|byte| *byte == b'"') else { return false };
    let key = &key[..length];
    // The envelopes of OONI's API begin with the same word as records whose keys somebody sorted.
    if matches!(key, b"anomaly" | b"response" | b"error") {
        let beginning = &record[..record.len().min(LOOK_AHEAD)];
        return memmem::find(beginning, b"\"vp\"").is_some() && memmem::find(beginning, b"\"raw_measurement\"").is_none();
    }
    FIRST_KEYS.iter().any(|first| first.as_bytes() == key)
}

const PAGES: &str = "a page that the measurement machine fetched itself from an address; it was not in the resolver's network, so it is no \
                     measurement from there";
const TAGS: &str = "describes the addresses that resolvers answered (network, certificate, page); it holds no measurement";
const RESOLVERS: &str = "describes resolvers of a Satellite scan; it holds no measurement";
const ANSWERS: &str = "answers of a Satellite scan before they were compared; those of resolvers under test stand in the scan's results, with \
                       the resolver's country and what the comparison found";
const EVALUATION: &str = "the check of a vantage point before a Hyperquack scan; it tests no name";

impl Shape {
    pub fn of(object: Value<'_>) -> Self {
        let has = |name: &str| object.members().any(|(key, _)| key == name);
        let all = |names: &[&str]| names.iter().all(|name| has(name));
        let compared = ["anomaly", "passed_control", "passed_liveness", "in_control_group"];
        match () {
            () if all(&["Server", "Keyword", "Results"]) => Self::HyperquackV1,
            () if all(&["vp", "service", "test_url", "response"]) => Self::HyperquackV2,
            () if all(&["vp", "test_url", "response"]) && has("anomaly") && compared.iter().filter(|name| has(name)).count() >= 2 => {
                Self::Satellite
            }
            () if all(&["vp", "test_url"]) => Self::SideFile(ANSWERS),
            () if all(&["resolver", "query", "answers", "passed"]) => Self::Timeless,
            () if all(&["resolver", "query"]) => Self::SideFile(ANSWERS),
            () if all(&["ip", "keyword"]) && (has("http") || has("https")) => Self::SideFile(PAGES),
            () if has("ip") && (has("asnum") || has("asname")) => Self::SideFile(TAGS),
            () if has("Tests") || has("tests") || has("Template") || has("template") => Self::SideFile(EVALUATION),
            () if has("vp") || has("resolver") || has("saddr") => Self::SideFile(RESOLVERS),
            () => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn shape(text: &str) -> Shape {
        json::parse(&mut text.as_bytes().to_vec(), |document| Shape::of(document.unwrap().value))
    }

    #[test]
    fn side_files_are_told_from_measurements() {
        for (object, expected) in [
            (r#"{"resolver": "192.0.2.1", "query": "a.example", "answers": {"192.0.2.2": []}, "passed": true}"#, Shape::Timeless),
            (r#"{"resolver": "192.0.2.1", "query": "a.example", "answers": ["192.0.2.2"]}"#, Shape::SideFile(ANSWERS)),
            (r#"{"vp": "192.0.2.1", "test_url": "a.example", "response": []}"#, Shape::SideFile(ANSWERS)),
            (r#"{"vp": "192.0.2.1", "name": "dns.example."}"#, Shape::SideFile(RESOLVERS)),
            (r#"{"country": "Exampleland", "resolver": "192.0.2.1"}"#, Shape::SideFile(RESOLVERS)),
            (r#"{"asname": null, "asnum": null, "cert": null, "http": "00", "ip": "192.0.2.1"}"#, Shape::SideFile(TAGS)),
            (r#"{"ip": "192.0.2.1", "keyword": "a.example", "http": "EOF", "https": {}}"#, Shape::SideFile(PAGES)),
            (r#"{"vp": "192.0.2.1", "service": "echo", "tests": []}"#, Shape::SideFile(EVALUATION)),
            (r#"{"name": "x"}"#, Shape::Unknown),
        ] {
            assert_eq!(shape(object), expected, "{object}");
        }
    }
}
