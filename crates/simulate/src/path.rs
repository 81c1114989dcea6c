//! The path: what happens to one DNS query, TCP connect, TLS handshake or HTTP transaction between a probe and the world.
//!
//! A [`Path`] is one probe's way into the world during one measurement. Every nettest is written in terms of its four verbs, which is why
//! no nettest knows about any mechanism and no mechanism about any nettest. Whoever acts on the way (a censor, a trouble) leaves a
//! [`Touch`], from which the truth is made.
//!
//! **Invariant:** the outcome depends on the world, the moment and the measurement's own random stream, and on nothing else.

use std::net::IpAddr;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::addresses::{Behind, is_bogon};
use crate::censor::{Censor, Lookups};
use crate::certificates::{BOX_NAME, Chain, PORTAL_NAME, RELAY_NAME, STRAY_NAME};
use crate::probe::{Probe, has_trouble};
use crate::site::Site;
use crate::trouble::{BadMoment, Change, Trouble, TroubleKind};
use crate::web_address::WebAddress;
use crate::world::World;
use crate::{Mechanism, pages};

/// Failures as OONI writes them.
pub(crate) const TIMEOUT: &str = "generic_timeout_error";
pub(crate) const RESET: &str = "connection_reset";
pub(crate) const REFUSED: &str = "connection_refused";
pub(crate) const CLOSED: &str = "eof_error";
pub(crate) const NXDOMAIN: &str = "dns_nxdomain_error";
pub(crate) const NO_ANSWER: &str = "dns_no_answer";
const HOST_UNREACHABLE: &str = "host_unreachable";
const UNKNOWN_AUTHORITY: &str = "ssl_unknown_authority";
const INVALID_HOSTNAME: &str = "ssl_invalid_hostname";
const INVALID_CERTIFICATE: &str = "ssl_invalid_certificate";

/// How long the probe waits for a connection, and for a page, in seconds.
const PATIENCE: f64 = 10.0;
/// How long it waits for an answer to a query.
const LOOKUP_PATIENCE: f64 = 5.0;
/// What an unhindered connection carries in a second.
const BYTES_PER_SECOND: f64 = 400_000.0;
/// Pages are cut here, as the probe cuts them.
const MAX_BODY: usize = 1 << 19;

/// Which way a name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// The one that the device is set to: the user's own path.
    System,
    /// A public resolver over plain UDP.
    Udp,
    /// A public resolver over HTTPS.
    Doh,
}

/// Who acted, by its number in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Censor(usize),
    Trouble(usize),
}

/// Somebody acted on something that the probe did for a site.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub site: usize,
    pub cause: Cause,
    /// Whether a user would have gone the same way; the extra lookups and handshakes of a probe are off that path.
    pub users_way: bool,
}

/// For whom an operation is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct For {
    pub site: usize,
    pub users_way: bool,
}

#[derive(Default)]
pub(crate) struct Lookup {
    pub v4: Vec<IpAddr>,
    pub v6: Vec<IpAddr>,
    pub failure: Option<&'static str>,
    /// What came after the first answer to the same query.
    pub late: Vec<IpAddr>,
    pub seconds: f64,
}

impl Lookup {
    fn failed(failure: &'static str, seconds: f64) -> Self {
        Self { failure: Some(failure), seconds, ..Self::default() }
    }

    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.v4.iter().chain(&self.v6).copied()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Dial {
    pub failure: Option<&'static str>,
    pub seconds: f64,
}

pub(crate) struct Handshake {
    pub failure: Option<&'static str>,
    pub chain: Option<Chain>,
    pub seconds: f64,
}

pub(crate) struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub truncated: bool,
}

pub(crate) struct Transaction {
    pub failure: Option<&'static str>,
    pub response: Option<Response>,
    /// What came over the wire, and how long it took.
    pub bytes: u64,
    pub seconds: f64,
    /// Whether it is what the site itself says.
    pub genuine: bool,
    pub redirect: Option<WebAddress>,
}

