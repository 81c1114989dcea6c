//! The nettests: what a probe does, and what it writes down about it. One file and one line in [`ALL`] each.

pub(crate) mod app;
mod dnscheck;
mod echcheck;
mod facebook_messenger;
mod signal;
mod stunreachability;
mod telegram;
mod tor;
mod tunnels;
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
}

pub(crate) struct Info {
    nettest: Nettest,
    /// As a world file and [`Nettest::parse`] call it.
    name: &'static str,
    pub test_name: &'static str,
    pub test_version: &'static str,
    /// How often it is run in a world that does not say.
    usual_share: u32,
    /// What it can be asked to measure; for the web tests that is the world's to say.
    inputs: &'static [&'static str],
    pub run: fn(Report) -> Result<crate::report::Finished, crate::Error>,
}

/// In the order of their shares in a world file.
const ALL: &[Info] = &[
    Info {
        nettest: Nettest::WebConnectivity05,
        name: "web_connectivity_05",
        test_name: "web_connectivity",
        test_version: "0.5.28",
        usual_share: 70,
        inputs: &[],
        run: web_connectivity_05::run,
    },
    Info {
        nettest: Nettest::WebConnectivity04,
        name: "web_connectivity_04",
        test_name: "web_connectivity",
        test_version: "0.4.2",
        usual_share: 18,
        inputs: &[],
        run: web_connectivity_04::run,
    },
    Info {
        nettest: Nettest::Telegram,
        name: "telegram",
        test_name: "telegram",
        test_version: "0.3.1",
        usual_share: 3,
        inputs: &[],
        run: telegram::run,
    },
    Info {
        nettest: Nettest::Whatsapp,
        name: "whatsapp",
        test_name: "whatsapp",
        test_version: "0.11.0",
        usual_share: 3,
        inputs: &[],
        run: whatsapp::run,
    },
    Info {
        nettest: Nettest::Signal,
        name: "signal",
        test_name: "signal",
        test_version: "0.2.5",
        usual_share: 3,
        inputs: &[],
        run: signal::run,
    },
    Info {
        nettest: Nettest::FacebookMessenger,
        name: "facebook_messenger",
        test_name: "facebook_messenger",
        test_version: "0.2.1",
        usual_share: 3,
        inputs: &[],
        run: facebook_messenger::run,
    },
    Info {
        nettest: Nettest::Dnscheck,
        name: "dnscheck",
        test_name: "dnscheck",
        test_version: "0.9.2",
        usual_share: 0,
        inputs: dnscheck::URLS,
        run: dnscheck::run,
    },
    Info { nettest: Nettest::Tor, name: "tor", test_name: "tor", test_version: "0.4.0", usual_share: 0, inputs: &[], run: tor::run },
    Info {
        nettest: Nettest::VanillaTor,
        name: "vanilla_tor",
        test_name: "vanilla_tor",
        test_version: "0.2.0",
        usual_share: 0,
        inputs: &[],
        run: tunnels::vanilla_tor,
    },
    Info {
        nettest: Nettest::Psiphon,
        name: "psiphon",
        test_name: "psiphon",
        test_version: "0.6.0",
        usual_share: 0,
        inputs: &[],
        run: tunnels::psiphon,
    },
    Info {
        nettest: Nettest::Stunreachability,
        name: "stunreachability",
        test_name: "stunreachability",
        test_version: "0.4.0",
        usual_share: 0,
        inputs: stunreachability::URLS,
        run: stunreachability::run,
    },
    Info {
        nettest: Nettest::Echcheck,
        name: "echcheck",
        test_name: "echcheck",
        test_version: "0.2.0",
        usual_share: 0,
        inputs: echcheck::URLS,
        run: echcheck::run,
    },
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

    pub(crate) fn inputs(self) -> &'static [&'static str] {
        self.info().inputs
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
