//! An alias that is on a list of forged answers.

use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Lookup, NETWORKS_THAT_PROVE, Target, evidence};

pub const RULE: Rule = Rule {
    id: "dns/known_forged_alias",
    layer: Layer::Dns,
    condition: "A lookup was answered with an alias (CNAME) that the DNS fingerprints list as a forged answer for this country (or for no country in particular).",
    says: State::Blocked,
    mechanism: Some(Mechanism::of("dns.injection.blockpage")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 4.0,
    why: "The alias is the name of a block page's server: no site gives it as its own.",
    innocent: "The block page's server itself was the name asked for. An address behind the alias that the control was given too, or that proves the name in a handshake, keeps the rule silent.",
    source: "OONI blocking fingerprints (fingerprints_dns.csv)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let refdata = target.case.refdata;
    let country = target.case.measurement.probe_cc.as_ref();
    let listed = |alias: &str| {
        let fingerprint = refdata.fingerprints.get(refdata.forged_aliases.get(alias)?)?;
        let countries = &fingerprint.expected_countries;
        let expected = countries.is_empty() || countries.contains(country);
        (expected && fingerprint.is_artefact() && !is_own(target, alias)).then_some(fingerprint)
    };
    let mut found = Vec::new();
    for lookup in target.plain_lookups().filter(|lookup| !leads_to_the_site(target, lookup)) {
        let aliases = lookup.aliases.iter().filter_map(|(alias, row)| Some((alias, row, listed(alias)?)));
        found.extend(aliases.map(|(alias, row, fingerprint)| evidence(row, "dns_answer", format!("{alias} ({})", fingerprint.name))));
    }
    (!found.is_empty()).then(|| Firing::new(found).how(Mechanism::of("dns.injection.blockpage")))
}

/// Whether the name asked for is the block page's own, or of the same owner.
fn is_own(target: &Target<'_>, alias: &str) -> bool {
    let domain = |name| psl::domain_str(name).unwrap_or(name);
    target.name == alias || domain(target.name) == domain(alias)
}

fn leads_to_the_site(target: &Target<'_>, lookup: &Lookup<'_>) -> bool {
    lookup.answers.iter().any(|(ip, _)| {
        target.control_addresses().contains(ip) || target.has_own_handshake(*ip) || target.networks_that_proved(*ip) >= NETWORKS_THAT_PROVE
    })
}
