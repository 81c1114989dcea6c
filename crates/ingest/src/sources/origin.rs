//! What every row of a record repeats, for the sources that are not OONI's own format: which measurement, when and where.

use std::borrow::Cow;

use parallax_model::tables::{Control, Measurement, Observation};
use parallax_model::{ControlKind, Operation, Timestamp};

use super::ooni::writer::Place;
use crate::fingerprints::NO_FINGERPRINTS;

pub struct Origin<'a> {
    pub measurement_uid: &'a str,
    pub raw_digest: &'a str,
    pub start: Timestamp,
    /// `ZZ` when not known.
    pub probe_cc: &'a str,
    pub probe_asn: Option<u32>,
    pub test_name: &'a str,
}

impl Origin<'_> {
    pub fn measurement<'r>(&'r self, source: &'static str, place: &Place<'r>) -> Measurement<'r> {
        Measurement {
            measurement_uid: Cow::Borrowed(self.measurement_uid),
            raw_digest: Cow::Borrowed(self.raw_digest),
            source_file: Cow::Borrowed(place.source_file),
            source_digest: Cow::Borrowed(place.source_digest),
            source_line: place.line,
            source_offset: place.offset,
            source_length: place.length,
            source: Cow::Borrowed(source),
            test_name: Cow::Borrowed(self.test_name),
            measurement_start_time: self.start,
            probe_cc: Cow::Borrowed(self.probe_cc),
            probe_asn: self.probe_asn,
            fingerprints_digest: Some(place.fingerprints.digest()).filter(|digest| *digest != NO_FINGERPRINTS).map(Cow::Borrowed),
            ..Default::default()
        }
    }

    pub fn observation<'r>(&'r self, operation: Operation, json_pointer: &'r str) -> Observation<'r> {
        Observation {
            measurement_uid: Cow::Borrowed(self.measurement_uid),
            raw_digest: Cow::Borrowed(self.raw_digest),
            measurement_start_time: self.start,
            probe_cc: Cow::Borrowed(self.probe_cc),
            probe_asn: self.probe_asn,
            test_name: Cow::Borrowed(self.test_name),
            operation,
            json_pointer: Cow::Borrowed(json_pointer),
            ..Default::default()
        }
    }

    pub fn control<'r>(&'r self, kind: ControlKind, operation: Operation, json_pointer: &'r str) -> Control<'r> {
        Control {
            measurement_uid: Cow::Borrowed(self.measurement_uid),
            raw_digest: Cow::Borrowed(self.raw_digest),
            measurement_start_time: self.start,
            probe_cc: Cow::Borrowed(self.probe_cc),
            kind,
            operation,
            json_pointer: Cow::Borrowed(json_pointer),
            ..Default::default()
        }
    }
}

/// Two capital letters, or `ZZ`.
pub fn country(code: &str) -> &str {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) { code } else { "ZZ" }
}
