//! What is true of a measurement as a whole, found out once for all its targets.

use std::rc::Rc;

use foldhash::HashMap;
use parallax_model::Operation;
use parallax_model::tables::{Control, Observation};

use super::is_certificate_failure;
use super::questions::{block_pages, is_encrypted};
use crate::interference::address::is_bogon;
use crate::interference::case::Case;
use crate::interference::page::leads_to_private_address;

/// Facts about the probe and its network, whatever the target. They are the only way in which one target's rows touch another's
/// judgement.
#[derive(Clone)]
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
    /// QUIC was tried with several targets, and never got through.
    pub quic_is_off: bool,
    /// Answers of the system's resolver, of up to two targets: enough to find one that is another target's.
    pub system_answers: TwoOf<'a>,
    /// Handshakes that a server answered, under up to two names on each endpoint.
    pub answered_names: Rc<HashMap<(&'a str, u16), TwoOf<'a>>>,
}

/// Up to two rows that differ in what a question is about.
#[derive(Clone, Copy, Default)]
pub(super) struct TwoOf<'a>([Option<(&'a str, &'a Observation<'a>)>; 2]);

impl<'a> TwoOf<'a> {
    fn add(&mut self, about: &'a str, row: &'a Observation<'a>) {
        match self.0 {
            [None, _] => self.0[0] = Some((about, row)),
            [Some((first, _)), None] if first != about => self.0[1] = Some((about, row)),
            _ => {}
        }
    }

    /// A row that is about something else.
    pub fn other_than(&self, about: &str) -> Option<&'a Observation<'a>> {
        self.0.iter().flatten().find(|(other, _)| *other != about).map(|(_, row)| *row)
    }
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
            quic_is_off: quic_is_off(rows),
            system_answers: system_answers(rows),
            answered_names: Rc::new(answered_names(rows)),
        }
    }
}

fn quic_is_off(rows: &[Observation<'_>]) -> bool {
    let mut targets = TwoOf::default();
    let tried = || rows.iter().filter(|row| row.operation == Operation::Quic);
    tried().for_each(|row| targets.add(row.target.as_deref().unwrap_or_default(), row));
    targets.0[1].is_some() && tried().all(|row| row.failure.is_some())
}

fn system_answers<'a>(rows: &'a [Observation<'a>]) -> TwoOf<'a> {
    let mut answers = TwoOf::default();
    let is_system = |row: &&Observation<'_>| matches!(row.dns_engine.as_deref(), Some("system" | "getaddrinfo"));
    for row in rows.iter().filter(|row| row.operation == Operation::Dns).filter(is_system) {
        let address = row.dns_answer.as_deref().and_then(|answer| answer.parse().ok());
        if address.is_some_and(|ip| !is_bogon(ip)) {
            answers.add(row.target.as_deref().unwrap_or_default(), row);
        }
    }
    answers
}

fn answered_names<'a>(rows: &'a [Observation<'a>]) -> HashMap<(&'a str, u16), TwoOf<'a>> {
    let mut names: HashMap<_, TwoOf<'a>> = HashMap::default();
    for row in rows.iter().filter(|row| row.operation == Operation::Tls && row.failure.as_deref().is_none_or(is_certificate_failure)) {
        if let (Some(ip), Some(port), Some(name)) = (row.ip.as_deref(), row.port, row.tls_server_name.as_deref()) {
            names.entry((ip, port)).or_default().add(name, row);
        }
    }
    names
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
