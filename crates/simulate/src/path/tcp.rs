//! A connection to an address.

use std::net::IpAddr;

use super::outcome::{Dial, HOST_UNREACHABLE, PATIENCE, REFUSED, RESET, TIMEOUT};
use super::touch::{Cause, For};
use super::way::Path;
use crate::Mechanism;
use crate::addresses::Behind;
use crate::trouble::{BadMoment, TroubleKind};

impl Path<'_> {
    pub fn connect(&mut self, address: IpAddr, port: u16, purpose: For) -> Dial {
        let seconds = self.moment();
        let done = |failure| Dial { failure, seconds };
        let silent = Dial { failure: Some(TIMEOUT), seconds: PATIENCE };
        if address == self.world.portal_address || self.vouched_for(purpose.site) == Some(address) {
            return done(None);
        }
        if let Some(shutdown) = self.offline() {
            self.note(purpose, Cause::Trouble(shutdown));
            return silent;
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return done(None);
        }
        if let Some(broken) = self.defect(TroubleKind::BrokenIpv6).filter(|_| address.is_ipv6()) {
            self.note(purpose, Cause::Trouble(broken));
            return done(Some(HOST_UNREACHABLE));
        }
        let site = match self.world.addresses.behind(address) {
            Behind::Site(site) => site,
            Behind::BlockPage(_) | Behind::Proxy | Behind::Stray => return done(None),
            Behind::Nothing if address.is_loopback() => return done(Some(REFUSED)),
            Behind::Nothing => return silent,
        };
        if self.fails(BadMoment::Tcp, purpose) {
            return silent;
        }
        if let Some((index, censor)) = self.acting(site, |censor| censor.mechanism.layer() == "tcp") {
            self.note(For { site, ..purpose }, Cause::Censor(index));
            return match censor.mechanism {
                Mechanism::TcpReset => done(Some(RESET)),
                Mechanism::TcpRefused => done(Some(REFUSED)),
                Mechanism::IpUnreachable => done(Some(HOST_UNREACHABLE)),
                _ => silent,
            };
        }
        match self.site_down(site) {
            Some(down) => {
                self.note(purpose, Cause::Trouble(down));
                if self.world.troubles[down].failure == REFUSED { done(Some(REFUSED)) } else { silent }
            }
            // The data centres listen on both ports, and so do all others.
            None => Dial { failure: None, seconds: seconds + f64::from(port % 2) * 1e-4 },
        }
    }
}
