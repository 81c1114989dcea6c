//! tor: the directory authorities on their two ports, and bridges that look like nothing (obfs4). Each kind is a pool.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log, Question};
use crate::ooni::{NetworkEvent, Null, Request, TcpConnect, TlsHandshake, endpoint};
use crate::path::{For, TIMEOUT};
use crate::report::{Finished, Report};
use crate::services::{TOR_AUTHORITIES, TOR_BRIDGES, TOR_DIRECTORIES};
use crate::truth::Outcome;
use crate::web_address::WebAddress;
use crate::{Error, Nettest};

pub(super) const INFO: Info =
    Info { nettest: Nettest::Tor, name: "tor", test_name: "tor", test_version: "0.4.0", usual_share: 0, inputs: Inputs::None, run };

/// As long as a bridge is waited for, in seconds.
const PATIENCE: f64 = 10.0;
/// The pools, with the protocol and the port of their members.
const POOLS: [(&str, &str, u16); 3] =
    [(TOR_AUTHORITIES, "or_port_dirauth", 9001), (TOR_DIRECTORIES, "dir_port", 9030), (TOR_BRIDGES, "obfs4", 40035)];

#[derive(Serialize, Default)]
struct Keys {
    dir_port_total: usize,
    dir_port_accessible: usize,
    obfs4_total: usize,
    obfs4_accessible: usize,
    or_port_dirauth_total: usize,
    or_port_dirauth_accessible: usize,
    or_port_total: usize,
    or_port_accessible: usize,
    targets: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Server<'a> {
    agent: &'static str,
    failure: Option<&'static str>,
    network_events: &'a [NetworkEvent],
    queries: Null,
    requests: Vec<Request<'a>>,
    summary: BTreeMap<&'static str, Summary>,
    target_address: String,
    target_protocol: &'static str,
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
}

#[derive(Serialize)]
struct Summary {
    failure: Option<&'static str>,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let (mut keys, mut longest) = (Keys::default(), 0.0_f64);
    for (role, protocol, port) in POOLS {
        let site = app::site(report.world, role);
        let mut accessible = 0;
        let members = report.world.sites[site].members().to_vec();
        for address in &members {
            let (address, purpose) = (*address, For { site, users_way: true });
            let mut log = Log::new(Format::Plain);
            let dial = log.connect(&mut report.path, address, port, purpose, At::time(0.0));
            let mut summary = BTreeMap::from([("connect", Summary { failure: dial.failure })]);
            let (mut failure, mut seconds) = (dial.failure, dial.seconds);
            if failure.is_none() {
                let (failed, more) = speak(&mut report, &mut log, (address, port), protocol, purpose, seconds);
                summary.insert(if protocol == "dir_port" { "fetch" } else { "handshake" }, Summary { failure: failed });
                (failure, seconds) = (failed, seconds + more);
            }
            longest = longest.max(seconds);
            accessible += usize::from(failure.is_none());
            let server = Server {
                agent: "redirect",
                failure,
                network_events: &log.network_events,
                queries: None,
                requests: log.requests(),
                summary,
                target_address: endpoint(address, port),
                target_protocol: protocol,
                tcp_connect: &log.tcp_connect,
                tls_handshakes: &log.tls_handshakes,
            };
            let server = serde_json::to_value(&server).map_err(|error| Error::Record(error.into()))?;
            keys.targets.insert(name_of(protocol, &endpoint(address, port)), server);
        }
        let (total, reached) = keys.counts(protocol);
        (*total, *reached) = (members.len(), accessible);
        let reached = accessible > 0 && !report.path.is_caught();
        report.judge(&[site], Outcome { reached, role: "service" });
    }
    report.finish(keys, longest)
}

impl Keys {
    fn counts(&mut self, protocol: &str) -> (&mut usize, &mut usize) {
        match protocol {
            "dir_port" => (&mut self.dir_port_total, &mut self.dir_port_accessible),
            "obfs4" => (&mut self.obfs4_total, &mut self.obfs4_accessible),
            _ => (&mut self.or_port_dirauth_total, &mut self.or_port_dirauth_accessible),
        }
    }
}

/// What is done over a connection: a handshake, a fetch, or obfs4's own handshake, of which nothing but the outcome is written down.
fn speak<'w>(
    report: &mut Report<'w>,
    log: &mut Log<'w>,
    server: (std::net::IpAddr, u16),
    protocol: &str,
    purpose: For,
    began: f64,
) -> (Option<&'static str>, f64) {
    match protocol {
        "or_port_dirauth" => {
            let shake = log.relay_handshake(&mut report.path, server, purpose, At::time(began));
            (shake.failure, shake.seconds)
        }
        "dir_port" => {
            let path = "/tor/status-vote/current/consensus.z";
            let page = WebAddress { https: false, host: server.0.to_string(), path: path.into() };
            let question =
                Question { method: "GET", url: format!("http://{}{path}", endpoint(server.0, server.1)), page: &page, referer: None };
            let done = log.fetch(&mut report.path, &question, server, purpose, At::time(began));
            (done.failure, done.seconds)
        }
        // A portal takes the connection and knows nothing of obfs4.
        _ if report.path.is_caught() => (Some(TIMEOUT), PATIENCE),
        _ => (None, report.path.moment()),
    }
}

/// Bridges are not told: a digest stands in for where they are.
fn name_of(protocol: &str, endpoint: &str) -> String {
    match protocol {
        "obfs4" => Sha256::digest(endpoint.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
        _ => endpoint.into(),
    }
}
