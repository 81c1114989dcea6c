//! The real binary on an archive of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

pub struct Archive {
    folder: TempDir,
}

impl Archive {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs one command and hands over what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_parallax"))
            .arg("--archive")
            .arg(self.folder.path().join("archive"))
            .args(arguments)
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub fn ingest_and_judge(&self, inputs: &[PathBuf]) {
        let mut arguments = vec!["ingest".to_owned()];
        arguments.extend(inputs.iter().map(|path| path.display().to_string()));
        self.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        self.run(&["judge"]);
    }

    pub fn query(&self, sql: &str) -> Vec<Value> {
        serde_json::from_str(&self.run(&["query", sql, "--format", "json"])).expect("JSON")
    }
}

/// The folder of real data, where there is one.
pub fn shared_data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no {folder} beside the checkout");
    None
}

/// The files of a folder, by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}
