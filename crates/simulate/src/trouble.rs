//! Innocent troubles: everything that makes a measurement fail, or look as if it failed, when nobody interferes.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// The server refuses or ignores everybody, the test helper too.
    SiteDown,
    /// One layer has a bad moment, once.
    Transient,
    /// The probe has IPv6 addresses and no IPv6 way out.
    BrokenIpv6,
    /// A release of the probe lacks the root certificate.
    OldTrustStore,
    /// A portal answers in the place of every site.
    CaptivePortal,
    /// The probe's clock is years off.
    ClockError,
    /// The test helper fails, so that there is no control.
    ControlDown,
    /// A site moves to other addresses, and for a while resolvers disagree about where it is.
    CdnChange,
    /// The server itself refuses visitors from a country.
    ServerGeoBlock,
    /// Submits rows which claim a valid handshake on the censor's address.
    Forger,
}

const NAMES: &[(TroubleKind, &str)] = &[
    (TroubleKind::SiteDown, "site_down"),
    (TroubleKind::Transient, "transient"),
    (TroubleKind::BrokenIpv6, "broken_ipv6"),
    (TroubleKind::OldTrustStore, "old_trust_store"),
    (TroubleKind::CaptivePortal, "captive_portal"),
    (TroubleKind::ClockError, "clock_error"),
    (TroubleKind::ControlDown, "control_down"),
    (TroubleKind::CdnChange, "cdn_change"),
    (TroubleKind::ServerGeoBlock, "server_geo_block"),
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
}

impl fmt::Display for TroubleKind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.as_str())
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
}
