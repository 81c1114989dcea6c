//! What vouches for each address of a target, gathered once for all its attempts.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

use foldhash::{HashMap, HashSet};
use parallax_model::Operation;
use parallax_model::tables::Observation;

use super::attempt::{Attempt, NETWORKS_THAT_PROVE, Standing};
use super::lookup::Lookup;
use super::operators;
use super::{network_of, proves};
use crate::interference::address::{is_bogon, without_translation};
use crate::interference::case::Case;
use crate::interference::control::ControlView;

/// The test that asks a helper for names which the helper does not hold.
const TEST_OF_NAMES: &str = "sni_blocking";

/// What is known about the addresses of one target. Addresses are kept as the site has them: without the prefix of a NAT64.
pub(super) struct Addresses<'a> {
    case: &'a Case<'a>,
    /// What the system's resolver gave; `None` when it was not asked.
    user: Option<BTreeSet<IpAddr>>,
    encrypted: BTreeSet<IpAddr>,
    encrypted_networks: BTreeSet<u32>,
    /// In which kinds of resolvers' answers an address is, and any address of a network.
    engines: HashMap<IpAddr, BTreeSet<&'a str>>,
    engines_of_networks: HashMap<u32, BTreeSet<&'a str>>,
    handshakes: HashSet<IpAddr>,
    control_answers: BTreeSet<IpAddr>,
    control_networks: BTreeSet<u32>,
    control_handshakes: HashSet<IpAddr>,
    control_denies_the_name: bool,
    /// Where the record says in one row whose network an address is in, that holds for all rows.
    recorded_networks: HashMap<IpAddr, u32>,
    hostname: Option<&'a str>,
    target: &'a str,
    /// Networks of the addresses that other networks proved; found when it is first asked for.
    proven_networks: OnceCell<BTreeSet<u32>>,
}

impl<'a> Addresses<'a> {
    pub(super) fn new(case: &'a Case<'a>, rows: &[&'a Observation<'a>], lookups: &[Lookup<'a>], control: &ControlView<'a>) -> Self {
        let recorded_networks = rows.iter().filter_map(|row| Some((ip_of(row)?, row.ip_asn.filter(|asn| *asn != 0)?))).collect();
        let encrypted = answers_of(lookups, Lookup::is_encrypted);
        let encrypted_networks = encrypted.iter().filter_map(|ip| network(case, &recorded_networks, *ip)).collect();
        let mut engines: HashMap<IpAddr, BTreeSet<&str>> = HashMap::default();
        let mut engines_of_networks: HashMap<u32, BTreeSet<&str>> = HashMap::default();
        for lookup in lookups {
            for ip in lookup.answers.iter().map(|(ip, _)| without_translation(*ip)).filter(|ip| !is_bogon(*ip)) {
                engines.entry(ip).or_default().insert(lookup.engine());
                if let Some(asn) = network(case, &recorded_networks, ip) {
                    engines_of_networks.entry(asn).or_default().insert(lookup.engine());
                }
            }
        }
        let succeeded = control.handshakes().filter(|row| row.failure.is_none());
        Self {
            case,
            user: lookups.iter().any(Lookup::is_system).then(|| answers_of(lookups, Lookup::is_system)),
            encrypted,
            encrypted_networks,
            engines,
            engines_of_networks,
            handshakes: rows.iter().filter(|row| row.operation == Operation::Tls && proves(row)).filter_map(|row| ip_of(row)).collect(),
            control_answers: control.addresses().map(|(ip, _)| without_translation(ip)).collect(),
            control_networks: control.addresses().filter_map(|(ip, row)| network_of(case, ip, row.ip_asn)).collect(),
            control_handshakes: succeeded.filter_map(|row| row.ip.as_deref()?.parse().ok()).map(without_translation).collect(),
            control_denies_the_name: control.dns_failure().is_some(),
            recorded_networks,
            hostname: rows.iter().find_map(|row| row.hostname.as_deref()),
            target: rows.iter().find_map(|row| row.target.as_deref()).unwrap_or_default(),
            proven_networks: OnceCell::new(),
        }
    }

    pub(super) fn attempt(&self, row: &'a Observation<'a>) -> Attempt<'a> {
        let ip = row.ip.as_deref().and_then(|ip| ip.parse().ok());
        let is_check = row.fetch_body == Some(false);
        let on_user_path = !is_check && self.is_user_address(row, ip);
        let standing = ip.map_or_else(|| self.standing_without_address(), |ip| self.standing(ip, row.hostname.as_deref()));
        let answer_is_enough = self.case.measurement.test_name == TEST_OF_NAMES;
        Attempt { row, ip, on_user_path, is_check, standing, answer_is_enough, chain: OnceCell::new() }
    }

