//! `openvpn`: whether a VPN with one server of a provider gets going. The target is the provider; a server has no lasting name.
//!
//! Early records hold one attempt in `test_keys` itself, and a page that was asked for through the VPN, which is left out.

use parallax_model::{TargetRole, Text};

use crate::address::{canonical_ip, split_endpoint};
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::entries;
use crate::sources::ooni::failures::failure;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::session::{self, Session};
use crate::sources::ooni::test_keys::Operations;
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest =
    Nettest { name: "openvpn", analysis: &["success", "success_handshake"], shared: Shared::LeftOut, own: Some(read), ..Nettest::PLAIN };

/// A provider's name, in bytes.
const MAX_PROVIDER_BYTES: usize = 32;

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [handshakes, provider, connects] = test_keys.fields(["openvpn_handshake", "provider", "tcp_connect"]);
    let named = provider.text().or_else(|| handshakes.items().find_map(|handshake| handshake.get("provider").text()));
    let context = context.about(target(named, context.input_host.as_deref()), TargetRole::Service).with_nameless_input();
    let connects = crate::sources::ooni::tcp::read(connects, "/test_keys/tcp_connect", writer);
    Operations { connects, ..Operations::default() }.write(test_keys, &context, writer);
    if handshakes.is_null() {
        return write_early(test_keys, &context, writer);
    }
    entries::each(handshakes, "/test_keys/openvpn_handshake", writer, |handshake, pointer, writer| {
        session::write(&attempt(handshake), &pointer, &context, writer);
    });
}

fn attempt(handshake: Value<'_>) -> Session<'_> {
    let [failed, time, early_time, ip, port, t0, t, id, transport] =
        handshake.fields(["failure", "handshake_time", "bootstrap_time", "ip", "port", "t0", "t", "transaction_id", "transport"]);
    let failure = failure(failed);
    Session {
        protocol: "openvpn",
        endpoint: ip.text().and_then(canonical_ip).zip(port.fitting()),
        setup_time: session::seconds(time).or_else(|| session::seconds(early_time)).filter(|_| failure.is_none()),
        failure,
        tags: transport.filled_text().into_iter().collect(),
        transaction_id: id.whole_number().filter(|id| *id != 0),
        t0: t0.number(),
        t: t.number(),
        ..Session::default()
    }
}

fn write_early<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [time, handshake, remote, transport] = test_keys.fields(["bootstrap_time", "success_handshake", "remote", "transport"]);
    let succeeded = handshake.boolean() == Some(true);
    let Some(failure) = (if succeeded { Some(None) } else { session::outcome(test_keys) }) else { return };
    let session = Session {
        protocol: "openvpn",
        endpoint: remote.text().and_then(split_endpoint),
        setup_time: session::seconds(time).filter(|_| failure.is_none()),
        failure,
        tags: transport.filled_text().into_iter().collect(),
        ..Session::default()
    };
    session::write(&session, "/test_keys", context, writer);
}

/// `openvpn/riseup`: from the record's own word, or from the input, which is `openvpn://riseup.corp/?address=…`.
fn target(named: Option<&str>, input_host: Option<&str>) -> Text<'static> {
    let of_host = input_host.map(|host| host.trim_start_matches("openvpn.").trim_end_matches(".corp"));
    let is_name = |name: &&str| {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        is_plain && !name.is_empty() && name.len() <= MAX_PROVIDER_BYTES
    };
    format!("openvpn/{}", named.filter(is_name).or(of_host.filter(is_name)).unwrap_or("unknown")).into()
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn each_attempt_is_a_session_of_its_provider() {
        let test_keys = r#"{"success": false, "tunnel": "openvpn", "bootstrap_time": 0, "failure": null,
            "tcp_connect": [{"ip": "192.0.2.1", "port": 1194, "status": {"failure": null, "success": true}, "transaction_id": 1}],
            "openvpn_handshake": [{"endpoint": "openvpn://192.0.2.1:1194/tcp", "failure": "generic_timeout_error", "handshake_time": 15.0,
                "ip": "192.0.2.1", "port": 1194, "provider": "examplevpn", "transport": "tcp", "t0": 0.2, "t": 15.2, "transaction_id": 1}]}"#;
        let input = r#""openvpn://examplevpn.corp/?address=192.0.2.1:1194&transport=tcp""#;
        insta::assert_snapshot!(read(measurement("openvpn", input, test_keys)).show());
    }

    #[test]
    fn early_records_hold_one_attempt() {
        let test_keys = r#"{"remote": "192.0.2.1:443", "transport": "tcp", "bootstrap_time": 1.5, "failure": null, "success_handshake": true,
            "tcp_connect": {"ip": "192.0.2.1", "port": 443, "status": {"failure": null, "success": true}},
            "requests": [{"failure": null, "request": {"url": "https://www.example.org/"}, "response": {"code": 200}}]}"#;
        let read = read(measurement("openvpn", r#""vpn://openvpn.examplevpn/?addr=192.0.2.1:443""#, test_keys));
        assert_eq!(read.observed("target"), ["openvpn/examplevpn", "openvpn/examplevpn"]);
        assert_eq!(read.observed("operation"), ["tcp", "session"]);
        assert_eq!(read.observed("session_setup_time"), ["-", "1.5"]);
    }

    #[test]
    fn a_provider_without_a_proper_name_has_none() {
        for hostile in ["../x", "A B", &"a".repeat(40), "192.0.2.1"] {
            let read = read(measurement("openvpn", "null", &format!(r#"{{"provider": "{hostile}", "success": true}}"#)));
            assert_eq!(read.observed("target"), ["openvpn/unknown"], "{hostile}");
        }
    }
}
