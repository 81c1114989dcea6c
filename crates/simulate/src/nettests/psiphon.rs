//! psiphon: whether a tunnel gets going. Of what it is made of, the record says nothing.

use serde::Serialize;

use super::{Info, Inputs, tunnels};
use crate::ooni::{Null, tick};
use crate::report::{Finished, Report};
use crate::services::PSIPHON;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Psiphon,
    name: "psiphon",
    test_name: "psiphon",
    test_version: "0.6.0",
    usual_share: 0,
    inputs: Inputs::None,
    run,
};

/// As long as the test waits for a tunnel, in seconds.
const PATIENCE: f64 = 60.0;

#[derive(Serialize)]
struct Keys {
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

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let (failure, seconds) = tunnels::open(&mut report, PSIPHON, 443, PATIENCE);
    let keys = Keys {
        agent: "redirect",
        bootstrap_time: if failure.is_none() { tick(seconds) } else { 0.0 },
        failed_operation: failure.map(|_| "bootstrap"),
        failure,
        max_runtime: PATIENCE,
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
