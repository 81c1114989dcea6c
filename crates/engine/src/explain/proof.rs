//! The proof as a value: everything that a person needs to check a claim, and to repeat it.

use parallax_detect::interference::{
    Case, Compared, Counterfactual, Fired, LayerVerdict, RULESET_VERSION, TargetJudgement, Weighing, counterfactuals,
};
use parallax_model::evidence::Evidence;
use parallax_model::tables::Judgement;
use parallax_model::{Instrument, Layer, Locus, Mechanism, State, TargetRole};
use serde::Serialize;

use super::words;

/// What is said about one record, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    pub measurement_uid: String,
    /// The claim in a sentence.
    pub claim: String,
    pub test_name: String,
    pub test_version: Option<String>,
    pub input: Option<String>,
    pub probe_cc: String,
    pub probe_asn: Option<u32>,
    pub probe_as_org_name: Option<String>,
    pub measurement_start_time: String,
    pub software: String,
    /// What the probe itself concluded; no verdict rests on it.
    pub probe_analysis: Option<String>,
    pub source: Source,
    pub targets: Vec<ProvenTarget>,
    pub repeat: Repeat,
}

/// Where the raw record lies, and whether it is still what was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    pub file: String,
    /// Line, or number of the record in its file, from 1.
    pub line: u64,
    /// Byte in the decompressed file.
    pub offset: u64,
    pub length: u64,
    pub file_sha256: String,
    pub record_sha256: String,
    pub state: SourceState,
    pub path: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// A copy is in the archive.
    Kept,
    /// It lies where it was read, with the same digest.
    Unchanged,
    /// There is a file, but not the one that was read.
    Changed,
    /// It is no longer where it was read.
    Gone,
    /// The archive does not know.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProvenTarget {
    pub target: String,
    pub registrable_domain: Option<String>,
    pub role: TargetRole,
    pub claim: String,
    pub state: State,
    /// Whether the archive's own row says the same; it does not when rules or reference data changed since `parallax judge`.
    pub stored_state: Option<State>,
    pub reached: bool,
    pub locus: Locus,
    pub instrument: Vec<Instrument>,
    pub layers: Vec<ProvenLayer>,
    pub rules: Vec<ProvenRule>,
    pub control: Compared,
    /// How many independent observers stand behind the control that decided.
    pub control_observers: u32,
    /// Accusations that rest on a lost connection, each with the other occasions of this network, the other countries, and the sum.
    pub neighbours: Vec<Weighing>,
    pub witnesses: Vec<Witness>,
    /// What speaks against the claim.
    pub against: Vec<String>,
    pub counterfactuals: Vec<Counterfactual>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProvenLayer {
    pub layer: Layer,
    pub state: State,
    pub mechanism: Option<Mechanism>,
    pub deciding_rule: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProvenRule {
    pub rule: &'static str,
    pub decided: bool,
    /// Another rule that fired knows better why a connection was lost.
    pub overruled: bool,
    pub says: State,
    pub mechanism: Option<Mechanism>,
    /// log10 of how much likelier the evidence is under what the rule says than otherwise.
    pub weight: f64,
    pub condition: &'static str,
    pub why: &'static str,
    pub method: &'static str,
    pub compared: Compared,
    pub evidence: Vec<Evidence>,
}

/// A measurement of another network that proved an address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Witness {
    pub ip: String,
    pub probe_asn: u32,
    /// Whether the chain was in its record and is valid here.
    pub validated: bool,
    pub measurement_uid: String,
}

/// What it takes to come to the same words again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repeat {
    pub parallax_version: &'static str,
    pub ruleset_version: &'static str,
    pub refdata_digest: String,
    pub fingerprints_digest: Option<String>,
}

pub(super) fn write(
    case: &Case<'_>,
    judgements: &[TargetJudgement],
    stored: &[Judgement<'_>],
    witnesses: Vec<Vec<Witness>>,
    source: Source,
) -> Proof {
    let measurement = &case.measurement;
    let text = |text: &Option<parallax_model::Text<'_>>| text.as_deref().map(str::to_owned);
    Proof {
        measurement_uid: measurement.measurement_uid.to_string(),
        claim: words::claim_of_measurement(case, judgements),
        test_name: measurement.test_name.to_string(),
        test_version: text(&measurement.test_version),
        input: text(&measurement.input),
        probe_cc: measurement.probe_cc.to_string(),
        probe_asn: measurement.probe_asn,
        probe_as_org_name: text(&measurement.probe_as_org_name),
        measurement_start_time: measurement.measurement_start_time.to_string(),
        software: [&measurement.software_name, &measurement.software_version].into_iter().filter_map(text).collect::<Vec<_>>().join(" "),
        probe_analysis: text(&measurement.probe_analysis),
        source,
        targets: judgements.iter().zip(witnesses).map(|(judgement, witnesses)| target(case, judgement, stored, witnesses)).collect(),
        repeat: Repeat {
            parallax_version: env!("CARGO_PKG_VERSION"),
            ruleset_version: RULESET_VERSION,
            refdata_digest: case.refdata.digest.clone(),
            fingerprints_digest: text(&measurement.fingerprints_digest),
        },
    }
}

fn target(case: &Case<'_>, judgement: &TargetJudgement, stored: &[Judgement<'_>], witnesses: Vec<Witness>) -> ProvenTarget {
    let deciding = judgement.deciding.map(|index| &judgement.fired[index]);
    ProvenTarget {
        target: judgement.target.clone(),
        registrable_domain: judgement.registrable_domain.clone(),
        role: judgement.role,
        claim: words::claim_of_target(case, judgement),
        state: judgement.state,
        stored_state: stored.iter().find(|row| row.target == judgement.target).map(|row| row.state),
        reached: judgement.reached,
        locus: judgement.locus,
        instrument: judgement.instrument.clone(),
        layers: judgement.layers.iter().map(|verdict| layer(judgement, verdict)).collect(),
        rules: (0..judgement.fired.len()).map(|index| rule(&judgement.fired[index], judgement.deciding == Some(index))).collect(),
        control: judgement.compared,
        control_observers: deciding.map_or(0, |fired| fired.firing.observers),
        neighbours: judgement.weighings.clone(),
        witnesses,
        against: words::against(case, judgement),
        counterfactuals: counterfactuals(case, judgement),
    }
}

fn layer(judgement: &TargetJudgement, verdict: &LayerVerdict) -> ProvenLayer {
    ProvenLayer {
        layer: verdict.layer,
        state: verdict.state,
        mechanism: verdict.mechanism,
        deciding_rule: verdict.deciding.map(|index| judgement.fired[index].rule.id),
    }
}

fn rule(fired: &Fired, decided: bool) -> ProvenRule {
    ProvenRule {
        rule: fired.rule.id,
        decided,
        overruled: fired.is_overruled,
        says: fired.rule.says,
        mechanism: fired.firing.mechanism.or(fired.rule.mechanism),
        weight: fired.rule.weight,
        condition: fired.rule.condition,
        why: fired.rule.why,
        method: fired.rule.source,
        compared: fired.firing.compared,
        evidence: fired.firing.evidence.clone(),
    }
}
