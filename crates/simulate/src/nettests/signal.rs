//! signal: one encrypted page from each service of the app.

use serde::Serialize;

use super::app::{self, https};
use super::{Info, Inputs};
use crate::log::{Format, Log};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake};
use crate::report::{Finished, Report};
use crate::services;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Signal,
    name: "signal",
    test_name: "signal",
    test_version: "0.2.5",
    usual_share: 3,
    inputs: Inputs::None,
    run,
};

#[derive(Serialize)]
struct Keys<'a> {
    agent: &'static str,
    failed_operation: Null,
    failure: Null,
    network_events: &'a [NetworkEvent],
    queries: &'a [Query<'a>],
    requests: Vec<Request<'a>>,
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
    signal_backend_status: &'static str,
    signal_backend_failure: Option<&'static str>,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let mut log = Log::new(Format::Plain);
    let (mut failure, mut longest) = (None, 0.0_f64);
    for service in services::all().into_iter().filter(|service| service.nettest == Nettest::Signal) {
        let site = app::site(report.world, service.host);
        let visit = app::page(&mut report.path, &mut log, site, &https(service.host, "/"), 0.0);
        longest = longest.max(visit.seconds);
        failure = failure.or(visit.failure);
        report.judge(&[site], Outcome { reached: visit.reached, role: "service" });
    }
    let keys = Keys {
        agent: "redirect",
        failed_operation: None,
        failure: None,
        network_events: &log.network_events,
        queries: &log.queries,
        requests: log.requests(),
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
        signal_backend_status: if failure.is_none() { "ok" } else { "blocked" },
        signal_backend_failure: failure,
    };
    report.finish(keys, longest)
}
