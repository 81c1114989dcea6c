//! The probe's clock is wrong.

use crate::interference::target::{Attempt, control_evidence, evidence, is_certificate_failure};
use parallax_model::{Instrument, Layer, Locus, State, Timestamp};

use crate::interference::rule::{Firing, Rule};
use crate::interference::target::Target;

pub const RULE: Rule = Rule {
    id: "tls/wrong_clock",
    layer: Layer::Tls,
    condition: "The probe found a certificate out of date, and its clock was wrong by more than a day: beside the Date header that its control was given, or beside the moment at which the measurement was handed in.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: Some(Instrument::Clock),
    lost: None,
    weight: 2.5,
    why: "Whether a certificate is valid today depends on what the probe takes for today.",
    innocent: "None known: a box on the way does not set the probe's clock.",
    source: "Acer et al.: Where the Wild Warnings Are (CCS 2017): client clocks",
    fires,
};

/// Further than this from the control's clock, a probe's clock is wrong rather than slow.
const ONE_DAY_S: i64 = 86_400;

fn fires(target: &Target<'_>) -> Option<Firing> {
    let refused = |attempt: &&Attempt<'_>| attempt.failure().is_some_and(is_certificate_failure);
    let measurement = &target.case.measurement;
    let error = measurement.probe_clock_error.map(|seconds| seconds as i64);
    let said = measurement.measurement_start_time.seconds().saturating_add(error.unwrap_or_default());
    let off = |date: i64| date.saturating_sub(said).saturating_abs();
    let by_control = target.control_clock().map(|(date, control)| (off(date), Some((date, control))));
    let by_collector = error.map(|error| (error.saturating_abs(), None));
    let (off, control) = by_control.or(by_collector).filter(|(off, _)| *off > ONE_DAY_S)?;
    let mut found: Vec<_> = target
        .tls
        .iter()
        .filter(refused)
        .map(|attempt| evidence(attempt.row, "failure", format!("{} (clock off by {off} s)", attempt.failure().unwrap_or_default())))
        .collect();
    if found.is_empty() {
        return None;
    }
    let Some((date, control)) = control else { return Some(Firing::new(found).within_measurement()) };
    found.push(control_evidence(
        control,
        "http_response_headers",
        format!("Date: {}", Timestamp::from_microseconds(date.saturating_mul(1_000_000))),
    ));
    Some(Firing::new(found).against_control(target))
}
