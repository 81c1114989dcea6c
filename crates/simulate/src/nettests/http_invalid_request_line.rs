//! http_invalid_request_line: lines that are no proper requests, to a helper that sends back every byte.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Info, Inputs, app};
use crate::ooni::Backend;
use crate::path::{For, Sender};
use crate::report::{Finished, Report};
use crate::services::HTTP_REQUEST_LINE;
use crate::truth::Outcome;
use crate::{Error, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::HttpInvalidRequestLine,
    name: "http_invalid_request_line",
    test_name: "http_invalid_request_line",
    test_version: "0.2.1",
    usual_share: 0,
    inputs: Inputs::None,
    run,
};

const PORT: u16 = 80;
/// Each line is waited for as long, since nobody says that an echo has ended; in seconds.
const PATIENCE: f64 = 5.0;

#[derive(Serialize, Default)]
struct Keys {
    failure_list: Vec<Option<&'static str>>,
    received: Vec<String>,
    sent: Vec<String>,
    tampering_list: Vec<bool>,
    tampering: bool,
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let site = app::site(report.world, HTTP_REQUEST_LINE);
    let purpose = For { site, users_way: true };
    let address = report.world.sites[site].members()[0];
    report.backend = Some(Backend::Legacy(address.to_string()));
    let (mut keys, mut reached, mut longest) = (Keys::default(), false, 0.0_f64);
    for line in lines(&mut report.path.rng) {
        let dial = report.path.connect(address, PORT, purpose);
        if dial.failure.is_some() {
            longest = longest.max(dial.seconds);
            keys.add(String::new(), String::new(), dial.failure);
            continue;
        }
        let reply = report.path.send_line(&line, purpose);
        longest = longest.max(dial.seconds + PATIENCE);
        // What a proxy answers has come as far as it was to come: nobody is kept from anything.
        reached |= reply.from != Sender::Other;
        keys.add(line, reply.received, reply.failure);
    }
    report.judge(&[site], Outcome { reached, role: "service" });
    report.finish(keys, longest)
}

/// No method that there is; four words; a method without end; no version that there is; and what only one kind of proxy understands.
fn lines(rng: &mut ChaCha8Rng) -> [String; 5] {
    let mut letters = |count: usize| -> String { (0..count).map(|_| char::from(rng.random_range(b'A'..=b'Z'))).collect() };
    [
        format!("{} / HTTP/1.1\n\r", letters(4)),
        format!("{} {} {} {}\r\n", letters(5), letters(5), letters(5), letters(5)),
        format!("{} / HTTP/1.1\r\n", letters(1024)),
        format!("GET / HTTP/{}\r\n", letters(3)),
        "GET cache_object://localhost/ HTTP/1.0\n\r".into(),
    ]
}

impl Keys {
    fn add(&mut self, sent: String, received: String, failure: Option<&'static str>) {
        // A connection that failed was never written to, and is no tampering.
        let tampering = sent != received;
        self.tampering |= tampering;
        self.tampering_list.push(tampering);
        self.failure_list.push(failure);
        self.sent.push(sent);
        self.received.push(received);
    }
}
