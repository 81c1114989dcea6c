//! The control cannot find the name either.

use crate::interference::is_bogon;
use crate::interference::target::{control_evidence, evidence};
use parallax_model::evidence::Evidence;
use parallax_model::{Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "dns/control_fails_too",
    layer: Layer::Dns,
    condition: "No lookup by the system's resolver gave a usable address, and neither did the control's; nor was the control given a page.",
    says: State::Down,
    mechanism: None,
    locus: Locus::Server,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "A name that nobody can find is gone; no network is to blame.",
    innocent: "A censor whose reach includes the control, or who took the name away at its registry.",
    source: "OONI nettest specification ts-017",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let usable = target.user_lookups().flat_map(|lookup| &lookup.answers).any(|(ip, _)| !is_bogon(*ip));
    let asked: Vec<_> = target.user_lookups().filter(|lookup| !lookup.only_lacks_this_type()).collect();
    let control_failure = target.control.dns_failure();
    let control_bogon = target.control.addresses().find(|(ip, _)| is_bogon(*ip));
    let control_has_public = target.control.addresses().any(|(ip, _)| !is_bogon(ip));
    if usable || asked.is_empty() || control_has_public || target.control.good_page().is_some() {
        return None;
    }
    let control = control_failure
        .map(|row| control_evidence(row, "failure", row.failure.as_deref().unwrap_or_default()))
        .or_else(|| control_bogon.map(|(ip, row)| control_evidence(row, "ip", ip)))
        .or_else(|| failed_chain(target))?;
    let mut found: Vec<_> = asked
        .iter()
        .map(|lookup| match lookup.answers.first() {
            Some((ip, row)) => evidence(row, "dns_answer", ip),
            None => evidence(lookup.first, "failure", lookup.failure().unwrap_or_default()),
        })
        .collect();
    found.push(control);
    Some(Firing::new(found).against_control(target))
}

/// A hop that the control did not look up by itself: its redirect chain came to no end either.
fn failed_chain(target: &Target<'_>) -> Option<Evidence> {
    let page = target.control.page().filter(|_| target.control.is_indirect())?;
    Some(control_evidence(page, "failure", page.failure.as_deref()?))
}
