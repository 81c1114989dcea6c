//! dnscheck: an encrypted resolver's name is looked up, and then it is asked about another name at each of its addresses, over HTTPS, TLS
//! or QUIC.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake, endpoint};
use crate::path::{For, Resolver};
use crate::report::{Finished, Report};
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Dnscheck,
    name: "dnscheck",
    test_name: "dnscheck",
    test_version: "0.9.2",
    usual_share: 0,
    inputs: Inputs::These(URLS),
    run,
};

/// What the resolvers are asked about.
const DOMAIN: &str = "example.org";

/// What a probe is told to check: the input, its host, its port, and whether it is asked over QUIC.
const INPUTS: &[(&str, &str, u16, bool)] = &[
    ("https://dns.google/dns-query", "dns.google", 443, false),
    ("https://cloudflare-dns.com/dns-query", "cloudflare-dns.com", 443, false),
    ("https://dns.google/dns-query", "dns.google", 443, true),
    ("dot://dns.quad9.net:853", "dns.quad9.net", 853, false),
];

const URLS: &[&str] = &[INPUTS[0].0, INPUTS[1].0, INPUTS[2].0, INPUTS[3].0];

#[derive(Serialize)]
struct Keys<'a> {
    bootstrap: Option<Part<'a>>,
    bootstrap_failure: Option<&'static str>,
    default_addrs: &'static str,
    domain: &'static str,
    lookups: BTreeMap<String, Part<'a>>,
    x_http3_enabled: bool,
    x_http_host: &'static str,
    x_tls_server_name: &'static str,
    x_tls_version: &'static str,
}

/// As urlgetter writes it.
#[derive(Serialize)]
struct Part<'a> {
    agent: &'static str,
    failed_operation: Option<&'static str>,
    failure: Option<&'static str>,
    network_events: &'a [NetworkEvent],
    queries: &'a [Query<'a>],
    quic_handshakes: &'a [TlsHandshake<'a>],
    requests: Vec<Request<'a>>,
    socksproxy: Null,
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let (url, host, port, over_quic) = INPUTS[report.slot.target % INPUTS.len()];
    let site = app::site(report.world, host);
    let mut bootstrap = Log::new(Format::Plain);
    let found = bootstrap.resolve(&mut report.path, site, Resolver::System, At::time(0.0));
    let (mut reached, mut longest) = (false, 0.0_f64);
    let mut logs = Vec::new();
    for address in found.addresses() {
        let mut log = Log::new(Format::Plain);
        let purpose = For { site, users_way: true };
        let (failure, operation, seconds) = if over_quic {
            let shake = log.quic_handshake(&mut report.path, address, purpose, At::time(0.0));
            (shake.failure, "quic_handshake", shake.seconds)
        } else {
            let dial = log.connect(&mut report.path, address, port, purpose, At::time(0.0));
            match dial.failure {
                Some(failure) => (Some(failure), "connect", dial.seconds),
                None => {
                    let shake = log.handshake_at(&mut report.path, (address, port), purpose, At::time(dial.seconds));
                    (shake.failure, "tls_handshake", dial.seconds + shake.seconds)
                }
            }
        };
        let key = url.replacen(host, &endpoint(address, 0).replace(":0", ""), 1);
        let (engine, server) = match (over_quic, port) {
            (true, _) => ("doh3", key.clone()),
            (_, 853) => ("dot", endpoint(address, 853)),
            _ => ("doh", key.clone()),
        };
        log.answered(DOMAIN, engine, server, failure, At::time(seconds));
        reached |= failure.is_none() && report.path.is_genuine(site, address);
        longest = longest.max(seconds);
        logs.push((key, log, failure, failure.map(|_| operation)));
    }
    report.judge(&[site], Outcome { reached, role: "input" });
    let keys = Keys {
        bootstrap: Some(part(&bootstrap, found.failure, found.failure.map(|_| "resolve"))),
        bootstrap_failure: found.failure,
        default_addrs: "",
        domain: DOMAIN,
        lookups: logs.iter().map(|(key, log, failure, operation)| (key.clone(), part(log, *failure, *operation))).collect(),
        x_http3_enabled: over_quic,
        x_http_host: "",
        x_tls_server_name: "",
        x_tls_version: "",
    };
    report.finish(keys, found.seconds + longest)
}

fn part<'a>(log: &'a Log, failure: Option<&'static str>, failed_operation: Option<&'static str>) -> Part<'a> {
    Part {
        agent: "redirect",
        failed_operation,
        failure,
        network_events: &log.network_events,
        queries: &log.queries,
        quic_handshakes: &log.quic_handshakes,
        requests: log.requests(),
        socksproxy: None,
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
    }
}
