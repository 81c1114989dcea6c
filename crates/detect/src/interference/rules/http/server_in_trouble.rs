//! A server error where the control was given the page, without enough to say whose it is.

use parallax_model::{Layer, Locus, State};

use crate::interference::page::{is_server_error, refuses};
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Target, control_evidence, evidence};

pub const RULE: Rule = Rule {
    id: "http/server_in_trouble",
    layer: Layer::Http,
    condition: "Every response on the user's path was the error of a server in trouble (500, 502 to 504, 520 to 529), and the control was given a page.",
    says: State::Impaired,
    mechanism: None,
    locus: Locus::Unknown,
    instrument: None,
    lost: None,
    weight: 0.5,
    why: "The volunteer was not given the site, whoever is to blame for it.",
    innocent: "It accuses nobody: sites are in trouble every day, in one region at a time. A CDN's challenge, which has status 503 as well, is a refusal and no trouble.",
    source: "RFC 9110, section 15.6",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page()?;
    let answered: Vec<_> = target.ends_of_redirects().filter(|attempt| attempt.succeeded()).collect();
    if answered.is_empty() || !answered.iter().all(|attempt| is_server_error(attempt.row) && !refuses(attempt.row)) {
        return None;
    }
    let status = |status: Option<u16>| status.unwrap_or_default();
    let own =
        answered.iter().map(|attempt| evidence(attempt.row, "http_response_status_code", status(attempt.row.http_response_status_code)));
    let control = control_evidence(page, "http_response_status_code", status(page.http_response_status_code));
    Some(Firing::new(own.chain([control]).collect()).against_control(target))
}
