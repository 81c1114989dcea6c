//! What differs from nettest to nettest: which services it is about, what it writes that no other does, and where it writes its
//! conclusion.

use parallax_model::Text;

use super::context::Context;
use super::nettests;
use super::writer::Writer;
use crate::json::Value;

/// One nettest, as far as it is not like all others.
pub struct Nettest {
    /// Its name in `test_name`.
    pub name: &'static str,
    /// The targets of a test of an app: which host stands for which service. The first that fits counts. Empty for a test of
    /// websites, whose targets are the hostnames themselves.
    pub services: &'static [(Host, &'static str)],
    /// Keys of `test_keys` that hold the probe's own conclusion.
    pub analysis: &'static [&'static str],
    /// Whether the record without `depth` tags lists a chain of redirects, newest first.
    pub redirects: Redirects,
    /// What the arrays that all nettests share tell of.
    pub shared: Shared,
    /// The one target that all its rows are about, for a test of something that has no name of its own.
    pub target: Option<&'static str>,
    /// Reads what this nettest alone writes.
    pub own: Option<Own>,
    /// Tells how a request had changed when it arrived, from the request and the body of the response, for a test whose helper sends
    /// back what it was sent.
    pub echo: Option<Echo>,
}

/// Reads a nettest's own part of `test_keys`.
pub type Own = for<'a> fn(Value<'a>, &Context<'a>, &mut Writer<'_>);

/// Compares a request with the body of its response.
pub type Echo = fn(Value<'_>, &[u8]) -> Vec<Text<'static>>;

/// What the arrays that all nettests share (`queries`, `tcp_connect`, `tls_handshakes`, `requests`, …) tell of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// Of what the probe did from where it stands, unless the record says that it went through a tunnel.
    Direct,
    /// Of what was seen from the other end of a tunnel, or of nothing: they are left out.
    LeftOut,
}

/// How a host is recognised.
pub enum Host {
    Exactly(&'static str),
    /// A number between a beginning and an end: `e1.whatsapp.net`.
    Numbered(&'static str, &'static str),
    /// Any address, where the test speaks to addresses without names.
    Address,
}

/// What the order of requests without `depth` tags means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Nothing: each request stands for itself.
    Independent,
    /// Each request was made because of the next one.
    NewestFirst,
}

/// A nettest that nothing special is known about.
const ANY: Nettest = Nettest { analysis: &["failure", "success"], ..Nettest::PLAIN };

impl Nettest {
    /// What most nettests are like; each says only where it is not.
    pub const PLAIN: Nettest = Nettest {
        name: "",
        services: &[],
        analysis: &[],
        redirects: Redirects::Independent,
        shared: Shared::Direct,
        target: None,
        own: None,
        echo: None,
    };

    pub fn of(test_name: &str) -> &'static Nettest {
        nettests::ALL.iter().find(|nettest| nettest.name == test_name).unwrap_or(&&ANY)
    }

    /// The service that a host stands for.
    pub fn service(&self, host: &str) -> Option<&'static str> {
        self.services.iter().find(|(pattern, _)| pattern.fits(host)).map(|(_, service)| *service)
    }
}

impl Host {
    fn fits(&self, host: &str) -> bool {
        match self {
            Host::Exactly(name) => *name == host,
            Host::Numbered(start, end) => {
                let number = host.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
                number.is_some_and(|number| !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
            }
            Host::Address => host.parse::<std::net::IpAddr>().is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nettest_is_listed_once() {
        let mut names: Vec<_> = nettests::ALL.iter().map(|nettest| nettest.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), names.contains(&"")), (nettests::ALL.len(), false));
    }

    #[test]
    fn every_service_bears_the_name_of_its_nettest() {
        for nettest in nettests::ALL {
            for (_, service) in nettest.services {
                assert_eq!(service.split_once('/').map(|(name, _)| name), Some(nettest.name), "{service}");
            }
        }
    }

    #[test]
    fn hosts_stand_for_services() {
        for (test, host, service) in [
            ("telegram", "web.telegram.org", Some("telegram/web")),
            ("telegram", "149.154.175.50", Some("telegram/dc_pool")),
            ("whatsapp", "e16.whatsapp.net", Some("whatsapp/endpoints_pool")),
            ("whatsapp", "e.whatsapp.net", None),
            ("whatsapp", "www.whatsapp.com", None),
            ("facebook_messenger", "star.c10r.facebook.com", Some("facebook_messenger/star")),
            ("signal", "chat.signal.org", Some("signal/chat")),
            ("web_connectivity", "chat.signal.org", None),
            ("a_test_of_tomorrow", "chat.signal.org", None),
        ] {
            assert_eq!(Nettest::of(test).service(host), service, "{test} {host}");
        }
    }
}
