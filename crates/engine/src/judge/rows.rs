//! What the rules said of a target, as rows of `verdicts` and `judgements`.

use parallax_detect::interference::{Case, Compared, Fired, LayerVerdict, RULESET_VERSION, TargetJudgement};
use parallax_model::Text;
use parallax_model::tables::{Judgement, JudgementRows, Verdict, VerdictRows};

pub(super) fn push_judgement(case: &Case<'_>, judgement: &TargetJudgement, rows: &mut JudgementRows) {
    let measurement = &case.measurement;
    rows.push(&Judgement {
        measurement_uid: borrowed(&measurement.measurement_uid),
        raw_digest: borrowed(&measurement.raw_digest),
        source_file: borrowed(&measurement.source_file),
        source_line: measurement.source_line,
        input: measurement.input.as_deref().map(Text::Borrowed),
        target: Text::Borrowed(&judgement.target),
        registrable_domain: judgement.registrable_domain.as_deref().map(Text::Borrowed),
        target_role: judgement.role,
        test_name: borrowed(&measurement.test_name),
        probe_cc: borrowed(&measurement.probe_cc),
        probe_asn: measurement.probe_asn,
        measurement_start_time: measurement.measurement_start_time,
        state: judgement.state,
        layers: judgement.accused_layers().map(|verdict| verdict.layer).collect(),
        mechanisms: judgement.accused_layers().filter_map(|verdict| verdict.mechanism).collect(),
        locus: judgement.locus,
        instrument: judgement.instrument.clone(),
        rules_fired: judgement.fired.iter().map(|fired| Text::Borrowed(fired.rule.id)).collect(),
        deciding_rule: judgement.deciding.map(|index| Text::Borrowed(judgement.fired[index].rule.id)),
        control: Text::Borrowed(judgement.compared.as_str()),
        ruleset_version: Text::Borrowed(RULESET_VERSION),
        refdata_digest: Text::Borrowed(&case.refdata.digest),
        ..Judgement::default()
    });
}

pub(super) fn push_verdicts(case: &Case<'_>, judgement: &TargetJudgement, rows: &mut VerdictRows) {
    for verdict in &judgement.layers {
        rows.push(&verdict_row(case, judgement, verdict));
    }
}

fn verdict_row<'r>(case: &'r Case<'_>, judgement: &'r TargetJudgement, verdict: &'r LayerVerdict) -> Verdict<'r> {
    let measurement = &case.measurement;
    let deciding: Option<&Fired> = verdict.deciding.map(|index| &judgement.fired[index]);
    Verdict {
        measurement_uid: borrowed(&measurement.measurement_uid),
        raw_digest: borrowed(&measurement.raw_digest),
        measurement_start_time: measurement.measurement_start_time,
        probe_cc: borrowed(&measurement.probe_cc),
        probe_asn: measurement.probe_asn,
        test_name: borrowed(&measurement.test_name),
        target: Text::Borrowed(&judgement.target),
        registrable_domain: judgement.registrable_domain.as_deref().map(Text::Borrowed),
        target_role: judgement.role,
        layer: verdict.layer,
        state: verdict.state,
        mechanism: verdict.mechanism,
        locus: verdict.locus,
        instrument: verdict.instrument.clone(),
        rules_fired: verdict.fired.iter().map(|index| Text::Borrowed(judgement.fired[*index].rule.id)).collect(),
        deciding_rule: deciding.map(|fired| Text::Borrowed(fired.rule.id)),
        weight: deciding.map_or(0.0, |fired| fired.rule.weight),
        control: Text::Borrowed(deciding.map_or(Compared::None, |fired| fired.firing.compared).as_str()),
        control_observers: deciding.map_or(0, |fired| fired.firing.observers),
        evidence: evidence_pointers(deciding),
        ruleset_version: Text::Borrowed(RULESET_VERSION),
        refdata_digest: Text::Borrowed(&case.refdata.digest),
        ..Verdict::default()
    }
}

/// Where the deciding evidence stands, each place once.
fn evidence_pointers(deciding: Option<&Fired>) -> Vec<Text<'_>> {
    let mut pointers: Vec<Text<'_>> =
        deciding.iter().flat_map(|fired| &fired.firing.evidence).map(|one| Text::Borrowed(one.json_pointer.as_str())).collect();
    pointers.dedup();
    pointers
}

fn borrowed<'r>(text: &'r Text<'_>) -> Text<'r> {
    Text::Borrowed(text)
}
