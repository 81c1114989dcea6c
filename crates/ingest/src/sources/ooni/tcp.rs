//! TCP connects: one row each.

use std::borrow::Cow;

use parallax_model::{Operation, Text};

use super::context::Context;
use super::entries;
use super::failures::{UNKNOWN, failure};
use super::networks::Networks;
use super::redirects::HostDepths;
use super::step::Step;
use super::writer::Writer;
use crate::address::canonical_ip;
use crate::json::Value;

pub struct Connect<'a> {
    pub step: Step<'a>,
    pub ip: Option<Text<'a>>,
    pub port: Option<u16>,
    pub failure: Option<Text<'a>>,
}

pub fn read<'a>(list: Value<'a>, pointer: &str, writer: &mut Writer<'_>) -> Vec<Connect<'a>> {
    let mut connects = Vec::new();
    entries::each(list, pointer, writer, |entry, pointer, writer| connects.push(Connect::read(entry, pointer, writer)));
    connects
}

impl<'a> Connect<'a> {
    fn read(entry: Value<'a>, pointer: String, writer: &mut Writer<'_>) -> Self {
        let [ip, port, status, t0, t, tags, transaction_id] = entry.fields(["ip", "port", "status", "t0", "t", "tags", "transaction_id"]);
        let address = ip.text().and_then(canonical_ip);
        if address.is_none() {
            writer.part(&pointer, "not_an_address", "this connect names no IP address", &ip.excerpt());
        }
        Self { step: Step::new(pointer, t0, t, tags, transaction_id), ip: address, port: port.fitting(), failure: outcome(status) }
    }

    /// Address and port, where both are known.
    pub fn endpoint(&self) -> Option<(&str, u16)> {
        Some((self.ip.as_deref()?, self.port?))
    }
}

/// How a connect ended: `{"failure": …, "success": …}`, or only whether it succeeded.
pub fn outcome(status: Value<'_>) -> Option<Text<'_>> {
    let [failed, success] = status.fields(["failure", "success"]);
    let succeeded = success.boolean().or(status.boolean());
    failure(failed).or_else(|| (succeeded == Some(false)).then_some(Cow::Borrowed(UNKNOWN)))
}

/// `names` holds the name that each connect was about.
pub fn write(
    connects: &[Connect<'_>],
    names: &[Option<&str>],
    depths: &HostDepths<'_>,
    networks: &Networks<'_>,
    context: &Context<'_>,
    writer: &mut Writer<'_>,
) {
    for (connect, name) in connects.iter().zip(names) {
        let mut row = context.observation(Operation::Tcp, &connect.step.pointer);
        connect.step.fill(&mut row);
        row.depth = connect.step.depth.unwrap_or_else(|| depths.of_connection(*name, connect.port));
        row.ip = connect.ip.as_deref().map(Cow::Borrowed);
        row.port = connect.port;
        row.failure = connect.failure.as_deref().map(|failure| context.scrub(failure));
        networks.fill(&mut row);
        context.assign_target(&mut row, *name);
        writer.observation(&mut row);
    }
}
