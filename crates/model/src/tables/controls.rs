//! `controls`: what the test helper of the same measurement saw, or the machine of a scan.

use crate::column::Text;
use crate::table::table;
use crate::time::Timestamp;
use crate::vocabulary::{ControlKind, Operation};

table! {
    /// One row per thing that a measurement's control did: one address it was answered, one connect, one handshake, one page.
    /// A measurement without rows here has no control, which is not the same as a control that failed.
    Control, ControlRows, ControlColumns = "controls",
    sorted by &["measurement_start_time", "measurement_uid", "raw_digest", "ordinal"], partitioned by CountryWeek
    {
        /// The measurement that this is the control of.
        measurement_uid: Text<'a>,
        /// SHA-256 of the raw record.
        raw_digest: Text<'a>,
        /// When the measurement began.
        measurement_start_time: Timestamp,
        /// Country of the probe (not of the control).
        probe_cc: Text<'a>,
        /// Number of the row in its measurement, from 0.
        ordinal: u32,
        /// Where it stands in the raw record (RFC 6901).
        json_pointer: Text<'a>,
        /// What made the control.
        kind: ControlKind,
        /// What the control did: dns, tcp, tls, quic or http.
        operation: Operation,
        /// The host that it was about; of a scan's harmless name, the tested host that it is the control of.
        hostname: Option<Text<'a>>,
        /// The address answered or connected to; for dns null when there was no answer, or when the record does not say which it was.
        ip: Option<Text<'a>>,
        /// The port connected to.
        port: Option<u16>,
        /// Network of the address, as the control says.
        ip_asn: Option<u32>,
        /// Whether the control itself was answered this address (not only asked about it by the probe).
        ip_from_control: Option<bool>,
        /// What failed for the control; null after a success.
        failure: Option<Text<'a>>,
        /// Status code that the control was given.
        http_response_status_code: Option<u16>,
        /// Headers that the control was given, as `Name: value`.
        http_response_headers: Vec<Text<'a>>,
        /// Length of the body that the control was given, in bytes.
        http_response_body_length: Option<u64>,
        /// Title of the page that the control was given.
        http_response_body_title: Option<Text<'a>>,
    }
}
