//! The sites of a world: those of the file, and the services of the apps.

use std::collections::HashMap;

use crate::addresses::{AddressBook, Behind, OwnerId};
use crate::censor::Censor;
use crate::error::{check_name, wrong};
use crate::range::Range;
use crate::services::{self, POOL_MEMBERS, TELEGRAM_DATA_CENTRES, TELEGRAM_POOL, TELEGRAM_RANGES};
use crate::site::{self, Hosting, Move, Renewal, Site};
use crate::trouble::{Change, Trouble, TroubleKind};
use crate::web_address::WebAddress;
use crate::world::Target;
use crate::world_file::{TargetFile, WorldFile};
use crate::{Error, Mechanism, pages};

const MAX_BODY_BYTES: u32 = 4 << 20;
/// Of all pages together, which are all made before the first measurement.
const MAX_BODIES_BYTES: u64 = 256 << 20;
const MAX_SITES: usize = 2_000;
const MAX_WEIGHT: u32 = 1_000_000;
const DEFAULT_BODY_BYTES: u32 = 6_000;

pub(crate) fn sites(file: &WorldFile, book: &mut AddressBook, local: &[OwnerId]) -> Result<Vec<Site>, Error> {
    let hosters =
        [(65536, "Basalt Hosting"), (65537, "Chalk Servers"), (65538, "Amber CDN")].map(|(asn, name)| book.owner(asn, name, "ZZ"));
    if file.target.iter().map(|typed| u64::from(body_bytes(typed))).sum::<u64>() > MAX_BODIES_BYTES {
        return Err(wrong(format!("the pages of all targets together must have at most {MAX_BODIES_BYTES} bytes")));
    }
    let mut sites: Vec<Site> = Vec::new();
    for (index, typed) in file.target.iter().enumerate() {
        let place = format!("target {}", index + 1);
        let url = WebAddress::parse(&typed.url)
            .ok_or_else(|| wrong(format!("{place}: {:?} is not a plain http:// or https:// URL", typed.url)))?;
        if url.address().is_some() {
            return Err(wrong(format!("{place}: a target needs a name, and {} is an address", url.host)));
        }
        if sites.iter().any(|known| known.host == url.host) {
            continue;
        }
        let hosting = match typed.hosting.as_str() {
            "fixed" => Hosting::Fixed,
            "cdn" => Hosting::Cdn,
            "geo" => Hosting::Geo,
            other => return Err(wrong(format!("{place}: hosting {other:?} is not one of fixed, cdn, geo"))),
        };
        let owner = if hosting == Hosting::Cdn { hosters[2] } else { hosters[index % 2] };
        let pools = site::pools(book, hosting, owner, local, sites.len(), typed.ipv6);
        sites.push(web_site(file.seed, &place, typed, &url.host, pools)?);
    }
    for service in services::all() {
        let owner = book.owner(service.asn, service.owner, "ZZ");
        let index = sites.len();
        let pools = if service.host == TELEGRAM_POOL {
            TELEGRAM_RANGES.iter().for_each(|(first, last)| book.claim_range(*first, *last, owner));
            let centres = TELEGRAM_DATA_CENTRES.iter().map(|centre| book.note((*centre).into(), Behind::Site(index))).collect();
            site::fixed_pools(centres, local.len())
        } else if !site::is_name(service.host) {
            let members = (0..POOL_MEMBERS).map(|_| book.new_v4(owner, Behind::Site(index))).collect();
            site::fixed_pools(members, local.len())
        } else {
            site::pools(book, Hosting::Fixed, owner, local, index, false)
        };
        sites.push(Site {
            host: service.host.into(),
            role: Some(service.role),
            pools,
            moves: None,
            renewals: Vec::new(),
            status: service.status,
            content_type: if service.body.starts_with('{') { "application/json" } else { "text/html" },
            server: None,
            title: String::new(),
            page: (service.body.into(), String::new()),
        });
    }
    match sites.len() {
        0..=MAX_SITES => Ok(sites),
        _ => Err(wrong(format!("more than {MAX_SITES} sites"))),
    }
}

fn body_bytes(typed: &TargetFile) -> u32 {
    typed.body_bytes.map_or(DEFAULT_BODY_BYTES, Range::value)
}

