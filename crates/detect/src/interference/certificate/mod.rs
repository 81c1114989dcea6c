//! Validates a certificate chain again, here, so that a verdict need not take the probe's word for it.
//!
//! That a chain is valid does not prove who was spoken to: chains are public and can be copied into a forged measurement. It only
//! rules out the chain of a filtering box.

mod signatures;

use std::collections::HashMap;
use std::time::Duration;

use parallax_model::Timestamp;
use parallax_model::tables::Observation;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use self::signatures::Signatures;

/// The root certificates that a chain may end in.
pub struct TrustAnchors {
    anchors: Vec<TrustAnchor<'static>>,
    signatures: Signatures,
}

impl TrustAnchors {
    /// The public roots (Mozilla's), and more from the reference data. Unreadable ones are left out.
    pub fn with(more: &[Vec<u8>]) -> Self {
        let own = more.iter().filter_map(|der| {
            let der = CertificateDer::from_slice(der);
            webpki::anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned())
        });
        let anchors = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().chain(own).collect();
        Self { anchors, signatures: Signatures::default() }
    }
}

/// What a chain is worth for a name at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The record has no chain, or a certificate of it is missing from the archive.
    Missing,
    Valid,
    /// The server's certificate is signed by itself.
    SelfSigned,
    /// It ends in an authority that is not among the roots.
    UnknownIssuer,
    /// Valid, but not for this name.
    WrongName,
    /// Valid, but not at this moment.
    WrongTime,
    Unreadable,
}

/// Validates the chain of a handshake at the moment of the measurement.
pub fn validate(observation: &Observation<'_>, certificates: &HashMap<String, Vec<u8>>, trust: &TrustAnchors) -> Chain {
    let name = observation.tls_server_name.as_deref().or(observation.hostname.as_deref());
    let chain: Option<Vec<CertificateDer<'_>>> = observation
        .tls_certificate_chain
        .iter()
        .map(|hash| certificates.get(hash.as_ref()).map(|der| CertificateDer::from_slice(der)))
        .collect();
    match (chain, name) {
        (Some(chain), Some(name)) if !chain.is_empty() => validate_chain(&chain, name, observation.measurement_start_time, trust),
        _ => Chain::Missing,
    }
}

fn validate_chain(chain: &[CertificateDer<'_>], name: &str, moment: Timestamp, trust: &TrustAnchors) -> Chain {
    let Ok(certificate) = EndEntityCert::try_from(&chain[0]) else { return Chain::Unreadable };
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(moment.seconds().max(0).unsigned_abs()));
    let (algorithms, usage) = (trust.signatures.algorithms(), KeyUsage::server_auth());
    let path = certificate.verify_for_usage(&algorithms, &trust.anchors, &chain[1..], moment, usage, None, None);
    match path.map(|_| ()) {
        Ok(()) => {}
        Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => return Chain::WrongTime,
        Err(_) if is_self_signed(&certificate) => return Chain::SelfSigned,
        Err(Error::BadDer) => return Chain::Unreadable,
        Err(_) => return Chain::UnknownIssuer,
    }
    let Ok(name) = ServerName::try_from(name) else { return Chain::WrongName };
    if certificate.verify_is_valid_for_subject_name(&name).is_ok() { Chain::Valid } else { Chain::WrongName }
}

/// Whether issuer and subject are the same; what the signature says does not matter for a certificate that no root vouches for.
fn is_self_signed(certificate: &EndEntityCert<'_>) -> bool {
    certificate.issuer() == certificate.subject()
}

impl Chain {
    /// The chain in the words of a proof.
    pub const fn as_str(self) -> &'static str {
        match self {
            Chain::Missing => "not in the record",
            Chain::Valid => "valid",
            Chain::SelfSigned => "self-signed",
            Chain::UnknownIssuer => "of an unknown authority",
            Chain::WrongName => "for another name",
            Chain::WrongTime => "not valid at that time",
            Chain::Unreadable => "unreadable",
        }
    }
}
