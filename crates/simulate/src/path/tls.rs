//! A handshake on a connected address.

use std::net::IpAddr;

use super::outcome::{CLOSED, Dial, Handshake, INVALID_CERTIFICATE, INVALID_HOSTNAME, PATIENCE, RESET, TIMEOUT, UNKNOWN_AUTHORITY};
use super::touch::{Cause, For};
use super::way::Path;
use crate::Mechanism;
use crate::addresses::Behind;
use crate::censor::Censor;
use crate::certificates::{BOX_NAME, PORTAL_NAME, RELAY_NAME, STRAY_NAME};
use crate::trouble::{BadMoment, Change, TroubleKind};

/// A certificate is no good before its time, and without its authority among those that the probe knows.
const DISTRUST: [(TroubleKind, &str); 2] =
    [(TroubleKind::ClockError, INVALID_CERTIFICATE), (TroubleKind::OldTrustStore, UNKNOWN_AUTHORITY)];

/// How long a tunnel is waited for, in seconds.
const TUNNEL_PATIENCE: f64 = 60.0;

impl Path<'_> {
    /// A handshake for the site's name on a connected address.
    pub fn handshake(&mut self, address: IpAddr, purpose: For) -> Handshake {
        let seconds = 2.0 * self.moment();
        if let Some(met) = self.met_by_another(address, purpose, seconds) {
            return met;
        }
        if let Some(met) = self.met_by_a_censor_of_names(purpose, seconds) {
            return met;
        }
        if self.fails(BadMoment::Tls, purpose) {
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        self.met_by_the_site(purpose, seconds)
    }

    /// Whoever else stands behind the address, or claims to.
    fn met_by_another(&mut self, address: IpAddr, purpose: For, seconds: f64) -> Option<Handshake> {
        let host = self.world.sites[purpose.site].host.as_str();
        let certificates = &self.world.certificates;
        let done = |failure, chain| Some(Handshake { failure, chain, seconds });
        if self.vouched_for(purpose.site) == Some(address) {
            // Certificates are public: a forger has no more to do than to paste the genuine chain.
            return done(None, certificates.genuine(host));
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(PORTAL_NAME));
        }
        match self.world.addresses.behind(address) {
            Behind::BlockPage(_) => done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(BOX_NAME)),
            Behind::Stray => done(Some(INVALID_HOSTNAME), certificates.genuine(STRAY_NAME)),
            Behind::Site(other) if self.world.sites[other].host != host => {
                done(Some(INVALID_HOSTNAME), certificates.genuine(&self.world.sites[other].host))
            }
            _ => None,
        }
    }

    fn met_by_a_censor_of_names(&mut self, purpose: For, seconds: f64) -> Option<Handshake> {
        let cuts = |censor: &Censor| censor.mechanism.layer() == "tls" && censor.mechanism != Mechanism::TlsThrottleSni;
        let (index, censor) = self.acting(purpose.site, cuts)?;
        self.note(purpose, Cause::Censor(index));
        let host = self.world.sites[purpose.site].host.as_str();
        let certificates = &self.world.certificates;
        let done = |failure, chain| Handshake { failure: Some(failure), chain, seconds };
        Some(match censor.mechanism {
            Mechanism::TlsMitmSelfSigned => done(UNKNOWN_AUTHORITY, certificates.self_signed(host)),
            Mechanism::TlsMitmCaSigned => done(UNKNOWN_AUTHORITY, certificates.ca_signed(host)),
            Mechanism::TlsClose => done(CLOSED, None),
            Mechanism::TlsTimeout | Mechanism::TlsTimeoutSni => Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE },
            _ => done(RESET, None),
        })
    }

    /// The site answers; whether the probe accepts its certificate is another matter.
    fn met_by_the_site(&mut self, purpose: For, seconds: f64) -> Handshake {
        let host = self.world.sites[purpose.site].host.as_str();
        let certificates = &self.world.certificates;
        let renewal = self.world.sites[purpose.site].renewal(self.now);
        let chain = match renewal.map(|renewal| renewal.change) {
            Some(Change::Certificate) => certificates.renewed(host),
            Some(Change::Expired) => certificates.expired(host),
            _ => certificates.genuine(host),
        };
        if let Some(renewal) = renewal.filter(|renewal| matches!(renewal.change, Change::Certificate | Change::Expired)) {
            self.note(purpose, Cause::Trouble(renewal.trouble));
            if renewal.change == Change::Expired {
                return Handshake { failure: Some(INVALID_CERTIFICATE), chain, seconds };
            }
        }
        let failure = self.distrust(purpose);
        Handshake { failure, chain, seconds }
    }

    /// Why this probe does not accept a certificate that others do.
    pub(super) fn distrust(&mut self, purpose: For) -> Option<&'static str> {
        let (trouble, failure) = DISTRUST.iter().find_map(|(kind, failure)| Some((self.defect(*kind)?, *failure)))?;
        self.note(purpose, Cause::Trouble(trouble));
        Some(failure)
    }

    /// A handshake with `helper` on a connected address, under the name of the site that it is done for.
    pub fn handshake_under_name(&mut self, helper: usize, address: IpAddr, purpose: For) -> Handshake {
        let seconds = 2.0 * self.moment();
        if let Some(met) = self.met_by_another(address, For { site: helper, ..purpose }, seconds) {
            return met;
        }
        if let Some((index, censor)) = self.acting(purpose.site, |censor| censor.mechanism.minds_the_name_alone()) {
            self.note(purpose, Cause::Censor(index));
            return match censor.mechanism {
                Mechanism::TlsTimeoutSni => Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE },
                _ => Handshake { failure: Some(RESET), chain: None, seconds },
            };
        }
        if self.fails(BadMoment::Tls, purpose) {
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        // A certificate's time is looked at before its names, and its authority after them.
        let clock = self.defect(TroubleKind::ClockError);
        if let Some(clock) = clock {
            self.note(purpose, Cause::Trouble(clock));
        }
        let failure = Some(clock.map_or(INVALID_HOSTNAME, |_| INVALID_CERTIFICATE));
        Handshake { failure, chain: self.world.certificates.genuine(&self.world.sites[helper].host), seconds }
    }

    /// The handshake of a tunnel with a server that is connected to, or can be: TLS inside of the tunnel's own packets. Whoever knows such packets
    /// can cut it.
    pub fn tunnel_handshake(&mut self, purpose: For) -> Dial {
        let seconds = 3.0 * self.moment();
        let silent = Dial { failure: Some(TIMEOUT), seconds: TUNNEL_PATIENCE };
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return silent;
        }
        if let Some((index, censor)) = self.acting(purpose.site, |censor| censor.mechanism.layer() == "tls") {
            self.note(purpose, Cause::Censor(index));
            return match censor.mechanism {
                Mechanism::TlsResetSni | Mechanism::TlsResetOther => Dial { failure: Some(RESET), seconds },
                Mechanism::TlsClose => Dial { failure: Some(CLOSED), seconds },
                _ => silent,
            };
        }
        if self.fails(BadMoment::Tls, purpose) { silent } else { Dial { failure: None, seconds } }
    }

    /// A handshake with a relay on a connected address, whose certificate is nobody's to verify.
    pub fn relay_handshake(&mut self, purpose: For) -> Handshake {
        let seconds = 2.0 * self.moment();
        let chain = self.world.certificates.self_signed(RELAY_NAME);
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return Handshake { failure: Some(CLOSED), chain: None, seconds };
        }
        if self.fails(BadMoment::Tls, purpose) {
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        Handshake { failure: None, chain, seconds }
    }
}
