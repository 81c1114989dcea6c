//! `facebook_messenger`: lookups of, and connects to, the servers that the app speaks to. STUN is only looked up.

use crate::sources::ooni::nettest::{Host, Nettest};

pub const NETTEST: Nettest = Nettest {
    name: "facebook_messenger",
    services: &[
        (Host::Exactly("stun.fbsbx.com"), "facebook_messenger/stun"),
        (Host::Exactly("b-api.facebook.com"), "facebook_messenger/b_api"),
        (Host::Exactly("b-graph.facebook.com"), "facebook_messenger/b_graph"),
        (Host::Exactly("edge-mqtt.facebook.com"), "facebook_messenger/edge"),
        (Host::Exactly("external.xx.fbcdn.net"), "facebook_messenger/external_cdn"),
        (Host::Exactly("scontent.xx.fbcdn.net"), "facebook_messenger/scontent_cdn"),
        (Host::Exactly("star.c10r.facebook.com"), "facebook_messenger/star"),
    ],
    analysis: &["facebook_dns_blocking", "facebook_tcp_blocking"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn each_server_is_a_service() {
        let record = measurement(
            "facebook_messenger",
            "null",
            r#"{"facebook_dns_blocking": true, "facebook_tcp_blocking": null,
                "queries": [
                    {"hostname": "stun.fbsbx.com", "query_type": "A", "failure": "dns_nxdomain_error", "answers": null, "engine": "system"},
                    {"hostname": "star.c10r.facebook.com", "query_type": "A", "failure": null, "engine": "system",
                     "answers": [{"answer_type": "CNAME", "hostname": "star.c10r.facebook.com."}, {"answer_type": "A", "ipv4": "192.0.2.1"}]}],
                "tcp_connect": [{"ip": "192.0.2.1", "port": 443, "status": {"failure": "connection_refused_error", "success": false}}]}"#,
        );
        insta::assert_snapshot!(read(record).show());
    }
}
