//! `dnscheck`: whether an encrypted resolver answers, at each of its addresses. The target is the resolver's name.
//!
//! The resolver's own name is looked up first (`bootstrap`). Then one part for each address holds the connect and the handshake
//! with the resolver, and what it was asked: that it answered at all is a session, what it answered is about another name.

use parallax_model::TargetRole;

use crate::hostname;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::dns::Query;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::parts;
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::test_keys::{Operations, write_part};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest =
    Nettest { name: "dnscheck", analysis: &["bootstrap_failure"], shared: Shared::LeftOut, own: Some(read), ..Nettest::PLAIN };

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [bootstrap, lookups, server_name] = test_keys.fields(["bootstrap", "lookups", "x_tls_server_name"]);
    let named = server_name.filled_text().and_then(hostname::normalise).map(|name| name.into_owned());
    let Some(resolver) = named.or_else(|| context.input_host.clone()) else { return };
    let context = context.about(resolver, TargetRole::Input);
    if bootstrap.is_object() {
        write_part(bootstrap, "/test_keys/bootstrap", &context, writer);
    }
    parts::each(lookups, "/test_keys/lookups", writer, |lookup, pointer, url, writer| {
        writer.begin_part();
        let mut operations = Operations::read(lookup, pointer, writer);
        let queries = std::mem::take(&mut operations.queries);
        operations.write(lookup, &context, writer);
        for query in &queries {
            session::write(&answer(query, url), &query.step.pointer, &context, writer);
        }
    });
}

/// Whether the resolver answered. That a name has no address of some kind is an answer.
fn answer<'a>(query: &Query<'a>, url: &str) -> Session<'a> {
    let protocol = match url.split_once("://") {
        Some(("https", _)) => "doh",
        Some(("dot", _)) => "dot",
        Some(("tcp", _)) => "dns_over_tcp",
        _ => "dns_over_udp",
    };
    let failure = query.failure().filter(|failure| !matches!(*failure, "dns_no_answer" | "dns_nxdomain_error"));
    Session {
        protocol,
        failure: failure.map(|failure| failure.to_owned().into()),
        t0: query.step.t0,
        t: query.step.t,
        ..Session::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_resolver_is_the_target_and_its_answers_are_sessions() {
        let test_keys = r#"{"domain": "example.org", "bootstrap_failure": null, "x_http3_enabled": false,
            "bootstrap": {"queries": [{"hostname": "dns.example", "query_type": "A", "engine": "system", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.53"}]}]},
            "lookups": {
                "https://192.0.2.53/dns-query": {"agent": "redirect", "failure": "connection_reset",
                    "queries": [{"hostname": "example.org", "query_type": "A", "engine": "doh", "failure": "connection_reset", "answers": null, "resolver_address": "https://192.0.2.53/dns-query"}],
                    "tcp_connect": [{"ip": "192.0.2.53", "port": 443, "status": {"failure": null, "success": true}, "transaction_id": 1}],
                    "tls_handshakes": [{"address": "192.0.2.53:443", "server_name": "dns.example", "failure": "connection_reset", "transaction_id": 1}],
                    "requests": [{"failure": "connection_reset", "request": {"url": "https://192.0.2.53/dns-query", "method": "POST"}, "response": {}, "transaction_id": 1}]},
                "https://192.0.2.54/dns-query": {"failure": null,
                    "queries": [{"hostname": "example.org", "query_type": "A", "engine": "doh", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.99"}]}],
                    "tls_handshakes": [{"address": "192.0.2.54:443", "server_name": "dns.example", "failure": null}]}}}"#;
        insta::assert_snapshot!(read(measurement("dnscheck", r#""https://dns.example/dns-query""#, test_keys)).show());
    }

    #[test]
    fn a_resolver_that_is_asked_by_address_may_have_a_name_all_the_same() {
        let test_keys = r#"{"x_tls_server_name": "dns.example", "lookups": {"dot://192.0.2.53:853": {"queries": [{"hostname": "example.org", "failure": "dns_nxdomain_error"}]}}}"#;
        let read = read(measurement("dnscheck", r#""dot://192.0.2.53:853""#, test_keys));
        assert_eq!((read.observed("target"), read.observed("failure")), (vec!["dns.example".to_owned()], vec!["-".to_owned()]));
        assert_eq!(read.observed("session_protocol"), ["dot"]);
    }
}
