//! web_connectivity 0.5: every address of every resolver is tried at once, and redirects are followed step by step.
//!
//! The user's own way is the one that the device would have gone: the system resolver's addresses, marked `classic`. Everything else
//! (addresses of public resolvers and of the test helper, handshakes that only check an address) is there to be compared with it.

use std::net::IpAddr;

use serde::Serialize;

use super::web_analysis::{Analysis, Evidence};
use super::{Info, Inputs};
use crate::control::{self, Control, ControlRequest};
use crate::log::{At, Format, Log, Question};
use crate::ooni::{NetworkEvent, Null, Query, Request, Tags, TcpConnect, TlsHandshake};
use crate::path::{For, Resolver};
use crate::report::{Finished, Report};
use crate::truth::Outcome;
use crate::web_address::WebAddress;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::WebConnectivity05,
    name: "web_connectivity_05",
    test_name: "web_connectivity",
    test_version: "0.5.28",
    usual_share: 70,
    inputs: Inputs::Urls,
    run,
};

/// As many hops as the probe follows.
const MAX_HOPS: usize = 10;
/// As many addresses as it tries at each.
const MAX_ADDRESSES: usize = 8;

/// How a step learnt of an address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    System,
    Udp,
    Doh,
    TestHelper,
}

#[derive(Serialize)]
struct Keys<'a> {
    agent: &'static str,
    client_resolver: IpAddr,
    retries: Null,
    socksproxy: Null,
    network_events: &'a [NetworkEvent],
    x_dns_whoami: Null,
    x_doh: Null,
    x_do53: Null,
    x_dns_duplicate_responses: &'a [Query<'a>],
    queries: &'a [Query<'a>],
    requests: Vec<Request<'a>>,
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
    x_control_request: ControlRequest,
    control: Option<&'a Control>,
    x_conn_priority_log: Null,
    control_failure: Option<&'static str>,
    x_dns_flags: u8,
    dns_experiment_failure: Option<&'static str>,
    dns_consistency: Option<&'static str>,
    http_experiment_failure: Option<&'static str>,
    x_blocking_flags: u8,
    x_null_null_flags: u8,
    body_proportion: f64,
    body_length_match: Option<bool>,
    headers_match: Option<bool>,
    status_code_match: Option<bool>,
    title_match: Option<bool>,
    blocking: super::web_analysis::Blocking,
    accessible: Option<bool>,
}

/// A site on the way, and whether it was reached over the user's own path.
struct Hop {
    site: usize,
    reached: bool,
}

/// One measurement under way.
struct Run<'w> {
    report: Report<'w>,
    log: Log<'w>,
    hops: Vec<Hop>,
    next_plain: u32,
    next_secure: u32,
    seconds: f64,
    first: FirstStep,
    control: Option<Control>,
    control_failure: Option<&'static str>,
    failure: Option<&'static str>,
    tcp_failed: bool,
}

/// What the analysis wants to know of the first step.
#[derive(Default)]
struct FirstStep {
    dns_failure: Option<&'static str>,
    addresses: Vec<IpAddr>,
    all_addresses: Vec<IpAddr>,
}

/// Where a step ended.
struct Fetched {
    reached: bool,
    redirect: Option<WebAddress>,
}

pub(crate) fn run(report: Report) -> Result<Finished, Error> {
    let target = &report.world.targets[report.slot.target];
    let mut run = Run {
        report,
        log: Log::new(Format::Tagged),
        hops: Vec::new(),
        next_plain: 40_001,
        next_secure: 50_001,
        seconds: 0.0,
        first: FirstStep::default(),
        control: None,
        control_failure: None,
        failure: None,
        tcp_failed: false,
    };
    let mut url = target.url.clone();
    for depth in 0..MAX_HOPS {
        match run.step(&url, depth) {
            Some(next) => url = next,
            None => break,
        }
    }
    run.finish(&target.url)
}

impl<'w> Run<'w> {
    /// One page, up to the redirect to the next.
    fn step(&mut self, url: &WebAddress, depth: usize) -> Option<WebAddress> {
        let named = self.report.world.site_by_host.get(&url.host).copied();
        let addresses = match (url.address(), named) {
            (Some(address), _) => vec![(address, Source::System)],
            (None, Some(site)) => self.look_up(url, site, depth),
            (None, None) => return None,
        };
        // A page at a bare address belongs to the box that sent us there; what it does is not done to a site.
        let site = named.unwrap_or(self.report.world.targets[self.report.slot.target].site);
        let fetched = self.try_all(url, site, &addresses, depth);
        if named.is_some() {
            self.hops.push(Hop { site, reached: fetched.reached });
        }
        fetched.redirect
    }