pub(crate) struct Path<'w> {
    pub world: &'w World,
    pub network: usize,
    pub now: i64,
    pub rng: ChaCha8Rng,
    pub probe: Probe,
    pub touches: Vec<Touch>,
    /// Which troubles sit in this probe at this moment.
    defects: Vec<usize>,
    /// Which forgers are at work.
    forgers: Vec<usize>,
    /// Which layers fail this time, and of which trouble.
    bad_moments: Vec<(BadMoment, usize)>,
    /// The shutdown that keeps this measurement from getting anywhere.
    offline: Option<usize>,
    round_trip: f64,
}

impl<'w> Path<'w> {
    pub fn new(world: &'w World, network: usize, probe: Probe, now: i64, mut rng: ChaCha8Rng) -> Self {
        let mut probe = probe;
        let (mut defects, mut forgers, mut bad_moments, mut offline) = (Vec::new(), Vec::new(), Vec::new(), None);
        for index in &world.troubles_of[network] {
            let trouble = &world.troubles[*index];
            if trouble.kind.is_defect() || trouble.kind == TroubleKind::BuggyRelease {
                if has_trouble(world, *index, network, probe.number, now) {
                    defects.push(*index);
                    if matches!(trouble.kind, TroubleKind::OldTrustStore | TroubleKind::BuggyRelease) {
                        probe.software_version.clone_from(&trouble.software_version);
                    }
                }
                continue;
            }
            if !trouble.window.contains(now, world.utc_offset(network)) {
                continue;
            }
            let a_layer = |rng: &mut ChaCha8Rng| BadMoment::ALL[rng.random_range(0..BadMoment::ALL.len())];
            match trouble.kind {
                TroubleKind::Transient if rng.random_bool(trouble.share) => bad_moments.push((a_layer(&mut rng), *index)),
                TroubleKind::Burst => {
                    let share = trouble.burst_at(network, now).map_or(0.0, |burst| burst.share);
                    if rng.random_bool(share) {
                        bad_moments.push((a_layer(&mut rng), *index));
                    }
                }
                TroubleKind::Forger if rng.random_bool(trouble.share) => forgers.push(*index),
                TroubleKind::Shutdown if rng.random_bool(trouble.share) => offline = Some(*index),
                _ => {}
            }
        }
        let round_trip = rng.random_range(0.015..0.180);
        Self { world, network, now, rng, probe, touches: Vec::new(), defects, forgers, bad_moments, offline, round_trip }
    }

    /// Whether an innocent trouble of the line or of the software can keep this measurement from meeting a censor.
    pub fn is_unlucky(&self) -> bool {
        let is_bug = |index: &usize| self.world.troubles[*index].kind == TroubleKind::BuggyRelease;
        self.offline.is_some() || !self.bad_moments.is_empty() || self.defects.iter().any(is_bug)
    }

    /// From now on nothing of the kind happens.
    pub fn end_bad_luck(&mut self) {
        self.offline = None;
        self.bad_moments.clear();
        self.defects.retain(|index| self.world.troubles[*index].kind != TroubleKind::BuggyRelease);
    }

    /// The address that a forger claims the site to be at.
    pub fn vouched_for(&self, site: usize) -> Option<IpAddr> {
        self.forger(site).map(|index| self.world.troubles[index].forged[0])
    }

    fn forger(&self, site: usize) -> Option<usize> {
        self.forgers.iter().copied().find(|index| self.world.troubles[*index].sites[site])
    }

    /// Whether the site itself, or something that passes everything on to it, stands behind the address.
    pub fn is_genuine(&self, site: usize, address: IpAddr) -> bool {
        let host = &self.world.sites[site].host;
        match self.world.addresses.behind(address) {
            Behind::Site(other) => self.world.sites[other].host == *host,
            behind => behind == Behind::Proxy,
        }
    }

    /// Which trouble it is, where the probe has this defect.
    pub fn defect(&self, kind: TroubleKind) -> Option<usize> {
        self.defects.iter().copied().find(|index| self.world.troubles[*index].kind == kind)
    }

    pub fn has(&self, kind: TroubleKind) -> bool {
        self.defect(kind).is_some()
    }

