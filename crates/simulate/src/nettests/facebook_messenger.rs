//! facebook_messenger: a lookup of each service of the app, and a connection to all but one of them.

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake};
use crate::path::Resolver;
use crate::report::{Finished, Report};
use crate::services;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::FacebookMessenger,
    name: "facebook_messenger",
    test_name: "facebook_messenger",
    test_version: "0.2.1",
    usual_share: 3,
    inputs: Inputs::None,
    run,
};

/// The service that is only looked up: it speaks UDP.
const STUN: &str = "facebook_messenger/stun";
/// The network that the app's addresses are expected in.
const FACEBOOK_ASN: u32 = 32934;

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
    facebook_b_api_dns_consistent: Option<bool>,
    facebook_b_api_reachable: Option<bool>,
    facebook_b_graph_dns_consistent: Option<bool>,
    facebook_b_graph_reachable: Option<bool>,
    facebook_edge_dns_consistent: Option<bool>,
    facebook_edge_reachable: Option<bool>,
    facebook_external_cdn_dns_consistent: Option<bool>,
    facebook_external_cdn_reachable: Option<bool>,
    facebook_scontent_cdn_dns_consistent: Option<bool>,
    facebook_scontent_cdn_reachable: Option<bool>,
    facebook_star_dns_consistent: Option<bool>,
    facebook_star_reachable: Option<bool>,
    facebook_stun_dns_consistent: Option<bool>,
    facebook_stun_reachable: Option<bool>,
    facebook_dns_blocking: bool,
    facebook_tcp_blocking: bool,
}

/// What the test says of one service.
#[derive(Clone, Copy, Default)]
struct Status {
    consistent: Option<bool>,
    reachable: Option<bool>,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let mut log = Log::new(Format::Plain);
    let mut longest = 0.0_f64;
    let mut statuses: Vec<(&'static str, Status)> = Vec::new();
    for service in services::all().into_iter().filter(|service| service.nettest == Nettest::FacebookMessenger) {
        let site = app::site(report.world, service.host);
        let mut status = Status::default();
        let (addresses, reached, seconds) = if service.role == STUN {
            let found = log.resolve(&mut report.path, site, Resolver::System, At::time(0.0));
            let addresses: Vec<_> = found.addresses().collect();
            let reached = addresses.iter().any(|address| report.path.is_genuine(site, *address));
            (addresses, reached, found.seconds)
        } else {
            let (visit, _, addresses) = app::connect(&mut report.path, &mut log, site, 443, 0.0);
            status.reachable = Some(!addresses.is_empty() && visit.failure.is_none());
            (addresses, visit.reached, visit.seconds)
        };
        longest = longest.max(seconds);
        let networks = addresses.iter().filter_map(|address| report.world.addresses.network_of(*address));
        status.consistent = Some(networks.into_iter().any(|owner| owner.asn == FACEBOOK_ASN));
        statuses.push((service.role, status));
        report.judge(&[site], Outcome { reached, role: "service" });
    }
    let of = |name: &str| statuses.iter().find(|(role, _)| role.ends_with(name)).map(|(_, status)| *status).unwrap_or_default();
    let keys = Keys {
        agent: "redirect",
        failed_operation: None,
        failure: None,
        network_events: &log.network_events,
        queries: &log.queries,
        requests: log.requests(),
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
        facebook_b_api_dns_consistent: of("/b_api").consistent,
        facebook_b_api_reachable: of("/b_api").reachable,
        facebook_b_graph_dns_consistent: of("/b_graph").consistent,
        facebook_b_graph_reachable: of("/b_graph").reachable,
        facebook_edge_dns_consistent: of("/edge").consistent,
        facebook_edge_reachable: of("/edge").reachable,
        facebook_external_cdn_dns_consistent: of("/external_cdn").consistent,
        facebook_external_cdn_reachable: of("/external_cdn").reachable,
        facebook_scontent_cdn_dns_consistent: of("/scontent_cdn").consistent,
        facebook_scontent_cdn_reachable: of("/scontent_cdn").reachable,
        facebook_star_dns_consistent: of("/star").consistent,
        facebook_star_reachable: of("/star").reachable,
        facebook_stun_dns_consistent: of("/stun").consistent,
        facebook_stun_reachable: None,
        facebook_dns_blocking: statuses.iter().any(|(_, status)| status.consistent == Some(false)),
        facebook_tcp_blocking: statuses.iter().any(|(_, status)| status.consistent == Some(true) && status.reachable == Some(false)),
    };
    report.finish(keys, longest)
}
