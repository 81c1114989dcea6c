//! Sessions: what got going as a whole, or did not. One row each, for what is no lookup, connect, handshake or request: a bootstrap,
//! a tunnel, a VPN, a speed test.
//!
//! A session says that something works, or that it does not; never which part of it failed.

use std::borrow::Cow;

use parallax_model::{Operation, Text};

use super::context::Context;
use super::failures::{UNKNOWN, failure};
use super::writer::Writer;
use crate::json::Value;
use crate::text::clip;

#[derive(Default)]
pub struct Session<'a> {
    pub protocol: &'static str,
    pub hostname: Option<Text<'a>>,
    pub endpoint: Option<(Text<'a>, u16)>,
    pub failure: Option<Text<'a>>,
    pub tags: Vec<&'a str>,
    pub transaction_id: Option<u64>,
    pub t0: Option<f64>,
    pub t: Option<f64>,
    pub progress: Option<u16>,
    pub setup_time: Option<f64>,
    pub download_kbit_s: Option<f64>,
    pub upload_kbit_s: Option<f64>,
}

/// A label of a session, in bytes.
const MAX_TAG_BYTES: usize = 64;

/// How a bootstrap ended, where the record says so: by its failure, by `success`, or by the time it took. `None` where it does not.
pub fn outcome(keys: Value<'_>) -> Option<Option<Text<'_>>> {
    let [time, error, failed, success] = keys.fields(["bootstrap_time", "error", "failure", "success"]);
    let why = failure(failed).or_else(|| failure(error));
    match (why, success.boolean()) {
        (Some(why), _) => Some(Some(why)),
        (None, Some(true)) => Some(None),
        (None, Some(false)) => Some(Some(Cow::Borrowed(UNKNOWN))),
        (None, None) => seconds(time).map(|_| None),
    }
}

/// Records write 0 for what took no time because it never happened.
pub fn seconds(value: Value<'_>) -> Option<f64> {
    value.number().filter(|seconds| *seconds > 0.0)
}

pub fn write(session: &Session<'_>, pointer: &str, context: &Context<'_>, writer: &mut Writer<'_>) {
    let mut row = context.observation(Operation::Session, pointer);
    row.ip = session.endpoint.as_ref().map(|(ip, _)| Cow::Borrowed(ip.as_ref()));
    row.port = session.endpoint.as_ref().map(|(_, port)| *port);
    context.assign_target(&mut row, session.hostname.as_deref());
    row.session_protocol = Some(Cow::Borrowed(session.protocol));
    row.failure = session.failure.as_deref().map(|failure| context.scrub(failure));
    row.tags = session.tags.iter().map(|tag| Cow::Borrowed(clip(tag, MAX_TAG_BYTES))).collect();
    row.transaction_id = session.transaction_id;
    row.t0 = session.t0;
    row.t = session.t;
    row.session_progress = session.progress;
    row.session_setup_time = session.setup_time;
    row.session_download_kbit_s = session.download_kbit_s;
    row.session_upload_kbit_s = session.upload_kbit_s;
    writer.observation(&mut row);
}
