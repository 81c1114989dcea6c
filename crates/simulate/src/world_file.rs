//! The world file as it is typed: what may stand in it, before anything is made of it.

use serde::Deserialize;

use crate::Error;
use crate::error::wrong;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldFile {
    pub version: u32,
    pub name: String,
    pub seed: u64,
    /// `2024-03-04` or `2024-03-04T06:00:00Z`.
    pub start: String,
    pub days: Option<u32>,
    pub hours: Option<u32>,
    #[serde(default)]
    pub nettests: NettestShares,
    #[serde(default)]
    pub country: Vec<CountryFile>,
    #[serde(default)]
    pub target: Vec<TargetFile>,
    #[serde(default)]
    pub censor: Vec<CensorFile>,
    #[serde(default)]
    pub trouble: Vec<TroubleFile>,
}

/// How often each nettest is run, relative to the others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NettestShares {
    pub web_connectivity_05: u32,
    pub web_connectivity_04: u32,
    pub telegram: u32,
    pub whatsapp: u32,
    pub signal: u32,
    pub facebook_messenger: u32,
}

impl Default for NettestShares {
    fn default() -> Self {
        Self { web_connectivity_05: 70, web_connectivity_04: 18, telegram: 3, whatsapp: 3, signal: 3, facebook_messenger: 3 }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountryFile {
    pub cc: String,
    pub name: String,
    #[serde(default)]
    pub network: Vec<NetworkFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkFile {
    pub asn: u32,
    pub name: String,
    pub probes: u32,
    pub measurements_per_day: u32,
    /// By default the network runs a resolver of its own.
    pub resolver_ip: Option<std::net::IpAddr>,
    pub resolver_asn: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetFile {
    pub url: String,
    /// `fixed` (one server), `cdn` (a rotating pool in each country) or `geo` (another server in each country, in another network).
    #[serde(default = "fixed")]
    pub hosting: String,
    pub title: Option<String>,
    pub body_bytes: Option<u32>,
    #[serde(default)]
    pub ipv6: bool,
    pub redirect: Option<String>,
}

fn fixed() -> String {
    "fixed".into()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CensorFile {
    pub mechanism: String,
    #[serde(default)]
    pub countries: Vec<String>,
    #[serde(default)]
    pub networks: Vec<u32>,
    pub targets: Vec<String>,
    pub share: Option<f64>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub hours: Option<[u8; 2]>,
    /// Which lookups a DNS censor sees: `resolver`, `path` or `public`.
    pub lookups: Option<String>,
    /// The genuine answer is not held back and comes late.
    #[serde(default)]
    pub race: bool,
    /// The address of a `dns.injection.other` leads to a box that passes everything on.
    #[serde(default)]
    pub proxy: bool,
    pub bytes_per_second: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TroubleFile {
    pub kind: String,
    #[serde(default)]
    pub countries: Vec<String>,
    #[serde(default)]
    pub networks: Vec<u32>,
    #[serde(default)]
    pub targets: Vec<String>,
    pub share: Option<f64>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub hours: Option<[u8; 2]>,
    /// How a site is down: `refused`, `timeout` or `nxdomain`.
    pub failure: Option<String>,
    pub software_version: Option<String>,
}

impl WorldFile {
    pub fn parse(text: &str) -> Result<Self, Error> {
        let file: WorldFile = toml::from_str(text).map_err(|error| sentence(text, &error))?;
        match file.version {
            1 => Ok(file),
            other => Err(wrong(format!("version {other} is not known to this program, which reads version 1"))),
        }
    }
}

fn sentence(text: &str, error: &toml::de::Error) -> Error {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => wrong(format!(
            "line {}: {message}",
            1 + text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
        )),
        None => wrong(message),
    }
}
