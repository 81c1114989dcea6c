//! Claims in sentences, and what speaks against them.

use parallax_detect::interference::neighbours::Finding;
use parallax_detect::interference::{Case, Compared, TargetJudgement};
use parallax_model::{Layer, Locus, State};

/// What is said about a measurement as a whole: its strongest claim, or that there is none.
pub(super) fn claim_of_measurement(case: &Case<'_>, judgements: &[TargetJudgement]) -> String {
    let accused: Vec<_> = judgements.iter().filter(|judgement| judgement.state.accuses()).collect();
    match accused.as_slice() {
        [] if judgements.is_empty() => "The measurement says nothing about any target.".to_owned(),
        [] if judgements.len() == 1 => claim_of_target(case, &judgements[0]),
        [] => format!("Nothing speaks of interference with any of {} targets.", judgements.len()),
        [only] => claim_of_target(case, only),
        several => format!("{} of {} targets were interfered with.", several.len(), judgements.len()),
    }
}

pub(super) fn claim_of_target(case: &Case<'_>, judgement: &TargetJudgement) -> String {
    let measurement = &case.measurement;
    let network = measurement.probe_asn.map_or("an unknown network".to_owned(), |asn| format!("AS{asn}"));
    let place = format!("from {network} ({})", measurement.probe_cc);
    let when = measurement.measurement_start_time;
    format!("{} {} {place} at {when}{}.", judgement.target, predicate(judgement), how(judgement))
}

fn predicate(judgement: &TargetJudgement) -> &'static str {
    match (judgement.state, judgement.locus) {
        (State::Blocked, _) => "was blocked",
        (State::LikelyBlocked, _) => "was very likely blocked",
        (State::Interfered, _) => "was reached, and was interfered with on the way,",
        (State::Impaired, _) => "did not work, and the evidence does not say why,",
        (State::Down, _) => "did not work for anybody, not only",
        (State::Ok, Locus::Server) => "was reached and refused by itself",
        (State::Ok, _) => "was reached, and nothing speaks of interference,",
        (State::Insufficient, _) => "was not tested well enough to say anything",
    }
}

fn how(judgement: &TargetJudgement) -> String {
    let ways: Vec<_> =
        judgement.accused_layers().filter_map(|verdict| verdict.mechanism).map(|way| format!("{way} ({})", way.meaning())).collect();
    if ways.is_empty() { String::new() } else { format!(", by {}", ways.join(" and ")) }
}

/// What speaks against the claim: the innocent look-alikes of the rules that accuse, the rules that say otherwise, and what is missing.
pub(super) fn against(case: &Case<'_>, judgement: &TargetJudgement) -> Vec<String> {
    let mut reasons = Vec::new();
    if judgement.state.accuses() {
        let accusing = judgement.fired.iter().filter(|fired| fired.rule.says.accuses() && !fired.is_overruled);
        reasons.extend(accusing.map(|fired| fired.rule.innocent.to_owned()));
        let otherwise = judgement.fired.iter().filter(|fired| fired.rule.says == State::Ok);
        reasons.extend(otherwise.map(|fired| format!("{} fired as well: {}", fired.rule.id, fired.rule.condition)));
        if judgement.deciding.is_some_and(|index| judgement.fired[index].firing.observers <= 1) && !is_repeated(judgement) {
            reasons.push("One measurement alone: a second one, of another probe or another hour, would make it stronger.".to_owned());
        }
    }
    if judgement.compared == Compared::None {
        reasons.push("There is no control to compare with.".to_owned());
    }
    for defect in &judgement.instrument {
        reasons.push(format!("The probe: {}.", defect.meaning()));
    }
    let missing = missing_layers(case, judgement);
    if !judgement.state.accuses() && !missing.is_empty() {
        reasons.push(format!("Not tested: {}.", missing.join(", ")));
    }
    reasons.dedup();
    reasons
}

/// Whether other occasions of the same network tell the same.
fn is_repeated(judgement: &TargetJudgement) -> bool {
    judgement.weighings.iter().any(|weighing| weighing.finding == Finding::Stands && weighing.neighbours() > 0.0)
}

/// Layers that a web test looks at and this one did not.
fn missing_layers(case: &Case<'_>, judgement: &TargetJudgement) -> Vec<&'static str> {
    if case.measurement.test_name != "web_connectivity" {
        return Vec::new();
    }
    let seen = |layer: Layer| judgement.layers.iter().any(|verdict| verdict.layer == layer);
    [Layer::Dns, Layer::Tcp, Layer::Http].into_iter().filter(|layer| !seen(*layer)).map(Layer::as_str).collect()
}
