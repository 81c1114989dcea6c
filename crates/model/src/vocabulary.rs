//! The words a row may use: closed lists, each with its meaning, spelled the same in code, tables and documentation.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

use crate::column::{Column, word_column};

/// A word that is not in its list.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownWord;

/// One closed list of words: an enum whose variants carry their spelling and their meaning.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_attribute:meta])* $variant:ident = $word:literal: $meaning:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_attribute])* #[serde(rename = $word)] #[doc = $meaning] $variant,)+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// What the word means, in a sentence for the reader of a table.
            pub const fn meaning(self) -> &'static str {
                match self { $($name::$variant => $meaning,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok($name::$variant),)+ _ => Err(UnknownWord) }
            }
        }

        word_column!($name, |stored| stored.parse().unwrap_or_default());
    };
}

words! {
    /// What a verdict or a judgement says. Ordered from the weakest to the strongest claim.
    State {
        #[default]
        Insufficient = "insufficient": "too little evidence to say; never shown as ok and never as blocked",
        Ok = "ok": "reached, with nothing found",
        Impaired = "impaired": "not working, cause unclear: the evidence does not separate the network from the site",
        Down = "down": "not working, and not because of the network: the control fails as well",
        Interfered = "interfered": "tampered with on the way, and still reachable",
        LikelyBlocked = "likely_blocked": "interfered with by every sign, but no artefact settles it",
        Blocked = "blocked": "interfered with, and an artefact settles it alone: a known block page, a forged-answer address, a certificate issued to a filtering box",
    }
}

impl State {
    /// Whether this state says that somebody interfered.
    pub const fn accuses(self) -> bool {
        matches!(self, State::Interfered | State::LikelyBlocked | State::Blocked)
    }
}

words! {
    /// Where on the way to a target something happened. A verdict belongs to the layer where interference manifested.
    Layer {
        #[default]
        Dns = "dns": "the name was looked up",
        Tcp = "tcp": "a connection to an address was opened",
        Tls = "tls": "the connection was encrypted and the server proved its name",
        Quic = "quic": "the same in one step over UDP",
        Http = "http": "a page was asked for",
    }
}

words! {
    /// What a probe or a control did: the kind of an observation.
    Operation {
        #[default]
        Dns = "dns": "one answer to a DNS query, or its failure",
        Tcp = "tcp": "one TCP connect",
        Tls = "tls": "one TLS handshake",
        Quic = "quic": "one QUIC handshake",
        Http = "http": "one HTTP request and its response",
        Session = "session": "one attempt to get something larger going as a whole: a tunnel, a bootstrap, a VPN, a speed test. It belongs to no layer, since a failure of the whole does not say which part of it failed, and so it never accuses",
    }
}

impl Operation {
    /// The layer that the operation belongs to; none for a session, which is made of several.
    pub const fn layer(self) -> Option<Layer> {
        match self {
            Operation::Dns => Some(Layer::Dns),
            Operation::Tcp => Some(Layer::Tcp),
            Operation::Tls => Some(Layer::Tls),
            Operation::Quic => Some(Layer::Quic),
            Operation::Http => Some(Layer::Http),
            Operation::Session => None,
        }
    }
}

words! {
    /// Who seems to act. It stands beside the state, never inside it.
    Locus {
        #[default]
        Unknown = "unknown": "the evidence does not say who acts",
        Network = "network": "something between the volunteer and the site acts",
        Server = "server": "the site itself refuses or misbehaves; no network is accused",
    }
}

words! {
    /// Why a target was tested.
    TargetRole {
        #[default]
        Input = "input": "the name that the measurement was asked to test",
        Redirect = "redirect": "a name that the test was sent on to",
        Service = "service": "a service that an app needs",
    }
}

words! {
    /// What a control is made of.
    ControlKind {
        #[default]
        TestHelper = "test_helper": "the test helper of the same measurement tried the same from an uncensored network",
        ProvenAddress = "proven_address": "distinct networks completed a valid TLS handshake with this name on this address",
        Scanner = "scanner": "the machine of a scan from afar: it asked the same server for a harmless name, or other resolvers for the same name",
    }
}

words! {
    /// A defect of the probe or of its surroundings: an axis of its own beside the state.
    Instrument {
        #[default]
        BrokenIpv6 = "broken_ipv6": "the probe has IPv6 addresses and no IPv6 way out",
        CaptivePortal = "captive_portal": "a portal of the place where the probe sits answered instead of the site",
        Clock = "clock": "the probe's clock is wrong, so that certificates look expired or not yet valid",
        OldTrustStore = "old_trust_store": "the probe's software lacks a root certificate that verifies the site's chain",
        NoNetwork = "no_network": "the probe could reach nothing at all, not even its test helper",
        DnsCache = "dns_cache": "the operating system answered from a cache that hides the cause of a failed lookup",
        Software = "software": "this release of the probe has a known defect",
    }
}

words! {
    /// What kind of incident an event is.
    EventKind {
        #[default]
        Blocking = "blocking": "connections to targets are interfered with",
        Shutdown = "shutdown": "hardly anything was measured any more where much was measured before",
    }
}

words! {
    /// What became of an event.
    EventState {
        #[default]
        Ongoing = "ongoing": "no end has been seen",
        Ended = "ended": "what was hit works again",
        Explained = "explained": "there is an innocent explanation, so it is not shown as interference",
        Superseded = "superseded": "another event turned out to be the same incident",
        Retracted = "retracted": "the data as they are now do not show it any more",
    }
}

words! {
    /// An innocent reason for what looks like an event.
    Explanation {
        #[default]
        TargetChanged = "target_changed": "the target changed in other countries at the same time",
        SoftwareRelease = "software_release": "only one release of the probe sees it",
        OneProbe = "one_probe": "one probe, or one session, alone sees it",
        TestListEdit = "test_list_edit": "what is tested changed at that time",
        NewRuleset = "new_ruleset": "it begins where other rules or fingerprints judged",
        ControlFailing = "control_failing": "the control failed in most of the measurements",
        Ipv6Only = "ipv6_only": "only connections over IPv6 failed",
        NetworkBurst = "network_burst": "for some hours everything that the network tested failed",
        CollectorOutage = "collector_outage": "measurements went missing in many countries at once",
    }
}

words! {
    /// How much of the input a reject concerns.
    RejectScope {
        #[default]
        Record = "record": "one record could not be read and is left out",
        Part = "part": "one part of a record could not be read; the rest of the record was",
        File = "file": "the rest of a file could not be read",
    }
}
