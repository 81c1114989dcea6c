//! `signal`: the servers that the app speaks to. Their certificates are signed by Signal's own authority, not by one of the web's.
//!
//! `uptime.signal.org` is only looked up: the answer tells the test whether Signal itself says that it is down.

use crate::sources::ooni::nettest::{Host, Nettest};

pub const NETTEST: Nettest = Nettest {
    name: "signal",
    services: &[
        (Host::Exactly("textsecure-service.whispersystems.org"), "signal/chat"),
        (Host::Exactly("chat.signal.org"), "signal/chat"),
        (Host::Exactly("storage.signal.org"), "signal/storage"),
        (Host::Exactly("cdn.signal.org"), "signal/cdn"),
        (Host::Exactly("cdn2.signal.org"), "signal/cdn2"),
        (Host::Exactly("cdn3.signal.org"), "signal/cdn3"),
        (Host::Exactly("sfu.voip.signal.org"), "signal/sfu"),
        (Host::Exactly("api.directory.signal.org"), "signal/contact_discovery"),
        (Host::Exactly("cdsi.signal.org"), "signal/contact_discovery"),
        (Host::Exactly("api.backup.signal.org"), "signal/key_backup"),
        (Host::Exactly("svr2.signal.org"), "signal/key_backup"),
        (Host::Exactly("uptime.signal.org"), "signal/uptime"),
    ],
    analysis: &["signal_backend_status", "signal_backend_failure"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn each_server_is_a_service() {
        let record = measurement(
            "signal",
            "null",
            r#"{"signal_backend_status": "blocked", "signal_backend_failure": "connection_reset",
                "queries": [
                    {"hostname": "chat.signal.org", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.1"}], "engine": "system"},
                    {"hostname": "uptime.signal.org", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "127.0.0.1"}], "engine": "system"}],
                "tcp_connect": [{"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}, "t": 0.2}],
                "tls_handshakes": [{"network": "", "address": "192.0.2.1:443", "server_name": "chat.signal.org", "failure": "connection_reset", "t": 0.4}],
                "network_events": [
                    {"address": "192.0.2.1:443", "operation": "connect", "failure": null, "proto": "tcp", "t": 0.2},
                    {"address": "192.0.2.1:443", "operation": "write", "failure": null, "num_bytes": 280, "proto": "tcp", "t": 0.25},
                    {"address": "192.0.2.1:443", "operation": "read", "failure": "connection_reset", "proto": "tcp", "t": 0.39}],
                "requests": [{"failure": "connection_reset", "request": {"url": "https://chat.signal.org/", "method": "GET"}, "response": {"code": 0, "headers_list": null, "headers": null, "body": ""}}]}"#,
        );
        insta::assert_snapshot!(read(record).show());
    }
}
