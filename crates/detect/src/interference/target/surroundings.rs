//! What is true of a measurement as a whole, found out once for all its targets.

use parallax_model::Operation;
use parallax_model::tables::{Control, Observation};

use super::questions::{block_pages, is_encrypted};
use crate::interference::case::Case;
use crate::interference::page::leads_to_private_address;

/// Facts about the probe and its network, whatever the target. They are the only way in which one target's rows touch another's
/// judgement.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// Something got an answer.
    pub something_worked: bool,
    /// IPv6 was tried, and never got through.
    pub ipv6_is_broken: bool,
    /// A known block page or a portal answered in the clear: redirects may be its doing, and the end of the control's redirect chain
    /// says nothing about where they led.
    pub led_astray: bool,
    /// Seconds since 1970 in the first Date header that the control was given.
    pub control_clock: Option<(i64, &'a Control<'a>)>,
}

impl<'a> Surroundings<'a> {
    pub fn of(case: &'a Case<'a>) -> Self {
        let rows = &case.observations;
        let over_ipv6 =
            || rows.iter().filter(|row| row.operation != Operation::Dns && row.ip.as_deref().is_some_and(|ip| ip.contains(':')));
        Self {
            something_worked: rows.iter().any(got_an_answer),
            ipv6_is_broken: over_ipv6().any(|row| row.operation == Operation::Tcp) && over_ipv6().all(|row| row.failure.is_some()),
            led_astray: rows.iter().any(|row| is_stranger(case, row)),
            control_clock: case.controls.iter().find_map(|row| Some((date_header(row)?, row))),
        }
    }
}

fn got_an_answer(row: &Observation<'_>) -> bool {
    row.failure.is_none() && (row.operation != Operation::Dns || (row.dns_answer.is_some() && !row.dns_is_late))
}

fn is_stranger(case: &Case<'_>, row: &Observation<'_>) -> bool {
    row.operation == Operation::Http && !is_encrypted(row) && (leads_to_private_address(row) || block_pages(case, row).next().is_some())
}

/// Seconds since 1970 of a row's Date header (RFC 9110, 6.6.1).
fn date_header(row: &Control<'_>) -> Option<i64> {
    let date = row
        .http_response_headers
        .iter()
        .find_map(|header| header.get(..6).filter(|name| name.eq_ignore_ascii_case("date: ")).map(|_| &header[6..]))?;
    chrono::DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp())
}
