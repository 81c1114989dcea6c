//! The log of one measurement: does what a nettest wants over a [`Path`], and writes down what a probe would have written.
//!
//! The newer format numbers its transactions, tags every record and has the time when it began; the older one has neither.

use std::net::IpAddr;

use crate::ooni::{Answer, Asked, NetworkEvent, Place, Query, Request, Tags, TcpConnect, TcpStatus, TlsHandshake, endpoint, tick};
use crate::path::{Dial, For, Handshake, Lookup, NO_ANSWER, NXDOMAIN, Path, Resolver, Transaction};
use crate::web_address::WebAddress;

/// Whom the probe asks when it asks a public resolver.
const UDP_RESOLVER: &str = "1.1.1.1:53";
const DOH_RESOLVER: &str = "https://dns.google/dns-query";
/// The sizes of what a handshake sends and receives.
const CLIENT_HELLO_BYTES: u64 = 517;
const SERVER_HELLO_BYTES: u64 = 2_480;
/// A binding request of STUN without attributes (RFC 8489, section 5).
const STUN_BYTES: u64 = 20;
/// How often the newer format looks at how much has come in, in seconds.
const SNAPSHOT_SECONDS: f64 = 0.25;
const MAX_SNAPSHOTS: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Transactions, tags, beginnings.
    Tagged,
    /// Only when each thing ended.
    Plain,
}

/// A request, before it is written: what was asked for and what came of it.
pub(crate) struct Exchange {
    pub method: &'static str,
    pub url: String,
    pub host: String,
    pub referer: Option<String>,
    pub outcome: Result<Transaction, &'static str>,
    pub connection: Option<(IpAddr, u16)>,
    pub place: Place,
}

pub(crate) struct Log<'w> {
    format: Format,
    pub queries: Vec<Query<'w>>,
    pub late_queries: Vec<Query<'w>>,
    pub tcp_connect: Vec<TcpConnect>,
    pub tls_handshakes: Vec<TlsHandshake<'w>>,
    pub quic_handshakes: Vec<TlsHandshake<'w>>,
    pub exchanges: Vec<Exchange>,
    pub network_events: Vec<NetworkEvent>,
}

/// Where in a measurement something is done: its transaction, its tags, and when it begins.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub transaction_id: u32,
    pub tags: Tags,
    pub seconds: f64,
}

impl At {
    /// For the older format, where only the time counts.
    pub fn time(seconds: f64) -> Self {
        Self { transaction_id: 0, tags: Tags::default(), seconds }
    }

    pub fn later(self, seconds: f64) -> Self {
        Self { seconds: self.seconds + seconds, ..self }
    }
}

impl<'w> Log<'w> {
    pub fn new(format: Format) -> Self {
        Self {
            format,
            queries: Vec::new(),
            late_queries: Vec::new(),
            tcp_connect: Vec::new(),
            tls_handshakes: Vec::new(),
            quic_handshakes: Vec::new(),
            exchanges: Vec::new(),
            network_events: Vec::new(),
        }
    }

    pub fn resolve(&mut self, path: &mut Path<'w>, site: usize, resolver: Resolver, at: At) -> Lookup {
        let found = path.resolve(site, resolver);
        let place = self.place(at, found.seconds);
        let answers = |addresses: &[IpAddr]| addresses.iter().map(|address| Answer::new(&path.world.addresses, *address)).collect();
        let types: &[&'static str] = match (resolver, self.format) {
            (Resolver::System, Format::Tagged) => &["ANY"],
            (Resolver::System, Format::Plain) => &["A", "AAAA"],
            _ => &["A", "AAAA"],
        };
        for query_type in types {
            let addresses = match *query_type {
                "ANY" => found.addresses().collect(),
                "A" => found.v4.clone(),
                _ => found.v6.clone(),
            };
            let failure = found.failure.or(addresses.is_empty().then_some(NO_ANSWER));
            let host = &path.world.sites[site].host;
            self.queries.push(query(host, query_type, resolver, self.format, failure, answers(&addresses), place));
        }
        if !found.late.is_empty() {
            let host = &path.world.sites[site].host;
            let later = self.place(at, found.seconds * 2.5);
            self.late_queries.push(query(host, "A", resolver, self.format, None, answers(&found.late), later));
        }
        self.event(at.seconds, 0.0, "resolve_start", None, None, None, at);
        self.event(at.seconds + found.seconds, 0.0, "resolve_done", None, None, found.failure, at);
        found
    }

    pub fn connect(&mut self, path: &mut Path<'w>, address: IpAddr, port: u16, purpose: For, at: At) -> Dial {
        let dial = path.connect(address, port, purpose);
        let place = self.place(at, dial.seconds);
        let blocked = Some(false).filter(|_| self.format == Format::Plain && dial.failure.is_none());
        self.tcp_connect.push(TcpConnect {
            ip: address,
            port,
            status: TcpStatus { blocked, failure: dial.failure, success: dial.failure.is_none() },
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            transaction_id: place.transaction_id,
        });
        self.event(at.seconds, dial.seconds, "connect", Some(endpoint(address, port)), None, dial.failure, at);
        dial
    }

