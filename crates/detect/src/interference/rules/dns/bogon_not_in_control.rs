//! An address that cannot be a public site, given only inside.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::interference::is_bogon;
use crate::interference::page::is_the_very_page;
use crate::interference::target::{Attempt, Lookup, evidence};
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/bogon_not_in_control",
    layer: Layer::Dns,
    condition: "A lookup in the clear was answered with nothing but reserved addresses (RFC 6890) and the control with public ones; where only the system's resolver did so, the reserved address did not serve the site either.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("dns.injection.bogon")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.5,
    why: "A public name has no reason to point to a private, local or reserved address in one network only; censors answer with such addresses so that the connection fails.",
    innocent: "A filter of the volunteer's own (a router, a hosts file, an advertisement blocker) answers the same. Inside a company's or a university's network its own site can have a private address: there the address proves the name, or serves the control's page, and the rule stays silent.",
    source: "Aryan, Aryan, Halderman: Internet Censorship in Iran (FOCI 2013); OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let control_has_public = target.control.addresses().any(|(ip, _)| !is_bogon(ip));
    let control_has_bogon = target.control.addresses().any(|(ip, _)| is_bogon(ip));
    if !control_has_public || control_has_bogon {
        return None;
    }
    let lookups = target.plain_lookups().filter(|lookup| lookup.answers.iter().all(|(ip, _)| is_bogon(*ip)));
    let own = addresses_that_serve_the_site(target);
    let is_split_horizon = |lookup: &Lookup<'_>| lookup.is_system() && lookup.answers.iter().any(|(ip, _)| own.contains(ip));
    let bogons = lookups.filter(|lookup| !is_split_horizon(lookup)).flat_map(|lookup| &lookup.answers);
    let evidence: Vec<_> = bogons.map(|(ip, row)| evidence(row, "dns_answer", ip)).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).how(Mechanism::of("dns.injection.bogon")).against_control(target))
}

fn addresses_that_serve_the_site(target: &Target<'_>) -> BTreeSet<IpAddr> {
    let page = target.control.good_page();
    let is_the_page = |attempt: &&Attempt<'_>| attempt.succeeded() && page.is_some_and(|page| is_the_very_page(attempt.row, page));
    let proved = target.tls.iter().filter_map(|attempt| attempt.ip).filter(|ip| target.has_own_handshake(*ip));
    proved.chain(target.http.iter().filter(is_the_page).filter_map(|attempt| attempt.ip)).collect()
}
