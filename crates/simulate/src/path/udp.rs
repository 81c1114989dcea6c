//! Packets without a connection: QUIC, and questions that one packet holds.

use std::net::IpAddr;

use super::outcome::{Dial, Handshake, PATIENCE, TIMEOUT};
use super::touch::{Cause, For};
use super::way::Path;
use crate::Mechanism;
use crate::trouble::{BadMoment, TroubleKind};

impl Path<'_> {
    /// A handshake over QUIC: all packets to the address are UDP's, and there is no connect that could fail before.
    pub fn quic_handshake(&mut self, address: IpAddr, purpose: For) -> Handshake {
        let answer = self.datagram(address, purpose);
        let failed = |failure| Handshake { failure: Some(failure), chain: None, seconds: PATIENCE };
        if let Some(failure) = answer.failure {
            return failed(failure);
        }
        if let Some((index, _)) = self.acting(purpose.site, |censor| censor.mechanism == Mechanism::QuicTimeout) {
            self.note(purpose, Cause::Censor(index));
            return failed(TIMEOUT);
        }
        let chain = self.world.certificates.genuine(&self.world.sites[purpose.site].host);
        if let Some(failure) = self.distrust(purpose) {
            return Handshake { failure: Some(failure), chain, seconds: answer.seconds };
        }
        Handshake { failure: None, chain, seconds: 2.0 * answer.seconds }
    }

    /// A packet to an address without a connection, and the wait for one back. Of censors only one who keeps every packet from an address
    /// is met.
    pub fn datagram(&mut self, address: IpAddr, purpose: For) -> Dial {
        let answered = Dial { failure: None, seconds: self.moment() };
        let silent = Dial { failure: Some(TIMEOUT), seconds: PATIENCE };
        let cut = self.offline().or(self.defect(TroubleKind::CaptivePortal));
        let cut = cut.or(self.defect(TroubleKind::BrokenIpv6).filter(|_| address.is_ipv6()));
        if let Some(trouble) = cut {
            self.note(purpose, Cause::Trouble(trouble));
            return silent;
        }
        if !self.is_genuine(purpose.site, address) || self.fails(BadMoment::Tcp, purpose) {
            return silent;
        }
        if let Some((index, _)) = self.acting(purpose.site, |censor| censor.mechanism == Mechanism::IpUnreachable) {
            self.note(purpose, Cause::Censor(index));
            return silent;
        }
        match self.site_down(purpose.site) {
            Some(down) => {
                self.note(purpose, Cause::Trouble(down));
                silent
            }
            None => answered,
        }
    }
}
