//! The reader itself: one object of a scan in, rows out.

use chrono::DateTime;
use parallax_model::{RejectScope, Timestamp};

use super::shape::{Shape, begins_like_one};
use super::{hyperquack, satellite};
use crate::json::{self, Document, Fault, Value};
use crate::source::{Info, RawRecord, Rows, Source};
use crate::sources::ooni::writer::{Place, Writer};
use crate::sources::origin::country;
use crate::text::{clip, visible_excerpt};

/// Censored Planet's Hyperquack and Satellite.
pub struct CensoredPlanet;

pub(super) const NAME: &str = "censored_planet";

static INFO: Info = Info {
    name: NAME,
    title: "Censored Planet: Hyperquack and Satellite",
    specification: "https://docs.censoredplanet.org/",
    doc: "Scans from one machine through servers and resolvers in other networks: the results of Hyperquack v1 and v2 and of Satellite v2.0 \
          and v2.2. Side files and Satellite v1, whose answers have no time, are rejected with their reason. The vantage is the remote \
          server or resolver, the measurement machine is the control.",
};

/// Why an object is no measurement.
pub(super) struct Refusal {
    pub reason: &'static str,
    pub message: String,
}

pub(super) fn refuse<T>(reason: &'static str, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { reason, message: message.into() })
}

impl Source for CensoredPlanet {
    fn info(&self) -> &'static Info {
        &INFO
    }

    fn recognises(&self, record: &[u8]) -> bool {
        begins_like_one(record)
    }

    fn read(&self, record: RawRecord<'_>, rows: &mut Rows) {
        let RawRecord { bytes, raw_digest, source_file, source_digest, line, offset, fingerprints } = record;
        let length = bytes.len() as u64;
        let place = Place { raw_digest, source_file, source_digest, line, offset, length, fingerprints };
        json::parse(bytes, |document| read_parsed(document, &mut Writer::new(rows, place)));
    }
}

fn read_parsed(document: Result<Document<'_>, Fault>, writer: &mut Writer<'_>) {
    let document = match document {
        Ok(document) => document,
        Err(Fault { reason, message, excerpt }) => return writer.reject(RejectScope::Record, "", reason, message, &excerpt),
    };
    if let Err(Refusal { reason, message }) = read_object(document.value, writer) {
        return writer.reject(RejectScope::Record, "", reason, message, &visible_excerpt(document.original));
    }
    for (repair, count) in document.repairs {
        let message = format!("{} ({count} times)", repair.message());
        writer.reject(RejectScope::Part, "", repair.reason(), message, &visible_excerpt(document.original));
    }
}

fn read_object(object: Value<'_>, writer: &mut Writer<'_>) -> Result<(), Refusal> {
    match Shape::of(object) {
        Shape::HyperquackV1 => hyperquack::read_v1(object, writer),
        Shape::HyperquackV2 => hyperquack::read_v2(object, writer),
        Shape::Satellite => satellite::read(object, writer),
        Shape::SideFile(what) => refuse("side_file", what),
        Shape::Timeless => {
            refuse("no_start_time", "answers of Satellite v1 do not say when they were given, nor in which country: only their folder does")
        }
        Shape::Unknown => refuse("not_a_measurement", "a JSON object that is neither a measurement of OONI's nor of Censored Planet's"),
    }
}

/// A moment as Go writes it: RFC 3339, or `2021-04-25 15:37:16.85 -0400 EDT m=+13035.1`.
pub(super) fn moment(value: Value<'_>) -> Option<Timestamp> {
    let text = clip(value.text()?, 96);
    let words: Vec<&str> = text.split_ascii_whitespace().take(3).collect();
    let spelled = match words[..] {
        [date, time, offset] => DateTime::parse_from_str(&format!("{date} {time} {offset}"), "%Y-%m-%d %H:%M:%S%.f %z").ok()?.to_rfc3339(),
        _ => text.to_owned(),
    };
    spelled.parse().ok()
}

/// The country that a vantage is in.
pub(super) fn country_of(location: Value<'_>) -> &str {
    country(location.get("country_code").text().unwrap_or_default())
}

