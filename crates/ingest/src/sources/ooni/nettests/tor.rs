//! `tor`: whether the directory authorities, and the bridges that Tor's browser brings along, can be reached. Four kinds of servers,
//! each a pool: one member that answers is enough to use Tor that way.
//!
//! Each server stands in `targets` with arrays of its own. Whether an obfs4 bridge was spoken to beyond the connect, only the
//! server's own `failure` says: it is a session.

use parallax_model::TargetRole;

use crate::address::split_endpoint;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::parts;
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::test_keys::write_part;
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest {
    name: "tor",
    analysis: &["dir_port_accessible", "obfs4_accessible", "or_port_accessible", "or_port_dirauth_accessible"],
    own: Some(read),
    ..Nettest::PLAIN
};

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    parts::each(test_keys.get("targets"), "/test_keys/targets", writer, |server, pointer, _, writer| {
        let protocol = server.get("target_protocol").text().unwrap_or_default();
        let context = context.about(pool(protocol), TargetRole::Service);
        write_part(server, pointer, &context, writer);
        if protocol == "obfs4" {
            write_bridge(server, pointer, &context, writer);
        }
    });
}

fn pool(protocol: &str) -> &'static str {
    match protocol {
        "or_port_dirauth" => "tor/or_port_dirauth",
        "or_port" => "tor/or_port",
        "dir_port" => "tor/dir_port",
        "obfs4" => "tor/obfs4",
        _ => "tor/other",
    }
}

fn write_bridge<'a>(server: Value<'a>, pointer: &str, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [failed, address] = server.fields(["failure", "target_address"]);
    let endpoint = address.text().and_then(split_endpoint);
    session::write(&Session { protocol: "obfs4", endpoint, failure: failure(failed), ..Session::default() }, pointer, context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    const BRIDGE: &str = r#"{"agent": "redirect", "failure": "generic_timeout_error", "target_address": "192.0.2.9:80", "target_protocol": "obfs4",
        "tcp_connect": [{"ip": "192.0.2.9", "port": 80, "status": {"failure": null, "success": true}, "transaction_id": 1}], "requests": null}"#;

    #[test]
    fn servers_are_pools_by_their_kind() {
        let test_keys = format!(
            r#"{{"targets": {{
                "192.0.2.1:9001": {{"failure": null, "target_address": "192.0.2.1:9001", "target_protocol": "or_port_dirauth",
                    "tcp_connect": [{{"ip": "192.0.2.1", "port": 9001, "status": {{"failure": null, "success": true}}, "transaction_id": 1}}],
                    "tls_handshakes": [{{"failure": null, "no_tls_verify": true, "tls_version": "TLSv1.3", "transaction_id": 1}}]}},
                "192.0.2.2:9030": {{"failure": "connection_refused", "target_address": "192.0.2.2:9030", "target_protocol": "dir_port",
                    "tcp_connect": [{{"ip": "192.0.2.2", "port": 9030, "status": {{"failure": "connection_refused", "success": false}}}}],
                    "requests": [{{"failure": "connection_refused", "request": {{"url": "http://192.0.2.2:9030/tor/status-vote/current/consensus.z"}}, "response": {{}}}}]}},
                "1a2b": {BRIDGE}}}}}"#
        );
        insta::assert_snapshot!(read(measurement("tor", "null", &test_keys)).show());
    }

    #[test]
    fn early_records_list_the_servers_in_an_array() {
        let read = read(measurement("tor", "null", &format!(r#"{{"targets": [{BRIDGE}, 7]}}"#)));
        assert_eq!(read.observed("target"), ["tor/obfs4", "tor/obfs4"]);
        assert_eq!(read.observed("json_pointer"), ["/test_keys/targets/0/tcp_connect/0", "/test_keys/targets/0"]);
        assert_eq!(read.reasons(), ["not_a_part"]);
    }

    #[test]
    fn connections_of_two_servers_do_not_share_a_number() {
        let read = read(measurement("tor", "null", &format!(r#"{{"targets": [{BRIDGE}, {BRIDGE}]}}"#)));
        let numbers = read.observed("transaction_id");
        assert!(numbers[0] != numbers[2], "{numbers:?}");
    }
}