fn web_site(seed: u64, place: &str, typed: &TargetFile, host: &str, pools: Vec<site::Pool>) -> Result<Site, Error> {
    let title = typed.title.clone().unwrap_or_else(|| host.into());
    check_name(place, &title)?;
    let bytes = body_bytes(typed);
    if bytes > MAX_BODY_BYTES {
        return Err(wrong(format!("{place}: body_bytes must be at most {MAX_BODY_BYTES}")));
    }
    let page = pages::site(seed, host, &title, bytes as usize);
    Ok(Site {
        host: host.into(),
        role: None,
        pools,
        moves: None,
        renewals: Vec::new(),
        status: 200,
        content_type: "text/html; charset=utf-8",
        server: site::server_of(host),
        title,
        page,
    })
}

/// What the web tests are asked to fetch. `needed`: whether the world runs any nettest that measures them.
pub(crate) fn targets(file: &WorldFile, site_by_host: &HashMap<String, usize>, needed: bool) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for (index, typed) in file.target.iter().enumerate() {
        let place = format!("target {}", index + 1);
        let parse =
            |url: &str| WebAddress::parse(url).ok_or_else(|| wrong(format!("{place}: {url:?} is not a plain http:// or https:// URL")));
        let url = parse(&typed.url)?;
        let redirect = typed.redirect.as_deref().map(parse).transpose()?;
        if let Some(next) = redirect.as_ref().filter(|next| !site_by_host.contains_key(&next.host)) {
            return Err(wrong(format!("{place}: the redirect leads to {}, which is not the host of any [[target]]", next.host)));
        }
        if redirect.as_ref() == Some(&url) || targets.iter().any(|known| known.url == url) {
            return Err(wrong(format!("{place}: {url} stands twice or redirects to itself")));
        }
        let weight = typed.weight.value();
        if !(1..=MAX_WEIGHT).contains(&weight) {
            return Err(wrong(format!("{place}: weight must be 1 to {MAX_WEIGHT}")));
        }
        let site = site_by_host[&url.host];
        targets.push(Target { input: typed.url.clone(), url, site, redirect, weight });
    }
    match targets.is_empty() && needed {
        true => Err(wrong("there is no [[target]] for the web tests to fetch")),
        false => Ok(targets),
    }
}

/// Gives the sites that a `cdn_change` concerns their second place.
pub(crate) fn move_sites(sites: &mut [Site], troubles: &[Trouble], book: &mut AddressBook, local: &[OwnerId]) {
    let new_home = book.owner(65539, "Drift CDN", "ZZ");
    for (number, trouble) in troubles.iter().enumerate().filter(|(_, trouble)| trouble.kind == TroubleKind::CdnChange) {
        for index in (0..sites.len()).filter(|index| trouble.sites[*index]) {
            let pools = site::pools(book, Hosting::Cdn, new_home, local, index, false);
            sites[index].moves = Some(Move { trouble: number, from: trouble.window.from, to: trouble.window.to, pools });
        }
    }
}

/// Gives the sites that a `site_change` concerns their second page and certificate.
pub(crate) fn renew_sites(seed: u64, sites: &mut [Site], troubles: &[Trouble]) {
    for (number, trouble) in troubles.iter().enumerate().filter(|(_, trouble)| trouble.kind == TroubleKind::SiteChange) {
        for (_, site) in sites.iter_mut().enumerate().filter(|(index, site)| trouble.sites[*index] && site.role.is_none()) {
            let title = format!("{}, new", site.title);
            let page = match trouble.change {
                // Half as long again, so that a length alone does not pass for the old page.
                Change::Page => Some(pages::site(seed, &format!("{} {number}", site.host), &title, site.body_length() * 3 / 2)),
                _ => None,
            };
            site.renewals.push(Renewal { window: trouble.window.clone(), trouble: number, change: trouble.change, title, page });
        }
    }
}

/// The sites that some censor shows a false certificate for.
pub(crate) fn intercepted<'a>(sites: &'a [Site], censors: &[Censor]) -> Vec<&'a str> {
    let mitm = |censor: &&Censor| matches!(censor.mechanism, Mechanism::TlsMitmSelfSigned | Mechanism::TlsMitmCaSigned);
    let touched = |index: usize| censors.iter().filter(mitm).any(|censor| censor.sites[index]);
    let named = sites.iter().enumerate().filter(|(_, site)| site::is_name(&site.host));
    named.filter(|(index, _)| touched(*index)).map(|(_, site)| site.host.as_str()).collect()
}
