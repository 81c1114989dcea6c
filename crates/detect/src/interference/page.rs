//! Is this the page that the control was given?
//!
//! Pages differ innocently all the time (news, advertisements, languages), so only a page that differs in everything at once counts
//! as different. The measures are those of Jones et al. (IMC 2014) as OONI's web_connectivity applies them.

use std::collections::BTreeSet;

use parallax_model::evidence::Evidence;
use parallax_model::tables::{Control, Observation};

use super::address::is_bogon;
use super::control::server_of;
use super::neighbours::is_server_in_trouble;
use super::target::{control_evidence, evidence};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    Same,
    Different,
    Unclear,
}

/// Pages whose lengths are at least this much alike are the same page.
const ALIKE: f64 = 0.7;
/// Pages whose lengths are less alike than this can be different pages.
const UNLIKE: f64 = 0.5;
/// Words of titles that are shorter say nothing ("page", "home").
const SHORTEST_WORD: usize = 5;

/// Headers that nearly every server sends: sharing them says nothing. Lower case.
const COMMON_HEADERS: &[&str] = &[
    "accept-ranges",
    "age",
    "alt-svc",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "location",
    "pragma",
    "server",
    "set-cookie",
    "transfer-encoding",
    "vary",
    "via",
    "x-powered-by",
];

/// Statuses with which a server refuses whom it does not want to serve.
const REFUSALS: &[u16] = &[401, 403, 429, 451];

/// CDNs that challenge or refuse visitors themselves, by how their Server header begins. Lower case.
const CHALLENGERS: &[&str] = &["cloudflare", "akamaighost", "ddos-guard", "sucuri", "imperva"];

/// Whether a response is a server's refusal: by its status, or as the challenge of a CDN.
pub fn refuses(row: &Observation<'_>) -> bool {
    let Some(status) = row.http_response_status_code else { return false };
    REFUSALS.contains(&status) || is_challenge(status, row.http_response_header_server.as_deref())
}

/// Whether a CDN asks the visitor to prove to be human.
pub fn is_challenge(status: u16, server: Option<&str>) -> bool {
    status == 503 && server.is_some_and(|server| cdn_of(server).is_some())
}

fn cdn_of(server: &str) -> Option<&'static str> {
    let begins = |name: &&&str| server.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    CHALLENGERS.iter().find(begins).copied()
}

/// Whether a response says that the server is in trouble.
pub fn is_server_error(row: &Observation<'_>) -> bool {
    row.failure.is_none() && row.http_response_status_code.is_some_and(is_server_in_trouble)
}