    /// All resolvers at once, then the test helper.
    fn look_up(&mut self, url: &WebAddress, site: usize, depth: usize) -> Vec<(IpAddr, Source)> {
        let began = self.seconds;
        let mut known: Vec<(IpAddr, Source)> = Vec::new();
        let mut add = |addresses: &mut dyn Iterator<Item = IpAddr>, source| {
            for address in addresses {
                if known.iter().all(|(other, _)| *other != address) {
                    known.push((address, source));
                }
            }
        };
        let at = |first: u32, classic| At {
            transaction_id: first + depth as u32,
            tags: Tags { classic, depth, ..Tags::default() },
            seconds: began,
        };
        let path = &mut self.report.path;
        let system = self.log.resolve(path, site, Resolver::System, at(10_001, true));
        add(&mut system.addresses(), Source::System);
        let udp = self.log.resolve(path, site, Resolver::Udp, at(20_001, false));
        add(&mut udp.addresses(), Source::Udp);
        if depth == 0 {
            let doh = self.log.resolve(path, site, Resolver::Doh, at(30_001, false));
            add(&mut doh.addresses(), Source::Doh);
        }
        self.seconds += system.seconds.max(udp.seconds);
        if depth == 0 {
            let found: Vec<IpAddr> = known.iter().map(|(address, _)| *address).collect();
            self.first = FirstStep { dns_failure: system.failure, addresses: system.addresses().collect(), all_addresses: found.clone() };
            let more = self.ask_test_helper(url, site, &found);
            known.extend(more.into_iter().filter(|address| !found.contains(address)).map(|address| (address, Source::TestHelper)));
        }
        if system.failure.is_some() {
            self.failure = system.failure;
        }
        known.truncate(MAX_ADDRESSES);
        known
    }

    fn ask_test_helper(&mut self, url: &WebAddress, site: usize, found: &[IpAddr]) -> Vec<IpAddr> {
        self.seconds += 0.4;
        self.control_failure = self.report.control_failure();
        if self.control_failure.is_some() {
            return Vec::new();
        }
        let now = self.report.path.now;
        let mut control = control::answer(self.report.world, url, site, found, now, &mut self.report.path.rng);
        if let Some(address) = self.report.path.vouched_for(site) {
            control.vouch(address, &url.host);
        }
        let addresses = control.dns.addrs.clone();
        self.control = Some(control);
        addresses
    }

    /// Every address at once; the page is fetched over the best one that answers.
    fn try_all(&mut self, url: &WebAddress, site: usize, addresses: &[(IpAddr, Source)], depth: usize) -> Fetched {
        let best = addresses.iter().map(|(_, source)| *source).min();
        let mut fetched = None;
        let mut ended = self.seconds;
        for (address, source) in addresses {
            let may_fetch = Some(*source) == best && fetched.is_none();
            let purpose = For { site, users_way: *source == Source::System };
            let tags = Tags { classic: *source == Source::System, tcptls_experiment: depth == 0, depth, fetch_body: Some(true) };
            if !url.https {
                let at = At { transaction_id: next(&mut self.next_plain), tags, seconds: self.seconds };
                fetched = self.plain(url, *address, purpose, at, may_fetch, &mut ended).or(fetched);
            }
            let at = At {
                transaction_id: next(&mut self.next_secure),
                tags: Tags { fetch_body: Some(url.https), ..tags },
                seconds: self.seconds,
            };
            // Beside a plain page the handshake only checks the address: no user would have made it.
            let purpose = For { users_way: purpose.users_way && url.https, ..purpose };
            fetched = self.secure(url, *address, purpose, at, may_fetch && url.https, &mut ended).or(fetched);
        }
        self.seconds = ended;
        let users_way = best == Some(Source::System);
        match fetched {
            Some(fetched) => Fetched { reached: fetched.reached && users_way, ..fetched },
            None => Fetched { reached: false, redirect: None },
        }
    }

