//! One probe's way into the world during one measurement, and the innocent troubles on it.

use std::net::IpAddr;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::luck::Luck;
use super::touch::{Cause, For, Touch};
use crate::addresses::Behind;
use crate::probe::Probe;
use crate::trouble::{BadMoment, TroubleKind};
use crate::world::World;

pub(crate) struct Path<'w> {
    pub world: &'w World,
    pub network: usize,
    pub now: i64,
    pub rng: ChaCha8Rng,
    pub probe: Probe,
    pub touches: Vec<Touch>,
    luck: Luck,
    round_trip: f64,
}

impl<'w> Path<'w> {
    pub fn new(world: &'w World, network: usize, mut probe: Probe, now: i64, mut rng: ChaCha8Rng) -> Self {
        let luck = Luck::draw(world, network, &mut probe, now, &mut rng);
        let round_trip = rng.random_range(0.015..0.180);
        Self { world, network, now, rng, probe, touches: Vec::new(), luck, round_trip }
    }

    /// Whether an innocent trouble of the line or of the software can keep this measurement from meeting a censor.
    pub fn is_unlucky(&self) -> bool {
        let is_bug = |index: &usize| self.world.troubles[*index].kind == TroubleKind::BuggyRelease;
        self.luck.offline.is_some() || !self.luck.bad_moments.is_empty() || self.luck.defects.iter().any(is_bug)
    }

    /// From now on nothing of the kind happens.
    pub fn end_bad_luck(&mut self) {
        self.luck.offline = None;
        self.luck.bad_moments.clear();
        self.luck.defects.retain(|index| self.world.troubles[*index].kind != TroubleKind::BuggyRelease);
    }

    /// The address that a forger claims the site to be at.
    pub fn vouched_for(&self, site: usize) -> Option<IpAddr> {
        self.forger(site).map(|index| self.world.troubles[index].forged[0])
    }

    /// The forger who is at work on the site.
    pub(super) fn forger(&self, site: usize) -> Option<usize> {
        self.luck.forgers.iter().copied().find(|index| self.world.troubles[*index].sites[site])
    }

    /// Whether the site itself, or something that passes everything on to it, stands behind the address.
    pub fn is_genuine(&self, site: usize, address: IpAddr) -> bool {
        let host = &self.world.sites[site].host;
        match self.world.addresses.behind(address) {
            Behind::Site(other) => self.world.sites[other].host == *host,
            behind => behind == Behind::Proxy,
        }
    }

    /// Which trouble it is, where the probe has this defect.
    pub fn defect(&self, kind: TroubleKind) -> Option<usize> {
        self.luck.defects.iter().copied().find(|index| self.world.troubles[*index].kind == kind)
    }

    pub fn has(&self, kind: TroubleKind) -> bool {
        self.defect(kind).is_some()
    }

    /// The shutdown that this measurement is made in and cannot get out of.
    pub fn offline(&self) -> Option<usize> {
        self.luck.offline
    }

    /// Whether a portal answers in the place of everybody.
    pub fn is_caught(&self) -> bool {
        self.has(TroubleKind::CaptivePortal)
    }

    /// The bad time of the network that this measurement meets, and how bad it is.
    pub fn burst(&self) -> Option<(usize, f64)> {
        let bursts = |index: &usize| self.world.troubles[*index].kind == TroubleKind::Burst;
        let met = self.luck.bad_moments.iter().map(|(_, index)| *index).find(bursts)?;
        Some((met, self.world.troubles[met].burst_at(self.network, self.now)?.share))
    }

    /// A little time that something takes, in seconds.
    pub fn moment(&mut self) -> f64 {
        self.round_trip * self.rng.random_range(0.9..1.3)
    }

    /// Whether this layer has its bad moment, which is on the user's way alone unless the software itself is at fault.
    pub(super) fn fails(&mut self, layer: BadMoment, purpose: For) -> bool {
        let trouble = |index: &usize| &self.world.troubles[*index];
        let bugs = self.luck.defects.iter().copied().filter(|index| {
            let trouble = trouble(index);
            trouble.kind == TroubleKind::BuggyRelease && trouble.layer == layer && trouble.sites[purpose.site]
        });
        let moments =
            self.luck.bad_moments.iter().filter(|(bad, index)| *bad == layer && purpose.users_way && trouble(index).sites[purpose.site]);
        let met = bugs.chain(moments.map(|(_, index)| *index)).next();
        if let Some(index) = met {
            self.note(purpose, Cause::Trouble(index));
        }
        met.is_some()
    }

    /// The troubles on the way to one site were in the way of another as well.
    pub fn share_troubles(&mut self, with: For, met_by: usize) {
        let met = self.touches.iter().filter(|touch| touch.site == met_by).map(|touch| touch.cause);
        let troubles: Vec<Cause> = met.filter(|cause| matches!(cause, Cause::Trouble(_))).collect();
        troubles.into_iter().for_each(|cause| self.note(with, cause));
    }

    pub fn note(&mut self, purpose: For, cause: Cause) {
        self.touches.push(Touch { site: purpose.site, cause, users_way: purpose.users_way });
    }
}
