//! The world's own certificate authority, and the ones that censors and portals run.
//!
//! Genuine sites show a leaf and an issuing certificate that lead to the world's root, so that whoever trusts the root can verify every
//! chain in the archive again. Keys are Ed25519, whose signatures have no randomness in them: a world has the same certificates
//! to the byte each time it is made.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike};
use rand::RngCore;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ED25519, SerialNumber,
};

use crate::error::Error;
use crate::rng;
use crate::site::Site;
use crate::trouble::Change;

/// A chain as OONI writes it: base64 of the DER of each certificate, the site's own first.
pub(crate) type Chain = Arc<Vec<String>>;

/// Long enough before and after the world's window that only a wrong clock finds a certificate expired.
const MARGIN_SECONDS: i64 = 60 * 86_400;
/// So that an expired certificate had expired when the world began.
const EXPIRED_AFTER: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

/// RFC 8410, section 7: the fixed beginning of a PKCS#8 version 1 Ed25519 key, after which the 32 bytes of the seed follow.
const PKCS8_ED25519: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The name on the certificate of a box that shows block pages.
pub(crate) const BOX_NAME: &str = "filter-appliance.invalid";
/// The name on the certificate of a captive portal.
pub(crate) const PORTAL_NAME: &str = "login.coffeehouse.invalid";
/// The name on the certificate that relays of Tor make up.
pub(crate) const RELAY_NAME: &str = "www.kamirosolten.invalid";
/// The name on the certificate of a server that a forged answer leads to by chance.
pub(crate) const STRAY_NAME: &str = "shop.elsewhere.example";

pub(crate) struct Certificates {
    root_pem: String,
    genuine: HashMap<String, Chain>,
    /// Of sites that change their certificate.
    renewed: HashMap<String, Chain>,
    expired: HashMap<String, Chain>,
    self_signed: HashMap<String, Chain>,
    ca_signed: HashMap<String, Chain>,
}

struct Authority {
    seed: u64,
    window: (i64, i64),
    /// What each certificate of a site's chain carries beside what it needs.
    padding: usize,
}

