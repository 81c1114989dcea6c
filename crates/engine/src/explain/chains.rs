//! The certificates that servers showed in a measurement, as they describe themselves, and whether each chain holds.

use std::collections::BTreeMap;

use parallax_detect::interference::{Chain, validate};
use parallax_model::tables::{Certificate, Observation};
use serde::Serialize;

use super::{Prover, all, certificate_rows};
use crate::{Engine, Error};

/// Chains of one measurement that are described.
const MOST_CHAINS: usize = 50;

/// A chain that was shown under one name, once or several times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownChain {
    /// The name that the probe asked for.
    pub server_name: Option<String>,
    /// Whether it is valid for that name at the time of the measurement, asked again here.
    pub verdict: &'static str,
    pub is_valid: bool,
    /// The server's own certificate first. One that the archive does not have is described by its digest alone.
    pub certificates: Vec<ShownCertificate>,
    /// Each handshake in which it was shown: the address, and where it stands in the raw record.
    pub handshakes: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ShownCertificate {
    pub fingerprint: String,
    pub subject: Option<String>,
    pub issuer: Option<String>,
    pub not_valid_before: Option<String>,
    pub not_valid_after: Option<String>,
    pub names: Vec<String>,
}

impl Prover {
    /// The chains of some observations, in their order.
    pub fn chains(&self, engine: &Engine, observations: &[Observation<'_>]) -> Result<Vec<ShownChain>, Error> {
        let batches = certificate_rows(engine, observations)?;
        // The same one stands in every week in which it was seen, and says the same.
        let known: BTreeMap<String, Certificate<'_>> =
            all::<Certificate<'_>>(&batches).into_iter().map(|row| (row.fingerprint.to_string(), row)).collect();
        let der = known.iter().map(|(fingerprint, row)| (fingerprint.clone(), row.der.to_vec())).collect();
        let mut chains: Vec<(&Observation<'_>, ShownChain)> = Vec::new();
        for row in observations.iter().filter(|row| !row.tls_certificate_chain.is_empty()) {
            let same = |other: &Observation<'_>| {
                (&other.tls_certificate_chain, &other.tls_server_name, &other.hostname)
                    == (&row.tls_certificate_chain, &row.tls_server_name, &row.hostname)
            };
            let address = [row.ip.as_deref().map(str::to_owned), row.port.map(|port| port.to_string())];
            let handshake = (address.into_iter().flatten().collect::<Vec<_>>().join(" port "), row.json_pointer.to_string());
            match chains.iter().position(|(other, _)| same(other)) {
                Some(index) => chains[index].1.handshakes.push(handshake),
                None if chains.len() < MOST_CHAINS => {
                    let verdict = validate(row, &der, &self.world.trust);
                    chains.push((row, shown(row, verdict, &known, handshake)));
                }
                None => {}
            }
        }
        Ok(chains.into_iter().map(|(_, chain)| chain).collect())
    }
}

fn shown(row: &Observation<'_>, verdict: Chain, known: &BTreeMap<String, Certificate<'_>>, handshake: (String, String)) -> ShownChain {
    let name = row.tls_server_name.as_deref().or(row.hostname.as_deref());
    let certificate = |fingerprint: &parallax_model::Text<'_>| match known.get(fingerprint.as_ref()) {
        Some(row) => described(row),
        None => ShownCertificate { fingerprint: fingerprint.to_string(), ..ShownCertificate::default() },
    };
    ShownChain {
        server_name: name.map(str::to_owned),
        verdict: verdict.as_str(),
        is_valid: verdict == Chain::Valid,
        certificates: row.tls_certificate_chain.iter().map(certificate).collect(),
        handshakes: vec![handshake],
    }
}

fn described(row: &Certificate<'_>) -> ShownCertificate {
    let text = |text: &Option<parallax_model::Text<'_>>| text.as_deref().map(str::to_owned);
    ShownCertificate {
        fingerprint: row.fingerprint.to_string(),
        subject: text(&row.subject),
        issuer: text(&row.issuer),
        not_valid_before: row.not_valid_before.map(|time| time.to_string()),
        not_valid_after: row.not_valid_after.map(|time| time.to_string()),
        names: row.san_list.iter().map(ToString::to_string).collect(),
    }
}
