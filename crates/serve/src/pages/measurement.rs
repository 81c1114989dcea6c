//! One measurement: the proof of what is said about it, as `parallax explain` writes it, and what was tried, step by step, beside the
//! control.

use askama::Template;
use parallax_engine::explain::{Proof, ProvenTarget, SourceState, Weighing};
use parallax_engine::{Limits, literal};
use parallax_model::tables::{Control, Observation};

use crate::observatory::Edition;
use crate::parts::{Frame, bytes, plural};
use crate::route::{Answer, Asked, Load, Route, Trouble};
use crate::rows::{clip, select, typed};
use crate::{countries, urls};

pub const ROUTE: Route = Route { path: "/measurement/{uid}", load: Load::Heavy, answer };

/// Steps of one measurement that are shown.
const MOST_STEPS: usize = 400;

/// One thing that was tried, by the probe or by the control.
struct Step {
    who: &'static str,
    layer: &'static str,
    what: String,
    how: String,
    outcome: String,
    is_failure: bool,
    pointer: String,
}

struct Record {
    proof: Proof,
    country: String,
    steps: Vec<Step>,
    left_out: bool,
}

#[derive(Template)]
#[template(path = "measurement.html")]
struct Page {
    frame: Frame,
    uid: String,
    records: Vec<Record>,
    api: String,
}

fn answer(asked: &Asked) -> Result<Answer, Trouble> {
    let uid = asked.segment("uid");
    let proofs = asked.edition.explain(uid)?;
    if proofs.is_empty() {
        return Err(Trouble::NotFound { what: "measurement", name: uid.to_owned() });
    }
    let records = proofs.into_iter().map(|proof| record(&asked.edition, proof)).collect::<Result<Vec<_>, _>>()?;
    let api = format!("/api/v1/measurements/{}", urls::segment(uid));
    Answer::html(&Page { frame: Frame::new(asked, format!("Measurement {}", clip(uid))), uid: uid.to_owned(), records, api })
}

fn record(edition: &Edition, proof: Proof) -> Result<Record, Trouble> {
    // The country and the time are named too, so that the files of one week are opened.
    let time = proof.measurement_start_time.trim_end_matches(" UTC").replace(' ', "T");
    let rest = format!(
        "WHERE measurement_uid = {} AND raw_digest = {} AND probe_cc = {} AND measurement_start_time >= TIMESTAMP '{time}Z' \
         AND measurement_start_time < TIMESTAMP '{time}Z' + INTERVAL '1 second' ORDER BY ordinal LIMIT {}",
        literal(&proof.measurement_uid),
        literal(&proof.source.record_sha256),
        literal(&proof.probe_cc),
        MOST_STEPS + 1
    );
    let observations = select::<Observation<'_>>(&edition.engine, &rest, &Limits::default())?;
    let controls = select::<Control<'_>>(&edition.engine, &rest, &Limits::default())?;
    let (observations, controls): (Vec<Observation<'_>>, Vec<Control<'_>>) = (typed(&observations), typed(&controls));
    let left_out = observations.len() > MOST_STEPS || controls.len() > MOST_STEPS;
    let tried = observations.iter().take(MOST_STEPS).map(tried);
    let steps = tried.chain(controls.iter().take(MOST_STEPS).map(compared)).collect();
    Ok(Record { country: countries::label(&proof.probe_cc), proof, steps, left_out })
}

