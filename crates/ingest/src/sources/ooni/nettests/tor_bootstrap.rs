//! `vanilla_tor` and `torsf`: whether Tor itself gets going, without help and behind the snowflake transport.
//!
//! One session each, with how far the bootstrap got. Which server it failed at, the record does not say.

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::writer::Writer;

pub const VANILLA_TOR: Nettest = Nettest {
    name: "vanilla_tor",
    analysis: &["success", "tor_progress_tag"],
    target: Some("tor/bootstrap"),
    shared: Shared::LeftOut,
    own: Some(|test_keys, context, writer| read("tor", test_keys, context, writer)),
    ..Nettest::PLAIN
};

pub const TORSF: Nettest = Nettest {
    name: "torsf",
    analysis: &["success", "rendezvous_method", "tor_progress_tag"],
    target: Some("tor/snowflake"),
    shared: Shared::LeftOut,
    own: Some(|test_keys, context, writer| read("snowflake", test_keys, context, writer)),
    ..Nettest::PLAIN
};

/// All of a bootstrap, in percent.
const DONE: u16 = 100;

fn read<'a>(protocol: &'static str, test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let Some(failure) = session::outcome(test_keys) else { return };
    let [time, progress] = test_keys.fields(["bootstrap_time", "tor_progress"]);
    let session = Session {
        protocol,
        failure,
        progress: progress.fitting().filter(|percent| *percent <= DONE),
        setup_time: session::seconds(time),
        ..Session::default()
    };
    session::write(&session, "/test_keys", context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn a_bootstrap_is_one_session() {
        let stuck = r#"{"bootstrap_time": 0, "error": "timeout-reached", "failure": "generic_timeout_error", "success": false, "timeout": 200,
            "tor_logs": ["[notice] Bootstrapped 5% (conn): Connecting to a relay"], "tor_progress": 5, "tor_progress_tag": "conn",
            "transport_name": "vanilla"}"#;
        insta::assert_snapshot!(read(measurement("vanilla_tor", "null", stuck)).show());
        let done = r#"{"bootstrap_time": 78.5, "failure": null, "success": true, "tor_progress": 100, "rendezvous_method": "amp"}"#;
        insta::assert_snapshot!(read(measurement("torsf", "null", done)).show());
    }

    #[test]
    fn early_records_say_less() {
        let outcome = |test_keys: &str| read(measurement("torsf", "null", test_keys)).observed("failure");
        assert_eq!(outcome(r#"{"bootstrap_time": 78.5, "failure": null}"#), ["-"]);
        assert_eq!(outcome(r#"{"error": "timeout-reached", "success": false, "tor_progress": 80}"#), ["generic_timeout_error"]);
        assert_eq!(outcome(r#"{"bootstrap_time": 0, "failure": null}"#), [""; 0]);
        assert_eq!(outcome("{}"), [""; 0]);
    }
}
