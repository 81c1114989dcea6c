//! The reference data of a world: what OONI's fingerprint lists and the published address tables are to the real one.

use std::fmt::Write;

use crate::Mechanism;
use crate::addresses::Behind;
use crate::pages;
use crate::world::World;

/// OONI's columns.
const FINGERPRINT_HEADER: &str =
    "name,scope,other_names,location_found,pattern_type,pattern,confidence_no_fp,expected_countries,source,exp_url,notes\n";

/// Every file, by its name.
pub(crate) fn files(world: &World) -> [(&'static str, String); 4] {
    [
        ("fingerprints_dns.csv", fingerprints_dns(world)),
        ("fingerprints_http.csv", fingerprints_http(world)),
        ("networks.tsv", networks(world)),
        ("roots.pem", world.root_certificates_pem().into()),
    ]
}

/// The addresses of block pages that forged answers lead to.
fn fingerprints_dns(world: &World) -> String {
    let mut csv = FINGERPRINT_HEADER.to_string();
    for (index, censor) in world.censors.iter().enumerate() {
        let block_page = censor.mechanism == Mechanism::DnsInjectionBlockpage;
        for address in
            censor.forged.iter().filter(|address| block_page && matches!(world.addresses.behind(**address), Behind::BlockPage(_)))
        {
            row(&mut csv, world, index, "dns", "full", &address.to_string());
        }
    }
    csv
}

/// The sentences on block pages, and where redirects lead to them.
fn fingerprints_http(world: &World) -> String {
    let mut csv = FINGERPRINT_HEADER.to_string();
    let mut known: Vec<&str> = Vec::new();
    for (index, censor) in world.censors.iter().enumerate() {
        let shows_page = matches!(censor.mechanism, Mechanism::HttpBlockpage | Mechanism::DnsInjectionBlockpage | Mechanism::HttpRedirect);
        if shows_page && !known.contains(&censor.country.as_str()) {
            known.push(&censor.country);
            row(&mut csv, world, index, "body", "contains", &pages::block_marker(&censor.country));
        }
        if censor.mechanism == Mechanism::HttpRedirect {
            row(&mut csv, world, index, "header.location", "prefix", &format!("http://{}/withheld", censor.forged[0]));
        }
    }
    csv
}

fn row(csv: &mut String, world: &World, censor: usize, location: &str, pattern_type: &str, pattern: &str) {
    let known = &world.censors[censor];
    let first = known.networks.iter().position(|inside| *inside).unwrap_or_default();
    let cc = &world.countries[world.networks[first].country].cc;
    let name = format!("simulated.{}_{}_{censor}", cc.to_lowercase(), location.replace('.', "_"));
    // Names and patterns hold neither commas nor quotes (see `World::parse`), except perhaps a country's name.
    let pattern = if pattern.contains(',') { format!("\"{pattern}\"") } else { pattern.into() };
    let _ = writeln!(csv, "{name},nat,,{location},{pattern_type},{pattern},5,{cc},simulated,,{}", known.mechanism);
}

/// `first last ASN country name`, with tabs between, as iptoasn.com publishes it.
fn networks(world: &World) -> String {
    let mut tsv = String::new();
    for (first, last, owner) in world.addresses.all_ranges() {
        let _ = writeln!(tsv, "{first}\t{last}\t{}\t{}\t{}", owner.asn, owner.cc, owner.name);
    }
    tsv
}