    /// The shutdown that this measurement is made in and cannot get out of.
    pub fn offline(&self) -> Option<usize> {
        self.offline
    }

    /// The bad time of the network that this measurement meets, and how bad it is.
    pub fn burst(&self) -> Option<(usize, f64)> {
        let bursts = |index: &usize| self.world.troubles[*index].kind == TroubleKind::Burst;
        let met = self.bad_moments.iter().map(|(_, index)| *index).find(bursts)?;
        Some((met, self.world.troubles[met].burst_at(self.network, self.now)?.share))
    }

    /// A little time that something takes, in seconds.
    pub fn moment(&mut self) -> f64 {
        self.round_trip * self.rng.random_range(0.9..1.3)
    }

    pub fn resolve(&mut self, site: usize, resolver: Resolver) -> Lookup {
        let purpose = For { site, users_way: resolver == Resolver::System };
        let seconds = self.moment();
        if let Some(forger) = self.forger(site) {
            self.note(purpose, Cause::Trouble(forger));
            return Lookup { v4: vec![self.world.troubles[forger].forged[0]], seconds, ..Lookup::default() };
        }
        if let Some(shutdown) = self.offline {
            self.note(purpose, Cause::Trouble(shutdown));
            return Lookup::failed(self.as_the_system_says(resolver, TIMEOUT), LOOKUP_PATIENCE);
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return match resolver {
                Resolver::Doh => Lookup::failed(TIMEOUT, PATIENCE),
                _ => Lookup { v4: vec![self.world.portal_address], seconds, ..Lookup::default() },
            };
        }
        if let Some(down) = self.site_down(site).filter(|down| self.world.troubles[*down].failure == NXDOMAIN) {
            self.note(purpose, Cause::Trouble(down));
            return Lookup::failed(self.as_the_system_says(resolver, NXDOMAIN), seconds);
        }
        if self.fails(BadMoment::Dns, purpose) {
            return Lookup::failed(self.as_the_system_says(resolver, "dns_server_misbehaving"), seconds);
        }
        if let Some(moves) = self.world.sites[site].moves.as_ref().filter(|moves| (moves.from..moves.to).contains(&self.now)) {
            self.note(purpose, Cause::Trouble(moves.trouble));
        }
        let (v4, v6) = self.world.sites[site].answer(self.world.region(self.network), self.now, &mut self.rng);
        let genuine = Lookup { v4, v6, seconds, ..Lookup::default() };
        match self.acting(site, |censor| lookup_is_seen(censor, resolver)) {
            Some((index, censor)) => {
                self.note(purpose, Cause::Censor(index));
                self.lie(censor, resolver, genuine)
            }
            None => genuine,
        }
    }

    pub fn connect(&mut self, address: IpAddr, port: u16, purpose: For) -> Dial {
        let seconds = self.moment();
        let done = |failure| Dial { failure, seconds };
        let silent = Dial { failure: Some(TIMEOUT), seconds: PATIENCE };
        if address == self.world.portal_address || self.vouched_for(purpose.site) == Some(address) {
            return done(None);
        }
        if let Some(shutdown) = self.offline {
            self.note(purpose, Cause::Trouble(shutdown));
            return silent;
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return done(None);
        }
        if let Some(broken) = self.defect(TroubleKind::BrokenIpv6).filter(|_| address.is_ipv6()) {
            self.note(purpose, Cause::Trouble(broken));
            return done(Some(HOST_UNREACHABLE));
        }
        let site = match self.world.addresses.behind(address) {
            Behind::Site(site) => site,
            Behind::BlockPage(_) | Behind::Proxy | Behind::Stray => return done(None),
            Behind::Nothing if address.is_loopback() => return done(Some(REFUSED)),
            Behind::Nothing => return silent,
        };
        if self.fails(BadMoment::Tcp, purpose) {
            return silent;
        }
        if let Some((index, censor)) = self.acting(site, |censor| censor.mechanism.layer() == "tcp") {
            self.note(For { site, ..purpose }, Cause::Censor(index));
            return match censor.mechanism {
                Mechanism::TcpReset => done(Some(RESET)),
                Mechanism::TcpRefused => done(Some(REFUSED)),
                Mechanism::IpUnreachable => done(Some(HOST_UNREACHABLE)),
                _ => silent,
            };
        }
        match self.site_down(site) {
            Some(down) => {
                self.note(purpose, Cause::Trouble(down));
                if self.world.troubles[down].failure == REFUSED { done(Some(REFUSED)) } else { silent }
            }
            // The data centres listen on both ports, and so do all others.
            None => Dial { failure: None, seconds: seconds + f64::from(port % 2) * 1e-4 },
        }
    }

