//! A censor: who is interfered with, where, when, how, and how often.

use std::net::{IpAddr, Ipv4Addr};

use crate::Mechanism;
use crate::window::Window;

/// Which lookups a DNS censor touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookups {
    /// Those that go to the provider's own resolver, which lies.
    Resolver,
    /// Every unencrypted lookup that crosses the network.
    Path,
    /// Only those that leave the country for a public resolver: the injector stands at the border.
    Public,
}

pub(crate) struct Censor {
    pub mechanism: Mechanism,
    /// By index of the network and of the site.
    pub networks: Vec<bool>,
    pub sites: Vec<bool>,
    /// Of the connections (or lookups) that it sees.
    pub share: f64,
    pub window: Window,
    pub lookups: Lookups,
    /// The genuine answer is not held back and comes late.
    pub race: bool,
    pub bytes_per_second: u32,
    /// What forged answers hold.
    pub forged: Vec<IpAddr>,
    /// Of the country whose block page it shows.
    pub country: String,
    /// Censors with the same word are one incident whose method changes.
    pub incident: Option<String>,
}

/// Favourite lies: addresses that lead nowhere.
pub(crate) fn bogon(index: usize) -> IpAddr {
    match index % 3 {
        0 => Ipv4Addr::new(10, 77, (index % 200) as u8, 53).into(),
        1 => Ipv4Addr::new(127, 0, 0, 1).into(),
        _ => Ipv4Addr::new(192, 168, 77, (1 + index % 200) as u8).into(),
    }
}
