//! `quicping`: packets that any QUIC server answers with the versions it speaks, without a handshake. Each is a session: it shows that
//! QUIC's packets pass, and names nothing that a censor could look for.

use std::borrow::Cow;

use crate::hostname;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::parts;
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest { name: "quicping", own: Some(read), ..Nettest::PLAIN };

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let domain = test_keys.get("domain").filled_text().and_then(hostname::normalise);
    let Some(host) = domain.or_else(|| context.input_host.clone().map(Cow::Owned)) else { return };
    parts::each(test_keys.get("pings"), "/test_keys/pings", writer, |ping, pointer, _, writer| {
        let [failed, responses, t] = ping.fields(["failure", "responses", "t"]);
        let answered = responses.items().any(|response| failure(response.get("failure")).is_none());
        let no_answer = || (!answered).then_some(Cow::Borrowed("generic_timeout_error"));
        let session = Session {
            protocol: "quic_version_negotiation",
            hostname: Some(host.clone()),
            failure: failure(failed).or_else(no_answer),
            t: t.number(),
            ..Session::default()
        };
        session::write(&session, pointer, context, writer);
    });
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn a_ping_without_an_answer_has_failed() {
        let test_keys = r#"{"domain": "www.example.org", "repetitions": 2, "unexpected_responses": null, "pings": [
            {"conn_id_dst": "00", "failure": null, "t": 1.0, "responses": [{"failure": null, "supported_versions": [1], "t": 1.1}]},
            {"conn_id_dst": "01", "failure": null, "t": 2.0, "responses": null}]}"#;
        insta::assert_snapshot!(read(measurement("quicping", r#""www.example.org""#, test_keys)).show());
    }
}