/// Whether a response bears a sign of the server that gave the control its page: its Server header, or an uncommon header of it. A CDN's
/// name is sign enough.
pub fn is_signed_by_the_site(row: &Observation<'_>, page: &Control<'_>) -> bool {
    let product = |server: &str| server.split(['/', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let (ours, control) = (row.http_response_header_server.as_deref(), server_of(page));
    let is_same = ours.zip(control).is_some_and(|(ours, control)| product(ours) == product(control));
    is_same || ours.and_then(cdn_of).is_some() || share_uncommon_header(row, page)
}

/// Whether a page bears a sign that an error in its place could lack.
pub fn bears_signs(page: &Control<'_>) -> bool {
    server_of(page).is_some() || header_names(&page.http_response_headers).iter().any(|name| is_uncommon(name))
}

/// Whether the same CDN says that it answered both: a page that differs is then its own, for this country or this visitor.
fn same_cdn(row: &Observation<'_>, page: &Control<'_>) -> bool {
    let cdn = |server: Option<&str>| server.and_then(cdn_of);
    cdn(row.http_response_header_server.as_deref()).is_some_and(|ours| cdn(server_of(page)) == Some(ours))
}

/// Whether this is the control's page beyond doubt: the same title, and about the same length.
pub fn is_the_very_page(row: &Observation<'_>, page: &Control<'_>) -> bool {
    let title = |title: Option<&str>| title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
    let ours = title(row.http_response_body_title.as_deref());
    ours.is_some()
        && ours == title(page.http_response_body_title.as_deref())
        && length_proportion(row, page).is_some_and(|proportion| proportion >= ALIKE)
}

pub fn compare(row: &Observation<'_>, page: &Control<'_>) -> Likeness {
    let success = |status: Option<u16>| status.is_some_and(|status| (200..300).contains(&status));
    if row.failure.is_some() || refuses(row) || !success(page.http_response_status_code) {
        return Likeness::Unclear;
    }
    let titles = titles_alike(row.http_response_body_title.as_deref(), page.http_response_body_title.as_deref());
    let proportion = length_proportion(row, page);
    if titles == Some(true) || proportion.is_some_and(|proportion| proportion >= ALIKE) || share_uncommon_header(row, page) {
        return Likeness::Same;
    }
    let all_differ = !same_cdn(row, page)
        && success(row.http_response_status_code)
        && titles == Some(false)
        && proportion.is_some_and(|proportion| proportion < UNLIKE);
    if all_differ { Likeness::Different } else { Likeness::Unclear }
}

/// What a reader needs to see that two pages differ.
pub fn difference(row: &Observation<'_>, page: &Control<'_>) -> Vec<Evidence> {
    vec![
        evidence(row, "http_response_body_length", row.http_response_body_length.unwrap_or_default()),
        evidence(row, "http_response_body_title", row.http_response_body_title.as_deref().unwrap_or_default()),
        control_evidence(page, "http_response_body_length", page.http_response_body_length.unwrap_or_default()),
        control_evidence(page, "http_response_body_title", page.http_response_body_title.as_deref().unwrap_or_default()),
    ]
}

/// `None` where the control's page has no title to compare with. A missing title differs from one that is there.
fn titles_alike(ours: Option<&str>, control: Option<&str>) -> Option<bool> {
    let words = |title: &str| -> BTreeSet<String> {
        title.split_whitespace().filter(|word| word.chars().count() >= SHORTEST_WORD).map(str::to_lowercase).collect()
    };
    let control = control.filter(|title| !title.trim().is_empty())?;
    let ours = ours.unwrap_or_default();
    Some(ours.trim() == control.trim() || !words(ours).is_disjoint(&words(control)))
}

/// The shorter length as a share of the longer; a body that was cut off has no length to compare.
fn length_proportion(row: &Observation<'_>, page: &Control<'_>) -> Option<f64> {
    if row.http_response_body_is_truncated == Some(true) {
        return None;
    }
    let (ours, control) = (row.http_response_body_length?, page.http_response_body_length?);
    let (shorter, longer) = (ours.min(control), ours.max(control));
    (longer > 0).then(|| shorter as f64 / longer as f64)
}

fn share_uncommon_header(row: &Observation<'_>, page: &Control<'_>) -> bool {
    let ours = header_names(&row.http_response_headers);
    header_names(&page.http_response_headers).iter().any(|name| is_uncommon(name) && ours.contains(name))
}

fn header_names(headers: &[parallax_model::Text<'_>]) -> BTreeSet<String> {
    headers.iter().filter_map(|header| header.split_once(':')).map(|(name, _)| name.trim().to_ascii_lowercase()).collect()
}

fn is_uncommon(name: &str) -> bool {
    !COMMON_HEADERS.contains(&name)
}

/// Whether a redirect leads to an address of a local network.
pub fn leads_to_private_address(row: &Observation<'_>) -> bool {
    let location = row.http_response_header_location.as_deref().unwrap_or_default();
    let is_web = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let absolute = location.split_once("://").filter(|(scheme, _)| is_web(scheme)).map(|(_, rest)| rest);
    let rest = absolute.or_else(|| location.strip_prefix("//")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let address = match host.strip_prefix('[') {
        Some(ipv6) => ipv6.split(']').next(),
        None => host.split(':').next(),
    };
    address.unwrap_or_default().parse().is_ok_and(is_bogon)
}
