//! http_header_field_manipulation: a request in the clear with names in odd spelling, to a helper that sends back what it was sent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Info, Inputs, app};
use crate::ooni::{ACCEPT, ACCEPT_LANGUAGE, Asked, Backend, Null, Place, Request, USER_AGENT, tick};
use crate::path::{For, Path, Transaction};
use crate::report::{Finished, Report};
use crate::services::HTTP_HEADERS;
use crate::truth::Outcome;
use crate::web_address::WebAddress;
use crate::{Error, Mechanism, Nettest};

pub(super) const INFO: Info = Info {
    nettest: Nettest::HttpHeaderFieldManipulation,
    name: "http_header_field_manipulation",
    test_name: "http_header_field_manipulation",
    test_version: "0.2.0",
    usual_share: 0,
    inputs: Inputs::None,
    run,
};

const METHOD: &str = "GeT";
const PORT: u16 = 80;
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#[derive(Serialize)]
struct Keys<'a> {
    agent: &'static str,
    failure: Option<&'static str>,
    requests: [Request<'a>; 1],
    socksproxy: Null,
    tampering: Tampering,
}

/// What the probe makes of it.
#[derive(Serialize, Default)]
struct Tampering {
    header_field_name: bool,
    header_field_number: bool,
    header_field_value: bool,
    header_name_capitalization: bool,
    header_name_diff: Vec<String>,
    request_line_capitalization: bool,
    total: bool,
}

/// A request, as it was sent or as it arrived.
#[derive(Clone)]
struct Sent {
    method: String,
    headers: Vec<(String, String)>,
}

/// What the helper sends back.
#[derive(Serialize)]
struct Echo<'a> {
    headers_dict: BTreeMap<&'a str, [&'a str; 1]>,
    request_line: String,
    request_headers: &'a [(String, String)],
}

pub(crate) fn run(mut report: Report) -> Result<Finished, Error> {
    let site = app::site(report.world, HTTP_HEADERS);
    let purpose = For { site, users_way: true };
    let address = report.world.sites[site].members()[0];
    let backend = format!("http://{address}:{PORT}");
    report.backend = Some(Backend::Legacy(backend.clone()));
    let sent = Sent::draw(&mut report.path.rng);
    let dial = report.path.connect(address, PORT, purpose);
    let (done, arrived) = match dial.failure {
        None => ask(&mut report.path, address, &sent, purpose)?,
        Some(failure) => (Transaction::failed(failure), None),
    };
    report.judge(&[site], Outcome { reached: arrived.is_some(), role: "service" });
    let seconds = dial.seconds + done.seconds;
    let (failure, written) = as_the_probe_writes_it(done);
    let asked = Asked { method: METHOD, url: backend, host: "", referer: None };
    let place = Place { ended: tick(seconds), ..Place::default() };
    let headers = sent.headers.iter().map(|(name, value)| (Cow::from(name.as_str()), Cow::from(value.as_str()))).collect();
    let keys = Keys {
        agent: "agent",
        failure,
        requests: [Request::new(asked, &written, place).with_headers(headers)],
        socksproxy: None,
        tampering: arrived.map_or_else(|| Tampering { total: true, ..Tampering::default() }, |arrived| Tampering::of(&sent, &arrived)),
    };
    report.finish(keys, seconds)
}

/// Sends the request; beside what came back, the request as it arrived, where it was the helper who answered.
fn ask(path: &mut Path, address: IpAddr, sent: &Sent, purpose: For) -> Result<(Transaction, Option<Sent>), Error> {
    let page = WebAddress { https: false, host: address.to_string(), path: "/".into() };
    let done = path.transact(address, &page, purpose);
    if !done.genuine || done.response.as_ref().is_none_or(|response| response.status != 200) {
        return Ok((done, None));
    }
    // Whoever is lost or answered before that has not met the proxy.
    let habits = path.proxy(Mechanism::HttpTamperingHeader, purpose);
    let mut arrived = habits.map_or_else(|| sent.clone(), |habits| sent.through_proxy(habits));
    if path.helper_fault(purpose).is_some() {
        arrived = arrived.through_load_balancer(address);
    }
    let echo = serde_json::to_string(&arrived.echo()).map_err(|error| Error::Record(error.into()))?;
    Ok((path.sent_back(echo), Some(arrived)))
}

