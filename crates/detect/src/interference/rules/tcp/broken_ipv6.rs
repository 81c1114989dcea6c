//! The probe has no IPv6.

use crate::interference::target::evidence;
use parallax_model::{Instrument, Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tcp/broken_ipv6",
    layer: Layer::Tcp,
    condition: "Connects to IPv6 addresses failed throughout the measurement, whatever they were for, and none succeeded.",
    says: State::Insufficient,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::BrokenIpv6),
    lost: None,
    weight: 1.0,
    why: "Many networks hand out IPv6 addresses that lead nowhere. What fails for IPv6 as such says nothing about a site.",
    innocent: "A censor that blocks a site over IPv6 only; an IPv6 connection that works elsewhere in the measurement would show it.",
    source: "RFC 6555 (why clients race both)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if !target.ipv6_is_broken() {
        return None;
    }
    let failed = target.tcp.iter().filter(|attempt| attempt.is_ipv6() && !attempt.succeeded());
    let evidence: Vec<_> = failed.map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default())).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).within_measurement())
}
