//! stunreachability: whether a STUN server answers over UDP, which calls need to find a way through home routers.

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log};
use crate::ooni::{NetworkEvent, Query, endpoint};
use crate::path::{For, Resolver};
use crate::report::{Finished, Report};
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Stunreachability,
    name: "stunreachability",
    test_name: "stunreachability",
    test_version: "0.4.0",
    usual_share: 0,
    inputs: Inputs::These(URLS),
    run,
};

const URLS: &[&str] = &["stun://stun.l.google.com:19302", "stun://stun.antisip.com:3478"];
const SERVERS: &[(&str, u16)] = &[("stun.l.google.com", 19302), ("stun.antisip.com", 3478)];

#[derive(Serialize)]
struct Keys<'a> {
    endpoint: String,
    failure: Option<&'static str>,
    network_events: &'a [NetworkEvent],
    queries: &'a [Query<'a>],
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let (host, port) = SERVERS[report.slot.target % SERVERS.len()];
    let site = app::site(report.world, host);
    let mut log = Log::new(Format::Plain);
    let found = log.resolve(&mut report.path, site, Resolver::System, At::time(0.0));
    let (mut failure, mut seconds, mut reached) = (found.failure, found.seconds, false);
    if let Some(address) = found.addresses().next().filter(|_| failure.is_none()) {
        let answer = report.path.datagram(address, For { site, users_way: true });
        log.datagrams(endpoint(address, port), answer, At::time(seconds));
        (failure, seconds) = (answer.failure, seconds + answer.seconds);
        reached = failure.is_none() && report.path.is_genuine(site, address);
    }
    report.judge(&[site], Outcome { reached, role: "input" });
    let keys = Keys { endpoint: format!("{host}:{port}"), failure, network_events: &log.network_events, queries: &log.queries };
    report.finish(keys, seconds)
}
