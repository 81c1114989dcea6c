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
use crate::certificates::{BOX_NAME, Chain, PORTAL_NAME, STRAY_NAME};
use crate::probe::{Probe, has_trouble};
use crate::site::Site;
use crate::trouble::TroubleKind;
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

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Censor(Mechanism),
    Trouble(TroubleKind),
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

/// A layer's bad moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BadMoment {
    Dns,
    Tcp,
    Tls,
    Http,
}

pub(crate) struct Path<'w> {
    pub world: &'w World,
    pub network: usize,
    pub now: i64,
    pub rng: ChaCha8Rng,
    pub probe: Probe,
    pub touches: Vec<Touch>,
    /// The troubles of this probe at this moment.
    defects: Vec<TroubleKind>,
    /// Which forgers are at work.
    forgers: Vec<usize>,
    bad_moment: Option<BadMoment>,
    round_trip: f64,
}

impl<'w> Path<'w> {
    pub fn new(world: &'w World, network: usize, probe: Probe, now: i64, mut rng: ChaCha8Rng) -> Self {
        let defective = |kind| {
            matches!(kind, TroubleKind::BrokenIpv6 | TroubleKind::OldTrustStore | TroubleKind::CaptivePortal | TroubleKind::ClockError)
        };
        let mut probe = probe;
        let mut defects = Vec::new();
        for (index, trouble) in world.troubles.iter().enumerate() {
            if defective(trouble.kind) && has_trouble(world, index, network, probe.number, now) {
                defects.push(trouble.kind);
                if trouble.kind == TroubleKind::OldTrustStore {
                    probe.software_version.clone_from(&trouble.software_version);
                }
            }
        }
        let mut bad_moment = None;
        for trouble in world.troubles.iter().filter(|trouble| trouble.kind == TroubleKind::Transient) {
            if trouble.networks[network] && trouble.window.contains(now) && rng.random_bool(trouble.share) {
                bad_moment = Some([BadMoment::Dns, BadMoment::Tcp, BadMoment::Tls, BadMoment::Http][rng.random_range(0..4)]);
            }
        }
        let mut forgers = Vec::new();
        for (index, trouble) in world.troubles.iter().enumerate().filter(|(_, trouble)| trouble.kind == TroubleKind::Forger) {
            if trouble.networks[network] && trouble.window.contains(now) && rng.random_bool(trouble.share) {
                forgers.push(index);
            }
        }
        let round_trip = rng.random_range(0.015..0.180);
        Self { world, network, now, rng, probe, touches: Vec::new(), defects, forgers, bad_moment, round_trip }
    }

    /// The address that a forger claims the site to be at.
    pub fn vouched_for(&self, site: usize) -> Option<IpAddr> {
        self.forgers.iter().map(|index| &self.world.troubles[*index]).find(|trouble| trouble.sites[site]).map(|trouble| trouble.forged[0])
    }

    /// Whether the site itself, or something that passes everything on to it, stands behind the address.
    pub fn is_genuine(&self, site: usize, address: IpAddr) -> bool {
        let host = &self.world.sites[site].host;
        match self.world.addresses.behind(address) {
            Behind::Site(other) => self.world.sites[other].host == *host,
            behind => behind == Behind::Proxy,
        }
    }

    pub fn has(&self, defect: TroubleKind) -> bool {
        self.defects.contains(&defect)
    }

    /// A little time that something takes, in seconds.
    pub fn moment(&mut self) -> f64 {
        self.round_trip * self.rng.random_range(0.9..1.3)
    }

