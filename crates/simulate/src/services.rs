//! The services that the messaging apps need, with the names and addresses that are fixed in OONI's nettests.

use std::net::Ipv4Addr;

use crate::Nettest;

/// One host that a messaging app talks to. Several hosts may share a role; a pool is reached when any of them is.
pub(crate) struct Service {
    pub nettest: Nettest,
    /// The target's name in Parallax.
    pub role: &'static str,
    pub host: &'static str,
    pub asn: u32,
    pub owner: &'static str,
    /// What the server answers to the nettest's request.
    pub status: u16,
    pub body: &'static str,
}

/// The data centres of Telegram, as the nettest has them written in it.
pub(crate) const TELEGRAM_DATA_CENTRES: &[Ipv4Addr] = &[
    Ipv4Addr::new(149, 154, 175, 50),
    Ipv4Addr::new(149, 154, 167, 51),
    Ipv4Addr::new(149, 154, 175, 100),
    Ipv4Addr::new(149, 154, 167, 91),
    Ipv4Addr::new(149, 154, 171, 5),
    Ipv4Addr::new(95, 161, 76, 100),
];

/// The ranges that these lie in.
pub(crate) const TELEGRAM_RANGES: &[(Ipv4Addr, Ipv4Addr)] = &[
    (Ipv4Addr::new(95, 161, 64, 0), Ipv4Addr::new(95, 161, 79, 255)),
    (Ipv4Addr::new(149, 154, 160, 0), Ipv4Addr::new(149, 154, 175, 255)),
];

/// The pool of the data centres has no name in the DNS; its role stands in for one.
pub(crate) const TELEGRAM_POOL: &str = "telegram/dc_pool";

pub(crate) const WHATSAPP_ENDPOINTS: usize = 16;

/// Pools that the apps know by address; their roles stand in for a name.
pub(crate) const TOR_AUTHORITIES: &str = "tor/or_port_dirauth";
pub(crate) const TOR_DIRECTORIES: &str = "tor/dir_port";
pub(crate) const TOR_BRIDGES: &str = "tor/obfs4";
pub(crate) const TOR_BOOTSTRAP: &str = "tor/bootstrap";
pub(crate) const PSIPHON: &str = "psiphon/tunnel";
pub(crate) const OPENVPN: &str = "openvpn/riseup";
/// The helpers of the tests for middleboxes, which are known by address.
pub(crate) const HTTP_HEADERS: &str = "middlebox/http_headers";
pub(crate) const HTTP_REQUEST_LINE: &str = "middlebox/http_request_line";
/// Whom handshakes under other names are made with.
pub(crate) const SNI_HELPER: &str = "example.org";
/// Of each of these pools; Telegram's has those above.
pub(crate) const POOL_MEMBERS: usize = 6;

const TELEGRAM: (u32, &str) = (62041, "Telegram Messenger Inc");
const FACEBOOK: (u32, &str) = (32934, "Facebook, Inc.");
const AMAZON: (u32, &str) = (16509, "Amazon.com, Inc.");
const GOOGLE: (u32, &str) = (396982, "Google LLC");
const CLOUDFLARE: (u32, &str) = (13335, "Cloudflare, Inc.");
const QUAD9: (u32, &str) = (19281, "Quad9");
const VOLUNTEERS: (u32, &str) = (65542, "Volunteer Relays");

