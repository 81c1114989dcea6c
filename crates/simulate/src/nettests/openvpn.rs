//! openvpn: whether a VPN with one server of a provider gets going, over TCP or over UDP.

use std::net::IpAddr;

use serde::Serialize;

use super::{Info, Inputs, app};
use crate::ooni::{Null, TcpConnect, TcpStatus, endpoint, tick};
use crate::path::{Dial, For};
use crate::report::{Finished, Report};
use crate::services::OPENVPN;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::Openvpn,
    name: "openvpn",
    test_name: "openvpn",
    test_version: "0.1.3",
    usual_share: 0,
    inputs: Inputs::None,
    run,
};

const PROVIDER: &str = "riseup";
const PORT: u16 = 1194;
/// There is one attempt in a measurement.
const ATTEMPT: u32 = 1;

#[derive(Serialize)]
struct Keys {
    success: bool,
    network_events: Vec<Event>,
    tcp_connect: Vec<TcpConnect>,
    openvpn_handshake: Vec<Attempt>,
    bootstrap_time: f64,
    tunnel: &'static str,
    failure: Option<&'static str>,
}

#[derive(Serialize)]
struct Attempt {
    handshake_time: f64,
    endpoint: String,
    failure: Option<&'static str>,
    ip: IpAddr,
    port: u16,
    transport: &'static str,
    provider: &'static str,
    openvpn_options: Options,
    t0: f64,
    t: f64,
    tags: [(); 0],
    transaction_id: u32,
}

#[derive(Serialize)]
struct Options {
    auth: &'static str,
    cipher: &'static str,
}

/// A step of the handshake: another stage, or a packet.
#[derive(Serialize)]
struct Event {
    operation: &'static str,
    stage: &'static str,
    t: f64,
    tags: Vec<&'static str>,
    packet: Null,
    transaction_id: u32,
}

/// The steps of a handshake with the share of its time that has passed. Where it fails, only the first are seen.
const STEPS: [(&str, &str, f64, &str); 7] = [
    ("state", "PRE_START", 0.0, ""),
    ("packet_out", "PRE_START", 0.01, ""),
    ("state", "START", 0.3, ""),
    ("packet_out", "START", 0.32, "client_hello"),
    ("packet_in", "START", 0.6, "server_hello"),
    ("state", "SENT_KEY", 0.7, ""),
    ("state", "GENERATED_KEYS", 1.0, ""),
];
const FIRST_STEPS: usize = 2;

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let site = app::site(report.world, OPENVPN);
    let purpose = For { site, users_way: true };
    let (address, transport) = server(&report, site);
    report.input = Some(format!("openvpn://{PROVIDER}.corp/?address={}&transport={transport}", endpoint(address, PORT)));
    let over_tcp = transport == "tcp";
    let dial = match over_tcp {
        true => report.path.connect(address, PORT, purpose),
        false => report.path.datagram(address, purpose),
    };
    // Over UDP nothing is sent before the handshake, and its time is the handshake's.
    let began = if over_tcp { dial.seconds } else { 0.0 };
    let shake = if dial.failure.is_none() { report.path.tunnel_handshake(purpose) } else { Dial { seconds: dial.seconds - began, ..dial } };
    let success = shake.failure.is_none();
    report.judge(&[site], Outcome { reached: success, role: "service" });
    let keys = Keys {
        success,
        network_events: events(shake, began),
        tcp_connect: over_tcp.then(|| connect(address, dial)).into_iter().collect(),
        openvpn_handshake: vec![attempt(address, transport, shake, began)],
        bootstrap_time: if success { tick(began + shake.seconds) } else { 0.0 },
        tunnel: "openvpn",
        failure: shake.failure,
    };
    report.finish(keys, began + shake.seconds)
}

/// Probes are given one server after the other, and either transport.
fn server(report: &Report, site: usize) -> (IpAddr, &'static str) {
    let (members, number) = (report.world.sites[site].members(), report.slot.number as usize);
    (members[number % members.len()], ["tcp", "udp"][number / members.len() % 2])
}

fn connect(address: IpAddr, dial: Dial) -> TcpConnect {
    TcpConnect {
        ip: address,
        port: PORT,
        status: TcpStatus { blocked: None, failure: dial.failure, success: dial.failure.is_none() },
        t0: Some(0.0),
        t: tick(dial.seconds),
        tags: None,
        transaction_id: Some(ATTEMPT),
    }
}

fn attempt(address: IpAddr, transport: &'static str, shake: Dial, began: f64) -> Attempt {
    Attempt {
        handshake_time: tick(shake.seconds),
        endpoint: format!("openvpn://{}/{transport}", endpoint(address, PORT)),
        failure: shake.failure,
        ip: address,
        port: PORT,
        transport,
        provider: PROVIDER,
        openvpn_options: Options { auth: "SHA512", cipher: "AES-256-GCM" },
        t0: tick(began),
        t: tick(began + shake.seconds),
        tags: [],
        transaction_id: ATTEMPT,
    }
}

fn events(shake: Dial, began: f64) -> Vec<Event> {
    let made = if shake.failure.is_none() { STEPS.len() } else { FIRST_STEPS };
    let step = |(operation, stage, share, tag): (&'static str, &'static str, f64, &'static str)| Event {
        operation,
        stage,
        t: tick(began + shake.seconds * share),
        tags: Some(tag).filter(|tag| !tag.is_empty()).into_iter().collect(),
        packet: None,
        transaction_id: ATTEMPT,
    };
    STEPS.into_iter().take(made).map(step).collect()
}
