//! Which name a connection was made for. A connect itself only knows an address, so its name is found out from its surroundings.
//!
//! In this order: the handshake or request on the same connection (`transaction_id`); for records without such numbers, the
//! handshakes on the same endpoint, where several names share the address; a request to the very address; the lookups that were
//! answered with the address, those of the same hop first; the input, on the first hop; the only name of the same hop; the only
//! name at all. A connect that remains nameless keeps its address only.

use foldhash::{HashMap, HashSet};

use super::context::Context;
use super::dns::Query;
use super::http::Transaction;
use super::tcp::Connect;
use super::test_keys::Operations;
use super::tls::Handshake;

/// Names that are remembered for one address: a page has a few, a content network in one measurement hardly more.
const MAX_NAMES_PER_ADDRESS: usize = 32;

#[derive(Default)]
pub struct Names<'o> {
    by_transaction: HashMap<u64, &'o str>,
    by_address: HashMap<&'o str, Vec<(u32, &'o str)>>,
    by_depth: HashMap<u32, OnlyOne<'o>>,
    overall: OnlyOne<'o>,
    /// Addresses that requests name instead of a host.
    literals: HashSet<&'o str>,
    /// Names in handshakes without a number, by endpoint, in order.
    unnumbered: HashMap<(&'o str, u16), Vec<&'o str>>,
}

/// A name, as long as there is no second one.
#[derive(Clone, Copy, Default)]
enum OnlyOne<'o> {
    #[default]
    None,
    One(&'o str),
    Several,
}

impl<'o> OnlyOne<'o> {
    fn add(&mut self, name: &'o str) {
        *self = match *self {
            OnlyOne::None => OnlyOne::One(name),
            OnlyOne::One(first) if first == name => OnlyOne::One(first),
            _ => OnlyOne::Several,
        };
    }

    fn name(self) -> Option<&'o str> {
        match self {
            OnlyOne::One(name) => Some(name),
            _ => None,
        }
    }
}

impl<'o> Names<'o> {
    pub fn new(operations: &'o Operations<'_>) -> Self {
        let mut names = Self::default();
        operations.queries.iter().for_each(|query| names.add_query(query));
        operations.handshakes.iter().for_each(|handshake| names.add_handshake(handshake));
        operations.transactions.iter().for_each(|transaction| names.add_transaction(transaction));
        names
    }

    fn add_query(&mut self, query: &'o Query<'_>) {
        let Some(hostname) = query.hostname.as_deref() else { return };
        let depth = query.step.depth.unwrap_or_default();
        self.by_depth.entry(depth).or_default().add(hostname);
        self.overall.add(hostname);
        for ip in query.answers.iter().filter_map(|answer| answer.ip.as_deref()) {
            let known = self.by_address.entry(ip).or_default();
            if known.len() < MAX_NAMES_PER_ADDRESS && !known.contains(&(depth, hostname)) {
                known.push((depth, hostname));
            }
        }
    }

    fn add_handshake(&mut self, handshake: &'o Handshake<'_>) {
        let Some(name) = handshake.server_name.as_deref() else { return };
        match (handshake.step.transaction_id, &handshake.endpoint) {
            (Some(id), _) => {
                self.by_transaction.insert(id, name);
            }
            (None, Some((ip, port))) => self.unnumbered.entry((ip, *port)).or_default().push(name),
            (None, None) => {}
        }
    }

    fn add_transaction(&mut self, transaction: &'o Transaction<'_>) {
        let Some(host) = &transaction.host else { return };
        if let Some(id) = transaction.step.transaction_id {
            // The handshake's name comes first: it is what the network saw.
            self.by_transaction.entry(id).or_insert(&host.hostname);
        }
        if host.hostname.parse::<std::net::IpAddr>().is_ok() {
            self.literals.insert(&host.hostname);
        }
    }

