//! What the control of a case says about one target.
//!
//! *No control* and *a control that disagrees* are different facts, so every answer here has room for "not known".

use std::net::IpAddr;

use parallax_model::tables::Control;
use parallax_model::{Operation, TargetRole};

use super::case::Case;

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
    /// The control's page at the end of the whole redirect chain, for a target that the chain led through.
    after_redirects: Option<&'a Control<'a>>,
}

impl<'a> ControlView<'a> {
    /// Rows of the control are about a target when they name its host. The page at the end of the control's own redirect chain
    /// also vouches for every later hop.
    pub fn of(case: &'a Case<'a>, target: &str, role: TargetRole, probe_was_redirected: bool) -> Self {
        let rows: Vec<_> = case.controls.iter().filter(|row| row.hostname.as_deref() == Some(target)).collect();
        let after_redirects = case
            .controls
            .iter()
            .find(|row| row.operation == Operation::Http && row.failure.is_none())
            .filter(|row| role == TargetRole::Redirect && probe_was_redirected && is_final(row.http_response_status_code));
        Self { rows, after_redirects }
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
        self.of_operation(Operation::Tcp).find(|row| row.ip.as_deref() == Some(ip) && row.port == Some(port))
    }

    pub fn connects(&self) -> impl Iterator<Item = &'a Control<'a>> {
        self.of_operation(Operation::Tcp)
    }

    /// The control's own handshake with an address.
    pub fn handshake(&self, ip: &str) -> Option<&'a Control<'a>> {
        self.handshakes().find(|row| row.ip.as_deref() == Some(ip))
    }

    pub fn handshakes(&self) -> impl Iterator<Item = &'a Control<'a>> {
        self.of_operation(Operation::Tls)
    }

    /// The control's own page of this target, or the one at the end of the redirect chain.
    pub fn page(&self) -> Option<&'a Control<'a>> {
        self.of_operation(Operation::Http).next().or(self.after_redirects)
    }

    /// A page of the control that came, with success.
    pub fn good_page(&self) -> Option<&'a Control<'a>> {
        self.page().filter(|page| page.failure.is_none() && page.http_response_status_code.is_some())
    }

    /// Whether the control reached the site: its page says so first, then its handshakes, then its connects and its lookup.
    pub fn site(&self) -> Site {
        if let Some(page) = self.page() {
            return if page.failure.is_none() && page.http_response_status_code.is_some() { Site::Works } else { Site::Fails };
        }
        for operation in [Operation::Tls, Operation::Tcp, Operation::Dns] {
            let mut rows = self.of_operation(operation).peekable();
            if rows.peek().is_some() {
                return if rows.any(|row| row.failure.is_none()) { Site::Works } else { Site::Fails };
            }
        }
        Site::Unknown
    }
}

fn is_final(status: Option<u16>) -> bool {
    status.is_some_and(|status| !(300..400).contains(&status))
}
