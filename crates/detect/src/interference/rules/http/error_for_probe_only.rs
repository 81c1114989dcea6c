//! A server error that the site's server did not sign, in the clear, again and again.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::page::{bears_signs, is_server_error, is_signed_by_the_site};
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Standing, Target, control_evidence, evidence};

pub const RULE: Rule = Rule {
    id: "http/error_for_probe_only",
    layer: Layer::Http,
    condition: "Every response in the clear, from an address that is the site's beyond doubt (given to the control, or proved in a handshake), was the error of a server in trouble (500, 502 to 504, 520 to 529) that bears neither the Server header of the control's page nor any other of its uncommon headers, while the control was given the page (where that page has none of them, at least two other networks of the same country were given it within an hour, without a loss); and the same network lost the page on at least two other occasions, all of which together are ten times likelier under interference, without a break or at the same time of other days, than under chance.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http.error")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.0,
    why: "The address is the site's, and others are given its page there. An error that comes every time in one network, and that nothing of the site's has signed, was put in the page's place.",
    innocent: "A load balancer or a filter of the site's own that answers in the server's place and turns this network away. One answer alone never accuses: it may be a server in trouble.",
    source: "RFC 9110, section 15.6; Jones et al.: Automated Detection and Fingerprinting of Censorship Block Pages (IMC 2014), for what headers tell",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    let page = target.control.good_page().filter(|_| !target.control.is_indirect())?;
    let answered: Vec<_> = target.ends_of_redirects().filter(|attempt| attempt.succeeded()).collect();
    let unsigned = |attempt: &Attempt<'_>| {
        let own_address = !target.is_protected(attempt) && attempt.standing >= Standing::Networks;
        own_address && is_server_error(attempt.row) && !is_signed_by_the_site(attempt.row, page)
    };
    if answered.is_empty() || !answered.iter().all(|attempt| unsigned(attempt)) {
        return None;
    }
    if !bears_signs(page) && !neighbours::reached_by_compatriots(target, Operation::Http) {
        return None;
    }
    let status = |attempt: &&Attempt<'_>| Some(evidence(attempt.row, "http_response_status_code", attempt.row.http_response_status_code?));
    let control = control_evidence(page, "http_response_status_code", page.http_response_status_code.unwrap_or_default());
    let own = answered.iter().filter_map(status).chain([control]);
    Some(neighbours::lost_only_here(target, Operation::Http, own)?.how(Mechanism::of("http.error")).against_control(target))
}
