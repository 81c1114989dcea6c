//! A page that this network loses again and again, and that others are given.

use parallax_model::{Layer, Locus, Mechanism, Operation, State};

use crate::interference::neighbours;
use crate::interference::rule::{Firing, Rule};
use crate::interference::target::{Attempt, Target, evidence};

pub const RULE: Rule = Rule {
    id: "http/lost_here_reached_elsewhere",
    layer: Layer::Http,
    condition: "The record has no page of a control. No request on the user's path was answered, and at least one, over a connection that had been made to an address that something independent vouches for, was reset, closed or left without an answer; the same network lost it on at least two other occasions, all of which together are ten times likelier under interference, without a break or at the same time of other days, than under chance; and at least two other networks, more than lost it, were given the page: of other countries within three hours, of the same country within one.",
    says: State::LikelyBlocked,
    mechanism: Some(Mechanism::of("http")),
    locus: Locus::Network,
    instrument: None,
    lost: Some(Operation::Http),
    weight: 1.2,
    why: "Whoever is given the page shows that the site is alive, and the network's other occasions that the loss is no chance: together they say what the control would have said.",
    innocent: "A site that refuses visitors from this country itself, by cutting their connections. Losses that one forger of this network made up.",
    source: "Filastò, Appelbaum: OONI (FOCI 2012): a control from elsewhere",
    fires,
};

fn fires(target: &Target<'_>) -> Option<Firing> {
    if target.control.page().is_some() || target.user_path(&target.http).any(|attempt| attempt.succeeded()) {
        return None;
    }
    let cut = |attempt: &&Attempt<'_>| attempt.is_vouched() && target.was_connected(attempt) && mechanism_of(attempt.failure()).is_some();
    let lost: Vec<_> = target.user_path(&target.http).filter(cut).collect();
    let how = lost.iter().map(|attempt| mechanism_of(attempt.failure())).reduce(|one, other| one?.common_prefix(other?))??;
    let own = lost.iter().map(|attempt| evidence(attempt.row, "failure", attempt.failure().unwrap_or_default()));
    Some(neighbours::lost_only_here(target, Operation::Http, own)?.how(how))
}

/// A reset names no host here: nothing shows that it followed the name that was asked for.
fn mechanism_of(failure: Option<&str>) -> Option<Mechanism> {
    match failure? {
        "generic_timeout_error" => Some(Mechanism::of("http.timeout")),
        "eof_error" => Some(Mechanism::of("http.close")),
        "connection_reset" => Some(Mechanism::of("http.reset")),
        _ => None,
    }
}
