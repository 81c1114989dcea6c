//! What the control of a case says about one target.
//!
//! *No control* and *a control that disagrees* are different facts, so every answer here has room for "not known".

use std::collections::HashMap;
use std::net::IpAddr;

use parallax_model::Operation;
use parallax_model::tables::Control;

use super::page::is_challenge;

/// Whether the control reached the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    Works,
    Fails,
    Unknown,
}

/// The control's view of one target.
pub struct ControlView<'a> {
    rows: Vec<&'a Control<'a>>,
    connects: HashMap<(&'a str, u16), &'a Control<'a>>,
    handshakes: HashMap<&'a str, &'a Control<'a>>,
    any_success: Option<&'a Control<'a>>,
    /// How the control's own redirect chain ended, for a target that the probe's chain led through.
    after_redirects: Option<&'a Control<'a>>,
    page: Option<&'a Control<'a>>,
    site: Site,
}

impl<'a> ControlView<'a> {
    /// From the rows that name the target's host, and the end of the control's redirect chain where that speaks for this target: a
    /// page there vouches for every hop, and a failure there may be any hop's.
    pub fn new(rows: Vec<&'a Control<'a>>, after_redirects: Option<&'a Control<'a>>) -> Self {
        let mut connects = HashMap::new();
        let mut handshakes = HashMap::new();
        for row in &rows {
            match (row.operation, row.ip.as_deref(), row.port) {
                (Operation::Tcp, Some(ip), Some(port)) => {
                    connects.entry((ip, port)).or_insert(*row);
                }
                (Operation::Tls, Some(ip), _) => {
                    handshakes.entry(ip).or_insert(*row);
                }
                _ => {}
            }
        }
        let page = rows.iter().copied().find(|row| row.operation == Operation::Http).or(after_redirects);
        let site = site(&rows, page);
        let any_success = rows.iter().copied().find(|row| row.operation == Operation::Tls && row.failure.is_none());
        Self { rows, connects, handshakes, any_success, after_redirects, page, site }
    }

    /// How a control's redirect chain ended, if it came to an end.
    pub fn end_of_chain(controls: &'a [Control<'a>]) -> Option<&'a Control<'a>> {
        controls
            .iter()
            .find(|row| row.operation == Operation::Http)
            .filter(|row| row.failure.is_some() || row.http_response_status_code.is_some_and(|status| !(300..400).contains(&status)))
    }

    /// Whether the control says anything about this target.
    pub fn exists(&self) -> bool {
        !self.rows.is_empty() || self.after_redirects.is_some()
    }

    /// Whether all it says comes from the end of the redirect chain.
    pub fn is_indirect(&self) -> bool {
        self.rows.is_empty() && self.after_redirects.is_some()
    }

    fn of_operation(&self, operation: Operation) -> impl Iterator<Item = &'a Control<'a>> {
        self.rows.iter().copied().filter(move |row| row.operation == operation)
    }

    /// The addresses that the control was answered.
    pub fn addresses(&self) -> impl Iterator<Item = (IpAddr, &'a Control<'a>)> {
        self.of_operation(Operation::Dns).filter_map(|row| Some((row.ip.as_deref()?.parse().ok()?, row)))
    }

    pub fn dns_failure(&self) -> Option<&'a Control<'a>> {
        self.of_operation(Operation::Dns).find(|row| row.failure.is_some())
    }

    /// The control's own connect to an endpoint.
    pub fn connect(&self, ip: &str, port: u16) -> Option<&'a Control<'a>> {
        self.connects.get(&(ip, port)).copied()
    }

    pub fn connects(&self) -> impl Iterator<Item = &'a Control<'a>> {
        self.of_operation(Operation::Tcp)
    }

    /// The control's own handshake with an address.
    pub fn handshake(&self, ip: &str) -> Option<&'a Control<'a>> {
        self.handshakes.get(ip).copied()
    }

    pub fn handshakes(&self) -> impl Iterator<Item = &'a Control<'a>> {
        self.of_operation(Operation::Tls)
    }

    /// The control's handshakes over QUIC.
    pub fn quic_handshakes(&self) -> impl Iterator<Item = &'a Control<'a>> {
        self.of_operation(Operation::Quic)
    }

    /// A handshake of the control that succeeded: with the very address where it tried that, else with any.
    pub fn successful_handshake(&self, ip: Option<&str>) -> Option<&'a Control<'a>> {
        match ip.and_then(|ip| self.handshake(ip)) {
            Some(row) => Some(row).filter(|row| row.failure.is_none()),
            None => self.any_success,
        }
    }

    /// The control's own page of this target, or the one at the end of the redirect chain.
    pub fn page(&self) -> Option<&'a Control<'a>> {
        self.page
    }

    /// A page that the control was given by a server in working order: an error of the server's own (5xx) says that the site is
    /// not well, unless a CDN used it to challenge the control.
    pub fn good_page(&self) -> Option<&'a Control<'a>> {
        self.page.filter(|page| is_good(page))
    }

    /// Whether the control reached the site: its page says so first, then its handshakes, then its connects and its lookup.
    pub fn site(&self) -> Site {
        self.site
    }
}

fn is_good(page: &Control<'_>) -> bool {
    let works = |status: u16| status < 500 || is_challenge(status, server_of(page));
    page.failure.is_none() && page.http_response_status_code.is_some_and(works)
}

fn site(rows: &[&Control<'_>], page: Option<&Control<'_>>) -> Site {
    if let Some(page) = page {
        return match page.failure {
            Some(_) => Site::Fails,
            None if is_good(page) => Site::Works,
            None => Site::Unknown,
        };
    }
    for operation in [Operation::Tls, Operation::Tcp, Operation::Dns] {
        let mut rows = rows.iter().filter(|row| row.operation == operation).peekable();
        if rows.peek().is_some() {
            return if rows.any(|row| row.failure.is_none()) { Site::Works } else { Site::Fails };
        }
    }
    Site::Unknown
}

/// The Server header that the control was given.
pub fn server_of<'r>(row: &'r Control<'_>) -> Option<&'r str> {
    let header = row.http_response_headers.iter().find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.trim().eq_ignore_ascii_case("server").then_some(value)
    });
    header.map(str::trim)
}
