//! `telegram`: connects and POST requests to the data centres by address, and the web client by name.
//!
//! A data centre has no name: any address that no name leads to is one, except the address that the web client had in the years
//! before the test listed its DNS lookups.

use crate::sources::ooni::nettest::{Host, Nettest};

pub const NETTEST: Nettest = Nettest {
    name: "telegram",
    services: &[
        (Host::Exactly("web.telegram.org"), "telegram/web"),
        (Host::Exactly("149.154.167.99"), "telegram/web"),
        (Host::Address, "telegram/dc_pool"),
    ],
    analysis: &["telegram_tcp_blocking", "telegram_http_blocking", "telegram_web_status"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn data_centres_are_a_pool_and_the_web_client_is_a_service() {
        let record = measurement(
            "telegram",
            "null",
            r#"{"telegram_tcp_blocking": true, "telegram_http_blocking": true, "telegram_web_status": "ok",
                "queries": [{"engine": "system", "hostname": "web.telegram.org", "query_type": "A", "failure": null,
                    "answers": [{"answer_type": "A", "ipv4": "192.0.2.10", "asn": 64510, "as_org_name": "Example"}], "t": 0.1}],
                "tcp_connect": [
                    {"ip": "149.154.175.50", "port": 443, "status": {"failure": "generic_timeout_error", "success": false}, "t": 10.1},
                    {"ip": "192.0.2.10", "port": 443, "status": {"failure": null, "success": true}, "t": 0.2}],
                "tls_handshakes": [{"address": "192.0.2.10:443", "server_name": "web.telegram.org", "failure": null, "t": 0.3}],
                "requests": [
                    {"failure": "generic_timeout_error", "request": {"method": "POST", "url": "http://149.154.175.50:443/"},
                     "response": {"code": 0, "body": "", "headers": null}, "t": 10.1},
                    {"failure": null, "request": {"method": "GET", "url": "https://web.telegram.org/"},
                     "response": {"code": 200, "body": "<title>Telegram Web</title>", "headers_list": [["Server", "x"]]}, "t": 0.4}]}"#,
        );
        insta::assert_snapshot!(read(record).show());
    }

    #[test]
    fn the_only_name_of_a_record_does_not_name_the_data_centres() {
        let record = measurement(
            "telegram",
            "null",
            r#"{"queries": [{"hostname": "web.telegram.org", "query_type": "A", "answers": null, "failure": "dns_nxdomain_error"}],
                "tcp_connect": [{"ip": "149.154.175.50", "port": 80, "status": {"failure": null, "success": true}}]}"#,
        );
        assert_eq!(read(record).observed("target"), ["telegram/web", "telegram/dc_pool"]);
    }
}
