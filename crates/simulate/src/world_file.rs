//! The world file as it is typed: what may stand in it, before anything is made of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::draw::DrawFile;
use crate::error::wrong;
use crate::range::Range;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorldFile {
    pub version: u32,
    pub name: String,
    pub seed: u64,
    /// `2024-03-04` or `2024-03-04T06:00:00Z`.
    pub start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Range<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
    /// As many in all, whatever the networks' measurements per day add up to; these say then how they are shared out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurements: Option<u64>,
    /// About how long a site's chain of certificates is as it stands in a record. By default as short as it can be.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub certificate_bytes: u32,
    /// How often each nettest is run, relative to the others.
    #[serde(default)]
    pub nettests: BTreeMap<String, u32>,
    /// Nettests that are run beside these, as so many for each thousand of the others: measurements of their own, by draws of their own, so that
    /// those of the others are what they would be without.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<String, u32>,
    /// What is not written below but drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<DrawFile>,
    #[serde(default)]
    pub country: Vec<CountryFile>,
    #[serde(default)]
    pub target: Vec<TargetFile>,
    #[serde(default)]
    pub censor: Vec<CensorFile>,
    #[serde(default)]
    pub trouble: Vec<TroubleFile>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountryFile {
    pub cc: String,
    pub name: String,
    /// Of its local time from UTC: `+03:00`. By default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset: Option<String>,
    #[serde(default)]
    pub network: Vec<NetworkFile>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkFile {
    pub asn: u32,
    pub name: String,
    pub probes: Range<u32>,
    pub measurements_per_day: Range<u32>,
    /// Measurements that one probe makes one after the other. By default each comes alone.
    #[serde(default = "one")]
    pub batch: Range<u32>,
    /// How much is measured at night, relative to the day. By default as much.
    #[serde(default = "whole")]
    pub night: Range<f64>,
    /// Measured by the clock: evenly over the day, each target in its turn. By default chance decides.
    #[serde(default, skip_serializing_if = "is_false")]
    pub steady: bool,
    /// How far a day's volume strays from the mean: 0.3 for 70 to 130 %. By default not at all.
    #[serde(default = "none")]
    pub variation: Range<f64>,
    /// By default the network runs a resolver of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver_ip: Option<std::net::IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver_asn: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetFile {
    pub url: String,
    /// `fixed` (one server), `cdn` (a rotating pool in each country) or `geo` (another server in each country, in another network).
    #[serde(default = "fixed")]
    pub hosting: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<Range<u32>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub ipv6: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// How often it is measured, relative to the others. By default 1.
    #[serde(default = "one")]
    pub weight: Range<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CensorFile {
    pub mechanism: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<u32>,
    pub targets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Range<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Spans of local time, `["07:30-11:00"]`; by default the whole day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily: Vec<String>,
    /// Local days, `["mon", "tue"]`; by default all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<String>,
    /// Which lookups a DNS censor sees: `resolver`, `path` or `public`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookups: Option<String>,
    /// The genuine answer is not held back and comes late.
    #[serde(default, skip_serializing_if = "is_false")]
    pub race: bool,
    /// The address of a `dns.injection.other` leads to a box that passes everything on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub proxy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<Range<u32>>,
    /// Censors with the same word are one incident whose method changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TroubleFile {
    pub kind: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Range<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Spans of local time, `["07:30-11:00"]`; by default the whole day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily: Vec<String>,
    /// How a site is down: `refused`, `timeout` or `nxdomain`; how a bug shows: `dns`, `tcp`, `tls` or `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Of a burst: how many a day come over each network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Range<f64>>,
    /// Of a burst: how long each lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<Range<u32>>,
    /// Of a shutdown: the share of the usual volume that is still measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<Range<f64>>,
    /// Of a site that changes: `page`, `certificate`, `expired` or `challenge`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

fn fixed() -> String {
    "fixed".into()
}

fn one() -> Range<u32> {
    Range::just(1)
}

fn whole() -> Range<f64> {
    Range::just(1.0)
}

fn none() -> Range<f64> {
    Range::just(0.0)
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Default for Range<u32> {
    fn default() -> Self {
        one()
    }
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
