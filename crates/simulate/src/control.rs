//! The test helper: what the same target looks like from where no censor is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::addresses::{Behind, is_bogon};
use crate::ooni::{ACCEPT, ACCEPT_LANGUAGE, Null, endpoint};
use crate::path::{NXDOMAIN, site_down};
use crate::site::TEST_HELPER_REGION;
use crate::trouble::Change;
use crate::web_address::WebAddress;
use crate::world::World;

const UNSCRUBBED_USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.3";
/// A chain of redirects longer than this ends, as it does in the probe.
const MAX_HOPS: usize = 10;

/// Flags of `ip_info`.
const RESOLVED_BY_PROBE: u8 = 1;
const RESOLVED_BY_HELPER: u8 = 2;
const IS_BOGON: u8 = 4;
const VALID_FOR_DOMAIN: u8 = 8;

#[derive(Serialize)]
pub(crate) struct Control {
    pub tcp_connect: BTreeMap<String, TcpStatus>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tls_handshake: BTreeMap<String, TlsStatus>,
    quic_handshake: BTreeMap<String, ()>,
    pub http_request: HttpRequest,
    http3_request: Null,
    pub dns: Dns,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ip_info: BTreeMap<String, IpInfo>,
}

#[derive(Serialize)]
pub(crate) struct TcpStatus {
    pub status: bool,
    pub failure: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct TlsStatus {
    server_name: String,
    pub status: bool,
    failure: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct HttpRequest {
    pub body_length: i64,
    discovered_h3_endpoint: &'static str,
    pub failure: Option<&'static str>,
    pub title: String,
    headers: BTreeMap<&'static str, String>,
    pub status_code: i32,
}

#[derive(Serialize)]
pub(crate) struct Dns {
    pub failure: Option<&'static str>,
    pub addrs: Vec<IpAddr>,
}

#[derive(Serialize)]
pub(crate) struct IpInfo {
    asn: u32,
    flags: u8,
}

/// What the probe asks the test helper for.
#[derive(Serialize)]
pub(crate) struct ControlRequest {
    http_request: String,
    http_request_headers: ControlRequestHeaders,
    tcp_connect: Option<Vec<String>>,
    x_quic_enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ControlRequestHeaders {
    accept: [&'static str; 1],
    #[serde(rename = "Accept-Language")]
    accept_language: [&'static str; 1],
    #[serde(rename = "User-Agent")]
    user_agent: [&'static str; 1],
}

impl ControlRequest {
    pub fn new(url: &WebAddress, addresses: &[IpAddr]) -> Self {
        let mut endpoints: Vec<String> = addresses.iter().flat_map(|address| [endpoint(*address, 443), endpoint(*address, 80)]).collect();
        endpoints.sort();
        Self {
            http_request: url.to_string(),
            http_request_headers: ControlRequestHeaders {
                accept: [ACCEPT],
                accept_language: [ACCEPT_LANGUAGE],
                user_agent: [UNSCRUBBED_USER_AGENT],
            },
            tcp_connect: Some(endpoints).filter(|endpoints| !endpoints.is_empty()),
            x_quic_enabled: false,
        }
    }
}

/// The test helper's answer for a site, given the addresses that the probe found.
pub(crate) fn answer(world: &World, url: &WebAddress, site: usize, from_probe: &[IpAddr], now: i64, rng: &mut ChaCha8Rng) -> Control {
    let down = failure_of(world, site, now);
    let own = match down {
        Some(NXDOMAIN) => Vec::new(),
        _ => {
            let (v4, v6) = world.sites[site].answer(TEST_HELPER_REGION, now, rng);
            [v4, v6].concat()
        }
    };
    let mut control = Control {
        tcp_connect: BTreeMap::new(),
        tls_handshake: BTreeMap::new(),
        quic_handshake: BTreeMap::new(),
        http_request: page(world, url, site, now, rng),
        http3_request: None,
        dns: Dns { failure: (down == Some(NXDOMAIN)).then_some("dns_name_error"), addrs: own.clone() },
        ip_info: BTreeMap::new(),
    };
    for address in own.iter().chain(from_probe) {
        let mut flags = RESOLVED_BY_PROBE * u8::from(from_probe.contains(address)) + RESOLVED_BY_HELPER * u8::from(own.contains(address));
        if is_bogon(*address) {
            flags |= IS_BOGON;
        } else if control.try_address(world, url, site, *address, now) {
            flags |= VALID_FOR_DOMAIN;
        }
        let asn = world.addresses.network_of(*address).map_or(0, |owner| owner.asn);
        control.ip_info.insert(address.to_string(), IpInfo { asn, flags });
    }
    control
}

impl Control {
    /// A forger's row claims that the test helper agrees.
    pub fn vouch(&mut self, address: IpAddr, host: &str) {
        self.tcp_connect.insert(endpoint(address, 443), TcpStatus { status: true, failure: None });
        self.tls_handshake.insert(endpoint(address, 443), TlsStatus { server_name: host.into(), status: true, failure: None });
        self.dns.addrs = vec![address];
        if let Some(info) = self.ip_info.get_mut(&address.to_string()) {
            info.flags |= VALID_FOR_DOMAIN | RESOLVED_BY_HELPER;
        }
    }

    /// Connects and shakes hands; whether the address showed a certificate that is valid for the site.
    fn try_address(&mut self, world: &World, url: &WebAddress, site: usize, address: IpAddr, now: i64) -> bool {
        let ports: &[u16] = if url.https { &[443] } else { &[443, 80] };
        let (connected, valid) = match world.addresses.behind(address) {
            Behind::Site(other) if other == site => (failure_of(world, other, now), shows(world, site, now)),
            Behind::Site(other) => (failure_of(world, other, now), Err("ssl_invalid_hostname")),
            Behind::Proxy => (None, Ok(())),
            Behind::BlockPage(_) => (None, Err("ssl_unknown_authority")),
            Behind::Stray => (None, Err("ssl_invalid_hostname")),
            Behind::Nothing => (Some("generic_timeout_error"), Err("")),
        };
        for port in ports {
            self.tcp_connect.insert(endpoint(address, *port), TcpStatus { status: connected.is_none(), failure: connected });
        }
        if connected.is_some() {
            return false;
        }
        let status = TlsStatus { server_name: url.host.clone(), status: valid.is_ok(), failure: valid.err() };
        self.tls_handshake.insert(endpoint(address, 443), status);
        valid.is_ok()
    }
}

/// How a site fails at this moment, if it does.
fn failure_of(world: &World, site: usize, now: i64) -> Option<&'static str> {
    site_down(world, site, now).map(|index| world.troubles[index].failure)
}

/// Whether a site shows a certificate that is valid.
fn shows(world: &World, site: usize, now: i64) -> Result<(), &'static str> {
    match world.sites[site].renewal(now).map(|renewal| renewal.change) {
        Some(Change::Expired) => Err("ssl_invalid_certificate"),
        _ => Ok(()),
    }
}

/// The page after all redirects.
fn page(world: &World, url: &WebAddress, site: usize, now: i64, rng: &mut ChaCha8Rng) -> HttpRequest {
    let (mut url, mut site) = (url.clone(), site);
    for _ in 0..MAX_HOPS {
        if let Some(failure) = failure_of(world, site, now).or(shows(world, site, now).err().filter(|_| url.https)) {
            return failed(if failure == NXDOMAIN { "dns_lookup_error" } else { failure });
        }
        match world.redirects.get(&url).cloned() {
            Some(next) => {
                site = world.site_by_host[&next.host];
                url = next;
            }
            None => return fetched(world, site, now, rng),
        }
    }
    failed("unknown_error")
}

fn fetched(world: &World, site: usize, now: i64, rng: &mut ChaCha8Rng) -> HttpRequest {
    let site = &world.sites[site];
    let length = site.body_length_at(now);
    let mut headers: BTreeMap<_, _> = site.headers().into_iter().collect();
    headers.insert("Date", crate::time::http_date(now));
    // Servers compress for some and not for others, so that the header is sometimes missing.
    if rng.random_bool(0.8) {
        headers.insert("Content-Length", length.to_string());
    }
    HttpRequest {
        body_length: length as i64,
        discovered_h3_endpoint: "",
        failure: None,
        title: site.title_at(now).into(),
        headers,
        status_code: i32::from(site.status),
    }
}

fn failed(failure: &'static str) -> HttpRequest {
    HttpRequest {
        body_length: -1,
        discovered_h3_endpoint: "",
        failure: Some(failure),
        title: String::new(),
        headers: BTreeMap::new(),
        status_code: -1,
    }
}