    /// The names of all connects, in their order.
    pub fn of_connects(&self, connects: &'o [Connect<'_>], context: &'o Context<'_>) -> Vec<Option<&'o str>> {
        let mut turns: HashMap<(&str, u16), usize> = HashMap::default();
        connects.iter().map(|connect| self.of_connect(connect, &mut turns, context)).collect()
    }

    fn of_connect(
        &self,
        connect: &'o Connect<'_>,
        turns: &mut HashMap<(&'o str, u16), usize>,
        context: &'o Context<'_>,
    ) -> Option<&'o str> {
        let numbered = connect.step.transaction_id.and_then(|id| self.by_transaction.get(&id)).copied();
        let ip = connect.ip.as_deref();
        let known = ip.and_then(|ip| self.by_address.get(ip)).map(Vec::as_slice).unwrap_or_default();
        numbered
            .or_else(|| if is_shared(known) { self.by_turn(connect, turns) } else { None })
            .or_else(|| ip.and_then(|ip| self.literals.get(ip)).copied())
            .or_else(|| self.by_lookup(known, connect.step.depth.unwrap_or_default(), context))
    }

    /// The first success on an endpoint was for the first handshake on it, and so on.
    fn by_turn(&self, connect: &'o Connect<'_>, turns: &mut HashMap<(&'o str, u16), usize>) -> Option<&'o str> {
        let endpoint = connect.endpoint().filter(|_| connect.failure.is_none())?;
        let turn = turns.entry(endpoint).or_default();
        *turn += 1;
        self.unnumbered.get(&endpoint)?.get(*turn - 1).copied()
    }

    fn by_lookup(&self, known: &[(u32, &'o str)], depth: u32, context: &'o Context<'_>) -> Option<&'o str> {
        let same_hop = known.iter().find(|(hop, _)| *hop == depth);
        let input = context.input_host.as_deref().filter(|_| depth == 0);
        let any_hop = known.iter().min_by_key(|(hop, _)| *hop);
        same_hop.map(|(_, name)| *name).or(input).or(any_hop.map(|(_, name)| *name)).or_else(|| self.only_name(depth, context))
    }

    /// A test of an app speaks to addresses without names, so that being the only name there proves nothing.
    fn only_name(&self, depth: u32, context: &Context<'_>) -> Option<&'o str> {
        if context.tests_services() {
            return None;
        }
        self.by_depth.get(&depth).and_then(|only| only.name()).or_else(|| self.overall.name())
    }

    /// The name of a handshake that has none of its own.
    pub fn of_handshake(&self, handshake: &'o Handshake<'_>) -> Option<&'o str> {
        let numbered = handshake.step.transaction_id.and_then(|id| self.by_transaction.get(&id)).copied();
        let looked_up = || {
            let (ip, _) = handshake.endpoint.as_ref()?;
            self.by_address.get(ip.as_ref())?.iter().min_by_key(|(hop, _)| *hop).map(|(_, name)| *name)
        };
        handshake.server_name.as_deref().or(numbered).or_else(looked_up)
    }
}

/// Whether several names were answered with one address.
fn is_shared(known: &[(u32, &str)]) -> bool {
    known.first().is_some_and(|(_, first)| known.iter().any(|(_, name)| name != first))
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    fn names_of_connects(input: &str, test_keys: &str) -> Vec<String> {
        let read = read(measurement("web_connectivity", input, test_keys));
        let operations = read.observed("operation");
        let names = read.observed("hostname");
        operations.iter().zip(names).filter(|(operation, _)| *operation == "tcp").map(|(_, name)| name).collect()
    }

    const SHARED: &str = r#""queries": [
        {"hostname": "a.example", "answers": [{"ipv4": "192.0.2.1"}], "tags": ["depth=0"]},
        {"hostname": "b.example", "answers": [{"ipv4": "192.0.2.1"}], "tags": ["depth=1"]}]"#;

    #[test]
    fn the_same_connection_says_it_best() {
        let test_keys = format!(
            r#"{{{SHARED}, "tcp_connect": [{{"ip": "192.0.2.1", "port": 443, "tags": ["depth=0"], "transaction_id": 9}}],
                "tls_handshakes": [{{"server_name": "c.example", "transaction_id": 9}}]}}"#
        );
        assert_eq!(names_of_connects("\"https://a.example/\"", &test_keys), ["c.example"]);
    }

    #[test]
    fn a_shared_address_belongs_to_the_name_of_the_same_hop() {
        let test_keys = format!(
            r#"{{{SHARED}, "tcp_connect": [{{"ip": "192.0.2.1", "port": 80, "tags": ["depth=1"], "transaction_id": 9}},
                {{"ip": "192.0.2.1", "port": 80, "tags": ["depth=0"], "transaction_id": 8}}]}}"#
        );
        assert_eq!(names_of_connects("\"https://a.example/\"", &test_keys), ["b.example", "a.example"]);
    }

    #[test]
    fn an_address_from_the_test_helper_belongs_to_the_input() {
        let test_keys = format!(r#"{{{SHARED}, "tcp_connect": [{{"ip": "192.0.2.7", "port": 80, "tags": ["depth=0"]}}]}}"#);
        assert_eq!(names_of_connects("\"https://a.example/\"", &test_keys), ["a.example"]);
        assert_eq!(names_of_connects("\"http://192.0.2.7/\"", r#"{"tcp_connect": [{"ip": "192.0.2.7", "port": 80}]}"#), ["192.0.2.7"]);
    }

    #[test]
    fn without_any_sign_a_connect_remains_nameless() {
        assert_eq!(names_of_connects("null", r#"{"tcp_connect": [{"ip": "192.0.2.7", "port": 80}]}"#), ["-"]);
    }
}
