//! telegram: a request to each data centre on both ports, and the web client.

use serde::Serialize;

use super::app::{self, https};
use super::{Info, Inputs};
use crate::log::{At, Format, Log, Question};
use crate::ooni::{NetworkEvent, Null, Query, Request, TcpConnect, TlsHandshake};
use crate::path::For;
use crate::report::{Finished, Report};
use crate::services::{TELEGRAM_DATA_CENTRES, TELEGRAM_POOL};
use crate::truth::Outcome;
use crate::web_address::WebAddress;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Telegram,
    name: "telegram",
    test_name: "telegram",
    test_version: "0.3.1",
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
    telegram_http_blocking: bool,
    telegram_tcp_blocking: bool,
    telegram_web_failure: Option<&'static str>,
    telegram_web_status: &'static str,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let mut log = Log::new(Format::Plain);
    let pool = app::site(report.world, TELEGRAM_POOL);
    let purpose = For { site: pool, users_way: true };
    let (mut connected, mut reached, mut longest) = (false, false, 0.0_f64);
    for centre in TELEGRAM_DATA_CENTRES {
        let page = WebAddress { https: false, host: centre.to_string(), path: "/".into() };
        for port in [80, 443] {
            let url = if port == 80 { page.to_string() } else { format!("http://{centre}:443/") };
            let question = Question { method: "POST", url, page: &page, referer: None };
            let dial = log.connect(&mut report.path, (*centre).into(), port, purpose, At::time(0.0));
            longest = longest.max(dial.seconds);
            if let Some(failure) = dial.failure {
                log.unsent(&question, failure, At::time(dial.seconds));
                continue;
            }
            connected = true;
            let done = log.fetch(&mut report.path, &question, ((*centre).into(), port), purpose, At::time(dial.seconds));
            reached |= done.failure.is_none() && done.genuine;
        }
    }
    let web_site = app::site(report.world, "web.telegram.org");
    let web = app::page(&mut report.path, &mut log, web_site, &https("web.telegram.org", "/"), longest);
    report.judge(&[pool], Outcome { reached, role: "service" });
    report.judge(&[web_site], Outcome { reached: web.reached, role: "service" });
    let keys = Keys {
        agent: "redirect",
        failed_operation: None,
        failure: None,
        network_events: &log.network_events,
        queries: &log.queries,
        requests: log.requests(),
        tcp_connect: &log.tcp_connect,
        tls_handshakes: &log.tls_handshakes,
        telegram_http_blocking: !reached,
        telegram_tcp_blocking: !connected,
        telegram_web_failure: web.failure,
        telegram_web_status: if web.failure.is_none() { "ok" } else { "blocked" },
    };
    report.finish(keys, longest + web.seconds)
}
