//! whatsapp: a connection to each endpoint on both ports, the registration service, and the web client.

use serde::Serialize;

use super::app::{self, https};
use super::{Info, Inputs};
use crate::log::{Format, Log};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake};
use crate::report::{Finished, Report};
use crate::services::WHATSAPP_ENDPOINTS;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Whatsapp,
    name: "whatsapp",
    test_name: "whatsapp",
    test_version: "0.11.0",
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
    registration_server_failure: Option<&'static str>,
    registration_server_status: &'static str,
    whatsapp_endpoints_blocked: Vec<String>,
    whatsapp_endpoints_dns_inconsistent: Vec<String>,
    whatsapp_endpoints_status: &'static str,
    whatsapp_web_failure: Option<&'static str>,
    whatsapp_web_status: &'static str,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let mut log = Log::new(Format::Plain);
    let (mut endpoints, mut reached, mut longest) = (Vec::new(), false, 0.0_f64);
    let mut blocked = Vec::new();
    for number in 1..=WHATSAPP_ENDPOINTS {
        let host = format!("e{number}.whatsapp.net");
        let site = app::site(report.world, &host);
        endpoints.push(site);
        let mut failures = 0;
        for port in [443, 5222] {
            let (visit, ..) = app::connect(&mut report.path, &mut log, site, port, 0.0);
            longest = longest.max(visit.seconds);
            reached |= visit.reached;
            failures += u32::from(visit.failure.is_some());
        }
        if failures == 2 {
            blocked.push(host);
        }
    }
    let web_site = app::site(report.world, "web.whatsapp.com");
    let web = app::page(&mut report.path, &mut log, web_site, &https("web.whatsapp.com", "/"), 0.0);
    let registration_site = app::site(report.world, "v.whatsapp.net");
    let registration = app::page(&mut report.path, &mut log, registration_site, &https("v.whatsapp.net", "/v2/register"), 0.0);
    report.judge(&endpoints, Outcome { reached, role: "service" });
    report.judge(&[web_site], Outcome { reached: web.reached, role: "service" });
    report.judge(&[registration_site], Outcome { reached: registration.reached, role: "service" });
    let status = |works: bool| if works { "ok" } else { "blocked" };
    let keys = Keys {
        agent: "redirect",
        failed_operation: None,
        failure: None,
        network_events: &log.network_events,
        queries: &log.queries,
        requests: log.requests(),
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
        registration_server_failure: registration.failure,
        registration_server_status: status(registration.failure.is_none()),
        whatsapp_endpoints_status: status(blocked.len() < WHATSAPP_ENDPOINTS),
        whatsapp_endpoints_blocked: blocked,
        whatsapp_endpoints_dns_inconsistent: Vec::new(),
        whatsapp_web_failure: web.failure,
        whatsapp_web_status: status(web.failure.is_none()),
    };
    report.finish(keys, longest.max(web.seconds).max(registration.seconds))
}
