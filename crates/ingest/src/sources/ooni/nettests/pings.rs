//! The ping family (`tcpping`, `tlsping`, `simplequicping`, `dnsping`): one operation done again and again, one part a time.
//!
//! In each part stand one lookup, connect or handshake, and what came late; in the earliest records arrays of one.

use parallax_model::TargetRole;

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::dns;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::parts;
use crate::sources::ooni::tcp;
use crate::sources::ooni::test_keys::Operations;
use crate::sources::ooni::tls::{self, Transport};
use crate::sources::ooni::writer::Writer;

pub const TCPPING: Nettest = Nettest { name: "tcpping", own: Some(read), ..Nettest::PLAIN };
pub const TLSPING: Nettest = Nettest { name: "tlsping", own: Some(read), ..Nettest::PLAIN };
pub const SIMPLEQUICPING: Nettest = Nettest { name: "simplequicping", own: Some(read), ..Nettest::PLAIN };
pub const DNSPING: Nettest = Nettest { name: "dnsping", own: Some(read), ..Nettest::PLAIN };

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    parts::each(test_keys.get("pings"), "/test_keys/pings", writer, |ping, pointer, _, writer| {
        writer.begin_part();
        let operations = operations(ping, pointer, writer);
        // The input is an endpoint or a resolver: what was tested is the name in the handshake or in the query, where there is one.
        let in_query = operations.queries.iter().find_map(|query| query.hostname.as_deref());
        let name = in_query.or_else(|| operations.handshakes.iter().find_map(|handshake| handshake.server_name.as_deref()));
        let name = name.map(str::to_owned).or_else(|| context.input_host.clone());
        match name {
            Some(name) => operations.write(ping, &context.about(name, TargetRole::Input), writer),
            None => operations.write(ping, context, writer),
        }
    });
}

fn operations<'a>(ping: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Operations<'a> {
    let [late, query, quic, connect, tls] = ping.fields(["delayed_responses", "query", "quic_handshake", "tcp_connect", "tls_handshake"]);
    let at = |name: &str| format!("{pointer}/{name}");
    let mut operations = Operations::default();
    dns::read(query, &at("query"), false, &mut operations.queries, writer);
    dns::read(late, &at("delayed_responses"), true, &mut operations.queries, writer);
    operations.connects = tcp::read(connect, &at("tcp_connect"), writer);
    tls::read(tls, &at("tls_handshake"), Transport::Tls, &mut operations.handshakes, writer);
    tls::read(quic, &at("quic_handshake"), Transport::Quic, &mut operations.handshakes, writer);
    operations
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    const CONNECT: &str = r#""tcp_connect": {"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}, "t": 0.1}"#;

    #[test]
    fn every_ping_is_an_operation() {
        let test_keys = format!(
            r#"{{"pings": [
                {{{CONNECT}, "tls_handshake": {{"address": "192.0.2.1:443", "server_name": "www.example.org", "failure": null, "t": 0.2}}, "network_events": []}},
                {{{CONNECT}, "tls_handshake": {{"address": "192.0.2.1:443", "server_name": "www.example.org", "failure": "connection_reset", "t": 1.2}}}}]}}"#
        );
        insta::assert_snapshot!(read(measurement("tlsping", r#""tlshandshake://192.0.2.1:443""#, &test_keys)).show());
    }

    #[test]
    fn a_query_is_about_its_name_and_late_answers_belong_to_it() {
        let query = r#"{"hostname": "www.example.org", "query_type": "A", "engine": "udp", "resolver_address": "192.0.2.53:53", "failure": null,
            "answers": [{"answer_type": "A", "ipv4": "192.0.2.66"}]}"#;
        let test_keys = format!(r#"{{"pings": [{{"query": {query}, "delayed_responses": [{query}]}}, {{"query": [{query}]}}]}}"#);
        let read = read(measurement("dnsping", r#""udp://192.0.2.53:53""#, &test_keys));
        assert_eq!(read.observed("target"), ["www.example.org"; 3]);
        assert_eq!(read.observed("dns_query"), ["0", "0", "2"]);
        assert_eq!(read.observed("dns_is_late"), ["false", "true", "false"]);
        assert_eq!(read.observed("json_pointer")[2], "/test_keys/pings/1/query/0/answers/0");
    }

    #[test]
    fn others_of_the_family_are_read_alike() {
        let quic = r#"{"pings": [{"quic_handshake": {"address": "192.0.2.1:443", "server_name": "www.example.org", "failure": "generic_timeout_error"}}]}"#;
        let quic = read(measurement("simplequicping", r#""quichandshake://192.0.2.1:443""#, quic));
        assert_eq!((quic.observed("operation"), quic.observed("target")), (vec!["quic".to_owned()], vec!["www.example.org".to_owned()]));
        let tcp = read(measurement("tcpping", r#""tcpconnect://www.example.org:443""#, &format!(r#"{{"pings": [{{{CONNECT}}}, {{}}]}}"#)));
        assert_eq!(
            (tcp.observed("target"), tcp.observed("hostname")),
            (vec!["www.example.org".to_owned()], vec!["www.example.org".to_owned()])
        );
    }
}
