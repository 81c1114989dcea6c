//! A redirect in the clear to somebody else's page.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::is_bogon;
use crate::interference::page::{Likeness, compare, difference, leads_to_private_address};
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Standing, Target, evidence};

pub const RULE: Rule = Rule {
    id: "http/redirect_elsewhere",
    layer: Layer::Http,
    condition: "A response in the clear, from an address that the control was given too, redirected to a host of another registered name, and the page there differs from the control's page in title, length and headers.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http.redirect")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 1.5,
    why: "The same address leads the control to the site's page; whoever sent the probe to another name's page stood in between.",
    innocent: "A site that sends visitors of one country to a partner's site; a portal of the place where the probe is.",
    source: "OONI blocking fingerprints (header.location): most national block pages are reached by such a redirect",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page().filter(|_| !target.control.is_indirect())?;
    let in_clear = |attempt: &&Attempt<'_>| !target.is_protected(attempt) && attempt.standing >= Standing::Networks;
    let redirect = target.user_path(&target.http).filter(in_clear).find(|attempt| leads_to_other_name(target, attempt))?;
    let destination = target
        .case
        .observations
        .iter()
        .filter(|row| row.depth > redirect.row.depth && row.http_response_status_code.is_some())
        .filter(|row| row.hostname.as_deref().is_some_and(|host| is_other_name(host, target.name)))
        .find(|row| compare(row, page) == Likeness::Different)?;
    let mut found = vec![evidence(redirect.row, "http_response_header_location", location_host(redirect)?)];
    found.extend(difference(destination, page));
    Some(Firing::new(found).how(Mechanism::of("http.redirect")).against_control(target))
}

fn location_host<'r>(attempt: &'r Attempt<'_>) -> Option<&'r str> {
    let location = attempt.row.http_response_header_location.as_deref()?;
    let rest = location.split_once("://").map(|(_, rest)| rest)?;
    rest.split(['/', '?', '#', ':']).next()
}

/// `example.com` and `example.co.uk` bear the same name; so do `www.example.com` and `login.example.com`.
fn leads_to_other_name(target: &Target<'_>, attempt: &Attempt<'_>) -> bool {
    !leads_to_private_address(attempt.row) && location_host(attempt).is_some_and(|host| is_other_name(host, target.name))
}

/// A public address in place of a name is another name; a private one is nobody's.
fn is_other_name(host: &str, ours: &str) -> bool {
    if let Ok(address) = host.parse() {
        return host != ours && !is_bogon(address);
    }
    let name_of = |host: &str| psl::domain_str(host).and_then(|domain| domain.split('.').next()).map(str::to_ascii_lowercase);
    name_of(host).zip(name_of(ours)).is_some_and(|(theirs, ours)| theirs != ours)
}
