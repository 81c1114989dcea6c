//! What a row of observations says of an answer or a handshake.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use arrow::datatypes::{TimestampMicrosecondType, UInt32Type};

use crate::judge::reachability::{is_system, value};

pub(super) const COLUMNS: &[&str] = &[
    "measurement_uid",
    "measurement_start_time",
    "probe_asn",
    "operation",
    "hostname",
    "ip",
    "failure",
    "dns_engine",
    "dns_answer",
    "dns_is_late",
    "tls_no_verify",
];

/// The columns of one batch of observations.
pub(super) struct Rows<'b> {
    pub(super) uids: &'b StringArray,
    pub(super) times: &'b TimestampMicrosecondArray,
    pub(super) asns: &'b UInt32Array,
    pub(super) operations: &'b StringArray,
    hostnames: &'b StringArray,
    ips: &'b StringArray,
    failures: &'b StringArray,
    engines: &'b StringArray,
    answers: &'b StringArray,
    late: &'b BooleanArray,
    no_verify: &'b BooleanArray,
}

impl<'b> Rows<'b> {
    pub(super) fn of(batch: &'b RecordBatch) -> Self {
        let column = |name: &str| batch.column_by_name(name).expect("the column was asked for").as_ref();
        let text = |name: &str| column(name).as_string::<i32>();
        Self {
            uids: text("measurement_uid"),
            times: column("measurement_start_time").as_primitive::<TimestampMicrosecondType>(),
            asns: column("probe_asn").as_primitive::<UInt32Type>(),
            operations: text("operation"),
            hostnames: text("hostname"),
            ips: text("ip"),
            failures: text("failure"),
            engines: text("dns_engine"),
            answers: text("dns_answer"),
            late: column("dns_is_late").as_boolean(),
            no_verify: column("tls_no_verify").as_boolean(),
        }
    }

    /// The name and the address of an answer of the system's resolver.
    pub(super) fn answer(&self, row: usize) -> Option<(&'b str, &'b str)> {
        let is_late = self.late.is_valid(row) && self.late.value(row);
        if is_late || !is_system(value(self.engines, row).unwrap_or("system")) {
            return None;
        }
        Some((value(self.hostnames, row)?, value(self.answers, row)?))
    }

    /// The name and the address of a handshake that succeeded.
    pub(super) fn handshake(&self, row: usize) -> Option<(&'b str, &'b str)> {
        let is_unverified = self.no_verify.is_valid(row) && self.no_verify.value(row);
        if is_unverified || self.failures.is_valid(row) {
            return None;
        }
        Some((value(self.hostnames, row)?, value(self.ips, row)?))
    }
}
