//! What the tests of tunnels have in common: the members of a pool are tried until one answers.

use super::app;
use crate::path::For;
use crate::report::Report;
use crate::truth::Outcome;

/// Tries the members of a pool until one answers; that none did shows after all patience, and as nothing else.
pub(super) fn open(report: &mut Report, role: &str, port: u16, patience: f64) -> (Option<&'static str>, f64) {
    let site = app::site(report.world, role);
    let mut seconds = 0.0;
    let mut reached = false;
    for address in report.world.sites[site].members() {
        let dial = report.path.connect(*address, port, For { site, users_way: true });
        seconds += dial.seconds;
        reached = dial.failure.is_none() && report.path.is_genuine(site, *address) && !report.path.is_caught();
        if reached {
            break;
        }
    }
    report.judge(&[site], Outcome { reached, role: "service" });
    match reached {
        true => (None, seconds + 4.0 * report.path.moment()),
        false => (Some("generic_timeout_error"), patience),
    }
}