    fn plain(&mut self, url: &WebAddress, address: IpAddr, purpose: For, at: At, may_fetch: bool, ended: &mut f64) -> Option<Fetched> {
        let dial = self.log.connect(&mut self.report.path, address, 80, purpose, at);
        if let Some(failure) = dial.failure {
            self.fail(failure, true, may_fetch);
            return None;
        }
        if !may_fetch {
            return None;
        }
        self.fetch(url, (address, 80), purpose, at.later(dial.seconds), ended)
    }

    fn secure(&mut self, url: &WebAddress, address: IpAddr, purpose: For, at: At, may_fetch: bool, ended: &mut f64) -> Option<Fetched> {
        let dial = self.log.connect(&mut self.report.path, address, 443, purpose, at);
        if let Some(failure) = dial.failure {
            self.fail(failure, true, may_fetch);
            return None;
        }
        let at = at.later(dial.seconds);
        let shake = self.log.handshake(&mut self.report.path, address, purpose, at);
        *ended = ended.max(at.seconds + shake.seconds);
        if let Some(failure) = shake.failure {
            self.fail(failure, false, may_fetch);
            return None;
        }
        if !may_fetch {
            return None;
        }
        self.fetch(url, (address, 443), purpose, at.later(shake.seconds), ended)
    }

    fn fetch(&mut self, url: &WebAddress, connection: (IpAddr, u16), purpose: For, at: At, ended: &mut f64) -> Option<Fetched> {
        let question = Question::get(url, Some(String::new()));
        let done = self.log.fetch(&mut self.report.path, &question, connection, purpose, at);
        self.failure = done.failure;
        *ended = ended.max(at.seconds + done.seconds);
        Some(Fetched { reached: done.failure.is_none() && done.genuine, redirect: done.redirect.clone() })
    }

    /// The first failure on the way of the page is what the probe reports, unless another address leads to the page.
    fn fail(&mut self, failure: &'static str, tcp: bool, counts: bool) {
        if counts {
            self.failure = Some(failure);
            self.tcp_failed = tcp;
        }
    }

    fn finish(mut self, url: &WebAddress) -> Result<Finished, Error> {
        self.judge_hops();
        let Self { report, log, first, control, control_failure, failure, tcp_failed, seconds, .. } = self;
        let last = log.exchanges.last().and_then(|exchange| exchange.outcome.as_ref().ok());
        let evidence = Evidence {
            world: report.world,
            control: control.as_ref(),
            addresses: &first.addresses,
            dns_failure: first.dns_failure,
            tcp_failed,
            http_failure: failure,
            response: last.and_then(|done| done.response.as_ref()),
        };
        let analysis = Analysis::of(&evidence);
        let keys = Keys {
            agent: "redirect",
            client_resolver: report.world.networks[report.slot.network].resolver_ip,
            retries: None,
            socksproxy: None,
            network_events: &log.network_events,
            x_dns_whoami: None,
            x_doh: None,
            x_do53: None,
            x_dns_duplicate_responses: &log.late_queries,
            queries: &log.queries,
            requests: log.requests(),
            tcp_connect: &log.tcp_connect,
            tls_handshakes: &log.tls_handshakes,
            x_control_request: ControlRequest::new(url, &first.all_addresses),
            control: control.as_ref(),
            x_conn_priority_log: None,
            control_failure,
            x_dns_flags: 0,
            dns_experiment_failure: analysis.dns_experiment_failure,
            dns_consistency: analysis.dns_consistency,
            http_experiment_failure: analysis.http_experiment_failure,
            x_blocking_flags: 0,
            x_null_null_flags: 0,
            body_proportion: analysis.body_proportion,
            body_length_match: analysis.body_length_match,
            headers_match: analysis.headers_match,
            status_code_match: analysis.status_code_match,
            title_match: analysis.title_match,
            blocking: analysis.blocking,
            accessible: analysis.accessible,
        };
        report.finish(keys, seconds)
    }

    /// A name that was visited twice (first plain, then encrypted) is one target, reached when both visits succeeded.
    fn judge_hops(&mut self) {
        let hops = std::mem::take(&mut self.hops);
        for (index, hop) in hops.iter().enumerate() {
            if hops[..index].iter().any(|earlier| earlier.site == hop.site) {
                continue;
            }
            let reached = hops.iter().filter(|other| other.site == hop.site).all(|visit| visit.reached);
            self.report.judge(&[hop.site], Outcome { reached, role: if index == 0 { "input" } else { "redirect" } });
        }
    }
}

fn next(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter - 1
}
