//! What a row of observations says of an answer or a handshake.

use parallax_model::Text;
use parallax_model::tables::ObservationColumns;

use crate::judge::reachability::is_system;

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

/// The name and the address of an answer of the system's resolver.
pub(super) fn answer<'b>(columns: &ObservationColumns<'b>, row: usize) -> Option<(Text<'b>, Text<'b>)> {
    if columns.dns_is_late(row) || !is_system(columns.dns_engine(row).as_deref().unwrap_or("system")) {
        return None;
    }
    Some((columns.hostname(row)?, columns.dns_answer(row)?))
}

/// The name and the address of a handshake that succeeded.
pub(super) fn handshake<'b>(columns: &ObservationColumns<'b>, row: usize) -> Option<(Text<'b>, Text<'b>)> {
    if columns.tls_no_verify(row) == Some(true) || columns.failure(row).is_some() {
        return None;
    }
    Some((columns.hostname(row)?, columns.ip(row)?))
}
