//! `sni_blocking`: a handshake with a helper that everybody can reach, under the name that is tested, and one under the helper's own.
//!
//! The target is the name that is tested; what was done to get to the helper, and the handshake under its own name, are
//! `sni_blocking/test_helper`. The helper holds no certificate for the tested name: that it answers is all that it can do.

use std::borrow::Cow;

use parallax_model::TargetRole;

use crate::hostname;
use crate::json::Value;
use crate::sources::ooni::context::Context;
use crate::sources::ooni::nettest::{Nettest, Shared};
use crate::sources::ooni::test_keys::Operations;
use crate::sources::ooni::tls::Handshake;
use crate::sources::ooni::writer::Writer;

pub const NETTEST: Nettest =
    Nettest { name: "sni_blocking", analysis: &["result"], shared: Shared::LeftOut, own: Some(read), ..Nettest::PLAIN };

const HELPER: &str = "sni_blocking/test_helper";

fn read<'a>(test_keys: Value<'a>, context: &Context<'a>, writer: &mut Writer<'_>) {
    let [control, target] = test_keys.fields(["control", "target"]);
    // The input is the tested name, and nobody speaks to its host.
    let helper = context.about(HELPER, TargetRole::Service).with_nameless_input();
    write_half(control, "/test_keys/control", &helper, &helper, writer);
    let name = target.get("sni").filled_text().and_then(hostname::of_input).or_else(|| context.input_host.clone());
    let Some(name) = name else { return };
    write_half(target, "/test_keys/target", &helper, &context.about(name, TargetRole::Input), writer);
}

/// The way to the helper is one target's, the handshake another's.
fn write_half<'a>(half: Value<'a>, pointer: &str, way: &Context<'a>, handshake: &Context<'a>, writer: &mut Writer<'_>) {
    if !half.is_object() {
        return;
    }
    writer.begin_part();
    let mut operations = Operations::read(half, pointer, writer);
    let mut handshakes = std::mem::take(&mut operations.handshakes);
    complete(&mut handshakes, &operations, half.get("sni"));
    operations.write(half, way, writer);
    Operations { handshakes, ..Operations::default() }.write(half, handshake, writer);
}

/// Early records name neither the server nor its address in the handshake: the one connect that succeeded says where it was made.
fn complete<'a>(handshakes: &mut [Handshake<'a>], operations: &Operations<'a>, sni: Value<'a>) {
    let mut connected = operations.connects.iter().filter(|connect| connect.failure.is_none()).filter_map(|connect| connect.endpoint());
    let only = connected.next().filter(|_| connected.next().is_none());
    let name = sni.filled_text().and_then(hostname::normalise);
    for handshake in handshakes {
        if handshake.server_name.is_none() {
            handshake.server_name = name.clone();
        }
        if handshake.endpoint.is_none() {
            handshake.endpoint = only.map(|(ip, port)| (Cow::Owned(ip.to_owned()), port));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sources::ooni::testing::{measurement, read};

    #[test]
    fn the_name_is_the_target_and_the_way_there_is_not() {
        let half = |sni: &str, failure: &str| {
            format!(
                r#"{{"sni": "{sni}", "th_address": "helper.example:443", "failure": {failure},
                    "queries": [{{"hostname": "helper.example", "query_type": "A", "engine": "system", "failure": null, "answers": [{{"answer_type": "A", "ipv4": "192.0.2.1"}}]}}],
                    "tcp_connect": [{{"ip": "192.0.2.1", "port": 443, "status": {{"failure": null, "success": true}}}}],
                    "tls_handshakes": [{{"failure": {failure}, "peer_certificates": null, "tls_version": ""}}]}}"#
            )
        };
        let (control, target) = (half("helper.example", "null"), half("blocked.example", "\"connection_reset\""));
        let test_keys = format!(r#"{{"control": {control}, "target": {target}}}"#);
        insta::assert_snapshot!(read(measurement("sni_blocking", r#""blocked.example""#, &test_keys)).show());
    }
}
