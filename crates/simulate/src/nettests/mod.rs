//! The nettests: what a probe does, and what it writes down about it. One file and one line in [`ALL`] each.

pub(crate) mod app;
mod facebook_messenger;
mod signal;
mod telegram;
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
}

pub(crate) struct Info {
    nettest: Nettest,
    /// As a world file and [`Nettest::parse`] call it.
    name: &'static str,
    pub test_name: &'static str,
    pub test_version: &'static str,
    pub run: fn(Report) -> Result<crate::report::Finished, crate::Error>,
}

/// In the order of their shares in a world file.
const ALL: &[Info] = &[
    Info {
        nettest: Nettest::WebConnectivity05,
        name: "web_connectivity_05",
        test_name: "web_connectivity",
        test_version: "0.5.28",
        run: web_connectivity_05::run,
    },
    Info {
        nettest: Nettest::WebConnectivity04,
        name: "web_connectivity_04",
        test_name: "web_connectivity",
        test_version: "0.4.2",
        run: web_connectivity_04::run,
    },
    Info { nettest: Nettest::Telegram, name: "telegram", test_name: "telegram", test_version: "0.3.1", run: telegram::run },
    Info { nettest: Nettest::Whatsapp, name: "whatsapp", test_name: "whatsapp", test_version: "0.11.0", run: whatsapp::run },
    Info { nettest: Nettest::Signal, name: "signal", test_name: "signal", test_version: "0.2.5", run: signal::run },
    Info {
        nettest: Nettest::FacebookMessenger,
        name: "facebook_messenger",
        test_name: "facebook_messenger",
        test_version: "0.2.1",
        run: facebook_messenger::run,
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
