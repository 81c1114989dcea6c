//! OONI's JSON, as probes write it: the fields, their order, and what stands where there is nothing (`null`, nothing at all, `[]`).

use std::net::IpAddr;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::addresses::AddressBook;
use crate::certificates::Chain;
use crate::path::{Response, Transaction};

pub(crate) const USER_AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/[scrubbed] Safari/537.3";
pub(crate) const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
pub(crate) const ACCEPT_LANGUAGE: &str = "en-US,en;q=0.9";

/// Always `null`.
pub(crate) type Null = Option<()>;

#[derive(Serialize)]
pub(crate) struct Measurement<'a, Keys: Serialize> {
    pub annotations: Annotations<'a>,
    pub data_format_version: &'static str,
    pub extensions: Extensions,
    pub input: Option<&'a str>,
    pub measurement_start_time: &'a str,
    pub measurement_uid: &'a str,
    pub probe_asn: String,
    pub probe_cc: &'a str,
    pub probe_ip: &'static str,
    pub probe_network_name: &'a str,
    pub report_id: String,
    pub resolver_asn: String,
    pub resolver_ip: IpAddr,
    pub resolver_network_name: &'a str,
    pub software_name: &'a str,
    pub software_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_helpers: Option<TestHelpers>,
    pub test_keys: Keys,
    pub test_name: &'static str,
    pub test_runtime: f64,
    pub test_start_time: &'a str,
    pub test_version: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Annotations<'a> {
    pub architecture: &'static str,
    pub engine_name: &'static str,
    pub engine_version: &'a str,
    pub network_type: &'a str,
    pub platform: &'a str,
}

#[derive(Serialize, Default)]
pub(crate) struct Extensions {
    dnst: u8,
    httpt: u8,
    netevents: u8,
    tcpconnect: u8,
    tlshandshake: u8,
    tunnel: u8,
}

#[derive(Serialize)]
pub(crate) struct TestHelpers {
    pub backend: Backend,
}

#[derive(Serialize)]
pub(crate) struct Backend {
    pub address: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// What a record was made for. The older formats have no such tags and write `null`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tags {
    pub classic: bool,
    pub tcptls_experiment: bool,
    pub depth: usize,
    pub fetch_body: Option<bool>,
}

const DEPTHS: [&str; 12] =
    ["depth=0", "depth=1", "depth=2", "depth=3", "depth=4", "depth=5", "depth=6", "depth=7", "depth=8", "depth=9", "depth=10", "depth=11"];

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tags = serializer.serialize_seq(None)?;
        if self.classic {
            tags.serialize_element("classic")?;
        }
        if self.tcptls_experiment {
            tags.serialize_element("tcptls_experiment")?;
        }
        tags.serialize_element(DEPTHS[self.depth.min(DEPTHS.len() - 1)])?;
        if let Some(fetch) = self.fetch_body {
            tags.serialize_element(if fetch { "fetch_body=true" } else { "fetch_body=false" })?;
        }
        tags.end()
    }
}

/// Where and when a record belongs in a measurement.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    /// None where the format has no transactions.
    pub transaction_id: Option<u32>,
    pub tags: Option<Tags>,
    /// Seconds since the measurement began; the older formats only write when a thing ended.
    pub began: Option<f64>,
    pub ended: f64,
}

/// The probe's clock shows microseconds.
pub(crate) fn tick(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[derive(Serialize, Clone)]
pub(crate) struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    asn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_org_name: Option<&'a str>,
    answer_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv4: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6: Option<IpAddr>,
    ttl: Null,
}

impl<'a> Answer<'a> {
    pub fn new(book: &'a AddressBook, address: IpAddr) -> Self {
        let owner = book.network_of(address);
        Self {
            asn: owner.map(|owner| owner.asn),
            as_org_name: owner.map(|owner| owner.name.as_str()),
            answer_type: if address.is_ipv4() { "A" } else { "AAAA" },
            ipv4: Some(address).filter(IpAddr::is_ipv4),
            ipv6: Some(address).filter(IpAddr::is_ipv6),
            ttl: None,
        }
    }

    /// Of a name that is not in the world.
    pub fn elsewhere() -> Self {
        let address = Some(IpAddr::from([93, 184, 215, 14]));
        Self { asn: Some(15133), as_org_name: Some("Edgecast Inc."), answer_type: "A", ipv4: address, ipv6: None, ttl: None }
    }
}

#[derive(Serialize)]
pub(crate) struct Query<'a> {
    pub answers: Option<Vec<Answer<'a>>>,
    pub engine: &'static str,
    pub failure: Option<&'static str>,
    pub hostname: &'a str,
    pub query_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rcode: Option<u8>,
    pub resolver_hostname: Null,
    pub resolver_port: Null,
    pub resolver_address: std::borrow::Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct TcpConnect {
    pub ip: IpAddr,
    pub port: u16,
    pub status: TcpStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct TcpStatus {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<bool>,
    pub failure: Option<&'static str>,
    pub success: bool,
}

#[derive(Serialize)]
pub(crate) struct PeerCertificate<'a> {
    data: &'a str,
    format: &'static str,
}

