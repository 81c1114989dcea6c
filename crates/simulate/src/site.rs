//! A site: one name in the world, where its servers are, and what they say.

use std::net::IpAddr;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::addresses::{AddressBook, Behind, OwnerId};
use crate::trouble::Change;
use crate::window::Window;

/// How a name's addresses are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hosting {
    /// One server for everybody.
    Fixed,
    /// A pool in each region, of which every lookup gets a few.
    Cdn,
    /// One server in each region, in a network of that region.
    Geo,
}

/// Addresses in one region of a CDN; enough that two lookups seldom agree.
const CDN_POOL: usize = 8;
/// How many of them one answer holds.
const CDN_ANSWER: usize = 2;

/// The place that the test helper stands in; countries follow it.
pub(crate) const TEST_HELPER_REGION: usize = 0;

#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    v4: Vec<IpAddr>,
    v6: Vec<IpAddr>,
}

/// When a site moves: from `from` to `to` both places are given out.
pub(crate) struct Move {
    /// Which trouble it is.
    pub trouble: usize,
    pub from: i64,
    pub to: i64,
    pub pools: Vec<Pool>,
}

/// What a site shows during a `site_change`.
pub(crate) struct Renewal {
    pub window: Window,
    /// Which trouble it is.
    pub trouble: usize,
    pub change: Change,
    pub title: String,
    /// None where the page stays.
    pub page: Option<(String, String)>,
}

pub(crate) struct Site {
    /// The hostname, or the role where there is no name.
    pub host: String,
    /// `telegram/web` and the like; none for sites.
    pub role: Option<&'static str>,
    pub pools: Vec<Pool>,
    pub moves: Option<Move>,
    pub renewals: Vec<Renewal>,
    pub status: u16,
    pub content_type: &'static str,
    /// What it calls its server, as most sites do.
    pub server: Option<&'static str>,
    pub title: String,
    /// The page up to the part that changes with every visit, and the rest.
    pub page: (String, String),
}

/// What sites call their servers, about as often as they do (W3Techs); one in eight keeps quiet.
const SERVERS: [Option<&str>; 16] = [
    Some("nginx"),
    Some("nginx"),
    Some("nginx/1.18.0 (Ubuntu)"),
    Some("nginx/1.24.0"),
    Some("Apache"),
    Some("Apache"),
    Some("Apache/2.4.57 (Debian)"),
    Some("cloudflare"),
    Some("cloudflare"),
    Some("cloudflare"),
    Some("LiteSpeed"),
    Some("openresty"),
    Some("Microsoft-IIS/10.0"),
    Some("AmazonS3"),
    None,
    None,
];

/// The same for a host in every world.
pub(crate) fn server_of(host: &str) -> Option<&'static str> {
    let digest = host.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    SERVERS[(digest >> 32) as usize % SERVERS.len()]
}

impl Site {
    /// What Parallax calls it.
    pub fn target(&self) -> &str {
        self.role.unwrap_or(&self.host)
    }

    /// What it says of itself beside every page.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let server = self.server.map(|server| ("Server", server.to_string()));
        std::iter::once(("Content-Type", self.content_type.to_string())).chain(server).collect()
    }

    /// The addresses of a pool that apps know without a lookup.
    pub fn members(&self) -> &[IpAddr] {
        self.pools.first().map_or(&[], |pool| &pool.v4)
    }

    /// The addresses that one honest lookup gives.
    pub fn answer(&self, region: usize, now: i64, rng: &mut ChaCha8Rng) -> (Vec<IpAddr>, Vec<IpAddr>) {
        let moved = self.moves.as_ref().filter(|moves| now >= moves.from && (now >= moves.to || rng.random_bool(0.5)));
        let pool = &moved.map_or(&self.pools, |moves| &moves.pools)[region];
        (some_of(&pool.v4, rng), some_of(&pool.v6, rng))
    }

    /// The change that is in force, if there is one.
    pub fn renewal(&self, now: i64) -> Option<&Renewal> {
        self.renewals.iter().find(|renewal| renewal.window.contains(now, 0))
    }

    pub fn title_at(&self, now: i64) -> &str {
        self.renewal(now).filter(|renewal| renewal.page.is_some()).map_or(&self.title, |renewal| &renewal.title)
    }

    /// A page, with a part in it that differs at every visit, as pages have.
    pub fn body(&self, now: i64, visit: u64) -> String {
        let (head, rest) = self.page_at(now);
        let mut body = String::with_capacity(head.len() + rest.len() + 64);
        body.push_str(head);
        if !rest.is_empty() {
            body.push_str(&format!("<!-- visit {visit:016x} -->\n"));
            body.push_str(rest);
        }
        body
    }

    /// The length of every such page.
    pub fn body_length_at(&self, now: i64) -> usize {
        length(self.page_at(now))
    }

    /// The length of the page as it first was.
    pub fn body_length(&self) -> usize {
        length(&self.page)
    }

    fn page_at(&self, now: i64) -> &(String, String) {
        self.renewal(now).and_then(|renewal| renewal.page.as_ref()).unwrap_or(&self.page)
    }
}

/// Whether a host has a name in the DNS; pools of addresses have a role instead.
pub(crate) fn is_name(host: &str) -> bool {
    !host.contains('/')
}

fn length((head, rest): &(String, String)) -> usize {
    head.len() + rest.len() + if rest.is_empty() { 0 } else { "<!-- visit 0123456789abcdef -->\n".len() }
}

fn some_of(addresses: &[IpAddr], rng: &mut ChaCha8Rng) -> Vec<IpAddr> {
    if addresses.len() <= CDN_ANSWER {
        return addresses.to_vec();
    }
    let first = rng.random_range(0..addresses.len());
    (0..CDN_ANSWER).map(|step| addresses[(first + step) % addresses.len()]).collect()
}

/// Gives a site servers. `local` are the networks that stand for each region, the test helper's first.
pub(crate) fn pools(book: &mut AddressBook, hosting: Hosting, owner: OwnerId, local: &[OwnerId], site: usize, ipv6: bool) -> Vec<Pool> {
    match hosting {
        Hosting::Fixed => vec![pool(book, owner, site, 1, ipv6); local.len()],
        Hosting::Cdn => local.iter().map(|_| pool(book, owner, site, CDN_POOL, ipv6)).collect(),
        Hosting::Geo => local.iter().map(|region| pool(book, *region, site, 1, ipv6)).collect(),
    }
}

fn pool(book: &mut AddressBook, owner: OwnerId, site: usize, size: usize, ipv6: bool) -> Pool {
    let v4 = (0..size).map(|_| book.new_v4(owner, Behind::Site(site))).collect();
    let v6 = (0..if ipv6 { size } else { 0 }).map(|_| book.new_v6(owner, Behind::Site(site))).collect();
    Pool { v4, v6 }
}

/// The same fixed addresses in every region.
pub(crate) fn fixed_pools(addresses: Vec<IpAddr>, regions: usize) -> Vec<Pool> {
    vec![Pool { v4: addresses, v6: Vec::new() }; regions]
}
