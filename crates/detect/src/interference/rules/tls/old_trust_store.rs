//! The probe does not know the authority that vouches for the site.

use crate::interference::certificate::Chain;
use crate::interference::target::{Attempt, evidence};
use parallax_model::{Instrument, Layer, Locus, State};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/old_trust_store",
    layer: Layer::Tls,
    condition: "The probe refused the certificate chain as issued by an unknown authority, and the very same chain is valid here at the time of the measurement.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::OldTrustStore),
    lost: None,
    weight: 3.0,
    why: "The chain in the record is genuine: what fails is the list of authorities in this version of the software.",
    innocent: "None known: a box on the way cannot make a valid chain.",
    source: "Let's Encrypt: DST Root CA X3 expiration (2021), which failed old probes everywhere",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let genuine = |attempt: &&Attempt<'_>| attempt.failure() == Some("ssl_unknown_authority") && target.chain(attempt) == Chain::Valid;
    let evidence: Vec<_> =
        target.tls.iter().filter(genuine).map(|attempt| evidence(attempt.row, "failure", "ssl_unknown_authority (chain: valid)")).collect();
    (!evidence.is_empty()).then(|| Firing::new(evidence).within_measurement())
}