    /// A probe may try addresses that only an encrypted resolver gave it; a user's programs never would.
    fn is_user_address(&self, row: &Observation<'_>, ip: Option<IpAddr>) -> bool {
        match (ip, &self.user) {
            _ if row.tags.iter().any(|tag| tag == "classic") => true,
            (Some(ip), Some(user)) => user.contains(&without_translation(ip)),
            _ => true,
        }
    }

    pub(super) fn standing(&self, ip: IpAddr, hostname: Option<&str>) -> Standing {
        let ip = without_translation(ip);
        let network = self.network(ip);
        let is_known_to = |networks: &BTreeSet<u32>| network.is_some_and(|asn| networks.contains(&asn));
        let name = hostname.or(self.hostname);
        if self.handshakes.contains(&ip) {
            Standing::OwnHandshake
        } else if self.control_answers.contains(&ip) {
            Standing::ControlAnswer
        } else if is_bogon(ip) || self.case.refdata.forged_answers.contains_key(&ip) {
            Standing::Poisoned
        } else if self.control_handshakes.contains(&ip) {
            Standing::ControlHandshake
        } else if self.networks_that_proved(ip, hostname) >= NETWORKS_THAT_PROVE {
            Standing::Networks
        } else if is_known_to(&self.control_networks) {
            Standing::ControlNetwork
        } else if is_known_to(self.proven_networks(name)) {
            Standing::ProvenNetwork
        } else if network.is_some_and(|asn| operators::runs(self.target, asn)) {
            Standing::Operator
        } else if self.encrypted.contains(&ip) || is_known_to(&self.encrypted_networks) {
            Standing::Encrypted
        } else if name.is_none_or(|name| name.parse::<IpAddr>().is_ok()) {
            Standing::BuiltIn
        } else if self.is_contradicted() {
            Standing::Unvouched
        } else if self.is_agreed_on(ip, network) {
            Standing::Agreed
        } else {
            Standing::Unvouched
        }
    }

    /// Networks of addresses that enough networks beside the judged one proved for a name.
    fn proven_networks(&self, hostname: Option<&str>) -> &BTreeSet<u32> {
        self.proven_networks.get_or_init(|| {
            let proven = self.case.proven.addresses_beside(self.case.measurement.probe_asn, hostname.unwrap_or_default());
            proven.filter_map(|ip| self.network(ip)).collect()
        })
    }

    /// Whether enough networks beside the judged one proved any address of the name.
    pub(super) fn is_proved(&self) -> bool {
        let name = self.hostname.unwrap_or_default();
        self.case.proven.addresses_beside(self.case.measurement.probe_asn, name).next().is_some()
    }

    /// Whether resolvers of two kinds gave the address, or addresses in the network that it lies in.
    fn is_agreed_on(&self, ip: IpAddr, network: Option<u32>) -> bool {
        let by = |engines: Option<&BTreeSet<&str>>| engines.is_some_and(|engines| engines.len() > 1);
        by(self.engines.get(&ip)) || by(network.and_then(|asn| self.engines_of_networks.get(&asn)))
    }