    /// A handshake for the site's name on a connected address.
    pub fn handshake(&mut self, address: IpAddr, purpose: For) -> Handshake {
        let host = self.world.sites[purpose.site].host.as_str();
        let certificates = &self.world.certificates;
        let seconds = 2.0 * self.moment();
        let done = |failure, chain| Handshake { failure, chain, seconds };
        if self.vouched_for(purpose.site) == Some(address) {
            // Certificates are public: a forger has no more to do than to paste the genuine chain.
            return done(None, certificates.genuine(host));
        }
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(PORTAL_NAME));
        }
        match self.world.addresses.behind(address) {
            Behind::BlockPage(_) => return done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(BOX_NAME)),
            Behind::Stray => return done(Some(INVALID_HOSTNAME), certificates.genuine(STRAY_NAME)),
            Behind::Site(other) if self.world.sites[other].host != host => {
                return done(Some(INVALID_HOSTNAME), certificates.genuine(&self.world.sites[other].host));
            }
            _ => {}
        }
        if let Some((index, censor)) =
            self.acting(purpose.site, |censor| censor.mechanism.layer() == "tls" && censor.mechanism != Mechanism::TlsThrottleSni)
        {
            self.note(purpose, Cause::Censor(index));
            return match censor.mechanism {
                Mechanism::TlsMitmSelfSigned => done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(host)),
                Mechanism::TlsMitmCaSigned => done(Some(UNKNOWN_AUTHORITY), certificates.ca_signed(host)),
                Mechanism::TlsClose => done(Some(CLOSED), None),
                Mechanism::TlsTimeout => Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE },
                _ => done(Some(RESET), None),
            };
        }
        if self.fails(BadMoment::Tls, purpose) {
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        let renewal = self.world.sites[purpose.site].renewal(self.now);
        let chain = match renewal.map(|renewal| renewal.change) {
            Some(Change::Certificate) => certificates.renewed(host),
            Some(Change::Expired) => certificates.expired(host),
            _ => certificates.genuine(host),
        };
        if let Some(renewal) = renewal.filter(|renewal| matches!(renewal.change, Change::Certificate | Change::Expired)) {
            self.note(purpose, Cause::Trouble(renewal.trouble));
            if renewal.change == Change::Expired {
                return done(Some(INVALID_CERTIFICATE), chain);
            }
        }
        for (defect, failure) in [(TroubleKind::ClockError, INVALID_CERTIFICATE), (TroubleKind::OldTrustStore, UNKNOWN_AUTHORITY)] {
            if let Some(trouble) = self.defect(defect) {
                self.note(purpose, Cause::Trouble(trouble));
                return done(Some(failure), chain);
            }
        }
        done(None, chain)
    }

    /// A handshake with a relay on a connected address, whose certificate is nobody's to verify.
    pub fn relay_handshake(&mut self, purpose: For) -> Handshake {
        let seconds = 2.0 * self.moment();
        let chain = self.world.certificates.self_signed(RELAY_NAME);
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return Handshake { failure: Some(CLOSED), chain: None, seconds };
        }
        if self.fails(BadMoment::Tls, purpose) {
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        Handshake { failure: None, chain, seconds }
    }

    /// A handshake over QUIC: all packets to the address are UDP's, and there is no connect that could fail before.
    pub fn quic_handshake(&mut self, address: IpAddr, purpose: For) -> Handshake {
        let answer = self.datagram(address, purpose);
        let failed = |failure| Handshake { failure: Some(failure), chain: None, seconds: PATIENCE };
        if let Some(failure) = answer.failure {
            return failed(failure);
        }
        if let Some((index, _)) = self.acting(purpose.site, |censor| censor.mechanism == Mechanism::QuicTimeout) {
            self.note(purpose, Cause::Censor(index));
            return failed(TIMEOUT);
        }
        let chain = self.world.certificates.genuine(&self.world.sites[purpose.site].host);
        for (defect, failure) in [(TroubleKind::ClockError, INVALID_CERTIFICATE), (TroubleKind::OldTrustStore, UNKNOWN_AUTHORITY)] {
            if let Some(trouble) = self.defect(defect) {
                self.note(purpose, Cause::Trouble(trouble));
                return Handshake { failure: Some(failure), chain, seconds: answer.seconds };
            }
        }
        Handshake { failure: None, chain, seconds: 2.0 * answer.seconds }
    }

    /// A packet to an address without a connection, and the wait for one back. Of censors only one who keeps every packet from an address
    /// is met.
    pub fn datagram(&mut self, address: IpAddr, purpose: For) -> Dial {
        let answered = Dial { failure: None, seconds: self.moment() };
        let silent = Dial { failure: Some(TIMEOUT), seconds: PATIENCE };
        let cut = self.offline.or(self.defect(TroubleKind::CaptivePortal));
        let cut = cut.or(self.defect(TroubleKind::BrokenIpv6).filter(|_| address.is_ipv6()));
        if let Some(trouble) = cut {
            self.note(purpose, Cause::Trouble(trouble));
            return silent;
        }
        if !self.is_genuine(purpose.site, address) || self.fails(BadMoment::Tcp, purpose) {
            return silent;
        }
        if let Some((index, _)) = self.acting(purpose.site, |censor| censor.mechanism == Mechanism::IpUnreachable) {
            self.note(purpose, Cause::Censor(index));
            return silent;
        }
        match self.site_down(purpose.site) {
            Some(down) => {
                self.note(purpose, Cause::Trouble(down));
                silent
            }
            None => answered,
        }
    }

    /// Whether a portal answers in the place of everybody.
    pub fn is_caught(&self) -> bool {
        self.has(TroubleKind::CaptivePortal)
    }

    /// A request for `url` over a connection (and handshake) that succeeded.
    pub fn transact(&mut self, address: IpAddr, url: &WebAddress, purpose: For) -> Transaction {
        if let Some(portal) = self.defect(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(portal));
            return self.answered(200, pages::portal(), Vec::new(), false);
        }
        if self.vouched_for(purpose.site) == Some(address) {
            return self.genuine_answer(url, purpose.site, BYTES_PER_SECOND);
        }
        match self.world.addresses.behind(address) {
            Behind::BlockPage(censor) => return self.block_page(censor),
            Behind::Stray => return self.answered(200, pages::stray(), Vec::new(), false),
            _ => {}
        }
        let layer = if url.https { "tls" } else { "http" };
        let throttles = |censor: &Censor| matches!(censor.mechanism, Mechanism::TlsThrottleSni | Mechanism::HttpThrottleHost);
        let mut bytes_per_second = BYTES_PER_SECOND;
        let sees = |censor: &Censor| censor.mechanism.layer() == layer && (!url.https || throttles(censor));
        if let Some((index, censor)) = self.acting(purpose.site, sees) {
            self.note(purpose, Cause::Censor(index));
            match censor.mechanism {
                Mechanism::HttpBlockpage => return self.block_page_of(&censor.country),
                Mechanism::HttpError => return self.answered(503, pages::error(), vec![("Content-Type", "text/html".into())], false),
                Mechanism::HttpRedirect => return self.sent_to_block_page(censor),
                Mechanism::HttpResetHost => return self.cut(RESET, 0.0),
                Mechanism::HttpClose => return self.cut(CLOSED, 0.0),
                Mechanism::HttpTimeout => return self.cut(TIMEOUT, PATIENCE),
                _ => bytes_per_second = f64::from(censor.bytes_per_second),
            }
        }
        if self.fails(BadMoment::Http, purpose) {
            return self.cut(TIMEOUT, PATIENCE);
        }
        if let Some(renewal) = self.world.sites[purpose.site].renewal(self.now) {
            match renewal.change {
                Change::Challenge => {
                    self.note(purpose, Cause::Trouble(renewal.trouble));
                    return Transaction { genuine: true, ..self.answered(403, pages::challenge(), Vec::new(), false) };
                }
                Change::Page => self.note(purpose, Cause::Trouble(renewal.trouble)),
                Change::Certificate | Change::Expired => {}
            }
        }
        if let Some(refusal) = self.refuses_country(purpose.site) {
            self.note(purpose, Cause::Trouble(refusal));
            let page = pages::geo_refusal(&self.world.sites[purpose.site].host);
            return Transaction { genuine: true, ..self.answered(451, page, self.world.sites[purpose.site].headers(), false) };
        }
        self.genuine_answer(url, purpose.site, bytes_per_second)
    }

    /// What the site itself says, as fast as the way lets it.
    fn genuine_answer(&mut self, url: &WebAddress, site: usize, bytes_per_second: f64) -> Transaction {
        if let Some(next) = self.world.redirects.get(url).cloned() {
            let headers = vec![("Location", next.to_string())];
            return Transaction { redirect: Some(next), genuine: true, ..self.answered(301, String::new(), headers, false) };
        }
        let visit = self.rng.random();
        let world = self.world;
        let site: &Site = &world.sites[site];
        let mut body = site.body(self.now, visit);
        let seconds = body.len() as f64 / bytes_per_second;
        if seconds > PATIENCE {
            return self.starved(site, (PATIENCE * bytes_per_second) as u64);
        }
        let truncated = body.len() > MAX_BODY;
        body.truncate(MAX_BODY);
        let mut answer = self.answered(site.status, body, site.headers(), truncated);
        answer.seconds += seconds;
        answer.genuine = true;
        answer
    }

    /// The head of a page came, and too little of the rest before patience ended.
    fn starved(&mut self, site: &Site, bytes: u64) -> Transaction {
        let headers = self.headers(vec![("Content-Type", site.content_type.into())], site.body_length_at(self.now));
        let response = Response { status: site.status, headers, body: String::new(), truncated: true };
        Transaction { failure: Some(TIMEOUT), response: Some(response), bytes, seconds: PATIENCE, genuine: false, redirect: None }
    }

    fn answered(&mut self, status: u16, body: String, headers: Vec<(&'static str, String)>, truncated: bool) -> Transaction {
        let seconds = self.moment();
        let headers = self.headers(headers, body.len());
        let bytes = body.len() as u64 + 300;
        Transaction {
            failure: None,
            response: Some(Response { status, headers, body, truncated }),
            bytes,
            seconds,
            genuine: false,
            redirect: None,
        }
    }

    fn cut(&mut self, failure: &'static str, wait: f64) -> Transaction {
        let seconds = self.moment() + wait;
        Transaction { failure: Some(failure), response: None, bytes: 0, seconds, genuine: false, redirect: None }
    }

    fn block_page(&mut self, censor: usize) -> Transaction {
        self.block_page_of(&self.world.censors[censor].country)
    }

    fn block_page_of(&mut self, country: &str) -> Transaction {
        let reference = self.rng.random_range(0..u64::from(u32::MAX));
        self.answered(200, pages::block_page(country, reference), vec![("Content-Type", "text/html".into())], false)
    }

    fn sent_to_block_page(&mut self, censor: &Censor) -> Transaction {
        let page = WebAddress { https: false, host: censor.forged[0].to_string(), path: "/withheld".into() };
        let headers = vec![("Location", page.to_string())];
        Transaction { redirect: Some(page), ..self.answered(302, String::new(), headers, false) }
    }

    fn headers(&self, mut more: Vec<(&'static str, String)>, length: usize) -> Vec<(&'static str, String)> {
        more.push(("Content-Length", length.to_string()));
        more.push(("Date", crate::time::http_date(self.now)));
        more.sort_by_key(|(name, _)| *name);
        more
    }

    /// The first censor that sees this and acts on it; each connection is drawn for itself.
    fn acting(&mut self, site: usize, sees: impl Fn(&Censor) -> bool) -> Option<(usize, &'w Censor)> {
        let (world, utc_offset) = (self.world, self.world.utc_offset(self.network));
        for index in &world.censors_of[self.network] {
            let censor = &world.censors[*index];
            let looks = censor.sites[site] && sees(censor) && censor.window.contains(self.now, utc_offset);
            if looks && self.rng.random_bool(censor.share) {
                return Some((*index, censor));
            }
        }
        None
    }

    /// Whether this layer has its bad moment, which is on the user's way alone unless the software itself is at fault.
    fn fails(&mut self, layer: BadMoment, purpose: For) -> bool {
        let trouble = |index: &usize| &self.world.troubles[*index];
        let bugs = self.defects.iter().copied().filter(|index| {
            let trouble = trouble(index);
            trouble.kind == TroubleKind::BuggyRelease && trouble.layer == layer && trouble.sites[purpose.site]
        });
        let moments =
            self.bad_moments.iter().filter(|(bad, index)| *bad == layer && purpose.users_way && trouble(index).sites[purpose.site]);
        let met = bugs.chain(moments.map(|(_, index)| *index)).next();
        if let Some(index) = met {
            self.note(purpose, Cause::Trouble(index));
        }
        met.is_some()
    }

    fn lie(&mut self, censor: &Censor, resolver: Resolver, genuine: Lookup) -> Lookup {
        let forged = || censor.forged.clone();
        let seconds = genuine.seconds * 0.4;
        match censor.mechanism {
            Mechanism::DnsNxdomain => Lookup::failed(self.as_the_system_says(resolver, NXDOMAIN), seconds),
            Mechanism::DnsRefused => Lookup::failed(self.as_the_system_says(resolver, "dns_refused_error"), seconds),
            Mechanism::DnsTimeout => Lookup::failed(TIMEOUT, LOOKUP_PATIENCE),
            _ if censor.race && resolver == Resolver::Udp => Lookup { v4: forged(), late: genuine.v4, seconds, ..Lookup::default() },
            _ => Lookup { v4: forged(), seconds, ..Lookup::default() },
        }
    }

    /// Android's resolver hides why a lookup failed.
    fn as_the_system_says(&self, resolver: Resolver, failure: &'static str) -> &'static str {
        match resolver {
            Resolver::System if self.probe.platform == "android" => "android_dns_cache_no_data",
            _ => failure,
        }
    }

    fn site_down(&self, site: usize) -> Option<usize> {
        site_down(self.world, site, self.now)
    }

    fn refuses_country(&self, site: usize) -> Option<usize> {
        let refuses = |trouble: &Trouble| {
            trouble.kind == TroubleKind::ServerGeoBlock
                && trouble.sites[site]
                && trouble.window.contains(self.now, self.world.utc_offset(self.network))
        };
        self.world.troubles_of[self.network].iter().copied().find(|index| refuses(&self.world.troubles[*index]))
    }

    pub fn note(&mut self, purpose: For, cause: Cause) {
        self.touches.push(Touch { site: purpose.site, cause, users_way: purpose.users_way });
    }
}

/// The trouble that keeps a site from answering anybody at this moment, if there is one.
pub(crate) fn site_down(world: &World, site: usize, now: i64) -> Option<usize> {
    let down = |trouble: &Trouble| trouble.kind == TroubleKind::SiteDown && trouble.sites[site] && trouble.window.contains(now, 0);
    world.troubles.iter().position(down)
}

fn lookup_is_seen(censor: &Censor, resolver: Resolver) -> bool {
    let seen = match censor.lookups {
        Lookups::Resolver => resolver == Resolver::System,
        Lookups::Path => resolver != Resolver::Doh,
        Lookups::Public => resolver == Resolver::Udp,
    };
    seen && censor.mechanism.layer() == "dns"
}

/// Whether an address of an answer says by itself that the answer is false.
pub(crate) fn is_false_answer(world: &World, address: IpAddr) -> bool {
    is_bogon(address) || matches!(world.addresses.behind(address), Behind::BlockPage(_))
}
