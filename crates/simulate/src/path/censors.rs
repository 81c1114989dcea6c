//! Who acts on purpose on the way, and what keeps a site itself from answering.

use rand::Rng;

use super::way::Path;
use crate::censor::Censor;
use crate::trouble::{Trouble, TroubleKind};
use crate::world::World;

impl<'w> Path<'w> {
    /// The first censor that sees this and acts on it; each connection is drawn for itself.
    pub(super) fn acting(&mut self, site: usize, sees: impl Fn(&Censor) -> bool) -> Option<(usize, &'w Censor)> {
        let (world, utc_offset) = (self.world, self.world.utc_offset(self.network));
        for index in &world.censors_of[self.network] {
            let censor = &world.censors[*index];
            let looks = censor.sites[site] && sees(censor) && censor.window.contains(self.now, utc_offset);
            if looks && self.rng.random_bool(censor.share) {
                return Some((*index, censor));
            }
        }
        None
    }

    pub(super) fn site_down(&self, site: usize) -> Option<usize> {
        site_down(self.world, site, self.now)
    }

    pub(super) fn refuses_country(&self, site: usize) -> Option<usize> {
        let refuses = |trouble: &Trouble| {
            trouble.kind == TroubleKind::ServerGeoBlock
                && trouble.sites[site]
                && trouble.window.contains(self.now, self.world.utc_offset(self.network))
        };
        self.world.troubles_of[self.network].iter().copied().find(|index| refuses(&self.world.troubles[*index]))
    }
}

/// The trouble that keeps a site from answering anybody at this moment, if there is one.
pub(crate) fn site_down(world: &World, site: usize, now: i64) -> Option<usize> {
    let down = |trouble: &Trouble| trouble.kind == TroubleKind::SiteDown && trouble.sites[site] && trouble.window.contains(now, 0);
    world.troubles.iter().position(down)
}
