//! OONI's event labels: what people who know a country wrote down about incidents, as JSON (`docs/labels` of OONI's data repository).
//!
//! One object with `"grain": "event"` and a list `events`. Of each: `event_class` (`true_event` or something else), `probe_cc`, `asn_scope` (empty
//! where no network is named), `target_set`, `onset_earliest`, `onset_latest`, `resolution_earliest`, `resolution_latest`, `mechanisms`, and
//! `superseded_by`. The set is made by hand and names few of the things that happened, so that what it does not name is not false.

use std::path::Path;

use parallax_detect::evaluation::events::Incident;
use parallax_model::{EventKind, Timestamp};
use serde::Deserialize;

use super::Truth;
use crate::commands::evaluate::truth;
use crate::failure::Failure;

#[derive(Deserialize)]
struct File {
    events: Vec<Label>,
}

/// A label as it is written, as far as it is compared.
#[derive(Deserialize)]
#[serde(default)]
struct Label {
    event_id: String,
    incident_id: Option<String>,
    event_class: String,
    probe_cc: String,
    asn_scope: Vec<u32>,
    target_set: Vec<String>,
    mechanisms: Vec<String>,
    onset_earliest: Option<Timestamp>,
    onset_latest: Option<Timestamp>,
    resolution_earliest: Option<Timestamp>,
    resolution_latest: Option<Timestamp>,
    superseded_by: Option<String>,
}

impl Default for Label {
    fn default() -> Self {
        Self {
            event_id: String::new(),
            incident_id: None,
            event_class: String::new(),
            probe_cc: String::new(),
            asn_scope: Vec::new(),
            target_set: Vec::new(),
            mechanisms: Vec::new(),
            onset_earliest: None,
            onset_latest: None,
            resolution_earliest: None,
            resolution_latest: None,
            superseded_by: None,
        }
    }
}

/// The class of what did happen.
const TRUE_EVENT: &str = "true_event";
const HOUR_US: i64 = 3_600_000_000;

pub fn recognises(beginning: &str) -> bool {
    let text: String = beginning.chars().filter(|letter| !letter.is_whitespace()).collect();
    text.starts_with('{') && text.contains("\"grain\":\"event\"")
}

pub fn read(path: &Path) -> Result<Truth, Failure> {
    let text = truth::whole(path)?;
    let file: File = serde_json::from_str(&text).map_err(|error| truth::wrong(path, error.line() as u64, &error.to_string()))?;
    let (mut superseded, mut unclear, mut incidents) = (0, 0, Vec::new());
    for label in file.events {
        if label.superseded_by.is_some() {
            superseded += 1;
        } else if label.probe_cc.is_empty() || label.target_set.is_empty() || label.onset_latest.is_none() {
            unclear += 1;
        } else {
            incidents.push(incident(label));
        }
    }
    let left_out = vec![(superseded, "another label replaced them"), (unclear, "they name no country, no target or no onset")];
    Ok(Truth { incidents, is_complete: false, left_out })
}

fn incident(label: Label) -> Incident {
    let span = |earliest: Option<Timestamp>, latest: Option<Timestamp>| Some((earliest.or(latest)?, latest.or(earliest)?));
    let kind = (label.event_class == TRUE_EVENT).then_some(EventKind::Blocking);
    let ended = span(label.resolution_earliest, label.resolution_latest);
    Incident {
        incident: label.incident_id.unwrap_or_else(|| label.event_id.clone()),
        name: label.event_id,
        kind,
        word: if kind.is_some() { "blocking".to_owned() } else { label.event_class },
        countries: vec![label.probe_cc],
        networks: label.asn_scope,
        targets: label.target_set,
        mechanism: label.mechanisms.iter().find_map(|path| path.parse().ok()),
        share: 1.0,
        began: span(label.onset_earliest, label.onset_latest),
        // A day that is named as the end goes on until midnight.
        ended: ended.map(|(earliest, latest)| (earliest, Timestamp::from_microseconds(latest.microseconds() + HOUR_US))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_incidents_and_what_cannot_be_compared_is_counted() {
        let text = r#"{"export_version": "1", "grain": "event", "events": [
            {"event_id": "1", "incident_id": null, "event_class": "true_event", "probe_cc": "XA", "asn_scope": [64500], "target_set": ["a.example"],
             "onset_earliest": "2024-02-01T00:00:00", "onset_latest": "2024-02-02T00:00:00", "resolution_earliest": null,
             "resolution_latest": null, "mechanisms": [], "superseded_by": null, "confidence": "probable"},
            {"event_id": "2", "event_class": "true_event", "probe_cc": "", "target_set": []},
            {"event_id": "3", "event_class": "artifact", "probe_cc": "XA", "target_set": ["b.example"], "onset_latest": "2024-02-02T00:00:00"},
            {"event_id": "4", "probe_cc": "XA", "superseded_by": "1"}]}"#;
        assert!(recognises(text));
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("labels.json"), text).unwrap();
        let truth = read(&dir.path().join("labels.json")).unwrap();
        let kinds: Vec<_> = truth.incidents.iter().map(|incident| incident.kind).collect();
        assert_eq!(kinds, [Some(EventKind::Blocking), None]);
        assert_eq!(truth.left_out.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 1]);
        assert!(!truth.is_complete);
    }
}
