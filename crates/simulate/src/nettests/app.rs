//! What the messaging nettests have in common: plain lookups, connects and pages, each on the way that the app itself would go.

use std::net::IpAddr;

use crate::log::{At, Log, Question};
use crate::path::{For, Path, Resolver};
use crate::web_address::WebAddress;
use crate::world::World;

/// What came of a page or an endpoint.
pub(crate) struct Visit {
    pub failure: Option<&'static str>,
    pub reached: bool,
    pub seconds: f64,
}

pub(crate) fn site(world: &World, host: &str) -> usize {
    // The services are in every world (see `services`), so that the name is always known.
    world.site_by_host.get(host).copied().unwrap_or_default()
}

/// Looks a host up and opens a connection to it.
pub(crate) fn connect<'w>(
    path: &mut Path<'w>,
    log: &mut Log<'w>,
    site: usize,
    port: u16,
    began: f64,
) -> (Visit, Option<IpAddr>, Vec<IpAddr>) {
    let found = log.resolve(path, site, Resolver::System, At::time(began));
    let addresses: Vec<IpAddr> = found.addresses().collect();
    let mut visit = Visit { failure: found.failure, reached: false, seconds: found.seconds };
    let mut connected = None;
    if let Some(address) = addresses.first().filter(|_| found.failure.is_none()) {
        let dial = log.connect(path, *address, port, For { site, users_way: true }, At::time(began + visit.seconds));
        visit.seconds += dial.seconds;
        visit.failure = dial.failure;
        // A forged address answers too, and is not the service.
        visit.reached = dial.failure.is_none() && path.is_genuine(site, *address);
        connected = Some(*address).filter(|_| dial.failure.is_none());
    }
    (visit, connected, addresses)
}

/// Fetches an encrypted page from a host.
pub(crate) fn page<'w>(path: &mut Path<'w>, log: &mut Log<'w>, site: usize, url: &WebAddress, began: f64) -> Visit {
    let (mut visit, connected, _) = connect(path, log, site, 443, began);
    let purpose = For { site, users_way: true };
    let question = Question::get(url, None);
    visit.reached = false;
    let Some(address) = connected else {
        log.unsent(&question, visit.failure.unwrap_or("unknown_failure"), At::time(began + visit.seconds));
        return visit;
    };
    let shake = log.handshake(path, address, purpose, At::time(began + visit.seconds));
    visit.seconds += shake.seconds;
    if let Some(failure) = shake.failure {
        log.unsent(&question, failure, At::time(began + visit.seconds));
        return Visit { failure: Some(failure), ..visit };
    }
    let done = log.fetch(path, &question, (address, 443), purpose, At::time(began + visit.seconds));
    Visit { failure: done.failure, reached: done.failure.is_none() && done.genuine, seconds: visit.seconds + done.seconds }
}

/// `https://host/path`
pub(crate) fn https(host: &str, path: &str) -> WebAddress {
    WebAddress { https: true, host: host.into(), path: path.into() }
}
