//! echcheck: three handshakes with one server: with its name in the clear, with a made-up encrypted hello, and with a real one.

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::log::{At, Format, Log};
use crate::ooni::{NetworkEvent, Query, TcpConnect, TlsHandshake};
use crate::path::{For, Resolver};
use crate::report::{Finished, Report};
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Echcheck,
    name: "echcheck",
    test_name: "echcheck",
    test_version: "0.2.0",
    usual_share: 0,
    inputs: Inputs::These(URLS),
    run,
};

const URLS: &[&str] = &["https://cloudflare-ech.com/cdn-cgi/trace"];
const HOST: &str = "cloudflare-ech.com";
/// What stands in the place of the configuration: none, random bytes, and one that the server gave out.
const HELLOS: [Option<&str>; 3] =
    [None, Some("GREASE"), Some("AEX+DQBBpQAgACB/KwCNiVZyWyvIuPVEzT5OnO4lN7uI5Hc2nBnT6LWmSgAEAAEAAQASY2xvdWRmbGFyZS1lY2guY29tAAA=")];

#[derive(Serialize)]
struct Keys<'a> {
    network_events: &'a [NetworkEvent],
    queries: &'a [Query<'a>],
    tcp_connect: &'a [TcpConnect],
    tls_handshakes: &'a [TlsHandshake<'a>],
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let site = app::site(report.world, HOST);
    let mut log = Log::new(Format::Plain);
    let found = log.resolve(&mut report.path, site, Resolver::System, At::time(0.0));
    let (mut reached, mut longest) = (true, 0.0_f64);
    let address = found.addresses().next().filter(|_| found.failure.is_none());
    for hello in HELLOS {
        let Some(address) = address else {
            reached = false;
            break;
        };
        let purpose = For { site, users_way: true };
        let dial = log.connect(&mut report.path, address, 443, purpose, At::time(found.seconds));
        let mut seconds = dial.seconds;
        let mut failure = dial.failure;
        if failure.is_none() {
            let shake = log.handshake(&mut report.path, address, purpose, At::time(found.seconds + seconds));
            (failure, seconds) = (shake.failure, seconds + shake.seconds);
            if let Some(written) = log.tls_handshakes.last_mut() {
                written.echconfig = hello;
                written.outer_server_name = hello.map(|_| HOST);
            }
        }
        longest = longest.max(seconds);
        reached &= failure.is_none() && report.path.is_genuine(site, address);
    }
    report.judge(&[site], Outcome { reached, role: "input" });
    let keys = Keys {
        network_events: &log.network_events,
        queries: &log.queries,
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
    };
    report.finish(keys, found.seconds + longest)
}
