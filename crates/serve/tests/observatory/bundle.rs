//! The script of charts is what its sources make, and is sent as it should be.

use std::path::Path;
use std::process::Command;

use axum::http::Request;

use crate::world::demo;

const BROWSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");
const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/assets");

/// Where Node or the packages are missing, this says so and passes; CI installs them.
#[test]
fn the_bundle_in_the_repository_is_what_its_sources_make() {
    if !Path::new(BROWSER).join("node_modules/vite").is_dir() || Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: browser/node_modules is missing; CONTRIBUTING.md says how to install it");
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("node");
        command.arg(format!("node_modules/{program}")).args(arguments).current_dir(BROWSER).env("BUNDLE_FOLDER", folder.path());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
    };
    run("typescript/bin/tsc", &["--project", "../web"]);
    run("vite/bin/vite.js", &["build"]);
    for file in ["charts.js", "charts.licences.txt"] {
        let (made, kept) = (std::fs::read(folder.path().join(file)).unwrap(), std::fs::read(Path::new(ASSETS).join(file)).unwrap());
        assert!(made == kept, "{file} is not what its sources make; run `npm run build --prefix crates/serve/browser`");
    }
}

fn script(page: &str) -> String {
    page.split("<script src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
}

#[test]
fn the_script_is_sent_packed_once_and_kept() {
    let site = demo();
    let address = script(&site.page("/"));
    let ask = |encoding: &str| site.ask(Request::get(&address).header("host", "localhost").header("accept-encoding", encoding));
    let packed = ask("br;q=1.0, gzip;q=0.8");
    assert_eq!((packed.status.as_u16(), packed.header("content-encoding"), packed.header("vary")), (200, "gzip", "accept-encoding"));
    assert!(packed.header("cache-control").contains("immutable") && packed.bytes.len() <= 350_000, "{}", packed.bytes.len());
    for encoding in ["identity", "", "gzip;q=0"] {
        let plain = ask(encoding);
        assert_eq!(plain.header("content-encoding"), "");
        assert!(plain.bytes == std::fs::read(Path::new(ASSETS).join("charts.js")).unwrap());
    }
    assert_eq!(site.at("/script/charts-000000000000.js").status, 404);
    assert!(site.page("/licences.txt").contains("vega-lite"));
}
