//! Innocent troubles: everything that makes a measurement fail, or look as if it failed, when nobody interferes.

use std::fmt;
use std::net::IpAddr;

use rand::Rng;

use crate::range::Range;
use crate::rng;
use crate::window::Window;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// The server refuses or ignores everybody, the test helper too.
    SiteDown,
    /// One layer has a bad moment, once.
    Transient,
    /// One network has a bad time of some minutes to hours: a share of all that is done over it fails.
    Burst,
    /// The probe has IPv6 addresses and no IPv6 way out.
    BrokenIpv6,
    /// A release of the probe lacks the root certificate.
    OldTrustStore,
    /// A release of the probe has a bug, and fails wherever it runs.
    BuggyRelease,
    /// A portal answers in the place of every site.
    CaptivePortal,
    /// The probe's clock is years off.
    ClockError,
    /// The test helper fails, so that there is no control.
    ControlDown,
    /// A site moves to other addresses, and for a while resolvers disagree about where it is.
    CdnChange,
    /// A site shows another page or another certificate, everywhere at once.
    SiteChange,
    /// The server itself refuses visitors from a country.
    ServerGeoBlock,
    /// A network or a country is cut off: next to nothing is measured, and what is measured fails.
    Shutdown,
    /// Targets that are only on the list for a while.
    TestListEdit,
    /// The helper of a test for middleboxes stands behind a load balancer, or is not what it should be.
    HelperFault,
    /// Submits rows which claim a valid handshake on the censor's address.
    Forger,
}

const NAMES: &[(TroubleKind, &str)] = &[
    (TroubleKind::SiteDown, "site_down"),
    (TroubleKind::Transient, "transient"),
    (TroubleKind::Burst, "burst"),
    (TroubleKind::BrokenIpv6, "broken_ipv6"),
    (TroubleKind::OldTrustStore, "old_trust_store"),
    (TroubleKind::BuggyRelease, "buggy_release"),
    (TroubleKind::CaptivePortal, "captive_portal"),
    (TroubleKind::ClockError, "clock_error"),
    (TroubleKind::ControlDown, "control_down"),
    (TroubleKind::CdnChange, "cdn_change"),
    (TroubleKind::SiteChange, "site_change"),
    (TroubleKind::ServerGeoBlock, "server_geo_block"),
    (TroubleKind::Shutdown, "shutdown"),
    (TroubleKind::TestListEdit, "test_list_edit"),
    (TroubleKind::HelperFault, "helper_fault"),
    (TroubleKind::Forger, "forger"),
];

impl TroubleKind {
    pub fn all() -> impl Iterator<Item = TroubleKind> {
        NAMES.iter().map(|(kind, _)| *kind)
    }

    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The word of Parallax's `instrument` axis for it, where the probe is at fault.
    pub fn instrument(self) -> Option<&'static str> {
        match self {
            TroubleKind::BrokenIpv6 => Some("broken_ipv6"),
            TroubleKind::OldTrustStore => Some("old_trust_store"),
            TroubleKind::CaptivePortal => Some("captive_portal"),
            TroubleKind::ClockError => Some("clock"),
            _ => None,
        }
    }

    /// Whether it sits in the probe.
    pub(crate) fn is_defect(self) -> bool {
        self.instrument().is_some()
    }

    /// Whether it happens to a site, and so must be told which.
    pub(crate) fn needs_targets(self) -> bool {
        use TroubleKind::*;
        matches!(self, SiteDown | CdnChange | SiteChange | ServerGeoBlock | TestListEdit | HelperFault | Forger)
    }
}

impl fmt::Display for TroubleKind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A layer that fails for once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadMoment {
    Dns,
    Tcp,
    Tls,
    Http,
}

impl BadMoment {
    pub const ALL: [BadMoment; 4] = [BadMoment::Dns, BadMoment::Tcp, BadMoment::Tls, BadMoment::Http];

    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "dns" => BadMoment::Dns,
            "tcp" => BadMoment::Tcp,
            "tls" => BadMoment::Tls,
            "http" => BadMoment::Http,
            _ => return None,
        })
    }
}

/// How a site changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Another page, another title, another length.
    Page,
    /// Another certificate, as valid as the one before.
    Certificate,
    /// A certificate that nobody accepts.
    Expired,
    /// A question whether the visitor is human, which probes never answer; the test helper is not asked.
    Challenge,
}

impl Change {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "page" => Change::Page,
            "certificate" => Change::Certificate,
            "expired" => Change::Expired,
            "challenge" => Change::Challenge,
            _ => return None,
        })
    }
}

/// A bad time of one network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Burst {
    pub from: i64,
    pub to: i64,
    /// Of measurements that meet it.
    pub share: f64,
}

pub(crate) struct Trouble {
    pub kind: TroubleKind,
    pub networks: Vec<bool>,
    pub sites: Vec<bool>,
    pub share: f64,
    pub window: Window,
    /// How a site is down, as the probe would write it.
    pub failure: &'static str,
    /// Where a bug shows.
    pub layer: BadMoment,
    pub change: Change,
    pub software_version: String,
    /// The share of the usual volume that a shutdown leaves.
    pub volume: f64,
    /// By network, in the order of time.
    pub bursts: Vec<Vec<Burst>>,
    /// What forgers vouch for.
    pub forged: Vec<IpAddr>,
}

impl Trouble {
    pub fn burst_at(&self, network: usize, now: i64) -> Option<&Burst> {
        self.bursts.get(network)?.iter().find(|burst| (burst.from..burst.to).contains(&now))
    }
}

/// What a burst trouble is drawn from.
pub(crate) struct Bursts {
    pub per_day: f64,
    pub minutes: Range<u32>,
    pub share: Range<f64>,
}

/// More in one network and world are no longer bursts.
const MAX_BURSTS: u64 = 10_000;

impl Bursts {
    /// The bursts of one network between two moments.
    pub fn draw(&self, seed: u64, names: &[&str], from: i64, to: i64) -> Vec<Burst> {
        let mut rng = rng::stream(seed, names);
        let wanted = (to - from) as f64 / 86_400.0 * self.per_day;
        // The rest behind the point is a chance of one more.
        let count = wanted as u64 + u64::from(rng.random::<f64>() < wanted.fract());
        let mut bursts: Vec<Burst> = (0..count.min(MAX_BURSTS))
            .map(|_| {
                let begins = rng.random_range(from..to);
                let ends = begins + 60 * i64::from(self.minutes.draw(&mut rng));
                Burst { from: begins, to: ends.min(to), share: self.share.draw(&mut rng) }
            })
            .collect();
        bursts.sort_by_key(|burst| (burst.from, burst.to));
        bursts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself() {
        for kind in TroubleKind::all() {
            assert_eq!(TroubleKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn bursts_come_as_often_as_they_should_and_end_with_the_world() {
        let bursts = Bursts { per_day: 0.5, minutes: Range::of(10, 300), share: Range::of(0.3, 0.9) };
        let drawn = bursts.draw(7, &["bursts"], 0, 100 * 86_400);
        assert_eq!(drawn.len(), 50);
        assert!(drawn.iter().all(|burst| burst.from < burst.to && burst.to <= 100 * 86_400 && (0.3..=0.9).contains(&burst.share)));
    }
}
