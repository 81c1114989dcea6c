//! DNS queries of a target, each with all its answers.

use std::net::IpAddr;

use foldhash::HashMap;
use parallax_model::Operation;
use parallax_model::tables::Observation;

use crate::interference::address::is_bogon;

/// One DNS query with all its answers.
pub struct Lookup<'a> {
    pub first: &'a Observation<'a>,
    pub answers: Vec<(IpAddr, &'a Observation<'a>)>,
    /// Names that were answered before the addresses.
    pub aliases: Vec<(&'a str, &'a Observation<'a>)>,
    /// Answers that came after the first ones had been taken.
    pub late: Vec<(IpAddr, &'a Observation<'a>)>,
}

impl<'a> Lookup<'a> {
    pub fn engine(&self) -> &'a str {
        self.first.dns_engine.as_deref().unwrap_or("system")
    }

    /// Whether it was the system's own resolver, which is what a user's programs ask.
    pub fn is_system(&self) -> bool {
        matches!(self.engine(), "system" | "getaddrinfo" | "golang_net_resolver" | "unknown" | "")
    }

    pub fn is_encrypted(&self) -> bool {
        matches!(self.engine(), "doh" | "dot" | "odoh" | "doh3" | "doq")
    }

    /// Asked in the clear, but not of the system's resolver.
    pub fn is_third_party(&self) -> bool {
        !self.is_system() && !self.is_encrypted()
    }

    pub fn failure(&self) -> Option<&str> {
        if self.answers.is_empty() { self.first.failure.as_deref() } else { None }
    }

    /// Whether it was answered with nothing but addresses that cannot be a public site.
    pub fn leads_nowhere(&self) -> bool {
        !self.answers.is_empty() && self.answers.iter().all(|(ip, _)| is_bogon(*ip))
    }

    /// A query for IPv6 addresses of a name that has none fails without any fault.
    pub fn only_lacks_this_type(&self) -> bool {
        self.failure() == Some("dns_no_answer")
    }
}

/// Rows of one query lie together under one number; rows without a number are each a query of their own.
pub(super) fn lookups<'a>(rows: &[&'a Observation<'a>]) -> Vec<Lookup<'a>> {
    let mut lookups: Vec<Lookup<'a>> = Vec::new();
    let mut by_number: HashMap<u32, usize> = HashMap::default();
    for row in rows.iter().filter(|row| row.operation == Operation::Dns) {
        let known = row.dns_query.and_then(|number| by_number.get(&number).copied());
        let index = known.unwrap_or_else(|| {
            lookups.push(Lookup { first: row, answers: Vec::new(), aliases: Vec::new(), late: Vec::new() });
            lookups.len() - 1
        });
        if let Some(number) = row.dns_query {
            by_number.entry(number).or_insert(index);
        }
        let Some(answer) = row.dns_answer.as_deref() else { continue };
        match answer.parse() {
            Ok(ip) if row.dns_is_late => lookups[index].late.push((ip, row)),
            Ok(ip) => lookups[index].answers.push((ip, row)),
            Err(_) if row.dns_answer_type.as_deref() == Some("CNAME") => lookups[index].aliases.push((answer, row)),
            Err(_) => {}
        }
    }
    lookups
}
