//! The truth about a simulated world: `truth-events.jsonl` (`docs/simulator.md`).

use std::path::Path;

use parallax_detect::evaluation::events::Incident;
use parallax_model::{EventKind, Mechanism, Timestamp};
use serde::Deserialize;

use super::Truth;
use crate::commands::evaluate::truth;
use crate::failure::Failure;

/// A line as it is written, as far as it is compared.
#[derive(Deserialize)]
struct Line {
    event: String,
    incident: String,
    kind: String,
    mechanism: Option<Mechanism>,
    probe_cc: Vec<String>,
    networks: Vec<u32>,
    targets: Vec<String>,
    share: f64,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    touched: u64,
}

pub fn recognises(beginning: &str) -> bool {
    let first = beginning.lines().next().unwrap_or_default();
    first.starts_with('{') && first.contains("\"event\":") && first.contains("\"incident\":") && first.contains("\"kind\":")
}

pub fn read(path: &Path) -> Result<Truth, Failure> {
    let (mut incidents, mut unseen) = (Vec::new(), 0);
    for line in truth::lines(path)? {
        let (number, text) = line?;
        let line: Line = serde_json::from_str(&text).map_err(|error| truth::wrong(path, number, &error.to_string()))?;
        // A shutdown leaves nothing that could name it.
        match line.touched > 0 || line.kind == "shutdown" {
            true => incidents.push(incident(line)),
            false => unseen += 1,
        }
    }
    Ok(Truth { incidents, is_complete: true, left_out: vec![(unseen, "no measurement met them")] })
}

fn incident(line: Line) -> Incident {
    let kind = match line.kind.as_str() {
        "blocking" => Some(EventKind::Blocking),
        "shutdown" => Some(EventKind::Shutdown),
        _ => None,
    };
    Incident {
        name: line.event,
        incident: line.incident,
        kind,
        word: line.kind,
        countries: line.probe_cc,
        networks: line.networks,
        targets: line.targets,
        mechanism: line.mechanism,
        share: line.share,
        began: line.from.map(|time| (time, time)),
        ended: line.to.map(|time| (time, time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_world_is_an_incident() {
        let text = r#"{"event":"censor-3","source":"censor-3","kind":"blocking","mechanism":"tls.reset.sni","layer":"tls","probe_cc":["XA"],"networks":[64500],"targets":["a.example"],"share":0.5,"volume":null,"from":"2024-03-05T06:00:00Z","to":null,"schedule":null,"software_version":null,"incident":"censor-3","touched":65}"#;
        assert!(recognises(text));
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t.jsonl"), text).unwrap();
        let truth = read(&dir.path().join("t.jsonl")).unwrap();
        let [incident] = &truth.incidents[..] else { panic!() };
        assert_eq!((incident.kind, incident.share, incident.ended), (Some(EventKind::Blocking), 0.5, None));
        assert!(incident.began.is_some_and(|(from, _)| from.to_string() == "2024-03-05 06:00:00 UTC"));
    }
}
