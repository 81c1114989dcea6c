//! The nettests: what a probe does, and what it writes down about it. One file and one line in [`ALL`] each.

pub(crate) mod app;
mod dnscheck;
mod echcheck;
mod facebook_messenger;
mod http_header_field_manipulation;
mod http_invalid_request_line;
mod openvpn;
mod psiphon;
mod signal;
mod sni_blocking;
mod stunreachability;
mod telegram;
mod tor;
mod tunnels;
mod vanilla_tor;
mod web_analysis;
mod web_connectivity_04;
mod web_connectivity_05;
mod whatsapp;

use crate::report::Report;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nettest {
    WebConnectivity05,
    WebConnectivity04,
    Telegram,
    Whatsapp,
    Signal,
    FacebookMessenger,
    Dnscheck,
    Tor,
    VanillaTor,
    Psiphon,
    Stunreachability,
    Echcheck,
    SniBlocking,
    Openvpn,
    HttpHeaderFieldManipulation,
    HttpInvalidRequestLine,
}

pub(crate) struct Info {
    nettest: Nettest,
    /// As a world file and [`Nettest::parse`] call it.
    name: &'static str,
    pub test_name: &'static str,
    pub test_version: &'static str,
    /// How often it is run in a world that does not say.
    usual_share: u32,
    pub inputs: Inputs,
    pub run: fn(Report) -> Result<crate::report::Finished, crate::Error>,
}

/// What a nettest is asked to measure.
#[derive(Clone, Copy)]
pub(crate) enum Inputs {
    /// Nothing: it knows what to measure, or works it out.
    None,
    /// The URLs of the world's targets.
    Urls,
    /// Their hostnames.
    Names,
    These(&'static [&'static str]),
}

/// In the order of their shares in a world file.
const ALL: &[Info] = &[
    web_connectivity_05::INFO,
    web_connectivity_04::INFO,
    telegram::INFO,
    whatsapp::INFO,
    signal::INFO,
    facebook_messenger::INFO,
    dnscheck::INFO,
    tor::INFO,
    vanilla_tor::INFO,
    psiphon::INFO,
    stunreachability::INFO,
    echcheck::INFO,
    sni_blocking::INFO,
    openvpn::INFO,
    http_header_field_manipulation::INFO,
    http_invalid_request_line::INFO,
];

impl Nettest {
    pub fn all() -> impl Iterator<Item = Nettest> {
        ALL.iter().map(|info| info.nettest)
    }

    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().find(|info| info.name == name).map(|info| info.nettest)
    }

    /// `web_connectivity_05` and the like; the two generations of the web test share a [`Nettest::test_name`].
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// As it stands in the measurement.
    pub fn test_name(self) -> &'static str {
        self.info().test_name
    }

    /// As it stands in the names of OONI's files and reports.
    pub fn file_name(self) -> String {
        self.info().test_name.replace('_', "")
    }

    /// The inputs that are the same in every world.
    pub(crate) fn inputs(self) -> &'static [&'static str] {
        match self.info().inputs {
            Inputs::These(inputs) => inputs,
            Inputs::None | Inputs::Urls | Inputs::Names => &[],
        }
    }

    /// Whether it measures what is on the world's list.
    pub(crate) fn measures_targets(self) -> bool {
        matches!(self.info().inputs, Inputs::Urls | Inputs::Names)
    }

    pub(crate) fn usual_share(self) -> u32 {
        self.info().usual_share
    }

    pub(crate) fn is_web(self) -> bool {
        matches!(self, Nettest::WebConnectivity05 | Nettest::WebConnectivity04)
    }

    pub(crate) fn info(self) -> &'static Info {
        // Every variant has its line; the test below sees to it.
        &ALL[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_variants() {
        for nettest in Nettest::all() {
            assert_eq!(nettest.info().nettest, nettest);
            assert_eq!(Nettest::parse(nettest.name()), Some(nettest));
        }
    }
}
