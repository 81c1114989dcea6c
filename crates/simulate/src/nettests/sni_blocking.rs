//! sni_blocking: two handshakes with a helper that everybody can reach, one under the helper's own name and one under the name that is tested.

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log};
use crate::ooni::{NetworkEvent, Null, Query, TcpConnect, TlsHandshake};
use crate::path::{For, Resolver};
use crate::report::{Finished, Report};
use crate::services::SNI_HELPER;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::SniBlocking,
    name: "sni_blocking",
    test_name: "sni_blocking",
    test_version: "0.3.0",
    usual_share: 0,
    inputs: Inputs::Names,
    run,
};

const HELPER_ADDRESS: &str = "example.org:443";
const PORT: u16 = 443;

#[derive(Serialize)]
struct Keys<'a> {
    control: Half<'a>,
    result: &'static str,
    target: Half<'a>,
}

/// As urlgetter writes it, with the name that was shown.
#[derive(Serialize)]
struct Half<'a> {
    agent: &'static str,
    failed_operation: Option<&'static str>,
    failure: Option<&'static str>,
    network_events: &'a [NetworkEvent],
    queries: &'a [Query<'a>],
    requests: Null,
    socksproxy: Null,
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
    sni: &'a str,
    th_address: &'static str,
}

/// What came of one of the two handshakes, and of the way to it.
struct Attempt<'w> {
    log: Log<'w>,
    failed_operation: Option<&'static str>,
    failure: Option<&'static str>,
    /// Whether the helper itself answered, with whatever certificate.
    answered: bool,
    seconds: f64,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let helper = app::site(report.world, SNI_HELPER);
    let named = report.world.targets[report.slot.target].site;
    let control = attempt(&mut report, helper, helper);
    let target = attempt(&mut report, helper, named);
    // The way leads to the helper; whatever is in its way keeps the name from being tested.
    report.path.share_troubles(For { site: named, users_way: true }, helper);
    report.judge(&[named], Outcome { reached: target.answered, role: "input" });
    report.judge(&[helper], Outcome { reached: control.answered, role: "service" });
    let name = report.world.sites[named].host.as_str();
    let result = class(target.failure, control.failure);
    let seconds = control.seconds.max(target.seconds);
    report.finish(Keys { control: control.half(SNI_HELPER), result, target: target.half(name) }, seconds)
}

/// The lookup of the helper, a connection to it, and the handshake under the name of `named`.
fn attempt<'w>(report: &mut Report<'w>, helper: usize, named: usize) -> Attempt<'w> {
    let (path, mut log) = (&mut report.path, Log::new(Format::Plain));
    let way = For { site: helper, users_way: true };
    let began = path.moment();
    let found = log.resolve(path, helper, Resolver::System, At::time(began));
    let failed = |log, operation, failure, seconds| Attempt { log, failed_operation: Some(operation), failure, answered: false, seconds };
    let seconds = began + found.seconds;
    let Some(address) = found.addresses().next().filter(|_| found.failure.is_none()) else {
        return failed(log, "resolve", found.failure, seconds);
    };
    let dial = log.connect(path, address, PORT, way, At::time(seconds));
    let seconds = seconds + dial.seconds;
    if dial.failure.is_some() {
        return failed(log, "connect", dial.failure, seconds);
    }
    let shake = match named == helper {
        true => log.handshake(path, address, way, At::time(seconds)),
        false => log.handshake_under_name(path, helper, address, For { site: named, ..way }, At::time(seconds)),
    };
    Attempt {
        log,
        failed_operation: shake.failure.map(|_| "tls_handshake"),
        failure: shake.failure,
        answered: shake.chain.is_some() && path.is_genuine(helper, address) && !path.is_caught(),
        seconds: seconds + shake.seconds,
    }
}

impl Attempt<'_> {
    fn half<'a>(&'a self, name: &'a str) -> Half<'a> {
        Half {
            agent: "redirect",
            failed_operation: self.failed_operation,
            failure: self.failure,
            network_events: &self.log.network_events,
            queries: &self.log.queries,
            requests: None,
            socksproxy: None,
            tcp_connect: &self.log.tcp_connect,
            tls_handshakes: &self.log.tls_handshakes,
            sni: name,
            th_address: HELPER_ADDRESS,
        }
    }
}

/// What the probe makes of it. The helper has no certificate for the name: that it shows its own is success.
fn class(target: Option<&str>, control: Option<&str>) -> &'static str {
    match target {
        None | Some("ssl_invalid_hostname") => "success.got_server_hello",
        Some("connection_reset") => "interference.reset",
        Some("eof_error") => "interference.closed",
        Some("ssl_invalid_certificate") => "interference.invalid_certificate",
        Some("ssl_unknown_authority") => "interference.unknown_authority",
        Some("connection_refused" | "dns_nxdomain_error" | "android_dns_cache_no_data") => "anomaly.test_helper_unreachable",
        Some("generic_timeout_error") if control.is_some() => "anomaly.test_helper_unreachable",
        Some("generic_timeout_error") => "anomaly.timeout",
        Some(_) => "anomaly.unexpected_failure",
    }
}
