//! `stunreachability`: whether a STUN server, which calls need to find a way through home routers, answers over UDP.

use crate::hostname;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest { name: "stunreachability", analysis: &["failure"], own: Some(read), ..Nettest::PLAIN };

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [endpoint, failed] = test_keys.fields(["endpoint", "failure"]);
    let host = endpoint.text().and_then(hostname::of_host_and_port).or_else(|| context.input_host.clone());
    let Some(host) = host else { return };
    let session = Session { protocol: "stun", hostname: Some(host.into()), failure: failure(failed), ..Session::default() };
    session::write(&session, "/test_keys", context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_server_is_the_target() {
        let test_keys = r#"{"endpoint": "stun.example.org:3478", "failure": "generic_timeout_error", "network_events": [],
            "queries": [{"hostname": "stun.example.org", "query_type": "A", "failure": null, "answers": [{"answer_type": "A", "ipv4": "192.0.2.1"}]}]}"#;
        insta::assert_snapshot!(read(measurement("stunreachability", r#""stun://stun.example.org:3478""#, test_keys)).show());
    }
}
