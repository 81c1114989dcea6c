//! `web_connectivity`: one URL, its redirects, and what a test helper elsewhere saw of it.
//!
//! Up to version 0.4 requests have no `depth` tags and stand newest first; from 0.5 on the tags say all.

use crate::sources::ooni::nettest::{Nettest, Redirects};

pub const NETTEST: Nettest =
    Nettest { name: "web_connectivity", analysis: &["blocking", "accessible"], redirects: Redirects::NewestFirst, ..Nettest::PLAIN };

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{CERTIFICATE, measurement, read};

    /// A redirect to another host whose TLS is reset, an injected DNS answer before the genuine one, and a control.
    fn version_0_5() -> String {
        let test_keys = r#"{"blocking": "http-failure", "accessible": false, "control_failure": null,
            "x_doh": {"queries": [{"hostname": "dns.example", "answers": null, "failure": null}]},
            "queries": [
                {"answers": [{"asn": 64510, "as_org_name": "Example Hosting", "answer_type": "A", "ipv4": "192.0.2.1", "ttl": null}],
                 "engine": "udp", "failure": null, "hostname": "Example.org", "query_type": "A", "resolver_address": "192.0.2.53:53",
                 "t0": 0.01, "t": 0.02, "tags": ["depth=0"], "transaction_id": 20001},
                {"answers": null, "engine": "getaddrinfo", "failure": "dns_nxdomain_error", "hostname": "www.example.com",
                 "query_type": "ANY", "resolver_address": "192.168.1.1:53", "t": 0.5, "tags": ["classic", "depth=1"], "transaction_id": 10002}],
            "x_dns_duplicate_responses": [
                {"answers": null, "engine": "udp", "failure": null, "hostname": "example.org", "query_type": "A",
                 "raw_response": "AAGBgAABAAEAAAAAB2V4YW1wbGUDb3JnAAABAAHADAABAAEAAAA8AATAAAIJ",
                 "resolver_address": "192.0.2.53:53", "t": 0.03, "tags": ["depth=0"], "transaction_id": 20001}],
            "tcp_connect": [
                {"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}, "t0": 0.1, "t": 0.12,
                 "tags": ["classic", "tcptls_experiment", "depth=0", "fetch_body=true"], "transaction_id": 50001},
                {"ip": "192.0.2.2", "port": 80, "status": {"failure": "generic_timeout_error", "success": false}, "t": 10.1,
                 "tags": ["classic", "depth=1", "fetch_body=false"], "transaction_id": 50002}],
            "tls_handshakes": [
                {"network": "tcp", "address": "192.0.2.1:443", "cipher_suite": "TLS_AES_128_GCM_SHA256", "failure": null,
                 "negotiated_protocol": "h2", "no_tls_verify": false, "peer_certificates": [{"data": "CERTIFICATE", "format": "base64"}, "AAAA", 7],
                 "server_name": "example.org", "t0": 0.12, "t": 0.2, "tags": ["depth=0", "fetch_body=true"], "tls_version": "TLSv1.3",
                 "transaction_id": 50001}],
            "network_events": [
                {"operation": "tls_handshake_start", "failure": null, "t": 0.12, "transaction_id": 50001},
                {"address": "192.0.2.1:443", "operation": "write", "failure": null, "num_bytes": 280, "t": 0.13, "transaction_id": 50001},
                {"address": "192.0.2.1:443", "operation": "read", "failure": null, "num_bytes": 4000, "t": 0.18, "transaction_id": 50001},
                {"operation": "tls_handshake_done", "failure": null, "t": 0.2, "transaction_id": 50001},
                {"address": "192.0.2.1:443", "operation": "bytes_received_cumulative", "failure": null, "num_bytes": 9000, "t": 1.18, "transaction_id": 50001}],
            "requests": [
                {"network": "tcp", "address": "192.0.2.1:443", "alpn": "h2", "failure": null,
                 "request": {"method": "GET", "url": "https://example.org/", "tor": {"is_tor": false}, "x_transport": "tcp"},
                 "response": {"body": {"data": "PHRpdGxlPk1vdmVkPC90aXRsZT4=", "format": "base64"}, "body_is_truncated": false, "code": 301,
                              "headers_list": [["Location", "https://www.example.com/"], ["Server", {"data": "eA==", "format": "base64"}]]},
                 "t": 0.9, "tags": ["classic", "depth=0", "fetch_body=true"], "transaction_id": 50001}],
            "control": {
                "dns": {"failure": null, "addrs": ["192.0.2.1", "192.0.2.3"]},
                "ip_info": {"192.0.2.1": {"asn": 64510, "flags": 11}, "192.0.2.2": {"asn": 64511, "flags": 1}},
                "tcp_connect": {"192.0.2.1:443": {"status": true, "failure": null}, "[2001:DB8::1]:443": {"status": false, "failure": null}},
                "tls_handshake": {"192.0.2.1:443": {"server_name": "example.org", "status": true, "failure": null}},
                "quic_handshake": {},
                "http_request": {"body_length": -1, "failure": null, "title": " A &amp; B ", "headers": {"Server": "x"}, "status_code": 200},
                "http3_request": null}}"#;
        measurement("web_connectivity", r#""https://EXAMPLE.org/""#, &test_keys.replace("CERTIFICATE", CERTIFICATE))
    }

    #[test]
    fn version_0_5_says_all_in_tags() {
        insta::assert_snapshot!(read(version_0_5()).show());
    }

    #[test]
    fn until_version_0_4_requests_stand_newest_first() {
        let test_keys = r#"{"blocking": false, "accessible": true, "control_failure": null,
            "queries": [{"hostname": "example.org", "query_type": "A", "answers": [{"ipv4": "192.0.2.1", "answer_type": "A"}], "failure": null, "resolver_hostname": null}],
            "tcp_connect": [{"ip": "192.0.2.1", "port": 80, "status": {"failure": null, "success": true, "blocked": false}}],
            "requests": [
                {"failure": null, "request": {"url": "http://portal.example/", "method": "GET", "body": null}, "response": {"code": 200, "body": "<TITLE>Portal</TITLE>", "headers": {}}},
                {"failure": null, "request": {"url": "https://example.org/", "method": "GET", "body": null}, "response": {"code": 302, "body": null, "headers": {"Location": "http://portal.example/"}}},
                {"failure": null, "request": {"url": "http://example.org", "method": "GET", "body": null}, "response": {"code": 301, "body": null, "response_line": "HTTP/1.1 301 Moved", "headers": {"Location": "https://example.org/"}}}],
            "control": {"tcp_connect": {"192.0.2.1:80": {"status": true, "failure": null}},
                "dns": {"failure": null, "addrs": ["alias.example", "192.0.2.1"]},
                "http_request": {"body_length": -1, "failure": "dns_lookup_error", "title": "", "headers": {}, "status_code": -1}}}"#;
        insta::assert_snapshot!(read(measurement("web_connectivity", r#""http://example.org/""#, test_keys)).show());
    }

    #[test]
    fn a_late_answer_bears_the_number_of_its_query() {
        let read = read(version_0_5());
        assert_eq!(read.observed("dns_query")[..3], ["0", "1", "0"]);
        assert_eq!(read.observed("dns_is_late")[..3], ["false", "false", "true"]);
        assert_eq!(read.observed("dns_answer")[2], "192.0.2.9");
    }

    #[test]
    fn a_redirect_to_the_same_host_is_the_same_target() {
        let requests = r#"{"requests": [{"failure": null, "request": {"url": "https://example.org/"}, "response": {"code": 200}},
            {"failure": null, "request": {"url": "http://example.org/"}, "response": {"code": 301}}]}"#;
        let read = read(measurement("web_connectivity", r#""http://example.org/""#, requests));
        assert_eq!(read.observed("target_role"), ["input", "input"]);
        assert_eq!(read.observed("depth"), ["1", "0"]);
    }
}
