//! How many redirects lie before each operation, in records whose operations do not say so themselves.
//!
//! Up to web_connectivity 0.4 there are no `depth` tags. Its requests form a chain, newest first: the last one is for the input, each
//! was redirected to the one before it. Other operations get the depth of the first request to their host.

use foldhash::HashMap;

use super::context::Context;
use super::http::Transaction;
use super::nettest::Redirects;
use super::test_keys::Operations;

/// The depth at which each host is first asked for a page, and first over TLS.
#[derive(Default)]
pub struct HostDepths<'o> {
    any: HashMap<&'o str, u32>,
    encrypted: HashMap<&'o str, u32>,
}

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// Gives every request and query a depth.
pub fn number(operations: &mut Operations<'_>, input: Option<&str>, context: &Context<'_>) {
    number_chain(&mut operations.transactions, input, context);
    let depths = HostDepths::new(&operations.transactions);
    for query in &mut operations.queries {
        query.step.depth.get_or_insert(depths.of(query.hostname.as_deref()));
    }
    for handshake in &mut operations.handshakes {
        handshake.step.depth.get_or_insert(depths.of_encrypted(handshake.server_name.as_deref()));
    }
}

fn number_chain(transactions: &mut [Transaction<'_>], input: Option<&str>, context: &Context<'_>) {
    let is_tagged = transactions.iter().any(|transaction| transaction.step.depth.is_some());
    if is_tagged || context.nettest.redirects == Redirects::Independent {
        return;
    }
    let oldest_first = is_oldest_first(transactions, input);
    let count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    for (transaction, position) in transactions.iter_mut().zip(0_u32..) {
        transaction.step.depth = Some(if oldest_first { position } else { count - 1 - position });
    }
}

/// Whether the chain is written the other way round: it begins with the input and does not end with it.
fn is_oldest_first(transactions: &[Transaction<'_>], input: Option<&str>) -> bool {
    let is_input = |transaction: &Transaction<'_>| transaction.url.is_some_and(|url| Some(bare(url)) == input.map(bare));
    transactions.len() > 1 && transactions.first().is_some_and(is_input) && !transactions.last().is_some_and(is_input)
}

/// Some probes add the slash that a URL without a path lacks.
fn bare(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

impl<'o> HostDepths<'o> {
    pub fn new(transactions: &'o [Transaction<'_>]) -> Self {
        let mut depths = Self::default();
        for transaction in transactions {
            let Some(host) = &transaction.host else { continue };
            let depth = transaction.step.depth.unwrap_or_default();
            keep_lowest(&mut depths.any, &host.hostname, depth);
            if host.is_https {
                keep_lowest(&mut depths.encrypted, &host.hostname, depth);
            }
        }
        depths
    }

    fn of(&self, hostname: Option<&str>) -> u32 {
        hostname.and_then(|hostname| self.any.get(hostname)).copied().unwrap_or_default()
    }

    fn of_encrypted(&self, hostname: Option<&str>) -> u32 {
        hostname.and_then(|hostname| self.encrypted.get(hostname)).copied().unwrap_or_else(|| self.of(hostname))
    }

    /// The depth of a connect to a port of a host.
    pub fn of_connection(&self, hostname: Option<&str>, port: Option<u16>) -> u32 {
        if port == Some(HTTPS) { self.of_encrypted(hostname) } else { self.of(hostname) }
    }
}

fn keep_lowest<'o>(depths: &mut HashMap<&'o str, u32>, hostname: &'o str, depth: u32) {
    let lowest = depths.entry(hostname).or_insert(depth);
    *lowest = depth.min(*lowest);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    const FIRST: &str = r#"{"request": {"url": "http://example.org"}, "response": {"code": 301}}"#;
    const SECOND: &str = r#"{"request": {"url": "https://www.example.org/"}, "response": {"code": 200}}"#;

    fn depths(test_name: &str, requests: &str, rest: &str) -> Vec<String> {
        read(measurement(test_name, r#""http://example.org/""#, &format!(r#"{{"requests": [{requests}]{rest}}}"#))).observed("depth")
    }

    #[test]
    fn a_chain_is_counted_from_the_input_whichever_way_it_is_written() {
        assert_eq!(depths("web_connectivity", &format!("{SECOND}, {FIRST}"), ""), ["1", "0"]);
        assert_eq!(depths("web_connectivity", &format!("{FIRST}, {SECOND}"), ""), ["0", "1"]);
    }

    #[test]
    fn other_operations_have_the_depth_of_their_host() {
        let rest = r#", "queries": [{"hostname": "www.example.org"}, {"hostname": "example.org"}],
            "tls_handshakes": [{"server_name": "www.example.org"}]"#;
        assert_eq!(depths("web_connectivity", &format!("{SECOND}, {FIRST}"), rest), ["1", "0", "1", "1", "0"]);
    }

    #[test]
    fn requests_of_other_tests_are_no_chain() {
        assert_eq!(depths("http_requests", &format!("{SECOND}, {FIRST}"), ""), ["0", "0"]);
    }

    #[test]
    fn tags_are_believed() {
        let tagged = SECOND.replace(r#""response""#, r#""tags": ["depth=3"], "response""#);
        assert_eq!(depths("web_connectivity", &format!("{tagged}, {FIRST}"), ""), ["3", "0"]);
    }
}
