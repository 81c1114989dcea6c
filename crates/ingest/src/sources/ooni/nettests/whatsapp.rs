//! `whatsapp`: the pool of endpoints that the app speaks to, the registration service, and the web client.

use crate::sources::ooni::nettest::{Host, Nettest};

pub const NETTEST: Nettest = Nettest {
    name: "whatsapp",
    services: &[
        (Host::Numbered("e", ".whatsapp.net"), "whatsapp/endpoints_pool"),
        (Host::Exactly("v.whatsapp.net"), "whatsapp/registration"),
        (Host::Exactly("web.whatsapp.com"), "whatsapp/web"),
    ],
    analysis: &["whatsapp_endpoints_status", "registration_server_status", "whatsapp_web_status"],
    ..Nettest::PLAIN
};

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn endpoints_are_one_pool_beside_registration_and_web() {
        let record = measurement(
            "whatsapp",
            "null",
            r#"{"whatsapp_endpoints_status": "ok", "registration_server_status": "blocked", "whatsapp_web_status": "ok",
                "queries": [
                    {"hostname": "e1.whatsapp.net", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.1"}]},
                    {"hostname": "e16.whatsapp.net", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.1"}]},
                    {"hostname": "v.whatsapp.net", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.2"}]},
                    {"hostname": "web.whatsapp.com", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.2"}]}],
                "tcp_connect": [
                    {"ip": "192.0.2.1", "port": 5222, "status": {"failure": null, "success": true}},
                    {"ip": "192.0.2.2", "port": 443, "status": {"failure": null, "success": true}},
                    {"ip": "192.0.2.2", "port": 443, "status": {"failure": null, "success": true}}],
                "tls_handshakes": [
                    {"address": "192.0.2.2:443", "server_name": "web.whatsapp.com", "failure": null},
                    {"address": "192.0.2.2:443", "server_name": "v.whatsapp.net", "failure": "connection_reset"}],
                "requests": [
                    {"failure": null, "request": {"url": "https://web.whatsapp.com/"}, "response": {"code": 302, "body": "", "headers": {"Location": "https://www.whatsapp.com/"}}},
                    {"failure": null, "request": {"url": "https://www.whatsapp.com/"}, "response": {"code": 200, "body": "hello"}},
                    {"failure": "connection_reset", "request": {"url": "https://v.whatsapp.net/v2/register"}, "response": {}}]}"#,
        );
        insta::assert_snapshot!(read(record).show());
    }
}
