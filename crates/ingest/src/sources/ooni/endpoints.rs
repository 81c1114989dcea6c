//! Which address an operation spoke to, in records where only the connect says so.

use foldhash::HashMap;

use super::tcp::Connect;

/// An endpoint, as long as there is no second one.
#[derive(Clone, Copy)]
enum Endpoint<'o> {
    One(&'o str),
    Several,
}

pub struct Endpoints<'o> {
    by_transaction: HashMap<u64, (&'o str, u16)>,
    /// Successful connects by name and port.
    by_name: HashMap<(&'o str, u16), Endpoint<'o>>,
}

impl<'o> Endpoints<'o> {
    pub fn new(connects: &'o [Connect<'_>], names: &[Option<&'o str>]) -> Self {
        let mut endpoints = Self { by_transaction: HashMap::default(), by_name: HashMap::default() };
        for (connect, name) in connects.iter().zip(names) {
            let Some((ip, port)) = connect.endpoint().filter(|_| connect.failure.is_none()) else { continue };
            if let Some(id) = connect.step.transaction_id {
                endpoints.by_transaction.insert(id, (ip, port));
            }
            if let Some(name) = name {
                endpoints.add(name, ip, port);
            }
        }
        endpoints
    }

    fn add(&mut self, name: &'o str, ip: &'o str, port: u16) {
        let known = self.by_name.entry((name, port)).or_insert(Endpoint::One(ip));
        if !matches!(known, Endpoint::One(first) if *first == ip) {
            *known = Endpoint::Several;
        }
    }

    /// The endpoint of the same connection, or the only one that was reached under this name.
    pub fn find(&self, transaction_id: Option<u64>, name: Option<&str>, port: Option<u16>) -> Option<(&'o str, u16)> {
        let numbered = transaction_id.and_then(|id| self.by_transaction.get(&id)).copied();
        let (name, port) = match (name, port) {
            (Some(name), Some(port)) => (name, port),
            _ => return numbered,
        };
        numbered.or_else(|| match self.by_name.get(&(name, port)) {
            Some(Endpoint::One(ip)) => Some((ip, port)),
            _ => None,
        })
    }
}
