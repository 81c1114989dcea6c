//! vanilla_tor: whether Tor gets going within its time. Where it stopped, the record does not say.

use serde::Serialize;

use super::{Info, Inputs, tunnels};
use crate::ooni::tick;
use crate::report::{Finished, Report};
use crate::services::TOR_BOOTSTRAP;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::VanillaTor,
    name: "vanilla_tor",
    test_name: "vanilla_tor",
    test_version: "0.2.0",
    usual_share: 0,
    inputs: Inputs::None,
    run,
};

/// As long as the test waits for a tunnel, in seconds.
const PATIENCE: f64 = 200.0;

#[derive(Serialize)]
struct Keys {
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

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let (failure, seconds) = tunnels::open(&mut report, TOR_BOOTSTRAP, 9001, PATIENCE);
    let done = failure.is_none();
    let keys = Keys {
        bootstrap_time: if done { tick(seconds) } else { 0.0 },
        error: failure.map(|_| "timeout-reached"),
        failure,
        success: done,
        timeout: PATIENCE,
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