fn peer_certificates<S: Serializer>(chain: &Option<Chain>, serializer: S) -> Result<S::Ok, S::Error> {
    match chain {
        None => serializer.serialize_none(),
        Some(chain) => serializer.collect_seq(chain.iter().map(|data| PeerCertificate { data, format: "base64" })),
    }
}

#[derive(Serialize)]
pub(crate) struct TlsHandshake<'a> {
    pub network: &'static str,
    pub address: String,
    pub cipher_suite: &'static str,
    pub failure: Option<&'static str>,
    pub negotiated_protocol: &'static str,
    pub no_tls_verify: bool,
    #[serde(serialize_with = "peer_certificates")]
    pub peer_certificates: Option<Chain>,
    pub server_name: &'a str,
    /// Only where a handshake hid its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echconfig: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outer_server_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    pub tls_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct NetworkEvent {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub failure: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_bytes: Option<u64>,
    pub operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proto: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
    pub tags: Option<Tags>,
}

/// Headers, which OONI writes twice: as a list, and as a map with the first value of each name.
type HeaderPairs<'a> = Vec<(&'static str, std::borrow::Cow<'a, str>)>;

fn as_list<S: Serializer>(headers: &HeaderPairs, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(headers.iter().map(|(name, value)| (name, value)))
}

fn as_map<S: Serializer>(headers: &HeaderPairs, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(headers.len()))?;
    for (name, value) in headers {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

#[derive(Serialize)]
pub(crate) struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpn: Option<&'static str>,
    pub failure: Option<&'static str>,
    pub request: RequestHead<'a>,
    pub response: ResponseHead<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t0: Option<f64>,
    pub t: f64,
    pub tags: Option<Tags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<u32>,
}

#[derive(Serialize)]
pub(crate) struct RequestHead<'a> {
    body: &'static str,
    body_is_truncated: bool,
    #[serde(serialize_with = "as_list")]
    headers_list: HeaderPairs<'a>,
    #[serde(serialize_with = "as_map")]
    headers: HeaderPairs<'a>,
    method: &'static str,
    tor: Tor,
    x_transport: &'static str,
    url: String,
}

#[derive(Serialize, Default)]
struct Tor {
    exit_ip: Null,
    exit_name: Null,
    is_tor: bool,
}

#[derive(Serialize)]
pub(crate) struct ResponseHead<'a> {
    body: &'a str,
    body_is_truncated: bool,
    code: u16,
    #[serde(serialize_with = "as_list")]
    headers_list: HeaderPairs<'a>,
    #[serde(serialize_with = "as_map")]
    headers: HeaderPairs<'a>,
}

/// What a nettest asked for.
pub(crate) struct Asked<'a> {
    pub method: &'static str,
    pub url: String,
    pub host: &'a str,
    pub referer: Option<String>,
}

impl<'a> Request<'a> {
    /// A record of `done`; the formats without transactions leave out over which connection.
    pub fn new(asked: Asked<'a>, done: &'a Transaction, place: Place) -> Self {
        Self {
            network: None,
            address: None,
            alpn: None,
            failure: done.failure,
            request: RequestHead::new(asked),
            response: ResponseHead::new(done.response.as_ref()),
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            transaction_id: place.transaction_id,
        }
    }

    /// A request that failed before there was a connection for it.
    pub fn unsent(asked: Asked<'a>, failure: &'static str, place: Place) -> Self {
        Self {
            network: None,
            address: None,
            alpn: None,
            failure: Some(failure),
            request: RequestHead::new(asked),
            response: ResponseHead::new(None),
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            transaction_id: place.transaction_id,
        }
    }
}

impl<'a> RequestHead<'a> {
    fn new(asked: Asked<'a>) -> Self {
        let mut headers: HeaderPairs =
            vec![("Accept", ACCEPT.into()), ("Accept-Language", ACCEPT_LANGUAGE.into()), ("Host", asked.host.into())];
        if let Some(referer) = asked.referer {
            headers.push(("Referer", referer.into()));
        }
        headers.push(("User-Agent", USER_AGENT.into()));
        Self {
            body: "",
            body_is_truncated: false,
            headers_list: headers.clone(),
            headers,
            method: asked.method,
            tor: Tor::default(),
            x_transport: "tcp",
            url: asked.url,
        }
    }
}

impl<'a> ResponseHead<'a> {
    fn new(response: Option<&'a Response>) -> Self {
        let headers: HeaderPairs =
            response.into_iter().flat_map(|response| &response.headers).map(|(name, value)| (*name, value.as_str().into())).collect();
        Self {
            body: response.map_or("", |response| &response.body),
            body_is_truncated: response.is_some_and(|response| response.truncated),
            code: response.map_or(0, |response| response.status),
            headers_list: headers.clone(),
            headers,
        }
    }
}

/// `1.2.3.4:80` or `[2001::1]:80`.
pub(crate) fn endpoint(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}