const fn service(
    nettest: Nettest,
    role: &'static str,
    host: &'static str,
    owner: (u32, &'static str),
    status: u16,
    body: &'static str,
) -> Service {
    Service { nettest, role, host, asn: owner.0, owner: owner.1, status, body }
}

const NOT_IMPLEMENTED: &str = "<html>\r\n<head><title>501 Not Implemented</title></head>\r\n<body bgcolor=\"white\">\r\n<center><h1>501 Not Implemented</h1></center>\r\n<hr><center>nginx/0.3.33</center>\r\n</body>\r\n</html>\r\n";
const TELEGRAM_WEB: &str = "<!DOCTYPE html><html><head><title>Telegram Web</title></head><body><div id=\"root\"></div></body></html>";
const WHATSAPP_WEB: &str = "<!DOCTYPE html><html id=\"whatsapp-web\"><head><title>WhatsApp Web</title></head><body></body></html>";
const REGISTRATION: &str = "{\"param\":\"authkey\",\"reason\":\"missing_param\",\"status\":\"fail\"}\n";
const NOT_FOUND: &str = "{\"code\":404,\"message\":\"HTTP 404 Not Found\"}";
const DENIED: &str = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code><Message>Access denied.</Message></Error>";

/// Every service with a host of its own; WhatsApp's sixteen endpoints are added by [`all`].
const NAMED: &[Service] = &[
    service(Nettest::Telegram, TELEGRAM_POOL, TELEGRAM_POOL, TELEGRAM, 501, NOT_IMPLEMENTED),
    service(Nettest::Telegram, "telegram/web", "web.telegram.org", TELEGRAM, 200, TELEGRAM_WEB),
    service(Nettest::Whatsapp, "whatsapp/web", "web.whatsapp.com", FACEBOOK, 200, WHATSAPP_WEB),
    service(Nettest::Whatsapp, "whatsapp/registration", "v.whatsapp.net", FACEBOOK, 200, REGISTRATION),
    service(Nettest::Signal, "signal/chat", "chat.signal.org", AMAZON, 404, NOT_FOUND),
    service(Nettest::Signal, "signal/storage", "storage.signal.org", GOOGLE, 404, NOT_FOUND),
    service(Nettest::Signal, "signal/cdn", "cdn.signal.org", AMAZON, 403, DENIED),
    service(Nettest::Signal, "signal/cdn2", "cdn2.signal.org", AMAZON, 403, DENIED),
    service(Nettest::Signal, "signal/sfu", "sfu.voip.signal.org", GOOGLE, 503, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/stun", "stun.fbsbx.com", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/b_api", "b-api.facebook.com", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/b_graph", "b-graph.facebook.com", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/edge", "edge-mqtt.facebook.com", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/external_cdn", "external.xx.fbcdn.net", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/scontent_cdn", "scontent.xx.fbcdn.net", FACEBOOK, 0, ""),
    service(Nettest::FacebookMessenger, "facebook_messenger/star", "star.c10r.facebook.com", FACEBOOK, 0, ""),
];

/// What the tests of resolvers and of ways around blocking talk to.
const OTHERS: &[Service] = &[
    service(Nettest::Dnscheck, "dns.google", "dns.google", GOOGLE, 0, ""),
    service(Nettest::Dnscheck, "cloudflare-dns.com", "cloudflare-dns.com", CLOUDFLARE, 0, ""),
    service(Nettest::Dnscheck, "dns.quad9.net", "dns.quad9.net", QUAD9, 0, ""),
    service(Nettest::Tor, TOR_AUTHORITIES, TOR_AUTHORITIES, VOLUNTEERS, 0, ""),
    service(Nettest::Tor, TOR_DIRECTORIES, TOR_DIRECTORIES, VOLUNTEERS, 200, "network-status-version 3\n"),
    service(Nettest::Tor, TOR_BRIDGES, TOR_BRIDGES, VOLUNTEERS, 0, ""),
    service(Nettest::VanillaTor, TOR_BOOTSTRAP, TOR_BOOTSTRAP, VOLUNTEERS, 0, ""),
    service(Nettest::Psiphon, PSIPHON, PSIPHON, VOLUNTEERS, 0, ""),
    service(Nettest::Stunreachability, "stun.l.google.com", "stun.l.google.com", GOOGLE, 0, ""),
    service(Nettest::Stunreachability, "stun.antisip.com", "stun.antisip.com", AMAZON, 0, ""),
    service(Nettest::Echcheck, "cloudflare-ech.com", "cloudflare-ech.com", CLOUDFLARE, 200, "h=cloudflare-ech.com\n"),
    service(Nettest::Openvpn, OPENVPN, OPENVPN, VOLUNTEERS, 0, ""),
    service(Nettest::SniBlocking, "sni_blocking/test_helper", SNI_HELPER, CLOUDFLARE, 200, ""),
    service(Nettest::HttpHeaderFieldManipulation, HTTP_HEADERS, HTTP_HEADERS, AMAZON, 200, ""),
    service(Nettest::HttpInvalidRequestLine, HTTP_REQUEST_LINE, HTTP_REQUEST_LINE, AMAZON, 200, ""),
];

const ENDPOINTS: [&str; WHATSAPP_ENDPOINTS] = [
    "e1.whatsapp.net",
    "e2.whatsapp.net",
    "e3.whatsapp.net",
    "e4.whatsapp.net",
    "e5.whatsapp.net",
    "e6.whatsapp.net",
    "e7.whatsapp.net",
    "e8.whatsapp.net",
    "e9.whatsapp.net",
    "e10.whatsapp.net",
    "e11.whatsapp.net",
    "e12.whatsapp.net",
    "e13.whatsapp.net",
    "e14.whatsapp.net",
    "e15.whatsapp.net",
    "e16.whatsapp.net",
];

pub(crate) fn all() -> Vec<Service> {
    let endpoint = |host| service(Nettest::Whatsapp, "whatsapp/endpoints_pool", host, FACEBOOK, 0, "");
    let written = |list: &'static [Service]| list.iter().map(|known| Service { ..*known });
    written(NAMED).chain(ENDPOINTS.into_iter().map(endpoint)).chain(written(OTHERS)).collect()
}
