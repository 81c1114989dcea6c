//! A volunteer's probe: its device, its software, its defects.

use crate::rng;
use crate::trouble::TroubleKind;
use crate::world::World;

pub(crate) struct Probe {
    pub number: u32,
    pub platform: &'static str,
    pub software_name: &'static str,
    pub software_version: String,
    pub network_type: &'static str,
}

const DEVICES: [(&str, &str); 5] = [
    ("android", "ooniprobe-android-unattended"),
    ("linux", "ooniprobe-cli-unattended"),
    ("windows", "ooniprobe-desktop-unattended"),
    ("macos", "ooniprobe-desktop"),
    ("ios", "ooniprobe-ios"),
];

/// Releases whose probes run the newer and the older web test.
const NEW_RELEASES: [&str; 3] = ["3.22.0", "3.23.0", "3.24.0"];
const OLD_RELEASES: [&str; 3] = ["3.15.1", "3.17.2", "3.18.1"];

impl Probe {
    pub fn new(world: &World, network: usize, number: u32, modern: bool) -> Self {
        let draw = |what: u64| rng::fixed_share(world.seed, what, network as u64, u64::from(number));
        let (platform, software_name) = pick(&DEVICES, draw(0x11));
        let releases = if modern { &NEW_RELEASES } else { &OLD_RELEASES };
        Self {
            number,
            platform,
            software_name,
            software_version: pick(releases, draw(0x12)).into(),
            network_type: if draw(0x13) < 0.5 && platform == "android" { "mobile" } else { "wifi" },
        }
    }
}

fn pick<T: Copy>(from: &[T], share: f64) -> T {
    from[((share * from.len() as f64) as usize).min(from.len() - 1)]
}

/// Whether a trouble that sits in the probe concerns this one now: `share` of the probes have it for good, a captive portal by the hour.
pub(crate) fn has_trouble(world: &World, trouble: usize, network: usize, probe: u32, now: i64) -> bool {
    let known = &world.troubles[trouble];
    if !known.networks[network] || !known.window.contains(now, world.utc_offset(network)) {
        return false;
    }
    let moment = if known.kind == TroubleKind::CaptivePortal { now / 3600 } else { 0 };
    let who = (network as u64) << 32 | u64::from(probe);
    rng::fixed_share(world.seed, 0x100 + trouble as u64, who, moment as u64) < known.share
}
