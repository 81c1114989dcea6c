//! The interface for programs against its own document, asked by schemathesis (from PyPI; `SCHEMATHESIS` may name it). Where it is missing,
//! this says so and passes.

use std::process::Command;

use crate::world::served;

/// Ten tries of each kind: some seconds. `docs/serve.md` has the command for more.
const ARGUMENTS: &[&str] = &["--max-examples", "10", "--seed", "1", "--phases", "coverage,fuzzing"];

#[test]
fn schemathesis_finds_nothing() {
    let program = std::env::var("SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    if Command::new(&program).arg("--version").output().is_err() {
        eprintln!("skipped: schemathesis is missing; `pip install schemathesis` installs it");
        return;
    }
    let document = format!("{}/api/v1/openapi.json", served());
    // Most texts are no SQL, and days that end before they begin are refused: no document can say that.
    let rest = ["--exclude-path", "/api/v1/query", "--exclude-checks", "positive_data_acceptance"];
    let query = ["--include-path", "/api/v1/query", "--exclude-checks", "positive_data_acceptance"];
    for which in [&rest[..], &query[..]] {
        let dir = tempfile::TempDir::new().unwrap();
        let output = Command::new(&program).arg("run").arg(&document).args(ARGUMENTS).args(which).current_dir(dir.path()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    }
}