/// RFC 6962, section 3.3: the list of certificate transparency timestamps, which is the longest of what chains carry beside names and keys.
const TIMESTAMPS: &[u64] = &[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
/// About what two certificates without padding take in base64.
const BARE_CHAIN_BYTES: u32 = 1_000;

impl Certificates {
    /// `hosts` get genuine chains of about so many bytes of base64, `forged` forged ones as well, and `sites` that change what they need.
    pub fn new(seed: u64, window: (i64, i64), bytes: u32, hosts: &[&str], forged: &[&str], sites: &[Site]) -> Result<Self, Error> {
        // Base64 writes three bytes as four letters; the padding is shared by the two certificates of a chain.
        let padding = bytes.saturating_sub(BARE_CHAIN_BYTES) as usize * 3 / 4 / 2;
        let authority = Authority { seed, window, padding };
        let (root_params, root_key) = authority.ca("Parallax Simulated Root")?;
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::from_params(&root_params, &root_key);
        let (issuing_params, issuing_key) = authority.ca("Parallax Simulated Issuing CA")?;
        let issuing = issuing_params.signed_by(&issuing_key, &root_issuer)?;
        let issuer = Issuer::from_params(&issuing_params, &issuing_key);

        let (filter_params, filter_key) = authority.ca("Simulated Filter Appliance CA")?;
        let filter = filter_params.self_signed(&filter_key)?;
        let filter_issuer = Issuer::from_params(&filter_params, &filter_key);

        let mut made = Self {
            root_pem: root.pem(),
            genuine: HashMap::new(),
            renewed: HashMap::new(),
            expired: HashMap::new(),
            self_signed: HashMap::new(),
            ca_signed: HashMap::new(),
        };
        for site in sites {
            for renewal in &site.renewals {
                let (mut params, key) = authority.leaf("renewed", &site.host)?;
                let made_for = match renewal.change {
                    Change::Certificate => &mut made.renewed,
                    Change::Expired => {
                        params.not_after = params.not_before + EXPIRED_AFTER;
                        &mut made.expired
                    }
                    Change::Page | Change::Challenge => continue,
                };
                made_for.insert(site.host.clone(), chain(&[&params.signed_by(&key, &issuer)?, &issuing]));
            }
        }
        for host in hosts.iter().copied().chain([STRAY_NAME]) {
            let (params, key) = authority.leaf("genuine", host)?;
            made.genuine.insert(host.into(), chain(&[&params.signed_by(&key, &issuer)?, &issuing]));
        }
        for host in forged.iter().copied().chain([BOX_NAME, PORTAL_NAME, RELAY_NAME]) {
            let (params, key) = authority.leaf("self-signed", host)?;
            made.self_signed.insert(host.into(), chain(&[&params.self_signed(&key)?]));
            let (params, key) = authority.leaf("filter", host)?;
            made.ca_signed.insert(host.into(), chain(&[&params.signed_by(&key, &filter_issuer)?, &filter]));
        }
        Ok(made)
    }

    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    pub fn genuine(&self, host: &str) -> Option<Chain> {
        self.genuine.get(host).cloned()
    }

    pub fn renewed(&self, host: &str) -> Option<Chain> {
        self.renewed.get(host).cloned()
    }

    pub fn expired(&self, host: &str) -> Option<Chain> {
        self.expired.get(host).cloned()
    }

    pub fn self_signed(&self, host: &str) -> Option<Chain> {
        self.self_signed.get(host).cloned()
    }

    pub fn ca_signed(&self, host: &str) -> Option<Chain> {
        self.ca_signed.get(host).cloned()
    }
}

impl Authority {
    fn ca(&self, name: &str) -> Result<(CertificateParams, KeyPair), Error> {
        let mut params = self.params("authority", name, Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok((params, self.key("authority", name)?))
    }

    fn leaf(&self, kind: &str, host: &str) -> Result<(CertificateParams, KeyPair), Error> {
        let mut params = self.params(kind, host, vec![host.to_string()])?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Ok((params, self.key(kind, host)?))
    }

    fn params(&self, kind: &str, name: &str, hosts: Vec<String>) -> Result<CertificateParams, Error> {
        let mut params = CertificateParams::new(hosts)?;
        if self.padding > 0 {
            let mut bytes = vec![0; self.padding];
            rng::stream(self.seed, &["padding", kind, name]).fill_bytes(&mut bytes);
            params.custom_extensions.push(CustomExtension::from_oid_content(TIMESTAMPS, octets(&bytes)));
        }
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let (first, last) = (ymd(self.window.0 - MARGIN_SECONDS), ymd(self.window.1 + MARGIN_SECONDS));
        params.not_before = rcgen::date_time_ymd(first.0, first.1, first.2);
        params.not_after = rcgen::date_time_ymd(last.0, last.1, last.2);
        // The first bit is cleared because serial numbers are positive (RFC 5280, section 4.1.2.2).
        let mut serial = rng::named(self.seed, &["serial", kind, name])[..16].to_vec();
        serial[0] = serial[0] & 0x7f | 0x01;
        params.serial_number = Some(SerialNumber::from(serial));
        Ok(params)
    }

    fn key(&self, kind: &str, name: &str) -> Result<KeyPair, Error> {
        let mut pkcs8 = PKCS8_ED25519.to_vec();
        pkcs8.extend_from_slice(&rng::named(self.seed, &["key", kind, name]));
        Ok(KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_slice().into(), &PKCS_ED25519)?)
    }
}

/// An octet string in DER.
fn octets(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len();
    let mut der = vec![0x04];
    // The shortest form of the length is the only one allowed.
    match length {
        0..=0x7f => der.push(length as u8),
        0x80..=0xff => der.extend([0x81, length as u8]),
        _ => {
            der.push(0x82);
            der.extend((length as u16).to_be_bytes());
        }
    }
    der.extend_from_slice(bytes);
    der
}

fn chain(certificates: &[&Certificate]) -> Chain {
    Arc::new(certificates.iter().map(|certificate| STANDARD.encode(certificate.der())).collect())
}

fn ymd(seconds: i64) -> (i32, u8, u8) {
    let date = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    (date.year(), date.month() as u8, date.day() as u8)
}