    /// Old records do not say which address a request went to: it is as good as the best of what the user's resolver gave.
    fn standing_without_address(&self) -> Standing {
        let nothing = BTreeSet::new();
        let user = self.user.as_ref().unwrap_or(&nothing);
        let vouched = user.iter().any(|ip| self.control_answers.contains(ip) || self.handshakes.contains(ip));
        let same_network = || user.iter().filter_map(|ip| self.network(*ip)).any(|asn| self.control_networks.contains(&asn));
        match user {
            _ if vouched => Standing::ControlAnswer,
            _ if same_network() => Standing::ControlNetwork,
            user if !user.is_empty() && user.iter().all(|ip| is_bogon(*ip)) => Standing::Poisoned,
            _ if self.hostname.is_none_or(|name| name.parse::<IpAddr>().is_ok()) => Standing::BuiltIn,
            _ => Standing::Unvouched,
        }
    }

    /// Two resolvers in the clear that agree with each other prove little where the control or an encrypted resolver was given
    /// something else: the same injector can have answered both.
    fn is_contradicted(&self) -> bool {
        !self.control_answers.is_empty() || self.control_denies_the_name || !self.encrypted.is_empty()
    }

    /// Whether the system's resolver gave this address, the control was given others, and nothing vouches for it.
    pub(super) fn is_disputed(&self, ip: IpAddr) -> bool {
        let given = self.user.as_ref().is_some_and(|user| user.contains(&without_translation(ip)));
        given
            && !self.control_answers.is_empty()
            && matches!(self.standing(ip, None), Standing::Poisoned | Standing::Unvouched | Standing::Agreed)
    }

    pub(super) fn every_user_answer_is_disputed(&self) -> bool {
        self.user.as_ref().is_some_and(|user| !user.is_empty() && user.iter().all(|ip| self.is_disputed(*ip)))
    }

    pub(super) fn agrees_with_control(&self, ip: IpAddr) -> bool {
        let ip = without_translation(ip);
        self.control_answers.contains(&ip) || self.network(ip).is_some_and(|asn| self.control_networks.contains(&asn))
    }

    pub(super) fn has_own_handshake(&self, ip: IpAddr) -> bool {
        self.handshakes.contains(&without_translation(ip))
    }

    pub(super) fn networks_that_proved(&self, ip: IpAddr, hostname: Option<&str>) -> usize {
        let name = hostname.or(self.hostname).unwrap_or_default();
        self.case.proven.networks_beside(self.case.measurement.probe_asn, name, without_translation(ip))
    }

    pub(super) fn network(&self, ip: IpAddr) -> Option<u32> {
        network(self.case, &self.recorded_networks, without_translation(ip))
    }

    pub(super) fn encrypted(&self) -> &BTreeSet<IpAddr> {
        &self.encrypted
    }

    pub(super) fn control_answers(&self) -> &BTreeSet<IpAddr> {
        &self.control_answers
    }

    pub(super) fn control_networks(&self) -> &BTreeSet<u32> {
        &self.control_networks
    }

    pub(super) fn encrypted_networks(&self) -> &BTreeSet<u32> {
        &self.encrypted_networks
    }
}

fn answers_of<'a>(lookups: &[Lookup<'a>], wanted: fn(&Lookup<'a>) -> bool) -> BTreeSet<IpAddr> {
    let answers = lookups.iter().filter(|lookup| wanted(lookup)).flat_map(|lookup| &lookup.answers);
    answers.map(|(ip, _)| without_translation(*ip)).collect()
}

fn network(case: &Case<'_>, recorded: &HashMap<IpAddr, u32>, ip: IpAddr) -> Option<u32> {
    network_of(case, ip, recorded.get(&ip).copied())
}

fn ip_of(row: &Observation<'_>) -> Option<IpAddr> {
    row.ip.as_deref().and_then(|ip| ip.parse().ok()).map(without_translation)
}
