//! Connects, handshakes and transactions of a target, and how far their addresses can be trusted to be the site's.

use std::cell::OnceCell;
use std::net::IpAddr;

use parallax_model::tables::Observation;

use super::is_certificate_failure;
use crate::interference::address::is_bogon;
use crate::interference::certificate::Chain;

/// How many distinct networks, beside the judged one, must have proved an address. See `docs/trust.md` for what a forger needs.
pub const NETWORKS_THAT_PROVE: usize = 2;

/// What vouches for an address, other than the lookup that gave it. Ordered from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It comes from a lookup that is itself suspicious: it says nothing about what lies behind it.
    Poisoned,
    /// Nothing speaks for it and nothing against it.
    Unvouched,
    /// No lookup was needed: the app knows its addresses, or the URL names one.
    BuiltIn,
    /// Resolvers of different kinds gave it, or others in its network, and nobody who should know was given another.
    Agreed,
    /// A resolver asked over an encrypted connection gave it, or one in its network.
    Encrypted,
    /// It lies in the network of the company whose app asks for it.
    Operator,
    /// It lies in the network of another address that distinct other networks completed valid handshakes on.
    ProvenNetwork,
    /// It lies in the network of an address that the control was given.
    ControlNetwork,
    /// Distinct other networks completed valid handshakes on it.
    Networks,
    /// The control completed a handshake with this name on it.
    ControlHandshake,
    /// The control was given it as well.
    ControlAnswer,
    /// The probe itself completed a handshake with this name on it.
    OwnHandshake,
}

/// A connect, a handshake or a transaction.
pub struct Attempt<'a> {
    pub row: &'a Observation<'a>,
    pub ip: Option<IpAddr>,
    /// Whether a user who opens the target takes this way.
    pub on_user_path: bool,
    /// Made only to check an address.
    pub is_check: bool,
    pub standing: Standing,
    /// The server that was asked need not hold the name: that it answers is all that it can do.
    pub answer_is_enough: bool,
    pub(super) chain: OnceCell<Chain>,
}

impl Attempt<'_> {
    pub fn failure(&self) -> Option<&str> {
        self.row.failure.as_deref()
    }

    /// Whether it did all that it could.
    pub fn succeeded(&self) -> bool {
        self.failure().is_none_or(|failure| self.answer_is_enough && is_certificate_failure(failure))
    }

    pub fn is_ipv6(&self) -> bool {
        self.ip.is_some_and(|ip| ip.is_ipv6())
    }

    /// Whether the address is the site's, as far as anybody can tell. A reserved address leads elsewhere in every network, even
    /// where the site itself gives it out.
    pub fn is_vouched(&self) -> bool {
        self.standing >= Standing::BuiltIn && !self.ip.is_some_and(is_bogon)
    }
}