    pub fn resolve(&mut self, site: usize, resolver: Resolver) -> Lookup {
        let purpose = For { site, users_way: resolver == Resolver::System };
        let seconds = self.moment();
        if let Some(address) = self.vouched_for(site) {
            self.note(purpose, Cause::Trouble(TroubleKind::Forger));
            return Lookup { v4: vec![address], seconds, ..Lookup::default() };
        }
        if self.has(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(TroubleKind::CaptivePortal));
            return match resolver {
                Resolver::Doh => Lookup::failed(TIMEOUT, PATIENCE),
                _ => Lookup { v4: vec![self.world.portal_address], seconds, ..Lookup::default() },
            };
        }
        if let Some(trouble) = self.site_down(site).filter(|failure| *failure == NXDOMAIN) {
            self.note(purpose, Cause::Trouble(TroubleKind::SiteDown));
            return Lookup::failed(self.as_the_system_says(resolver, trouble), seconds);
        }
        if self.bad_moment == Some(BadMoment::Dns) && purpose.users_way {
            self.note(purpose, Cause::Trouble(TroubleKind::Transient));
            return Lookup::failed(self.as_the_system_says(resolver, "dns_server_misbehaving"), seconds);
        }
        if self.world.sites[site].is_moving(self.now) {
            self.note(purpose, Cause::Trouble(TroubleKind::CdnChange));
        }
        let (v4, v6) = self.world.sites[site].answer(self.world.region(self.network), self.now, &mut self.rng);
        let genuine = Lookup { v4, v6, seconds, ..Lookup::default() };
        match self.acting(site, |censor| lookup_is_seen(censor, resolver)) {
            Some(censor) => {
                self.note(purpose, Cause::Censor(censor.mechanism));
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
        if self.has(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(TroubleKind::CaptivePortal));
            return done(None);
        }
        if address.is_ipv6() && self.has(TroubleKind::BrokenIpv6) {
            self.note(purpose, Cause::Trouble(TroubleKind::BrokenIpv6));
            return done(Some(HOST_UNREACHABLE));
        }
        let site = match self.world.addresses.behind(address) {
            Behind::Site(site) => site,
            Behind::BlockPage(_) | Behind::Proxy | Behind::Stray => return done(None),
            Behind::Nothing if address.is_loopback() => return done(Some(REFUSED)),
            Behind::Nothing => return silent,
        };
        if self.bad_moment == Some(BadMoment::Tcp) && purpose.users_way {
            self.note(purpose, Cause::Trouble(TroubleKind::Transient));
            return silent;
        }
        if let Some(censor) = self.acting(site, |censor| censor.mechanism.layer() == "tcp") {
            self.note(For { site, ..purpose }, Cause::Censor(censor.mechanism));
            return match censor.mechanism {
                Mechanism::TcpReset => done(Some(RESET)),
                Mechanism::TcpRefused => done(Some(REFUSED)),
                Mechanism::IpUnreachable => done(Some(HOST_UNREACHABLE)),
                _ => silent,
            };
        }
        match self.site_down(site) {
            Some(failure) => {
                self.note(purpose, Cause::Trouble(TroubleKind::SiteDown));
                if failure == REFUSED { done(Some(REFUSED)) } else { silent }
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
        if self.has(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(TroubleKind::CaptivePortal));
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
        if let Some(censor) =
            self.acting(purpose.site, |censor| censor.mechanism.layer() == "tls" && censor.mechanism != Mechanism::TlsThrottleSni)
        {
            self.note(purpose, Cause::Censor(censor.mechanism));
            return match censor.mechanism {
                Mechanism::TlsMitmSelfSigned => done(Some(UNKNOWN_AUTHORITY), certificates.self_signed(host)),
                Mechanism::TlsMitmCaSigned => done(Some(UNKNOWN_AUTHORITY), certificates.ca_signed(host)),
                Mechanism::TlsClose => done(Some(CLOSED), None),
                Mechanism::TlsTimeout => Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE },
                _ => done(Some(RESET), None),
            };
        }
        if self.bad_moment == Some(BadMoment::Tls) && purpose.users_way {
            self.note(purpose, Cause::Trouble(TroubleKind::Transient));
            return Handshake { failure: Some(TIMEOUT), chain: None, seconds: PATIENCE };
        }
        let chain = certificates.genuine(host);
        for (defect, failure) in [(TroubleKind::ClockError, INVALID_CERTIFICATE), (TroubleKind::OldTrustStore, UNKNOWN_AUTHORITY)] {
            if self.has(defect) {
                self.note(purpose, Cause::Trouble(defect));
                return done(Some(failure), chain);
            }
        }
        done(None, chain)
    }

    /// A request for `url` over a connection (and handshake) that succeeded.
    pub fn transact(&mut self, address: IpAddr, url: &WebAddress, purpose: For) -> Transaction {
        if self.has(TroubleKind::CaptivePortal) {
            self.note(purpose, Cause::Trouble(TroubleKind::CaptivePortal));
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
        if let Some(censor) = self.acting(purpose.site, |censor| censor.mechanism.layer() == layer && (!url.https || throttles(censor))) {
            self.note(purpose, Cause::Censor(censor.mechanism));
            match censor.mechanism {
                Mechanism::HttpBlockpage => return self.block_page_of(&censor.country),
                Mechanism::HttpRedirect => return self.sent_to_block_page(censor),
                Mechanism::HttpResetHost => return self.cut(RESET, 0.0),
                Mechanism::HttpClose => return self.cut(CLOSED, 0.0),
                Mechanism::HttpTimeout => return self.cut(TIMEOUT, PATIENCE),
                _ => bytes_per_second = f64::from(censor.bytes_per_second),
            }
        }
        if self.bad_moment == Some(BadMoment::Http) && purpose.users_way {
            self.note(purpose, Cause::Trouble(TroubleKind::Transient));
            return self.cut(TIMEOUT, PATIENCE);
        }
        if self.refuses_country(purpose.site) {
            self.note(purpose, Cause::Trouble(TroubleKind::ServerGeoBlock));
            let page = pages::geo_refusal(&self.world.sites[purpose.site].host);
            return Transaction { genuine: true, ..self.answered(451, page, Vec::new(), false) };
        }
        self.genuine_answer(url, purpose.site, bytes_per_second)
    }

    /// What the site itself says, as fast as the way lets it.
    fn genuine_answer(&mut self, url: &WebAddress, site: usize, bytes_per_second: f64) -> Transaction {
        let redirect = self.world.targets.iter().find(|target| target.url == *url).and_then(|target| target.redirect.clone());
        if let Some(next) = redirect {
            let headers = vec![("Location", next.to_string())];
            return Transaction { redirect: Some(next), genuine: true, ..self.answered(301, String::new(), headers, false) };
        }
        let visit = self.rng.random();
        let world = self.world;
        let site: &Site = &world.sites[site];
        let mut body = site.body(visit);
        let seconds = body.len() as f64 / bytes_per_second;
        if seconds > PATIENCE {
            return self.starved(site, (PATIENCE * bytes_per_second) as u64);
        }
        let truncated = body.len() > MAX_BODY;
        body.truncate(MAX_BODY);
        let mut answer = self.answered(site.status, body, vec![("Content-Type", site.content_type.into())], truncated);
        answer.seconds += seconds;
        answer.genuine = true;
        answer
    }

    /// The head of a page came, and too little of the rest before patience ended.
    fn starved(&mut self, site: &Site, bytes: u64) -> Transaction {
        let headers = self.headers(vec![("Content-Type", site.content_type.into())], site.body_length());
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
    fn acting(&mut self, site: usize, sees: impl Fn(&Censor) -> bool) -> Option<&'w Censor> {
        let world = self.world;
        for censor in &world.censors {
            if censor.sees(self.network, site, self.now) && sees(censor) && self.rng.random_bool(censor.share) {
                return Some(censor);
            }
        }
        None
    }

    fn lie(&mut self, censor: &Censor, resolver: Resolver, genuine: Lookup) -> Lookup {
        let forged = || censor.forged.clone();
        let seconds = genuine.seconds * 0.4;
        match censor.mechanism {
            Mechanism::DnsNxdomain => Lookup::failed(self.as_the_system_says(resolver, NXDOMAIN), seconds),
            Mechanism::DnsRefused => Lookup::failed(self.as_the_system_says(resolver, "dns_refused_error"), seconds),
            Mechanism::DnsTimeout => Lookup::failed(TIMEOUT, 5.0),
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

    fn site_down(&self, site: usize) -> Option<&'static str> {
        site_down(self.world, site, self.now)
    }

    fn refuses_country(&self, site: usize) -> bool {
        let refuses =
            |trouble: &&crate::world::Trouble| trouble.networks[self.network] && trouble.sites[site] && trouble.window.contains(self.now);
        self.world.troubles.iter().filter(|trouble| trouble.kind == TroubleKind::ServerGeoBlock).any(|trouble| refuses(&trouble))
    }

    pub fn note(&mut self, purpose: For, cause: Cause) {
        self.touches.push(Touch { site: purpose.site, cause, users_way: purpose.users_way });
    }
}

/// Why a site answers nobody at this moment, if it does not.
pub(crate) fn site_down(world: &World, site: usize, now: i64) -> Option<&'static str> {
    let down =
        |trouble: &&crate::world::Trouble| trouble.kind == TroubleKind::SiteDown && trouble.sites[site] && trouble.window.contains(now);
    world.troubles.iter().find(down).map(|trouble| trouble.failure)
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