    pub fn handshake(&mut self, path: &mut Path<'w>, address: IpAddr, purpose: For, at: At) -> Handshake {
        self.handshake_at(path, (address, 443), purpose, at)
    }

    pub fn handshake_at(&mut self, path: &mut Path<'w>, (address, port): (IpAddr, u16), purpose: For, at: At) -> Handshake {
        let shake = path.handshake(address, purpose);
        let written = self.tls(&shake, endpoint(address, port), &path.world.sites[purpose.site].host, at);
        self.tls_handshakes.push(written);
        self.handshake_events(&shake, endpoint(address, port), at);
        shake
    }

    /// With a helper, under the name of the site that it is done for.
    pub fn handshake_under_name(&mut self, path: &mut Path<'w>, helper: usize, address: IpAddr, purpose: For, at: At) -> Handshake {
        let shake = path.handshake_under_name(helper, address, purpose);
        let written = self.tls(&shake, endpoint(address, 443), &path.world.sites[purpose.site].host, at);
        self.tls_handshakes.push(written);
        self.handshake_events(&shake, endpoint(address, 443), at);
        shake
    }

    /// With a relay, which makes up a certificate that nobody is to verify.
    pub fn relay_handshake(&mut self, path: &mut Path<'w>, (address, port): (IpAddr, u16), purpose: For, at: At) -> Handshake {
        let shake = path.relay_handshake(purpose);
        let written = self.tls(&shake, endpoint(address, port), "", at);
        self.tls_handshakes.push(TlsHandshake { no_tls_verify: true, negotiated_protocol: "", ..written });
        self.handshake_events(&shake, endpoint(address, port), at);
        shake
    }

    /// Over QUIC, where there is no connection before it.
    pub fn quic_handshake(&mut self, path: &mut Path<'w>, address: IpAddr, purpose: For, at: At) -> Handshake {
        let shake = path.quic_handshake(address, purpose);
        let written = self.tls(&shake, endpoint(address, 443), &path.world.sites[purpose.site].host, at);
        let negotiated_protocol = if shake.failure.is_none() { "h3" } else { "" };
        self.quic_handshakes.push(TlsHandshake { network: "udp", negotiated_protocol, ..written });
        self.event(at.seconds, 0.0, "quic_handshake_start", None, None, None, at);
        self.event(at.seconds + shake.seconds, 0.0, "quic_handshake_done", None, None, shake.failure, at);
        shake
    }

    /// A question to an encrypted resolver that is not about any target, and whether it was answered.
    pub fn answered(&mut self, name: &'static str, engine: &'static str, server: String, failure: Option<&'static str>, at: At) {
        let place = self.place(at, 0.02);
        let mut written = query(name, "A", Resolver::Doh, self.format, failure, Vec::new(), place);
        written.answers = failure.is_none().then(|| vec![Answer::elsewhere()]);
        self.queries.push(Query { engine, resolver_address: server.into(), ..written });
    }

    /// One packet there and, where all is well, one back.
    pub fn datagrams(&mut self, peer: String, answer: Dial, at: At) {
        self.event(at.seconds, 1e-4, "write", Some(peer.clone()), Some(STUN_BYTES), None, at);
        let bytes = answer.failure.is_none().then_some(2 * STUN_BYTES);
        self.event(at.seconds + 1e-4, answer.seconds, "read", Some(peer), bytes, answer.failure, at);
    }

