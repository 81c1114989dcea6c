//! What none, one, two and three forged networks move in a world: they vouch for the address that a censor forges, and honest volunteers
//! behind that censor are judged beside them. The prices of other forgeries are in `crates/detect/tests/forgers.rs`.

use std::fs;

use crate::program::{Archive, files};
use crate::table::{hold, markdown, words};

/// Two honest networks behind the censor, two abroad, and three that anybody may have.
const WORLD: &str = r#"
version = 1
name = "forgers"
seed = 20240715
start = "2024-07-15"
days = 2

[nettests]
web_connectivity_05 = 9
web_connectivity_04 = 1

[[country]]
cc = "XA"
name = "Alandia"
[[country.network]]
asn = 64500
name = "Alandia Telecom"
probes = 30
measurements_per_day = 140
[[country.network]]
asn = 64501
name = "Alandia Mobile"
probes = 30
measurements_per_day = 140

[[country]]
cc = "XB"
name = "Borduna"
[[country.network]]
asn = 64502
name = "Borduna Net"
probes = 20
measurements_per_day = 60
[[country.network]]
asn = 64503
name = "Borduna Fibre"
probes = 20
measurements_per_day = 60

[[country]]
cc = "XC"
name = "Corland"
[[country.network]]
asn = 64504
name = "Corland Hosting 1"
probes = 1
measurements_per_day = 40
[[country.network]]
asn = 64505
name = "Corland Hosting 2"
probes = 1
measurements_per_day = 40
[[country.network]]
asn = 64506
name = "Corland Hosting 3"
probes = 1
measurements_per_day = 40

[[target]]
url = "https://open-letters.example/"
title = "Open Letters"

[[target]]
url = "https://page.example/"
title = "A Page"

[[target]]
url = "https://www.harbour-news.example/"
title = "Harbour News"

[[censor]]
mechanism = "dns.injection.other"
countries = ["XA"]
targets = ["open-letters.example"]

[[censor]]
mechanism = "dns.injection.blockpage"
countries = ["XA"]
targets = ["page.example"]
"#;

const FORGED: &[&str] = &["open-letters.example", "page.example"];
const ACCUSING: &str = "state IN ('blocked', 'likely_blocked', 'interfered')";

#[test]
fn two_forged_networks_hide_a_forged_answer_and_nothing_else() {
    let moved: Vec<Vec<String>> = (0..=3).map(world_with).collect();
    let of = |forgers: usize, column: usize| moved[forgers][column].clone();
    let none_and_one_agree = (1..moved[0].len()).all(|column| of(0, column) == of(1, column));
    assert!(none_and_one_agree, "one forged network moves nothing: {moved:?}");
    for forgers in 0..=3 {
        assert_eq!(of(forgers, 2), of(0, 2), "a block page stays what it is: {moved:?}");
        assert!(of(forgers, 3).starts_with("0 of "), "nobody innocent is accused: {moved:?}");
    }
    let head =
        ["forged networks", "open-letters.example (forged address): accused", "page.example (block page): accused", "others accused"];
    hold("forgers.md", &markdown(&head, &moved));
}

/// How honest measurements are judged beside so many forged networks: of each censored target behind the censor, and of all else.
fn world_with(forgers: usize) -> Vec<String> {
    let networks: Vec<String> = (0..forgers).map(|number| (64504 + number).to_string()).collect();
    let trouble = format!("\n[[trouble]]\nkind = \"forger\"\nnetworks = [{}]\ntargets = {FORGED:?}\n", networks.join(", "));
    let archive = Archive::new();
    let (file, world) = (archive.folder().join("world.toml"), archive.folder().join("world"));
    let text = if forgers > 0 { format!("{WORLD}{trouble}") } else { WORLD.to_owned() };
    fs::write(&file, text).expect("a file");
    archive.run(&["simulate", &file.display().to_string(), "--output", &world.display().to_string()]);
    for file in files(&world.join("refdata")) {
        archive.run(&["refdata", "add", &file.display().to_string()]);
    }
    archive.ingest_and_judge(&[world.join("raw")]);
    let count = |which: &str| {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE {ACCUSING}) AS accused, count(*) AS n FROM judgements WHERE probe_asn < 64504 AND ({which})"
        );
        let row = &archive.query(&sql)[0];
        format!("{} of {}", words(&row["accused"]), words(&row["n"]))
    };
    let censored = |target: &str| format!("probe_cc = 'XA' AND target = '{target}'");
    let others = format!("NOT (probe_cc = 'XA' AND target IN ('{}'))", FORGED.join("', '"));
    vec![forgers.to_string(), count(&censored(FORGED[0])), count(&censored(FORGED[1])), count(&others)]
}
