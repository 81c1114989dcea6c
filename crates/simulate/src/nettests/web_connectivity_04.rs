//! web_connectivity 0.4: one lookup, one connection to each address, one fetch whose redirects are followed unseen.

use std::net::IpAddr;

use serde::Serialize;

use super::web_analysis::{Analysis, Evidence};
use super::{Info, Inputs};
use crate::control::{self, Control};
use crate::log::{At, Format, Log, Question};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake};
use crate::path::{For, Path, Resolver, Transaction};
use crate::report::{Finished, Report};
use crate::truth::Outcome;
use crate::web_address::WebAddress;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::WebConnectivity04,
    name: "web_connectivity_04",
    test_name: "web_connectivity",
    test_version: "0.4.2",
    usual_share: 18,
    inputs: Inputs::Urls,
    run,
};

const MAX_HOPS: usize = 10;

#[derive(Serialize)]
struct Keys<'a> {
    agent: &'static str,
    client_resolver: IpAddr,
    retries: Null,
    socksproxy: Null,
    network_events: &'a [NetworkEvent],
    tls_handshakes: &'a [TlsHandshake<'a>],
    queries: &'a [Query<'a>],
    dns_experiment_failure: Option<&'static str>,
    dns_consistency: Option<&'static str>,
    control_failure: Option<&'static str>,
    control: ControlOrEmpty<'a>,
    tcp_connect: &'a [TcpConnect],
    requests: Vec<Request<'a>>,
    http_experiment_failure: Option<&'static str>,
    body_length_match: Option<bool>,
    body_proportion: f64,
    status_code_match: Option<bool>,
    headers_match: Option<bool>,
    title_match: Option<bool>,
    accessible: Option<bool>,
    blocking: super::web_analysis::Blocking,
    x_status: u32,
}

/// This format writes `{}` where there is no control.
struct ControlOrEmpty<'a>(Option<&'a Control>);

#[derive(Serialize)]
struct Empty {}

impl Serialize for ControlOrEmpty<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(control) => control.serialize(serializer),
            None => Empty {}.serialize(serializer),
        }
    }
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let target = &report.world.targets[report.slot.target];
    let mut log = Log::new(Format::Plain);
    let mut seconds = 0.0;
    let found = log.resolve(&mut report.path, target.site, Resolver::System, At::time(seconds));
    seconds += found.seconds;
    let addresses: Vec<IpAddr> = found.addresses().collect();

    let control_failure = report.control_failure();
    let mut control = None;
    if control_failure.is_none() {
        let now = report.path.now;
        let mut answer = control::answer(report.world, &target.url, target.site, &addresses, now, &mut report.path.rng);
        if let Some(address) = report.path.vouched_for(target.site) {
            answer.vouch(address, &target.url.host);
        }
        control = Some(answer);
    }
    seconds += 0.4;

    let check = check_addresses(&mut report.path, &mut log, &target.url, target.site, &addresses, &mut seconds);
    let fetch = Fetch { failure: found.failure.or(check.failure), tcp_failed: check.tcp_failed, hops: Vec::new() };
    let fetch = fetch.follow(&mut report, &mut log, &target.url, target.site, check.working, &mut seconds);
    for (index, (site, reached)) in fetch.hops.iter().enumerate() {
        if fetch.hops[..index].iter().all(|(earlier, _)| earlier != site) {
            let reached = *reached && fetch.hops.iter().all(|(other, reached)| other != site || *reached);
            report.judge(&[*site], Outcome { reached, role: if index == 0 { "input" } else { "redirect" } });
        }
    }

    let last = log.exchanges.last().and_then(|exchange| exchange.outcome.as_ref().ok());
    let analysis = Analysis::of(&Evidence {
        world: report.world,
        control: control.as_ref(),
        addresses: &addresses,
        dns_failure: found.failure,
        tcp_failed: fetch.tcp_failed,
        http_failure: fetch.failure,
        response: last.and_then(|done| done.response.as_ref()),
    });
    let keys = Keys {
        agent: "redirect",
        client_resolver: report.world.networks[report.slot.network].resolver_ip,
        retries: None,
        socksproxy: None,
        network_events: &log.network_events,
        tls_handshakes: &log.tls_handshakes,
        queries: &log.queries,
        dns_experiment_failure: analysis.dns_experiment_failure,
        dns_consistency: analysis.dns_consistency,
        control_failure,
        control: ControlOrEmpty(control.as_ref()),
        tcp_connect: &log.tcp_connect,
        requests: log.requests(),
        http_experiment_failure: analysis.http_experiment_failure,
        body_length_match: analysis.body_length_match,
        body_proportion: analysis.body_proportion,
        status_code_match: analysis.status_code_match,
        headers_match: analysis.headers_match,
        title_match: analysis.title_match,
        accessible: analysis.accessible,
        blocking: analysis.blocking,
        x_status: 0,
    };
    report.finish(keys, seconds)
}

