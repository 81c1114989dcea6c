//! `echcheck`: handshakes with one server, with an encrypted client hello and without.
//!
//! Until version 0.1 there are two, in keys of their own: `control` without, `target` with one made of random bytes.

use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::nettest::Nettest;
use crate::sources::ooni::test_keys::Operations;
use crate::sources::ooni::tls::{self, Ech, Transport};
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest = Nettest { name: "echcheck", own: Some(read), ..Nettest::PLAIN };

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [control, target] = test_keys.fields(["control", "target"]);
    let mut handshakes = Vec::new();
    tls::read(control, "/test_keys/control", Transport::Tls, &mut handshakes, writer);
    let plain = handshakes.len();
    tls::read(target, "/test_keys/target", Transport::Tls, &mut handshakes, writer);
    handshakes.iter_mut().skip(plain).for_each(|handshake| handshake.ech = Some(Ech::Grease));
    Operations { handshakes, ..Operations::default() }.write(Value::NULL, context, writer);
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn a_handshake_says_how_its_name_was_hidden() {
        let test_keys = r#"{"tls_handshakes": [
                {"address": "192.0.2.1:443", "server_name": "www.example.org", "failure": null, "no_tls_verify": true, "t": 0.2},
                {"address": "192.0.2.1:443", "server_name": "www.example.org", "echconfig": "GREASE", "outer_server_name": "www.example.org", "failure": null, "no_tls_verify": true, "t": 0.3},
                {"address": "192.0.2.1:443", "server_name": "www.example.org", "echconfig": "AEX+DQBB", "outer_server_name": "public.example", "failure": "connection_reset", "t": 0.4}],
            "tcp_connect": [{"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}, "t": 0.1}]}"#;
        insta::assert_snapshot!(read(measurement("echcheck", r#""https://www.example.org/""#, test_keys)).show());
    }

    #[test]
    fn early_records_hold_two_handshakes() {
        let handshake =
            |failure: &str| format!(r#"{{"address": "192.0.2.1:443", "server_name": "www.example.org", "failure": {failure}}}"#);
        let test_keys = format!(r#"{{"control": {}, "target": {}}}"#, handshake("null"), handshake("\"eof_error\""));
        let read = read(measurement("echcheck", r#""https://www.example.org/""#, &test_keys));
        assert_eq!(
            (read.observed("tls_ech"), read.observed("failure")),
            (vec!["-".into(), "grease".into()], vec!["-".into(), "eof_error".into()])
        );
        assert_eq!(read.observed("json_pointer"), ["/test_keys/control", "/test_keys/target"]);
    }
}