/// An answer that is no success is not kept, and one that is no echo is a failure only of the test as a whole.
fn as_the_probe_writes_it(done: Transaction) -> (Option<&'static str>, Transaction) {
    match done.response.as_ref().map(|response| response.status) {
        Some(200) if done.failure.is_none() && done.genuine => (None, done),
        Some(200) if done.failure.is_none() => (Some("json_parse_error"), done),
        _ => {
            let failure = done.failure.unwrap_or("http_request_failed");
            (Some(failure), Transaction::failed(failure))
        }
    }
}

impl Sent {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let host: String = (0..15).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect();
        let headers = [
            ("Accept", ACCEPT.to_owned()),
            ("Accept-Charset", "ISO-8859-1,utf-8;q=0.7,*;q=0.3".to_owned()),
            ("Accept-Encoding", "gzip,deflate,sdch".to_owned()),
            ("Accept-Language", ACCEPT_LANGUAGE.to_owned()),
            ("Host", host + ".com"),
            ("User-Agent", USER_AGENT.to_owned()),
        ];
        Self { method: METHOD.into(), headers: headers.into_iter().map(|(name, value)| (oddly_spelled(name, rng), value)).collect() }
    }

    /// Each of these proxies spells names as it likes, says that it was there, and changes something that no server needs changed.
    fn through_proxy(&self, habits: f64) -> Self {
        let mut through = self.spelled_properly();
        match habits {
            ..0.4 => through.headers.retain(|(name, _)| name != "Accept-Charset"),
            0.4..0.7 => through.replace("User-Agent", "Mozilla/5.0 (compatible; Proxy)"),
            _ => through.replace("Accept-Language", "en"),
        }
        through.headers.push(("Via".into(), "1.1 cache".into()));
        through
    }

    /// What any load balancer does: nobody tampers with anything.
    fn through_load_balancer(&self, address: IpAddr) -> Self {
        let mut through = self.spelled_properly();
        through.replace("Host", &address.to_string());
        through.headers.push(("Connection".into(), "close".into()));
        through.headers.push(("X-Forwarded-Proto".into(), "http".into()));
        through
    }

    fn spelled_properly(&self) -> Self {
        let headers = self.headers.iter().map(|(name, value)| (properly_spelled(name), value.clone())).collect();
        Self { method: self.method.to_ascii_uppercase(), headers }
    }

    fn replace(&mut self, name: &str, value: &str) {
        self.headers.iter_mut().filter(|(known, _)| known == name).for_each(|(_, known)| *known = value.into());
    }

    fn echo(&self) -> Echo<'_> {
        Echo {
            headers_dict: self.headers.iter().map(|(name, value)| (name.as_str(), [value.as_str()])).collect(),
            request_line: format!("{} / HTTP/1.1", self.method),
            request_headers: &self.headers,
        }
    }
}

impl Tampering {
    fn of(sent: &Sent, arrived: &Sent) -> Self {
        let mut tampering = Self {
            header_field_number: sent.headers.len() != arrived.headers.len(),
            request_line_capitalization: sent.method != arrived.method,
            ..Self::default()
        };
        for (name, value) in &sent.headers {
            let Some((known, other)) = arrived.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else { continue };
            tampering.header_field_value |= other != value;
            if known != name {
                tampering.header_name_capitalization = true;
                tampering.header_name_diff.extend([name.clone(), known.clone()]);
            }
        }
        tampering
    }
}

fn oddly_spelled(name: &str, rng: &mut ChaCha8Rng) -> String {
    name.chars().map(|letter| if rng.random_bool(0.5) { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }).collect()
}

/// `Accept-Charset`
fn properly_spelled(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..].to_ascii_lowercase();
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
