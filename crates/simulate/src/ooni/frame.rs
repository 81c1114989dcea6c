//! What stands around `test_keys` in every measurement.

use std::net::IpAddr;

use serde::{Serialize, Serializer};

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

/// The web tests say of what type their helper is; older tests only where it is.
pub(crate) enum Backend {
    Https(&'static str),
    Legacy(String),
}

impl Serialize for Backend {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Https(address) => serializer.collect_map([("address", *address), ("type", "https")]),
            Self::Legacy(address) => serializer.serialize_str(address),
        }
    }
}