struct Check {
    /// An address that connected, and shook hands where that is needed.
    working: Option<IpAddr>,
    failure: Option<&'static str>,
    tcp_failed: bool,
}

/// Connects to every address of the first lookup.
fn check_addresses<'w>(
    path: &mut Path<'w>,
    log: &mut Log<'w>,
    url: &WebAddress,
    site: usize,
    addresses: &[IpAddr],
    seconds: &mut f64,
) -> Check {
    let purpose = For { site, users_way: true };
    let mut check = Check { working: None, failure: None, tcp_failed: false };
    let began = *seconds;
    for address in addresses {
        let dial = log.connect(path, *address, url.port(), purpose, At::time(began));
        let (mut failure, mut ended) = (dial.failure, began + dial.seconds);
        check.tcp_failed |= failure.is_some();
        if url.https && failure.is_none() {
            let shake = log.handshake(path, *address, purpose, At::time(ended));
            (failure, ended) = (shake.failure, ended + shake.seconds);
        }
        *seconds = seconds.max(ended);
        check.failure = check.failure.or(failure);
        check.working = check.working.or(Some(*address).filter(|_| failure.is_none()));
    }
    if check.working.is_some() {
        check.failure = None;
        check.tcp_failed = false;
    }
    check
}

struct Fetch {
    failure: Option<&'static str>,
    tcp_failed: bool,
    /// Sites on the way, and whether each was reached.
    hops: Vec<(usize, bool)>,
}

impl Fetch {
    /// Fetches the page and whatever it redirects to; of later hops only the requests are written down.
    fn follow<'w>(
        mut self,
        report: &mut Report<'w>,
        log: &mut Log<'w>,
        url: &WebAddress,
        site: usize,
        working: Option<IpAddr>,
        seconds: &mut f64,
    ) -> Self {
        let (mut url, mut site, mut working, mut referer) = (url.clone(), Some(site), working, None);
        for hop in 0..MAX_HOPS {
            if hop > 0 {
                match self.reach(&mut report.path, &url, site, seconds) {
                    Ok(address) => working = Some(address),
                    Err(failure) => (self.failure, working) = (Some(failure), None),
                }
            }
            let question = Question::get(&url, referer.take());
            let Some(address) = working else {
                log.unsent(&question, self.failure.unwrap_or("unknown_failure"), At::time(*seconds));
                self.hops.extend(site.map(|site| (site, false)));
                return self;
            };
            let asked_for = site.unwrap_or(report.world.targets[report.slot.target].site);
            let purpose = For { site: asked_for, users_way: true };
            let done: &Transaction = log.fetch(&mut report.path, &question, (address, url.port()), purpose, At::time(*seconds));
            *seconds += done.seconds;
            self.failure = done.failure;
            self.hops.extend(site.map(|site| (site, done.failure.is_none() && done.genuine)));
            let Some(next) = done.redirect.clone() else { return self };
            referer = Some(url.to_string());
            site = report.world.site_by_host.get(&next.host).copied();
            url = next;
        }
        self
    }

    /// Looks up, connects and shakes hands without leaving a record, as this version does for redirects.
    fn reach(&mut self, path: &mut Path, url: &WebAddress, site: Option<usize>, seconds: &mut f64) -> Result<IpAddr, &'static str> {
        let Some(site) = site else { return url.address().ok_or("unknown_failure") };
        let purpose = For { site, users_way: true };
        let found = path.resolve(site, Resolver::System);
        *seconds += found.seconds;
        let mut failure = found.failure.unwrap_or("dns_no_answer");
        for address in found.addresses() {
            let dial = path.connect(address, url.port(), purpose);
            *seconds += dial.seconds;
            let shake = match dial.failure {
                None if url.https => path.handshake(address, purpose).failure,
                other => other,
            };
            match shake {
                None => return Ok(address),
                Some(reason) => failure = reason,
            }
        }
        Err(failure)
    }
}
