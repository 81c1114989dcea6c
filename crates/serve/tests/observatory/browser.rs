//! Every page in a real browser (`browser/check.mjs`): Debian's Chromium, driven by Playwright, with axe. Where one of them is missing, this
//! says so and passes; CI installs them.

use std::path::Path;
use std::process::Command;

use crate::world::served;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser/check.mjs");

#[test]
fn every_page_holds_in_a_real_browser() {
    if let Some(missing) = missing() {
        eprintln!("skipped: {missing} is missing; CONTRIBUTING.md says how to install it");
        return;
    }
    let output = Command::new("node").arg(SCRIPT).arg(served()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stderr), text(&output.stdout));
    assert!(text(&output.stdout).contains(" 0 troubles"));
}

fn missing() -> Option<&'static str> {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let has_packages = Path::new(SCRIPT).with_file_name("node_modules").is_dir();
    match (Path::new(&chromium).exists(), Command::new("node").arg("--version").output().is_ok(), has_packages) {
        (false, _, _) => Some("Chromium"),
        (_, false, _) => Some("Node"),
        (_, _, false) => Some("browser/node_modules"),
        _ => None,
    }
}
