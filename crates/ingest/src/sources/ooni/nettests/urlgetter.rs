//! `urlgetter` and `http_requests`: a URL, fetched as the input says, with nothing to compare it with.
//!
//! `urlgetter` lists requests newest first, as `web_connectivity` did, which was made of it; fetches through a tunnel were made from its
//! other end. `http_requests` (until 2017) fetched the page a second time through Tor, which is left out as well.

use crate::sources::ooni::nettest::{Nettest, Redirects};

pub const URLGETTER: Nettest =
    Nettest { name: "urlgetter", analysis: &["failure", "failed_operation"], redirects: Redirects::NewestFirst, ..Nettest::PLAIN };

pub const HTTP_REQUESTS: Nettest = Nettest {
    name: "http_requests",
    analysis: &["body_length_match", "headers_match", "control_failure", "experiment_failure"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    const CHAIN: &str = r#""requests": [
        {"failure": "connection_reset", "request": {"url": "https://www.example.org/", "method": "GET"}, "response": {}},
        {"failure": null, "request": {"url": "http://www.example.org/", "method": "GET"}, "response": {"code": 301, "headers": {"Location": "https://www.example.org/"}}}]"#;

    #[test]
    fn a_fetch_is_a_chain_of_redirects() {
        let test_keys = format!(
            r#"{{"agent": "redirect", "failed_operation": "tls_handshake", "failure": "connection_reset", "tunnel": "", "socksproxy": null, {CHAIN}}}"#
        );
        insta::assert_snapshot!(read(measurement("urlgetter", r#""http://www.example.org/""#, &test_keys)).show());
    }

    #[test]
    fn a_fetch_through_a_tunnel_was_made_from_elsewhere() {
        for tunnel in [r#""tunnel": "psiphon""#, r#""socksproxy": "127.0.0.1:9050""#] {
            let read = read(measurement("urlgetter", r#""http://www.example.org/""#, &format!("{{{tunnel}, {CHAIN}}}")));
            assert_eq!(read.observations.num_rows(), 0, "{tunnel}");
        }
    }

    #[test]
    fn the_reports_of_2012_to_2015_are_read_with_their_old_names() {
        let test_keys = r#"{"agent": "agent", "body_length_match": true, "control_failure": null, "experiment_failure": null,
            "queries": [{"addrs": ["192.0.2.1"], "query": "[Query('www.example.org', 1, 1)]", "query_type": "A", "resolver": null}],
            "requests": [
                {"request": {"url": "http://www.example.org", "method": "GET", "headers": {}, "tor": {"is_tor": false, "exit_ip": null}, "body": null},
                 "response": {"body": {"data": "PHRpdGxlPkEgcGFnZTwvdGl0bGU+", "format": "base64"}, "code": 200, "headers": {"Server": "x"}}, "response_length": null},
                {"request": {"url": "http://www.example.org", "method": "GET", "tor": {"is_tor": true}}, "response": {"code": 200}},
                {"failure": "connection_refused_error", "request": {"url": "http://www.example.org", "method": "GET", "tor": {"is_tor": false}}, "response": null}]}"#;
        insta::assert_snapshot!(read(measurement("http_requests", r#""http://www.example.org""#, test_keys)).show());
    }
}
