//! Envelopes of OONI's API: metadata in front, the measurement itself as a text or an object in `raw_measurement`.

use super::source::NotAMeasurement;
use crate::json::Value;

/// What a record turned out to be.
pub enum Opened<'a> {
    Measurement(Value<'a>),
    Text { text: &'a str, uid: Option<&'a str> },
    Object { value: Value<'a>, uid: Option<&'a str> },
}

/// Opens one envelope; an envelope in an envelope is left for what it is.
pub fn open(value: Value<'_>) -> Result<Opened<'_>, NotAMeasurement> {
    let [uid, inner, test_keys] = value.fields(["measurement_uid", "raw_measurement", "test_keys"]);
    if inner.is_null() || test_keys.is_object() {
        return Ok(Opened::Measurement(value));
    }
    let uid = uid.filled_text();
    match inner.filled_text() {
        Some(text) => Ok(Opened::Text { text, uid }),
        None if inner.is_object() => Ok(Opened::Object { value: inner, uid }),
        None => Err(NotAMeasurement::new("envelope_without_measurement", "an envelope of OONI's API whose raw_measurement is empty")),
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_measurement_in_an_envelope_is_read_under_the_envelopes_name() {
        let inner = measurement("web_connectivity", "null", r#"{"queries": [7]}"#);
        let text = serde_json::to_string(&inner).unwrap();
        for raw in [text.as_str(), inner.as_str()] {
            let read = read(format!(r#"{{"anomaly": false, "measurement_uid": "uid_1", "probe_cc": "XB", "raw_measurement": {raw}}}"#));
            assert_eq!((read.measured("measurement_uid").as_str(), read.measured("probe_cc").as_str()), ("uid_1", "XA"));
            assert_eq!(read.column(&read.rejects, "json_pointer"), ["/test_keys/queries/0"]);
        }
    }

    #[test]
    fn an_envelope_without_a_measurement_is_a_reject() {
        for raw in ["\"\"", "\"nonsense\"", "7", "[]", "\"[]\""] {
            let read = read(format!(r#"{{"measurement_uid": "uid_1", "raw_measurement": {raw}}}"#));
            assert_eq!(read.measurements.num_rows(), 0);
            let expected = if raw == "\"[]\"" { "not_an_object" } else { "envelope_without_measurement" };
            assert_eq!(read.reasons(), [expected], "{raw}");
        }
    }
}
