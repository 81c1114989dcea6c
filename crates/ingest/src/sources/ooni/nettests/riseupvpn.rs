//! `riseupvpn`: the service that hands out gateways, by name, and the gateways themselves, by address, as one pool.

use crate::sources::ooni::nettest::{Host, Nettest};

pub const NETTEST: Nettest = Nettest {
    name: "riseupvpn",
    services: &[
        (Host::Exactly("black.riseup.net"), "riseupvpn/api"),
        (Host::Exactly("api.black.riseup.net"), "riseupvpn/api"),
        (Host::Exactly("riseup.net"), "riseupvpn/api"),
        (Host::Address, "riseupvpn/gateways"),
    ],
    analysis: &["api_status", "api_failure", "ca_cert_status"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_service_has_a_name_and_gateways_have_addresses() {
        let test_keys = r#"{"api_status": "ok", "ca_cert_status": true, "failing_gateways": [{"ip": "192.0.2.8", "port": 443, "transport_type": "obfs4"}],
            "queries": [{"hostname": "black.riseup.net", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.1"}]}],
            "tcp_connect": [
                {"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}},
                {"ip": "192.0.2.7", "port": 443, "status": {"failure": null, "success": true}},
                {"ip": "192.0.2.8", "port": 443, "status": {"failure": "connection_refused", "success": false}}],
            "tls_handshakes": [{"address": "192.0.2.1:443", "server_name": "black.riseup.net", "failure": null}],
            "requests": [{"failure": null, "request": {"url": "https://black.riseup.net/ca.crt"}, "response": {"code": 200, "body": "x"}}]}"#;
        insta::assert_snapshot!(read(measurement("riseupvpn", "null", test_keys)).show());
    }
}
