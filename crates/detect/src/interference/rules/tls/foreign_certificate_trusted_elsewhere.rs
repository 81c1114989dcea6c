//! Another certificate than the one that other networks are shown, in a record without a control of its own.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use super::mitm_by;
use crate::interference::certificate::Chain;
use crate::interference::control::Site;
use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Standing, Target, evidence};

pub const RULE: Rule = Rule {
    id: "tls/foreign_certificate_trusted_elsewhere",
    layer: Layer::Tls,
    condition: "The record has no handshake of a control with the target. No handshake on the user's path succeeded; one of them, on an address that distinct other networks proved by valid handshakes with the name, or in the network of such an address, showed a certificate that is signed by itself or by an authority that nobody knows; and in the same hours at least two other networks, more than lost it, completed theirs.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("tls.mitm")),
    locus: Locus::Network,
    instrument: None,
    lost: None,
    weight: 2.0,
    why: "Others are shown a certificate there that holds for the name, this week and in these very hours: the one that was shown here is somebody else's.",
    innocent: "An antivirus program or a company's filter where the volunteer sits. A probe with an old trust store or a wrong clock: the chain is validated here again, and if it holds, or fails only for its dates, the rule stays silent. An app with an authority of its own is never proved elsewhere unless that authority is in the reference data.",
    source: "Durumeric et al.: The Security Impact of HTTPS Interception (NDSS 2017); Raman et al.: Investigating Large Scale HTTPS Interception in Kazakhstan (IMC 2020)",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let attempts: Vec<_> = target.usable(&target.tls).filter(|attempt| attempt.on_user_path).collect();
    let has_control = target.control.handshakes().next().is_some() || target.control.site() == Site::Fails;
    if has_control || attempts.iter().any(|attempt| attempt.succeeded()) {
        return None;
    }
    let foreign = |attempt: &&&Attempt<'_>| {
        let is_proved = matches!(attempt.standing, Standing::Networks | Standing::ProvenNetwork);
        let is_unknown = matches!(target.chain(attempt), Chain::SelfSigned | Chain::UnknownIssuer);
        is_proved && is_unknown && target.shows_foreign_certificate(attempt)
    };
    let shown: Vec<_> = attempts.iter().filter(foreign).collect();
    let how = mitm_by(shown.iter().map(|attempt| target.chain(attempt)))?;
    let networks = neighbours::alive_elsewhere(target, Operation::Tls)?;
    let certificate = |attempt: &&&&Attempt<'_>| {
        let what = format!("{} (chain: {})", attempt.failure().unwrap_or_default(), target.chain(attempt).as_str());
        evidence(attempt.row, "failure", what)
    };
    Some(Firing::new(shown.iter().map(|attempt| certificate(&attempt)).collect()).how(how).against_other_networks(networks))
}
