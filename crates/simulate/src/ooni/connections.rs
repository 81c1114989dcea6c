//! Connects, handshakes, and the events of a connection.

use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::place::Tags;
use crate::certificates::Chain;

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

/// `1.2.3.4:80` or `[2001::1]:80`.
pub(crate) fn endpoint(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}
