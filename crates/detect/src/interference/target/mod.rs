//! One target of a case: what was tried on it, which of that lies on the path a user takes, and what vouches for its addresses.

mod addresses;
mod attempt;
mod lookup;
mod operators;
mod questions;
mod surroundings;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use foldhash::HashMap;
use parallax_model::evidence::Evidence;
use parallax_model::tables::{Control, Observation};
use parallax_model::{Operation, TargetRole};

use self::addresses::Addresses;
pub use self::attempt::{Attempt, NETWORKS_THAT_PROVE, Standing};
pub use self::lookup::Lookup;
use self::surroundings::Surroundings;
use super::case::Case;
use super::certificate::{self, Chain};
use super::control::ControlView;
use super::neighbours::Asked;

pub struct Target<'a> {
    pub case: &'a Case<'a>,
    pub name: &'a str,
    pub role: TargetRole,
    pub lookups: Vec<Lookup<'a>>,
    pub tcp: Vec<Attempt<'a>>,
    pub tls: Vec<Attempt<'a>>,
    pub quic: Vec<Attempt<'a>>,
    pub http: Vec<Attempt<'a>>,
    /// What got going as a whole, or did not: it belongs to no layer.
    pub sessions: Vec<Attempt<'a>>,
    pub control: ControlView<'a>,
    addresses: Addresses<'a>,
    surroundings: Surroundings<'a>,
    handshakes: Connections,
    connects: Connections,
    chains: RefCell<HashMap<Vec<String>, Chain>>,
    /// What rules have already asked of the neighbours.
    pub(super) asked: Asked,
}

/// Which connections of one kind succeeded, by what a request may know of its own. Where several could be meant, the one that proves
/// least is taken, so that the order of rows means nothing.
#[derive(Default)]
struct Connections {
    /// Indices of successes.
    by_transaction: HashMap<u64, usize>,
    by_ip: HashMap<IpAddr, usize>,
    any: Option<usize>,
}

impl Connections {
    fn of(attempts: &[Attempt<'_>]) -> Self {
        let mut connections = Self::default();
        for (index, attempt) in attempts.iter().enumerate().filter(|(_, attempt)| attempt.succeeded()) {
            let weaker = |known: &mut usize| {
                if !proves(attempt.row) {
                    *known = index;
                }
            };
            weaker(connections.any.get_or_insert(index));
            if let Some(id) = attempt.row.transaction_id {
                connections.by_transaction.entry(id).and_modify(weaker).or_insert(index);
            }
            if let Some(ip) = attempt.ip {
                connections.by_ip.entry(ip).and_modify(weaker).or_insert(index);
            }
        }
        connections
    }

    fn has_ip(&self, ip: IpAddr) -> bool {
        self.by_ip.contains_key(&ip)
    }

    /// The success that a request's bytes went over: by its number, else by its address, else any.
    fn of_request(&self, request: &Attempt<'_>) -> Option<usize> {
        match (request.row.transaction_id, request.ip) {
            (Some(id), _) if !self.by_transaction.is_empty() => self.by_transaction.get(&id).copied(),
            (_, Some(ip)) => self.by_ip.get(&ip).copied(),
            (_, None) => self.any,
        }
    }
}

impl<'a> Target<'a> {
    /// Cuts a case into its targets, in the order of their names.
    pub fn all_of(case: &'a Case<'a>) -> Vec<Target<'a>> {
        let mut rows: BTreeMap<&str, Vec<&'a Observation<'a>>> = BTreeMap::new();
        for row in &case.observations {
            if let Some(target) = row.target.as_deref() {
                rows.entry(target).or_default().push(row);
            }
        }
        let mut controls: HashMap<&str, Vec<&'a Control<'a>>> = HashMap::default();
        for row in &case.controls {
            controls.entry(row.hostname.as_deref().unwrap_or_default()).or_default().push(row);
        }
        let role = |rows: &[&Observation<'_>]| rows.iter().map(|row| row.target_role).min().unwrap_or_default();
        let (hops, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, rows)| role(rows) == TargetRole::Redirect);
        let surroundings = Surroundings::of(case);
        let mut own = |name: &str| controls.remove(name).unwrap_or_default();
        let mut targets: Vec<_> = others
            .into_iter()
            .map(|(name, rows)| Target::new(case, name, role(&rows), &rows, ControlView::new(own(name), None), surroundings.clone()))
            .collect();
        let end =
            ControlView::end_of_chain(&case.controls).filter(|_| !surroundings.led_astray && !targets.iter().any(Target::leads_astray));
        targets.extend(hops.into_iter().map(|(name, rows)| {
            let was_led_here = rows.iter().any(|row| row.depth > 0);
            let control = ControlView::new(own(name), end.filter(|_| was_led_here));
            Target::new(case, name, TargetRole::Redirect, &rows, control, surroundings.clone())
        }));
        targets.sort_by_key(|target| target.name);
        targets
    }

