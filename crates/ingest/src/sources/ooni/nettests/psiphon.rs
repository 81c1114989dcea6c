//! `psiphon`: whether the tunnel gets going and carries a page. What was asked for through the tunnel was seen from its other end and is
//! left out.

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest {
    name: "psiphon",
    analysis: &["failure", "failed_operation"],
    target: Some("psiphon/tunnel"),
    shared: Shared::LeftOut,
    own: Some(read),
    ..Nettest::PLAIN
};

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let Some(failure) = session::outcome(test_keys) else { return };
    let setup_time = session::seconds(test_keys.get("bootstrap_time"));
    session::write(&Session { protocol: "psiphon", failure, setup_time, ..Session::default() }, "/test_keys", context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_tunnel_counts_and_not_what_was_seen_through_it() {
        let test_keys = r#"{"agent": "redirect", "bootstrap_time": 3.5, "failure": null, "socksproxy": "127.0.0.1:1234", "tunnel": "psiphon",
            "requests": [{"failure": null, "request": {"url": "https://www.example.org/"}, "response": {"code": 200, "body": ""}}],
            "tls_handshakes": [{"server_name": "www.example.org", "failure": null}]}"#;
        insta::assert_snapshot!(read(measurement("psiphon", "null", test_keys)).show());
    }

    #[test]
    fn a_tunnel_that_carries_nothing_has_failed() {
        let test_keys = r#"{"bootstrap_time": 3.5, "failure": "generic_timeout_error", "failed_operation": "http_round_trip"}"#;
        let read = read(measurement("psiphon", "null", test_keys));
        assert_eq!(
            (read.observed("failure"), read.observed("session_setup_time")),
            (vec!["generic_timeout_error".into()], vec!["3.5".into()])
        );
    }
}
