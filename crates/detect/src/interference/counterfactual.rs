//! What single change would have given another verdict?
//!
//! The same rules are asked again about the same case with one thing changed. A reader sees what a verdict hangs on.

use serde::Serialize;

use parallax_model::State;

use super::case::Case;
use super::judge::{TargetJudgement, judge_with};
use super::neighbours::Neighbours;
use super::rules;

/// One change, and the state that the target would have had.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterfactual {
    /// The change, in words that follow "if".
    pub change: String,
    pub state: State,
}

/// The single changes that would have given this target another state.
pub fn counterfactuals(case: &Case<'_>, judgement: &TargetJudgement) -> Vec<Counterfactual> {
    let again = |case: &Case<'_>, without: &[&str]| {
        let rules: Vec<_> = rules::ALL.iter().copied().filter(|rule| !without.contains(&rule.id)).collect();
        judge_with(case, &rules).into_iter().find(|other| other.target == judgement.target).map(|other| other.state)
    };
    let mut found = Vec::new();
    let mut try_change = |change: String, state: Option<State>| {
        if let Some(state) = state.filter(|state| *state != judgement.state) {
            found.push(Counterfactual { change, state });
        }
    };
    for fired in &judgement.fired {
        try_change(format!("{} had not fired", fired.rule.id), again(case, &[fired.rule.id]));
    }
    if !case.controls.is_empty() {
        try_change("there had been no control".to_owned(), again(&without_control(case), &[]));
        try_change("the control had failed as well".to_owned(), again(&with_failed_control(case), &[]));
    }
    if !case.neighbours.is_empty() {
        let (none, reached) = (Neighbours::default(), case.neighbours.all_reached(case.measurement.probe_asn, &judgement.target));
        let beside = |neighbours| again(&Case { neighbours, ..copy(case) }, &[]);
        try_change("nothing were known of other occasions and other countries".to_owned(), beside(&none));
        try_change("every other occasion of this network had got through".to_owned(), beside(&reached));
    }
    try_change("every operation had succeeded".to_owned(), again(&with_success(case, &judgement.target), &[]));
    found
}

fn without_control<'a>(case: &Case<'a>) -> Case<'a> {
    Case { controls: Vec::new(), ..copy(case) }
}

fn with_failed_control<'a>(case: &Case<'a>) -> Case<'a> {
    let mut changed = copy(case);
    changed.controls.retain(|row| row.operation != parallax_model::Operation::Dns || row.failure.is_some());
    for row in &mut changed.controls {
        row.failure = Some("unknown_failure".into());
        row.http_response_status_code = None;
    }
    changed
}

fn with_success<'a>(case: &Case<'a>, target: &str) -> Case<'a> {
    let mut changed = copy(case);
    for row in changed.observations.iter_mut().filter(|row| row.target.as_deref() == Some(target)) {
        row.failure = None;
    }
    changed
}

fn copy<'a>(case: &Case<'a>) -> Case<'a> {
    Case {
        measurement: case.measurement.clone(),
        observations: case.observations.clone(),
        controls: case.controls.clone(),
        proven: case.proven,
        neighbours: case.neighbours,
        certificates: case.certificates,
        trust: case.trust,
        refdata: case.refdata,
    }
}