    fn new(
        case: &'a Case<'a>,
        name: &'a str,
        role: TargetRole,
        rows: &[&'a Observation<'a>],
        control: ControlView<'a>,
        surroundings: Surroundings<'a>,
    ) -> Self {
        let lookups = lookup::lookups(rows);
        let addresses = Addresses::new(case, rows, &lookups, &control);
        let attempts = |operation| rows.iter().filter(|row| row.operation == operation).map(|row| addresses.attempt(row)).collect();
        let (tcp, tls, quic, http): (Vec<_>, Vec<_>, Vec<_>, Vec<_>) =
            (attempts(Operation::Tcp), attempts(Operation::Tls), attempts(Operation::Quic), attempts(Operation::Http));
        let sessions = attempts(Operation::Session);
        let (handshakes, connects, chains, asked) = (Connections::of(&tls), Connections::of(&tcp), RefCell::default(), Asked::default());
        Self {
            case,
            name,
            role,
            lookups,
            tcp,
            tls,
            quic,
            http,
            sessions,
            control,
            addresses,
            surroundings,
            handshakes,
            connects,
            chains,
            asked,
        }
    }

    /// Whether visitors were sent on by somebody who need not be the site: what lies behind says nothing about this site.
    fn leads_astray(&self) -> bool {
        let is_redirect = |attempt: &Attempt<'_>| attempt.row.http_response_status_code.is_some_and(|status| (300..400).contains(&status));
        self.user_path(&self.http)
            .any(|attempt| is_redirect(attempt) && !self.is_protected(attempt) && self.came_from_disputed_lookup(attempt))
    }