fn tried(row: &Observation<'_>) -> Step {
    let texts = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let text = |value: &Option<parallax_model::Text<'_>>| value.as_deref().map(clip);
    let address = address(row.ip.as_deref(), row.port);
    let (what, how) = match row.operation.as_str() {
        "dns" => (text(&row.hostname).unwrap_or_default(), texts(vec![text(&row.dns_query_type), text(&row.dns_engine)])),
        "http" => (text(&row.http_request_url).unwrap_or_default(), texts(vec![text(&row.http_request_method), address])),
        _ => (texts(vec![text(&row.tls_server_name).or_else(|| text(&row.hostname))]), texts(vec![address])),
    };
    let found = vec![
        text(&row.dns_answer),
        row.http_response_status_code.map(|status| format!("status {status}")),
        row.http_response_body_length.map(bytes),
        text(&row.http_response_body_title).map(|title| format!("title {title}")),
        (!row.http_response_fingerprints.is_empty()).then(|| format!("fingerprints {}", row.http_response_fingerprints.join(", "))),
        text(&row.tls_version),
        (!row.tls_certificate_chain.is_empty()).then(|| plural(row.tls_certificate_chain.len() as u64, "certificate")),
    ];
    let found = texts(found);
    Step {
        who: "probe",
        layer: row.operation.as_str(),
        what,
        how,
        outcome: outcome(row.failure.as_deref(), found),
        is_failure: row.failure.is_some(),
        pointer: row.json_pointer.to_string(),
    }
}

fn compared(row: &Control<'_>) -> Step {
    let found = [
        row.http_response_status_code.map(|status| format!("status {status}")),
        row.http_response_body_length.map(bytes),
        row.http_response_body_title.as_deref().map(|title| format!("title {}", clip(title))),
        (row.operation.as_str() == "dns").then(|| row.ip.as_deref().map(str::to_owned)).flatten(),
    ];
    let address = address(row.ip.as_deref(), row.port).filter(|_| row.operation.as_str() != "dns");
    Step {
        who: "control",
        layer: row.operation.as_str(),
        what: row.hostname.as_deref().map(clip).unwrap_or_default(),
        how: address.unwrap_or_default(),
        outcome: outcome(row.failure.as_deref(), found.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        is_failure: row.failure.is_some(),
        pointer: row.json_pointer.to_string(),
    }
}

fn outcome(failure: Option<&str>, found: String) -> String {
    match (failure, found.is_empty()) {
        (Some(failure), true) => clip(failure),
        (Some(failure), false) => format!("{}; {found}", clip(failure)),
        (None, true) => "worked".to_owned(),
        (None, false) => found,
    }
}

fn address(ip: Option<&str>, port: Option<u16>) -> Option<String> {
    match (ip, port) {
        (Some(ip), Some(port)) if ip.contains(':') => Some(format!("[{ip}]:{port}")),
        (Some(ip), Some(port)) => Some(format!("{ip}:{port}")),
        (ip, _) => ip.map(str::to_owned),
    }
}

/// What the template asks of a proof.
impl Record {
    fn network(&self) -> String {
        let asn = self.proof.probe_asn.map_or("unknown network".to_owned(), |asn| format!("AS{asn}"));
        format!("{asn} {}", self.proof.probe_as_org_name.as_deref().unwrap_or_default()).trim_end().to_owned()
    }

    fn state_of_source(&self) -> &'static str {
        match self.proof.source.state {
            SourceState::Kept => "a copy of the file is in the archive",
            SourceState::Unchanged => "the file lies where it was read, unchanged",
            SourceState::Changed => "the file has changed since it was read",
            SourceState::Gone => "the file is gone from where it was read",
            SourceState::Unknown => "the archive does not know where the file lies",
        }
    }
}

fn observers(target: &ProvenTarget) -> String {
    plural(u64::from(target.control_observers), "independent observer")
}

fn is_outdated(target: &ProvenTarget) -> bool {
    target.stored_state.is_some_and(|stored| stored != target.state)
}

/// What the same network's other occasions and other countries add to a lost connection, in a sentence.
fn weighing(weighing: &Weighing) -> String {
    format!(
        "{}: this network reached the target on {} and lost it on {} other occasions within {} hours; in other countries {} reached it and {} lost it at the time. \
         The rule's weight {:.2} and these neighbours {:+.2} make {:.2}; an accusation stands from {:.1}.",
        weighing.operation,
        weighing.before.reached + weighing.same_hour.reached + weighing.after.reached,
        weighing.before.lost + weighing.same_hour.lost + weighing.after.lost,
        weighing.within_hours,
        plural(u64::from(weighing.elsewhere.networks_reached), "network"),
        weighing.elsewhere.networks_lost,
        weighing.weight,
        weighing.neighbours(),
        weighing.sum,
        weighing.stands_from
    )
}
