//! Luck: which innocent troubles one measurement meets, all drawn before it begins.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::probe::{Probe, has_trouble};
use crate::trouble::{BadMoment, TroubleKind};
use crate::world::World;

/// Troubles by their number in the world.
#[derive(Default)]
pub(super) struct Luck {
    /// Those that sit in this probe at this moment.
    pub defects: Vec<usize>,
    /// The forgers that are at work.
    pub forgers: Vec<usize>,
    /// Which layers fail this time, and of which trouble.
    pub bad_moments: Vec<(BadMoment, usize)>,
    /// The shutdown that keeps this measurement from getting anywhere.
    pub offline: Option<usize>,
}

impl Luck {
    /// A release that brings a trouble with it becomes the probe's.
    pub fn draw(world: &World, network: usize, probe: &mut Probe, now: i64, rng: &mut ChaCha8Rng) -> Self {
        let mut luck = Self::default();
        for index in &world.troubles_of[network] {
            let trouble = &world.troubles[*index];
            if trouble.kind.is_defect() || trouble.kind == TroubleKind::BuggyRelease {
                if has_trouble(world, *index, network, probe.number, now) {
                    luck.defects.push(*index);
                    if matches!(trouble.kind, TroubleKind::OldTrustStore | TroubleKind::BuggyRelease) {
                        probe.software_version.clone_from(&trouble.software_version);
                    }
                }
            } else if trouble.window.contains(now, world.utc_offset(network)) {
                luck.meet(world, *index, network, now, rng);
            }
        }
        luck
    }

    /// A trouble that is there at this moment, and hits a share of measurements.
    fn meet(&mut self, world: &World, index: usize, network: usize, now: i64, rng: &mut ChaCha8Rng) {
        let trouble = &world.troubles[index];
        let a_layer = |rng: &mut ChaCha8Rng| BadMoment::ALL[rng.random_range(0..BadMoment::ALL.len())];
        match trouble.kind {
            TroubleKind::Transient if rng.random_bool(trouble.share) => self.bad_moments.push((a_layer(rng), index)),
            TroubleKind::Burst => {
                let share = trouble.burst_at(network, now).map_or(0.0, |burst| burst.share);
                if rng.random_bool(share) {
                    self.bad_moments.push((a_layer(rng), index));
                }
            }
            TroubleKind::Forger if rng.random_bool(trouble.share) => self.forgers.push(index),
            TroubleKind::Shutdown if rng.random_bool(trouble.share) => self.offline = Some(index),
            _ => {}
        }
    }
}
