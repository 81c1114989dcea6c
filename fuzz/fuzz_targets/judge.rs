//! A record with any of its parts changed is judged without a panic, twice the same; whoever accuses names a mechanism and evidence;
//! a counterfactual gives another state.
#![no_main]

use std::collections::HashMap;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use parallax_detect::interference::neighbours::{AnsweredName, HourCount, Kind, OwnRecordBuilder, Shared, SharedAnswers};
use parallax_detect::interference::{Case, Neighbours, ProvenAddresses, TargetJudgement, TrustAnchors, counterfactuals, judge};
use parallax_fuzz::read::{Read, read, read_with};
use parallax_fuzz::recipe::cook;
use parallax_fuzz::simulated::{self, RECORDS};
use parallax_ingest::fingerprints::FingerprintMatcher;
use parallax_ingest::refdata::{load, matcher};
use parallax_model::Operation;
use parallax_model::refdata::RefData;
use parallax_model::table::Row;
use parallax_model::tables::{Certificate, Control, Measurement, Observation};

/// The root of the simulated world is among the roots, so that its chains are valid.
static TRUST: LazyLock<TrustAnchors> = LazyLock::new(|| TrustAnchors::with(&REFDATA.root_certificates));
static REFDATA: LazyLock<RefData> = LazyLock::new(|| load(&simulated::refdata()).expect("the simulator's reference data"));
static FINGERPRINTS: LazyLock<FingerprintMatcher> = LazyLock::new(|| matcher(&simulated::refdata()).expect("the simulator's fingerprints"));
/// Two other networks shook hands wherever an undisturbed record did.
static PROVEN: LazyLock<ProvenAddresses> = LazyLock::new(|| {
    let mut proven = ProvenAddresses::default();
    for record in RECORDS.iter().filter(|record| record.name.ends_with("undisturbed")) {
        let rows = read(record.json.as_bytes());
        let observations = (0..rows.observations.num_rows()).map(|row| Observation::read(&rows.observations, row));
        for row in observations.filter(|row| row.operation == Operation::Tls && row.failure.is_none()) {
            if let (Some(hostname), Some(Ok(ip))) = (row.hostname, row.ip.map(|ip| ip.parse())) {
                [64501, 64502].into_iter().for_each(|network| proven.insert(&hostname, ip, network));
            }
        }
    }
    proven
});

/// The network got through to everything that undisturbed records tried, before and after, and lost it once.
static NEIGHBOURS: LazyLock<Neighbours> = LazyLock::new(|| {
    let mut own = OwnRecordBuilder::default();
    for record in RECORDS.iter().filter(|record| record.name.ends_with("undisturbed")) {
        let rows = read(record.json.as_bytes());
        let measurement = Measurement::read(&rows.measurements, 0);
        let now = measurement.measurement_start_time.seconds().div_euclid(3600);
        let hours = [(-3, 1, 0), (-1, 2, 0), (0, 0, 1), (2, 3, 0)];
        let hours = hours.map(|(hour, reached, lost)| HourCount { hour: now + hour, reached, lost });
        for row in (0..rows.observations.num_rows()).map(|row| Observation::read(&rows.observations, row)) {
            let kind = Kind { operation: row.operation, over_tls: false };
            own.push(measurement.probe_asn.unwrap_or_default(), kind, row.target.as_deref().unwrap_or_default(), &hours, true);
        }
    }
    Neighbours { own: own.finish(), answers: answers().into(), ..Neighbours::default() }
});

/// Whatever a disturbed record was answered, the network was answered for days, for another name as well, while it reached many others.
fn answers() -> SharedAnswers {
    let mut answers = SharedAnswers::default();
    for record in RECORDS.iter().filter(|record| !record.name.ends_with("undisturbed")) {
        let rows = read(record.json.as_bytes());
        let asn = Measurement::read(&rows.measurements, 0).probe_asn.unwrap_or_default();
        for row in (0..rows.observations.num_rows()).map(|row| Observation::read(&rows.observations, row)) {
            let (Some(hostname), Some(Ok(ip))) = (row.hostname, row.dns_answer.map(|answer| answer.parse())) else { continue };
            for hostname in [&*hostname, "unrelated.example.net"] {
                let name = AnsweredName { hostname: hostname.to_owned(), hours: 12, days: 3, answers: 24, reached: 0 };
                for network in asn..asn.saturating_add(3) {
                    let shared = Shared { names: Vec::new(), hours: 12, hours_others_reached: 11, other_names_reached: 60 };
                    answers.insert(network, ip, shared, name.clone());
                }
            }
        }
    }
    answers.finish()
}

fuzz_target!(|recipe: &[u8]| {
    let rows = read_with(cook(recipe).as_bytes(), &FINGERPRINTS);
    if rows.measurements.num_rows() == 0 {
        return;
    }
    let certificates: HashMap<String, Vec<u8>> = (0..rows.certificates.num_rows())
        .map(|row| Certificate::read(&rows.certificates, row))
        .map(|row| (row.fingerprint.into_owned(), row.der.into_owned()))
        .collect();
    let case = case_of(&rows, &certificates);
    let judgements = judge(&case);
    for judgement in &judgements {
        check(judgement);
        for counterfactual in counterfactuals(&case, judgement) {
            assert!(counterfactual.state != judgement.state && !counterfactual.change.is_empty());
        }
    }
    assert_eq!(judge(&case).iter().map(said).collect::<Vec<_>>(), judgements.iter().map(said).collect::<Vec<_>>());
});

fn case_of<'r>(rows: &'r Read, certificates: &'r HashMap<String, Vec<u8>>) -> Case<'r> {
    Case {
        measurement: Measurement::read(&rows.measurements, 0),
        observations: (0..rows.observations.num_rows()).map(|row| Observation::read(&rows.observations, row)).collect(),
        controls: (0..rows.controls.num_rows()).map(|row| Control::read(&rows.controls, row)).collect(),
        proven: &PROVEN,
        neighbours: &NEIGHBOURS,
        certificates,
        trust: &TRUST,
        refdata: &REFDATA,
    }
}

fn check(judgement: &TargetJudgement) {
    for verdict in judgement.accused_layers() {
        let mechanism = verdict.mechanism.expect("whoever accuses says how");
        assert!(mechanism.layer().is_none_or(|layer| layer == verdict.layer), "{mechanism} in {:?}", verdict.layer);
        let deciding = &judgement.fired[verdict.deciding.expect("a rule decided")];
        assert!(deciding.rule.says.accuses() && deciding.rule.layer == verdict.layer);
    }
    for fired in &judgement.fired {
        assert!(!fired.rule.says.accuses() || !fired.firing.evidence.is_empty(), "{} shows no evidence", fired.rule.id);
    }
    if judgement.state.accuses() {
        assert!(judgement.accused_layers().next().is_some(), "a target is accused and none of its layers is");
        let deciding = &judgement.fired[judgement.deciding.expect("a rule decided")];
        assert!(deciding.rule.says.accuses());
    }
}

/// What two runs must agree in.
fn said(judgement: &TargetJudgement) -> impl PartialEq + std::fmt::Debug + use<> {
    let fired: Vec<_> = judgement.fired.iter().map(|fired| (fired.rule.id, fired.firing.clone())).collect();
    (judgement.target.clone(), judgement.state, judgement.reached, judgement.layers.clone(), judgement.deciding, fired)
}
