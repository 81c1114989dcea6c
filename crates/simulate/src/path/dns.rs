//! A lookup of a name, and the lies about it.

use std::net::IpAddr;

use super::outcome::{LOOKUP_PATIENCE, Lookup, NXDOMAIN, PATIENCE, TIMEOUT};
use super::touch::{Cause, For, Resolver};
use super::way::Path;
use crate::Mechanism;
use crate::addresses::{Behind, is_bogon};
use crate::censor::{Censor, Lookups};
use crate::trouble::{BadMoment, TroubleKind};
use crate::world::World;

impl Path<'_> {
    pub fn resolve(&mut self, site: usize, resolver: Resolver) -> Lookup {
        let purpose = For { site, users_way: resolver == Resolver::System };
        let seconds = self.moment();
        if let Some(forger) = self.forger(site) {
            self.note(purpose, Cause::Trouble(forger));
            return Lookup { v4: vec![self.world.troubles[forger].forged[0]], seconds, ..Lookup::default() };
        }
        if let Some(shutdown) = self.offline() {
            self.note(purpose, Cause::Trouble(shutdown));
            return Lookup::failed(self.as_the_system_says(resolver, TIMEOUT), LOOKUP_PATIENCE);
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return match resolver {
                Resolver::Doh => Lookup::failed(TIMEOUT, PATIENCE),
                _ => Lookup { v4: vec![self.world.portal_address], seconds, ..Lookup::default() },
            };
        }
        if let Some(down) = self.site_down(site).filter(|down| self.world.troubles[*down].failure == NXDOMAIN) {
            self.note(purpose, Cause::Trouble(down));
            return Lookup::failed(self.as_the_system_says(resolver, NXDOMAIN), seconds);
        }
        if self.fails(BadMoment::Dns, purpose) {
            return Lookup::failed(self.as_the_system_says(resolver, "dns_server_misbehaving"), seconds);
        }
        if let Some(moves) = self.world.sites[site].moves.as_ref().filter(|moves| (moves.from..moves.to).contains(&self.now)) {
            self.note(purpose, Cause::Trouble(moves.trouble));
        }
        let (v4, v6) = self.world.sites[site].answer(self.world.region(self.network), self.now, &mut self.rng);
        let genuine = Lookup { v4, v6, seconds, ..Lookup::default() };
        match self.acting(site, |censor| lookup_is_seen(censor, resolver)) {
            Some((index, censor)) => {
                self.note(purpose, Cause::Censor(index));
                self.lie(censor, resolver, genuine)
            }
            None => genuine,
        }
    }

    fn lie(&mut self, censor: &Censor, resolver: Resolver, genuine: Lookup) -> Lookup {
        let forged = || censor.forged.clone();
        let seconds = genuine.seconds * 0.4;
        match censor.mechanism {
            Mechanism::DnsNxdomain => Lookup::failed(self.as_the_system_says(resolver, NXDOMAIN), seconds),
            Mechanism::DnsRefused => Lookup::failed(self.as_the_system_says(resolver, "dns_refused_error"), seconds),
            Mechanism::DnsTimeout => Lookup::failed(TIMEOUT, LOOKUP_PATIENCE),
            _ if censor.race && resolver == Resolver::Udp => Lookup { v4: forged(), late: genuine.v4, seconds, ..Lookup::default() },
            _ => Lookup { v4: forged(), seconds, ..Lookup::default() },
        }
    }

    /// Android's resolver hides why a lookup failed.
    fn as_the_system_says(&self, resolver: Resolver, failure: &'static str) -> &'static str {
        match resolver {
            Resolver::System if self.probe.platform == "android" => "android_dns_cache_no_data",
            _ => failure,
        }
    }
}

fn lookup_is_seen(censor: &Censor, resolver: Resolver) -> bool {
    let seen = match censor.lookups {
        Lookups::Resolver => resolver == Resolver::System,
        Lookups::Path => resolver != Resolver::Doh,
        Lookups::Public => resolver == Resolver::Udp,
    };
    seen && censor.mechanism.layer() == "dns"
}

/// Whether an address of an answer says by itself that the answer is false.
pub(crate) fn is_false_answer(world: &World, address: IpAddr) -> bool {
    is_bogon(address) || matches!(world.addresses.behind(address), Behind::BlockPage(_))
}