    fn tls(&self, shake: &Handshake, peer: String, server_name: &'w str, at: At) -> TlsHandshake<'w> {
        let place = self.place(at, shake.seconds);
        let worked = shake.failure.is_none();
        TlsHandshake {
            network: "tcp",
            address: peer,
            cipher_suite: if worked { "TLS_AES_128_GCM_SHA256" } else { "" },
            failure: shake.failure,
            negotiated_protocol: if worked { "http/1.1" } else { "" },
            no_tls_verify: false,
            peer_certificates: shake.chain.clone(),
            server_name,
            echconfig: None,
            outer_server_name: None,
            t0: place.began,
            t: place.ended,
            tags: place.tags,
            tls_version: if worked { "TLSv1.3" } else { "" },
            transaction_id: place.transaction_id,
        }
    }

    fn handshake_events(&mut self, shake: &Handshake, peer: String, at: At) {
        self.event(at.seconds, 0.0, "tls_handshake_start", None, None, None, at);
        self.event(at.seconds, 1e-4, "write", Some(peer.clone()), Some(CLIENT_HELLO_BYTES), None, at);
        match &shake.chain {
            Some(_) => self.event(at.seconds + 1e-4, shake.seconds / 2.0, "read", Some(peer), Some(SERVER_HELLO_BYTES), None, at),
            None => self.event(at.seconds + 1e-4, shake.seconds - 1e-4, "read", Some(peer), None, shake.failure, at),
        }
        self.event(at.seconds + shake.seconds, 0.0, "tls_handshake_done", None, None, shake.failure, at);
    }

    /// Asks for a page over a connection and keeps the exchange; the answer's fate is returned.
    pub fn fetch(&mut self, path: &mut Path<'w>, asked: &Question, connection: (IpAddr, u16), purpose: For, at: At) -> &Transaction {
        let done = path.transact(connection.0, asked.page, purpose);
        let peer = endpoint(connection.0, connection.1);
        self.event(at.seconds, 0.0, "http_transaction_start", None, None, None, at);
        let snapshots = ((done.seconds / SNAPSHOT_SECONDS) as usize).clamp(usize::from(done.bytes > 0), MAX_SNAPSHOTS);
        for step in 1..=snapshots {
            let share = step as f64 / snapshots as f64;
            let moment = at.seconds + done.seconds * share;
            self.event(moment, 0.0, "bytes_received_cumulative", Some(peer.clone()), Some((done.bytes as f64 * share) as u64), None, at);
        }
        self.event(at.seconds + done.seconds, 0.0, "http_transaction_done", None, None, done.failure, at);
        let place = self.place(at, done.seconds);
        self.keep(asked, Ok(done), Some(connection), place);
        match &self.exchanges[self.exchanges.len() - 1].outcome {
            Ok(done) => done,
            // The line above put it there.
            Err(_) => unreachable!("a fetched page is kept as fetched"),
        }
    }

    /// A request that could not be sent, which only the older format writes down.
    pub fn unsent(&mut self, asked: &Question, failure: &'static str, at: At) {
        let place = self.place(at, 0.0);
        self.keep(asked, Err(failure), None, place);
    }

    fn keep(&mut self, asked: &Question, outcome: Result<Transaction, &'static str>, connection: Option<(IpAddr, u16)>, place: Place) {
        self.exchanges.push(Exchange {
            method: asked.method,
            url: asked.url.clone(),
            host: asked.page.host.clone(),
            referer: asked.referer.clone(),
            outcome,
            connection: connection.filter(|_| self.format == Format::Tagged),
            place,
        });
    }

    /// The requests as OONI lists them: the newest first.
    pub fn requests(&self) -> Vec<Request<'_>> {
        self.exchanges.iter().rev().map(Exchange::written).collect()
    }

    fn place(&self, at: At, seconds: f64) -> Place {
        let ended = tick(at.seconds + seconds);
        match self.format {
            Format::Tagged => Place { transaction_id: Some(at.transaction_id), tags: Some(at.tags), began: Some(tick(at.seconds)), ended },
            Format::Plain => Place { transaction_id: None, tags: None, began: None, ended },
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one argument for each field of the record")]
    fn event(
        &mut self,
        began: f64,
        seconds: f64,
        operation: &'static str,
        address: Option<String>,
        num_bytes: Option<u64>,
        failure: Option<&'static str>,
        at: At,
    ) {
        let place = self.place(At { seconds: began, ..at }, seconds);
        self.network_events.push(NetworkEvent {
            proto: address.is_some().then_some("tcp"),
            address,
            failure,
            num_bytes,
            operation,
            t0: place.began,
            t: place.ended,
            transaction_id: place.transaction_id,
            tags: place.tags,
        });
    }
}

/// What a nettest asks a server for.
pub(crate) struct Question<'a> {
    pub method: &'static str,
    /// As it is written down, with a port where the nettest has one.
    pub url: String,
    pub page: &'a WebAddress,
    pub referer: Option<String>,
}

impl<'a> Question<'a> {
    pub fn get(page: &'a WebAddress, referer: Option<String>) -> Self {
        Self { method: "GET", url: page.to_string(), page, referer }
    }
}

impl Exchange {
    fn written(&self) -> Request<'_> {
        let asked = Asked { method: self.method, url: self.url.clone(), host: &self.host, referer: self.referer.clone() };
        let mut request = match &self.outcome {
            Ok(done) => Request::new(asked, done, self.place),
            Err(failure) => Request::unsent(asked, failure, self.place),
        };
        if let Some((address, port)) = self.connection {
            request.network = Some("tcp");
            request.address = Some(endpoint(address, port));
            request.alpn = (port == 443).then_some("http/1.1");
        }
        request
    }
}

fn query<'w>(
    hostname: &'w str,
    query_type: &'static str,
    resolver: Resolver,
    format: Format,
    failure: Option<&'static str>,
    answers: Vec<Answer<'w>>,
    place: Place,
) -> Query<'w> {
    let (engine, resolver_address) = match (resolver, format) {
        (Resolver::System, Format::Tagged) => ("getaddrinfo", ""),
        (Resolver::System, Format::Plain) => ("system", ""),
        (Resolver::Udp, _) => ("udp", UDP_RESOLVER),
        (Resolver::Doh, _) => ("doh", DOH_RESOLVER),
    };
    let rcode = match failure {
        Some(NXDOMAIN) => Some(3),
        Some("dns_refused_error") => Some(5),
        _ => None,
    };
    Query {
        answers: Some(answers).filter(|answers| !answers.is_empty()),
        engine,
        failure,
        hostname,
        query_type,
        rcode: rcode.filter(|_| resolver != Resolver::System),
        resolver_hostname: None,
        resolver_port: None,
        resolver_address: resolver_address.into(),
        t0: place.began,
        t: place.ended,
        tags: place.tags,
        transaction_id: place.transaction_id,
    }
}
