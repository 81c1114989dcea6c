//! psiphon and vanilla_tor: whether a tunnel gets going. Of what it is made of, the record says nothing.

use serde::Serialize;

use super::app;
use crate::Error;
use crate::ooni::{Null, tick};
use crate::path::For;
use crate::report::{Finished, Report};
use crate::services::{PSIPHON, TOR_BOOTSTRAP};
use crate::truth::Outcome;

/// As long as the tests wait for a tunnel.
const PSIPHON_PATIENCE: f64 = 60.0;
const TOR_PATIENCE: f64 = 200.0;

#[derive(Serialize)]
struct PsiphonKeys {
    agent: &'static str,
    bootstrap_time: f64,
    failed_operation: Option<&'static str>,
    failure: Option<&'static str>,
    max_runtime: f64,
    network_events: Null,
    queries: Null,
    requests: Null,
    socksproxy: &'static str,
    tcp_connect: Null,
    tls_handshakes: Null,
    tunnel: &'static str,
}

#[derive(Serialize)]
struct TorKeys {
    bootstrap_time: f64,
    error: Option<&'static str>,
    failure: Option<&'static str>,
    success: bool,
    timeout: f64,
    tor_logs: Vec<&'static str>,
    tor_progress: u8,
    tor_progress_tag: &'static str,
    tor_progress_summary: &'static str,
    tor_version: &'static str,
    transport_name: &'static str,
}

pub(crate) fn psiphon(mut report: Report) -> Result<Finished, Error> {
    let (failure, seconds) = open(&mut report, PSIPHON, 443, PSIPHON_PATIENCE);
    let keys = PsiphonKeys {
        agent: "redirect",
        bootstrap_time: if failure.is_none() { tick(seconds) } else { 0.0 },
        failed_operation: failure.map(|_| "bootstrap"),
        failure,
        max_runtime: PSIPHON_PATIENCE,
        network_events: None,
        queries: None,
        requests: None,
        socksproxy: if failure.is_none() { "127.0.0.1:40123" } else { "" },
        tcp_connect: None,
        tls_handshakes: None,
        tunnel: "psiphon",
    };
    report.finish(keys, seconds)
}

pub(crate) fn vanilla_tor(mut report: Report) -> Result<Finished, Error> {
    let (failure, seconds) = open(&mut report, TOR_BOOTSTRAP, 9001, TOR_PATIENCE);
    let done = failure.is_none();
    let keys = TorKeys {
        bootstrap_time: if done { tick(seconds) } else { 0.0 },
        error: failure.map(|_| "timeout-reached"),
        failure,
        success: done,
        timeout: TOR_PATIENCE,
        tor_logs: if done {
            vec!["[notice] Bootstrapped 5% (conn): Connecting to a relay", "[notice] Bootstrapped 100% (done): Done"]
        } else {
            vec!["[notice] Bootstrapped 5% (conn): Connecting to a relay"]
        },
        tor_progress: if done { 100 } else { 5 },
        tor_progress_tag: if done { "done" } else { "conn" },
        tor_progress_summary: if done { "Done" } else { "Connecting to a relay" },
        tor_version: "0.4.8.10",
        transport_name: "vanilla",
    };
    report.finish(keys, seconds)
}

/// Tries the members of a pool until one answers; that none did shows after all patience, and as nothing else.
fn open(report: &mut Report, role: &str, port: u16, patience: f64) -> (Option<&'static str>, f64) {
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
