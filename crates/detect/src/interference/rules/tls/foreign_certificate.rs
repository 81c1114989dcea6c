//! Another certificate than the site's, on the site's own address.

use super::mitm_by;
use crate::interference::certificate::Chain;
use crate::interference::target::{Attempt, control_evidence, evidence};
use parallax_model::tables::Control;
use parallax_model::{Layer, Locus, Mechanism, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/foreign_certificate",
    layer: Layer::Tls,
    condition: "A handshake on an address that something independent vouches for showed a certificate that does not hold for the name, and the control's handshake succeeded: on the same address where the control tried that, and in any case where the certificate is good for another name.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls.mitm")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.5,
    why: "The address is the site's, so somebody between put a certificate of their own in its place.",
    innocent: "A probe with an old trust store or a wrong clock, or an antivirus program on the volunteer's machine. The chain is validated here again, and if it holds, or fails only for its dates, the rule stays silent. One of a site's servers that is set up wrongly.",
    source: "Durumeric et al.: The Security Impact of HTTPS Interception (NDSS 2017)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let foreign = |attempt: &&Attempt<'_>| {
        attempt.is_vouched() && target.shows_foreign_certificate(attempt) && control_contradicts(target, attempt).is_some()
    };
    let attempts: Vec<_> = target.tls.iter().filter(foreign).collect();
    let control = control_contradicts(target, attempts.first()?)?;
    let how = mitm_by(attempts.iter().map(|attempt| target.chain(attempt)))?;
    let mut found: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            evidence(
                attempt.row,
                "failure",
                format!("{} (chain: {})", attempt.failure().unwrap_or_default(), target.chain(attempt).as_str()),
            )
        })
        .collect();
    found.push(control_evidence(control, "failure", "null"));
    Some(Firing::new(found).how(how).against_control(target))
}

/// A certificate that is good for another name may be a server's own mistake: then only the same server's good one contradicts it.
fn control_contradicts<'a>(target: &Target<'a>, attempt: &Attempt<'a>) -> Option<&'a Control<'a>> {
    let ip = attempt.row.ip.as_deref();
    match target.chain(attempt) {
        Chain::SelfSigned | Chain::UnknownIssuer => target.control.successful_handshake(ip),
        _ => target.control.handshake(ip?).filter(|row| row.failure.is_none()),
    }
}
