//! OONI's emulated scenarios, each with a known truth: alone, all in one archive, and without their controls.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Archive, files, shared_data};
use crate::table::{hold, markdown, words};

/// Scenarios whose verdict we know to be wrong, each with the reason. A scenario that is right must not be here.
const KNOWN_MISSES: &[(&str, &str)] = &[];

/// What the scenario was made to be.
struct Truth {
    state: String,
    layers: Vec<String>,
    may_also: Vec<String>,
}

/// What Parallax said of a scenario as a whole: the accused targets of it, or its input.
#[derive(Clone, Debug, Default)]
struct Said {
    state: String,
    layers: Vec<String>,
    mechanisms: Vec<String>,
    rules: Vec<String>,
}

impl Said {
    fn accuses(&self) -> bool {
        accuses(&self.state)
    }
}

fn accuses(state: &str) -> bool {
    matches!(state, "blocked" | "likely_blocked" | "interfered")
}

#[test]
fn every_interfered_scenario_is_accused_and_no_innocent_one() {
    let Some(folder) = shared_data("ooni/qa") else { return };
    let truth = truth(&folder);
    let scenarios: Vec<PathBuf> = files(&folder).into_iter().filter(|path| name(path) != "truth").collect();
    assert_eq!(scenarios.len(), truth.len());
    let alone: BTreeMap<String, Said> =
        scenarios.iter().map(|path| (name(path), said_of(&archive_of(std::slice::from_ref(path)), path))).collect();
    let together_archive = archive_of(&scenarios);
    let mut rows = Vec::new();
    let mut wrong_layers = Vec::new();
    for path in &scenarios {
        let scenario = name(path);
        let (truth, said) = (&truth[&scenario], &alone[&scenario]);
        let together = said_of(&together_archive, path);
        let uncontrolled = without_control(path);
        let guilty = accuses(&truth.state) || truth.state == "blocked";
        let missed = KNOWN_MISSES.iter().find(|(name, _)| *name == scenario);
        assert_eq!(said.accuses() == guilty, missed.is_none(), "{scenario}: truth {}, said {said:?}", truth.state);
        assert_eq!(together.state, said.state, "{scenario} is judged otherwise in company");
        assert!(guilty || !uncontrolled.accuses(), "{scenario}: accused without a control: {uncontrolled:?}");
        let expected = |layer: &String| truth.layers.contains(layer) || truth.may_also.contains(layer);
        if !truth.layers.iter().all(|layer| said.layers.contains(layer)) || !said.layers.iter().all(expected) {
            wrong_layers.push(scenario.clone());
        }
        rows.push(vec![
            scenario,
            truth.state.clone(),
            truth.layers.join(", "),
            said.state.clone(),
            said.layers.join(", "),
            said.mechanisms.join(", "),
            said.rules.join(", "),
            uncontrolled.state,
        ]);
    }
    assert!(wrong_layers.len() <= 1, "layers differ in {wrong_layers:?}");
    let head = ["scenario", "truth", "layers", "Parallax", "layers", "mechanisms", "decided by", "without its control"];
    let guilty = rows.iter().filter(|row| accuses(&row[1])).count();
    let found = rows.iter().filter(|row| accuses(&row[1]) && accuses(&row[3])).count();
    let accused = rows.iter().filter(|row| accuses(&row[3])).count();
    let summary = format!(
        "Of {guilty} scenarios with interference {found} were accused; of {accused} accused {found} were interfered with; layers as in the truth in {} of {} scenarios.\n\n",
        rows.len() - wrong_layers.len(),
        rows.len()
    );
    hold("scenarios.md", &(summary + &markdown(&head, &rows)));
}

fn archive_of(paths: &[PathBuf]) -> Archive {
    let archive = Archive::new();
    archive.ingest_and_judge(paths);
    archive
}

fn said_of(archive: &Archive, path: &std::path::Path) -> Said {
    let file = path.file_name().expect("a file").to_string_lossy();
    let rows = archive.query(&format!(
        "SELECT target_role, state, layers, mechanisms, deciding_rule FROM judgements WHERE source_file = '{file}' ORDER BY target_role, target"
    ));
    let list = |row: &Value, key: &str| row[key].as_array().into_iter().flatten().map(words).collect::<Vec<_>>();
    let strongest = rows.iter().find(|row| accuses(row["state"].as_str().unwrap_or_default()));
    let row = strongest.or_else(|| rows.iter().find(|row| row["target_role"] == "input")).expect("every scenario has a judgement");
    Said {
        state: words(&row["state"]),
        layers: list(row, "layers"),
        mechanisms: list(row, "mechanisms"),
        rules: vec![words(&row["deciding_rule"])],
    }
}

fn without_control(path: &std::path::Path) -> Said {
    let text = std::fs::read_to_string(path).expect("a scenario");
    let mut record: Value = serde_json::from_str(&text).expect("JSON");
    record["test_keys"].as_object_mut().expect("test keys").remove("control");
    let folder = tempfile::tempdir().expect("a folder");
    let changed = folder.path().join(path.file_name().expect("a file"));
    std::fs::write(&changed, record.to_string()).expect("written");
    said_of(&archive_of(std::slice::from_ref(&changed)), &changed)
}

fn truth(folder: &std::path::Path) -> BTreeMap<String, Truth> {
    let text = std::fs::read_to_string(folder.join("truth.json")).expect("the truth");
    let truth: BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
    let list = |value: &Value| value.as_array().into_iter().flatten().map(words).collect::<Vec<_>>();
    truth
        .into_iter()
        .map(|(name, value)| {
            let truth = Truth { state: words(&value["state"]), layers: list(&value["layers"]), may_also: list(&value["may_also"]) };
            (name, truth)
        })
        .collect()
}

fn name(path: &std::path::Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}