    /// Lookups of the kind whose answers a user's programs take.
    pub fn user_lookups(&self) -> impl Iterator<Item = &Lookup<'a>> {
        self.lookups.iter().filter(|lookup| lookup.is_system())
    }

    pub fn third_party_lookups(&self) -> impl Iterator<Item = &Lookup<'a>> {
        self.lookups.iter().filter(|lookup| lookup.is_third_party())
    }

    pub fn encrypted_lookups(&self) -> impl Iterator<Item = &Lookup<'a>> {
        self.lookups.iter().filter(|lookup| lookup.is_encrypted())
    }

    /// Lookups in the clear, which anybody on the way can answer.
    pub fn plain_lookups(&self) -> impl Iterator<Item = &Lookup<'a>> {
        self.lookups.iter().filter(|lookup| !lookup.is_encrypted())
    }

    /// What resolvers asked over an encrypted connection gave.
    pub fn encrypted_addresses(&self) -> &BTreeSet<IpAddr> {
        self.addresses.encrypted()
    }

    /// What the control was given.
    pub fn control_addresses(&self) -> &BTreeSet<IpAddr> {
        self.addresses.control_answers()
    }

    pub fn user_path<'s>(&self, attempts: &'s [Attempt<'a>]) -> impl Iterator<Item = &'s Attempt<'a>> {
        attempts.iter().filter(|attempt| attempt.on_user_path)
    }

    /// The networks of the addresses that the control was given.
    pub fn control_networks(&self) -> &BTreeSet<u32> {
        self.addresses.control_networks()
    }

    /// The networks of the addresses that the control or an encrypted resolver was given.
    pub fn genuine_networks(&self) -> BTreeSet<u32> {
        self.addresses.control_networks().union(self.addresses.encrypted_networks()).copied().collect()
    }

    /// Whether an address is one that the control was given, or lies in the network of one.
    pub fn agrees_with_control(&self, ip: IpAddr) -> bool {
        self.addresses.agrees_with_control(ip)
    }

    /// Whether the probe, on any path, completed a handshake with this name on the address.
    pub fn has_own_handshake(&self, ip: IpAddr) -> bool {
        self.addresses.has_own_handshake(ip)
    }

    /// How many other networks proved the address.
    pub fn networks_that_proved(&self, ip: IpAddr) -> usize {
        self.addresses.networks_that_proved(ip, None)
    }

    /// Whether the probe had any working network while it measured: something, of any target, got an answer.
    pub fn something_worked(&self) -> bool {
        self.surroundings.something_worked
    }

    /// The clock of a server, as the control was told it: seconds since 1970.
    pub fn control_clock(&self) -> Option<(i64, &'a Control<'a>)> {
        self.surroundings.control_clock
    }

    /// Whether the measurement tried QUIC with several targets and never got through: then it is off for all.
    pub fn quic_is_off(&self) -> bool {
        self.surroundings.quic_is_off
    }

    /// An address that the system's resolver answered to a question about another target.
    pub fn system_answer_about_another(&self) -> Option<&'a Observation<'a>> {
        self.surroundings.system_answers.other_than(self.name)
    }

    /// A handshake that the same endpoint answered under another name.
    pub fn answered_under_another_name(&self, attempt: &Attempt<'a>) -> Option<&'a Observation<'a>> {
        let row = attempt.row;
        let (ip, port, name) = (row.ip.as_deref()?, row.port?, row.tls_server_name.as_deref()?);
        self.surroundings.answered_names.get(&(ip, port))?.other_than(name)
    }

    /// The chain of a handshake, validated here. Hostile records repeat one chain thousands of times: it is validated once.
    pub fn chain(&self, attempt: &Attempt<'a>) -> Chain {
        *attempt.chain.get_or_init(|| {
            let row = attempt.row;
            let name = row.tls_server_name.as_deref().or(row.hostname.as_deref()).unwrap_or_default();
            let key = row.tls_certificate_chain.iter().map(AsRef::as_ref).chain([name]).map(str::to_owned).collect();
            let validate = || certificate::validate(row, self.case.certificates, self.case.trust);
            *self.chains.borrow_mut().entry(key).or_insert_with(validate)
        })
    }

    /// The handshake that a transaction's bytes went through.
    pub fn handshake_of(&self, transaction: &Attempt<'a>) -> Option<&Attempt<'a>> {
        self.handshakes.of_request(transaction).map(|index| &self.tls[index])
    }

    /// Whether a transaction was asked for over TLS.
    pub fn is_encrypted(&self, transaction: &Attempt<'_>) -> bool {
        questions::is_encrypted(transaction.row)
    }

    /// Whether a transaction was protected: nobody on the way could have changed it.
    pub fn is_protected(&self, transaction: &Attempt<'a>) -> bool {
        self.is_encrypted(transaction)
            && transaction.row.tls_no_verify != Some(true)
            && self.handshake_of(transaction).is_none_or(|attempt| proves(attempt.row))
    }
}

/// A field of an observation with its value and its place in the raw record.
pub fn evidence(row: &Observation<'_>, field: &'static str, value: impl ToString) -> Evidence {
    Evidence { json_pointer: row.json_pointer.to_string(), field, value: value.to_string() }
}

/// The same for a row of the control.
pub fn control_evidence(row: &Control<'_>, field: &'static str, value: impl ToString) -> Evidence {
    Evidence { json_pointer: row.json_pointer.to_string(), field, value: value.to_string() }
}

/// Whether a failure says that the certificate, and not the connection, was the trouble.
pub fn is_certificate_failure(failure: &str) -> bool {
    matches!(failure, "ssl_unknown_authority" | "ssl_invalid_certificate" | "ssl_invalid_hostname")
}

fn proves(row: &Observation<'_>) -> bool {
    row.failure.is_none() && row.tls_no_verify != Some(true)
}

fn network_of(case: &Case<'_>, ip: IpAddr, recorded: Option<u32>) -> Option<u32> {
    recorded.filter(|asn| *asn != 0).or_else(|| case.refdata.network_of(ip).map(|network| network.asn))
}
