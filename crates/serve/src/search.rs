//! Finds what a text may mean, in memory.

use parallax_detect::interference::rules;
use parallax_engine::{Limits, literal};

use crate::countries;
use crate::observatory::Edition;
use crate::urls;

/// Things that are shown; whoever searched for less says more.
const MOST: usize = 100;

/// One thing that may be meant.
pub struct Found {
    /// `country`, `network`, `target`, `event` or `rule`.
    pub kind: &'static str,
    pub name: String,
    pub link: String,
}

/// Whatever contains the text, whatever its case, and whether there is more than is given.
pub fn search(edition: &Edition, text: &str) -> (Vec<Found>, bool) {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return (Vec::new(), false);
    }
    let has = |name: &str| name.to_lowercase().contains(&text);
    let counts = &edition.counts;
    let has_country = |code: &&str| counts.countries().binary_search_by(|known| (**known).cmp(*code)).is_ok();
    let countries = countries::named(&text).filter(has_country).map(|code| Found {
        kind: "country",
        name: countries::label(code),
        link: urls::country(code),
    });
    let networks = edition.network_names().iter().filter(|(asn, name)| has(name) || asn.to_string() == text);
    let networks = networks.map(|(asn, name)| Found { kind: "network", name: format!("AS{asn} {name}"), link: urls::network(Some(*asn)) });
    let targets = counts.targets().iter().filter(|name| has(name));
    let targets = targets.map(|name| Found { kind: "target", name: crate::rows::clip(name), link: urls::target(name) });
    let rules = rules::ALL.iter().filter(|rule| has(rule.id));
    let rules = rules.map(|rule| Found { kind: "rule", name: rule.id.to_owned(), link: urls::rule(rule.id) });
    let events = edition.events.iter().filter(|event| has(&event.event_id));
    let events = events.map(|event| Found { kind: "event", name: crate::rows::clip(&event.event_id), link: urls::event(&event.event_id) });
    let mut found: Vec<Found> = countries.chain(networks).chain(events).chain(rules).chain(targets).take(MOST + 1).collect();
    let has_more = found.len() > MOST;
    found.truncate(MOST);
    (found, has_more)
}

/// Whether the archive has a measurement of this name. Names are long and have no spaces; for anything else no file is opened.
pub fn is_measurement(edition: &Edition, text: &str) -> Result<bool, parallax_engine::Error> {
    if text.len() < SHORTEST_UID || text.len() > LONGEST_UID || text.contains(char::is_whitespace) {
        return Ok(false);
    }
    let sql = format!("SELECT 1 FROM measurements WHERE measurement_uid = {} LIMIT 1", literal(text));
    let mut rows = 0;
    for batch in edition.engine.query(&sql, &Limits::default())? {
        rows += batch?.num_rows();
    }
    Ok(rows > 0)
}

/// Names that OONI and Parallax give have 30 letters and more.
const SHORTEST_UID: usize = 12;
const LONGEST_UID: usize = 512;