/// A name in the form of OONI's, made from nothing but the record's content.
pub(super) fn made_uid(start: Timestamp, probe_cc: &str, test_name: &str, raw_digest: &str) -> String {
    let test: String = test_name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}.000000_{probe_cc}_{test}_{}", start.format("%Y%m%d%H%M%S"), clip(raw_digest, 16))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::ooni::testing::{Read, read_with};

    const SAMPLE: &str = include_str!("../../../tests/samples/censored_planet.jsonl");

    fn read(record: impl AsRef<[u8]>) -> Read {
        read_with(&CensoredPlanet, record)
    }

    fn show(which: &str) -> String {
        read(SAMPLE.lines().find(|line| line.contains(which)).expect("the sample has it")).show()
    }

    #[test]
    fn a_reset_for_one_name_beside_controls_that_were_answered() {
        insta::assert_snapshot!(show("reset.example"));
    }

    #[test]
    fn a_block_page_on_an_echo_server() {
        insta::assert_snapshot!(show("echoed.example"));
    }

    #[test]
    fn a_web_server_that_answers_even_harmless_names_otherwise() {
        insta::assert_snapshot!(show("moody.example"));
    }

    #[test]
    fn version_1_is_read_likewise() {
        insta::assert_snapshot!(show("older.example"));
    }

    #[test]
    fn a_resolver_that_denies_a_name_which_the_control_found() {
        insta::assert_snapshot!(show("denied.example"));
    }

    #[test]
    fn an_answer_that_matches_the_controls() {
        insta::assert_snapshot!(show("matched.example"));
    }

    #[test]
    fn tries_of_version_2_0_are_lookups_of_their_own() {
        insta::assert_snapshot!(show("retried.example"));
    }

    #[test]
    fn a_resolver_that_failed_its_own_test_has_no_control() {
        assert_eq!(read(SAMPLE.lines().find(|line| line.contains("lifeless.example")).unwrap()).controls.num_rows(), 0);
    }

    #[test]
    fn moments_are_read_as_go_writes_them() {
        for text in ["2021-04-25 15:37:16.5 -0400 EDT m=+13035.126037108", "2021-04-25T15:37:16.5-04:00", "2021-04-25 15:37:16.5 -0400 EDT"]
        {
            let json = format!("\"{text}\"");
            let moment = json::parse(&mut json.into_bytes(), |document| moment(document.unwrap().value));
            assert_eq!(moment, Some("2021-04-25 19:37:16.5".parse().unwrap()), "{text}");
        }
    }

    fn is_read_or_rejected(read: &Read) -> bool {
        let refused = read.column(&read.rejects, "scope").iter().filter(|scope| *scope == "record").count();
        read.measurements.num_rows() + refused == 1 && (refused == 0 || read.observations.num_rows() + read.controls.num_rows() == 0)
    }

    proptest! {
        #[test]
        fn a_damaged_record_is_read_or_rejected(which in 0_usize..8, damage in prop::collection::vec((0_usize..2000, any::<u8>()), 0..4), cut in 0_usize..4000) {
            let lines: Vec<&str> = SAMPLE.lines().collect();
            let mut bytes = lines[which % lines.len()].as_bytes().to_vec();
            for (position, byte) in damage {
                if let Some(place) = bytes.get_mut(position) { *place = byte; }
            }
            bytes.truncate(cut.max(500));
            prop_assert!(is_read_or_rejected(&read(bytes)));
        }

        #[test]
        fn a_record_with_values_exchanged_is_read_or_rejected(
            which in 0_usize..8,
            picks in prop::collection::vec((0_usize..100, prop::sample::select(vec!["null", "[]", "{}", "7", "-1e400", "\"x\"", "true", "[[{}]]", "\"2021-01-01\""])), 1..6),
        ) {
            let lines: Vec<&str> = SAMPLE.lines().collect();
            let mut record = lines[which % lines.len()].to_owned();
            for (pick, value) in picks {
                let colons: Vec<usize> = record.match_indices("\":").map(|(position, _)| position + 2).collect();
                let start = colons[pick % colons.len()];
                let end = record[start..].find([',', '}']).map_or(record.len(), |length| start + length);
                record.replace_range(start..end, value);
            }
            prop_assert!(is_read_or_rejected(&read(record)));
        }
    }
}
